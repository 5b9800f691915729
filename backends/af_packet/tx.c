/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending: frames wait in slots of our own, and 64 of them leave with one
 * sendmmsg(). On a veth pair that was faster than the TX ring, which copies
 * each frame as well, and than a send() for each; docs/design.md has figures.
 */
#include "af_packet.h"

#include <string.h>

#include <linux/if_packet.h>

/* Room for Ethernet's header with two tags, whatever the MTU becomes. */
#define LINK_HEADER 22U
#define LEAST_SLOT 2048U

int af_packet_tx_open(struct af_packet *p, unsigned mtu)
{
	struct af_packet_tx *tx = &p->tx;
	uint32_t size = mtu + LINK_HEADER;

	size = size < LEAST_SLOT ? LEAST_SLOT : size;
	tx->slot_size = size < UINT16_MAX ? size : UINT16_MAX;
	tx->slab = pktio_slab_new(TX_SLOTS, tx->slot_size);
	if (!tx->slab)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < TX_QUEUE; i++) {
		tx->msgs[i].msg_hdr.msg_iov = &tx->vecs[i];
		tx->msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return af_packet_tx_setup(p);
}

/* What a new socket has to be told. */
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

int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	unsigned i;

	for (i = 0; i < n; i++) {
		uint64_t slot;
		const uint8_t *data = pktio_slab_get(p->tx.slab, &slot);

		if (!data)
			break;
		frames[i] = (struct pktio_frame){
			.data = data,
			.cookie = AF_PACKET_SLOT + slot,
			.flags = PKTIO_F_WRITABLE,
			.linktype = p->linktype,
			.ifindex = (uint32_t)p->ifindex,
			.tailroom = (uint16_t)p->tx.slot_size,
		};
	}
	return (int)i;
}

void af_packet_unalloc(struct af_packet *p, uint64_t cookie)
{
	pktio_slab_put(p->tx.slab, cookie - AF_PACKET_SLOT);
}

static const char *why(int error)
{
	switch (error) {
	case EMSGSIZE:
		return "longer than the interface's MTU allows";
	case ENOBUFS:
		return "the interface's queue is full";
	case ENXIO:
		return "the interface no longer exists";
	default:
		return strerror(error);
	}
}

/*
 * Hands what is queued to the kernel. A frame that it refuses is counted and
 * left out, and those after it still go.
 */
static int send_queued(struct af_packet *p)
{
	struct af_packet_tx *tx = &p->tx;
	struct pktio_stats *stats = &p->ring.stats;
	unsigned queued = tx->queued;
	unsigned failed = 0;
	bool looked = false;
	int error = 0;

	for (unsigned done = 0; done < queued;) {
		int n = sendmmsg(p->sock, tx->msgs + done, queued - done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENXIO && !looked) {
			/* It may be there again, with another number. */
			looked = true;
			if (af_packet_sender_back(p))
				continue;
			errno = ENXIO;
		}
		if (n < 0) {
			error = error ? error : errno;
			failed++;
			done++;
			continue;
		}
		stats->sent += (unsigned)n;
		for (; n > 0; n--)
			stats->sent_bytes += tx->vecs[done++].iov_len;
	}
	for (unsigned i = 0; i < queued; i++)
		af_packet_unalloc(p, tx->cookies[i]);
	tx->queued = 0;
	stats->send_failed += failed;
	if (error)
		return pktio_fail(&p->ring, -error,
				  "%u of %u frames could not be sent: %s",
				  failed, queued, why(error));
	return 0;
}

int af_packet_flush(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int earlier = p->tx.error;
	int ret = send_queued(p);

	p->tx.error = 0;
	return ret < 0 ? ret : earlier;
}

int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	struct af_packet_tx *tx = &p->tx;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (tx->queued == TX_QUEUE && tx->error == 0)
			tx->error = send_queued(p);
		if (tx->error < 0)
			break;
		tx->vecs[tx->queued].iov_base = pktio_frame_wdata(&frames[i]);
		tx->vecs[tx->queued].iov_len = frames[i].caplen;
		tx->cookies[tx->queued++] = frames[i].cookie;
	}
	/* An error with a prefix taken is told by the next call. */
	if (i == 0 && tx->error < 0) {
		int ret = tx->error;

		tx->error = 0;
		return ret;
	}
	return (int)i;
}
