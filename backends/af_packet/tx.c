/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending. Frames are queued in tx buffers, and one sendmmsg() sends 64 of
 * them. On a veth pair that was faster than the TX ring, which also copies each
 * frame, and than one send() for each frame; docs/design.md has the figures. A
 * tx buffer has room in front of the frame for its VLAN tags and for a struct
 * virtio_net_hdr, which makes the kernel segment the frame or compute its
 * checksum.
 */
#include "tx.h"

#include "af_packet.h"
#include "group/group.h"
#include "interface.h"
#include "offload/segment.h"
#include "util/vlan.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>

/* Room for an Ethernet header with two tags. */
#define LINK_HEADER 22U
#define LEAST_BUFFER 2048U
/* The longest packet of IPv4 and of TCP segmentation offload. */
#define LONGEST_PACKET 65536U

#define VNET sizeof(struct virtio_net_hdr)
#define HEADROOM 32U

_Static_assert(HEADROOM - VNET >= 2UL * VLAN_TAG, "the tags of a frame fit");

/* ---- Opening ------------------------------------------------------------ */

int af_packet_tx_open(struct af_packet *p, unsigned mtu)
{
	struct af_packet_tx *tx = &p->tx;
	/* 0: there is no interface yet; its MTU is unknown. */
	bool longest = mtu == 0 || mtu > LONGEST_PACKET || p->conf->gso;
	uint32_t size = longest ? LONGEST_PACKET : mtu;

	if (p->conf->gso && p->conf->qdisc_bypass)
		return pktio_fail(
			&p->ring, -EINVAL,
			"gso=yes and qdisc-bypass=yes exclude each other: the kernel segments frames in the queueing discipline");
	size += LINK_HEADER;
	tx->buffer_size = size < LEAST_BUFFER ? LEAST_BUFFER : size;
	tx->mtu = mtu;
	tx->slab = pktio_slab_new(TX_BUFFERS, HEADROOM + tx->buffer_size);
	if (!tx->slab)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < TX_QUEUE; i++) {
		tx->msgs[i].msg_hdr.msg_iov = &tx->vecs[i];
		tx->msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return af_packet_tx_setup(p);
}

int af_packet_tx_setup(struct af_packet *p)
{
	int one = 1;

	if (p->conf->qdisc_bypass && p->tx.slab &&
	    setsockopt(p->sock, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
		       sizeof(one)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot set qdisc-bypass: %s",
				  strerror(errno));
	return 0;
}

void af_packet_tx_close(struct af_packet *p)
{
	p->tx.slab = pktio_slab_free(p->tx.slab);
}

/* ---- Buffers ------------------------------------------------------------ */

int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	uint32_t size = p->tx.buffer_size;
	unsigned i;

	for (i = 0; i < n; i++) {
		uint64_t buffer;
		const uint8_t *data = pktio_slab_get(p->tx.slab, &buffer);

		if (!data)
			break;
		frames[i] = (struct pktio_frame){
			.data = data + HEADROOM,
			.cookie = AF_PACKET_TX_BUFFER + buffer,
			.flags = PKTIO_F_WRITABLE,
			.linktype = p->linktype,
			.ifindex = (uint32_t)p->ifindex,
			.headroom = HEADROOM - VNET,
			.tailroom = (uint16_t)(size < UINT16_MAX ? size :
								   UINT16_MAX),
		};
	}
	return (int)i;
}

void af_packet_unalloc(struct af_packet *p, uint64_t cookie)
{
	pktio_slab_put(p->tx.slab, cookie - AF_PACKET_TX_BUFFER);
}

/* The bytes of a frame in a tx buffer, which are always writable. */
static uint8_t *bytes_of(const struct pktio_frame *f)
{
	return (uint8_t *)(uintptr_t)f->data;
}

/* ---- Flushing ----------------------------------------------------------- */

/* The MTU may have changed. A removed interface keeps its last MTU. */
static void look_up_mtu(struct af_packet *p)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (ioctl(p->sock, SIOCGIFNAME, &request) == 0 &&
	    ioctl(p->sock, SIOCGIFMTU, &request) == 0)
		p->tx.mtu = (uint32_t)request.ifr_mtu;
}

/* Describes why the kernel refused a frame of `len` bytes. */
static void describe_refusal(struct af_packet *p, int error, size_t len,
			     char *ret, size_t size)
{
	switch (error) {
	case EMSGSIZE:
		look_up_mtu(p);
		snprintf(ret, size,
			 "longer than the interface's MTU of %u allows%s",
			 p->tx.mtu,
			 p->conf->gso ? "" : "; gso=yes segments TCP");
		break;
	case ENOBUFS:
		snprintf(ret, size, "the interface's queue is full");
		break;
	case ENXIO:
		snprintf(ret, size, "the interface no longer exists");
		break;
	case EINVAL:
		if (len < ETH_HLEN) {
			snprintf(ret, size, "shorter than a link header");
			break;
		}
		/* fall through */
	default:
		snprintf(ret, size, "%s", strerror(error));
	}
}

/* Whether the error concerns all frames. */
static bool is_of_interface(int error)
{
	return error == ENETDOWN || error == ENXIO || error == ENODEV;
}

/* The result of sending a queue. */
struct outcome {
	unsigned failed;
	int error; /* of the first frame that failed, and its length */
	size_t len;
};

/* The kernel refused the frame at `at`. Returns how many frames that concerns.
 */
static unsigned refuse(struct outcome *o, const struct af_packet *p,
		       unsigned at, int error)
{
	unsigned n = is_of_interface(error) ? p->tx.queued - at : 1;

	if (o->failed == 0) {
		o->error = error;
		o->len = p->tx.vecs[at].iov_len - (p->vnet ? VNET : 0);
	}
	o->failed += n;
	return n;
}

/*
 * The socket of a ring that also receives reports once that its interface went
 * down, to the first call that can return an error. The interface may be up
 * again.
 */
static bool was_down(struct af_packet *p)
{
	if (!af_packet_is_up(p->sock, p->ifindex))
		return false;
	p->ring.stats.link_downs++;
	group_link_down(p);
	return true;
}

/* Whether to send the refused frame again. */
static bool try_again(struct af_packet *p, int error, bool *looked)
{
	struct pollfd room = { .fd = p->sock, .events = POLLOUT };
	bool first = !*looked;

	switch (error) {
	case EINTR:
		return true;
	case EAGAIN:
		/* The socket of option fd may be non-blocking. */
		poll(&room, 1, -1);
		return true;
	case ENETDOWN:
		*looked = true;
		return first && was_down(p);
	case ENXIO:
		/* There may be a new interface of the name. */
		*looked = true;
		return first && events_sender_lost(p);
	default:
		return false;
	}
}

/*
 * Sends the queue. If the kernel refuses a frame, that is counted and the
 * following frames are sent, unless the error concerns all frames.
 */
static int send_queued(struct af_packet *p)
{
	struct af_packet_tx *tx = &p->tx;
	struct pktio_stats *stats = &p->ring.stats;
	struct outcome o = { 0 };
	unsigned queued = tx->queued;
	bool looked = false;
	char text[96];

	for (unsigned done = 0; done < queued;) {
		int n = sendmmsg(p->sock, tx->msgs + done, queued - done, 0);

		if (n < 0) {
			int error = errno;

			if (!try_again(p, error, &looked))
				done += refuse(&o, p, done, error);
			continue;
		}
		stats->sent += (unsigned)n;
		for (; n > 0; n--)
			stats->sent_bytes +=
				tx->vecs[done++].iov_len - (p->vnet ? VNET : 0);
	}
	for (unsigned i = 0; i < queued; i++)
		af_packet_unalloc(p, tx->cookies[i]);
	tx->queued = 0;
	if (p->conf->gso)
		look_up_mtu(p);
	if (o.failed == 0)
		return 0;
	stats->send_failed += o.failed;
	describe_refusal(p, o.error, o.len, text, sizeof(text));
	return pktio_fail(
		&p->ring, -o.error,
		"%u of %u frames could not be sent, the first of %zu bytes: %s",
		o.failed, queued, o.len, text);
}

int af_packet_flush(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int earlier = p->tx.error;
	int ret = send_queued(p);

	p->tx.error = 0;
	return ret < 0 ? ret : earlier;
}

/* ---- Queueing ----------------------------------------------------------- */

/* Writes the VLAN tags of the frame into its bytes. */
static int put_tags(struct af_packet *p, const struct pktio_frame *f,
		    uint8_t **data)
{
	uint32_t size = f->nvlan * VLAN_TAG;

	if (f->nvlan > 2 || f->caplen < MAC_ADDRESSES || f->headroom < size)
		return pktio_fail(
			&p->ring, -EINVAL,
			"a frame of %u bytes with a headroom of %u has no room for %u VLAN tags",
			f->caplen, f->headroom, f->nvlan);
	*data = vlan_prepend(*data, f->vlan, f->nvlan);
	return 0;
}

static uint8_t gso_type(const struct segment_parts *parts)
{
	if (parts->ip.protocol == IPPROTO_UDP)
		return VIRTIO_NET_HDR_GSO_UDP_L4;
	return parts->ip.ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
				VIRTIO_NET_HDR_GSO_TCPV4;
}

/* The payload size of the segments of a frame; 0: the frame is not segmented.
 */
static uint32_t gso_size(const struct af_packet *p,
			 const struct segment_parts *parts, uint32_t len)
{
	uint32_t size = (uint32_t)p->conf->gso_size;
	uint32_t headers = parts->payload - parts->ip.l3;
	/* The MTU does not include the first tag, but the others. */
	uint32_t tags = parts->ip.l3 > ETH_HLEN + VLAN_TAG ?
				parts->ip.l3 - ETH_HLEN - VLAN_TAG :
				0;

	if (!p->conf->gso || parts->jumbo || p->tx.mtu <= headers + tags)
		return 0;
	if (size == 0) {
		/* UDP has message boundaries: only gso-size segments it. */
		if (parts->ip.protocol != IPPROTO_TCP)
			return 0;
		size = p->tx.mtu - headers - tags;
	}
	size = size < UINT16_MAX ? size : UINT16_MAX;
	return len - parts->payload > size ? size : 0;
}

/*
 * Requests in `h` that the kernel segments a frame that is too long, or that
 * the NIC computes a partial checksum. Without gso=yes the checksum is computed
 * here.
 */
static void offload(const struct af_packet *p, uint8_t *data, uint32_t len,
		    bool partial, struct virtio_net_hdr *h)
{
	struct segment_parts parts;
	uint32_t size;
	bool whole;

	if (partial ? !segment_parse_open(&parts, data, len, p->linktype) :
		      !segment_parse(&parts, data, len, p->linktype))
		return;
	/* A NIC includes all bytes, also those after the end of the packet. */
	whole = segment_end(&parts, data, len) == len;
	size = whole && parts.ntunnels == 0 ? gso_size(p, &parts, len) : 0;
	if (size == 0 && !partial)
		return;
	if (!p->conf->gso || !whole) {
		segment_checksum(data, len, &parts, false);
		return;
	}
	segment_checksum(data, len, &parts, true);
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)parts.ip.l4;
	h->csum_offset = segment_checksum_offset(&parts);
	h->hdr_len = (uint16_t)parts.payload;
	if (size > 0) {
		h->gso_type = gso_type(&parts);
		h->gso_size = (uint16_t)size;
	}
}

/* 0, or an error if the frame cannot be sent. */
static int enqueue(struct af_packet *p, const struct pktio_frame *f)
{
	struct af_packet_tx *tx = &p->tx;
	uint8_t *data = bytes_of(f);
	uint32_t len = f->caplen + f->nvlan * VLAN_TAG;
	bool partial = f->csum == PKTIO_CSUM_PARTIAL;
	struct virtio_net_hdr h = { 0 };
	int ret = f->nvlan ? put_tags(p, f, &data) : 0;

	if (ret < 0)
		return ret;
	if (partial || p->conf->gso)
		offload(p, data, len, partial, &h);
	if (p->vnet) {
		data -= sizeof(h);
		memcpy(data, &h, sizeof(h));
		len += sizeof(h);
	}
	tx->vecs[tx->queued].iov_base = data;
	tx->vecs[tx->queued].iov_len = len;
	tx->cookies[tx->queued++] = f->cookie;
	return 0;
}

/* Sends a full queue. The next call returns an error of that. */
static bool has_room(struct af_packet *p)
{
	struct af_packet_tx *tx = &p->tx;

	if (tx->queued == TX_QUEUE && tx->error == 0)
		tx->error = send_queued(p);
	return tx->error == 0;
}

static int take_error(struct af_packet *p)
{
	int ret = p->tx.error;

	p->tx.error = 0;
	return ret;
}

int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	int ret = 0;
	unsigned i;

	for (i = 0; i < n && has_room(p); i++) {
		ret = enqueue(p, &frames[i]);
		if (ret < 0)
			break;
	}
	if (i > 0 || n == 0)
		return (int)i;
	return ret < 0 ? ret : take_error(p);
}

/* ---- Injecting ---------------------------------------------------------- */

static int fail_room(struct af_packet *p, uint32_t len)
{
	char text[96];

	describe_refusal(p, EMSGSIZE, len, text, sizeof(text));
	/* The MTU may be larger than when the ring was opened. */
	if (len <= p->tx.mtu + ETH_HLEN)
		snprintf(
			text, sizeof(text),
			"the MTU allows it, but the tx buffers have %u bytes; close the ring and open it again",
			p->tx.buffer_size);
	return pktio_fail(&p->ring, -EMSGSIZE,
			  "a frame of %u bytes is too long: %s", len, text);
}

/* 1; 0: not now, or p->tx.error is set; or an error. */
static int inject_one(struct af_packet *p, const struct pktio_frame *f)
{
	struct pktio_frame to;
	uint32_t room = p->tx.buffer_size;
	int ret;

	if (f->caplen + f->nvlan * VLAN_TAG > room)
		return fail_room(p, f->caplen);
	/* The queue has fewer frames than there are buffers: the application
	 * may have all others, from pktio_alloc(). */
	if (af_packet_alloc(&p->ring, &to, 1) == 0) {
		if (p->tx.queued > 0)
			p->tx.error = send_queued(p);
		if (p->tx.error < 0)
			return 0;
		if (af_packet_alloc(&p->ring, &to, 1) == 0)
			return 0;
	}
	memcpy(bytes_of(&to), f->data, f->caplen);
	to.caplen = f->caplen;
	to.nvlan = f->nvlan;
	to.vlan[0] = f->vlan[0];
	to.vlan[1] = f->vlan[1];
	to.csum = f->csum;
	ret = enqueue(p, &to);
	if (ret < 0)
		af_packet_unalloc(p, to.cookie);
	return ret < 0 ? ret : 1;
}

int af_packet_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	int ret = 0;
	unsigned i;

	for (i = 0; i < n && has_room(p); i++) {
		ret = inject_one(p, &frames[i]);
		if (ret <= 0)
			break;
	}
	if (i > 0 || n == 0)
		return (int)i;
	return ret < 0 ? ret : take_error(p);
}
