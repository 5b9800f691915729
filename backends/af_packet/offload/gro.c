/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gro=split: splits frames that the kernel merged, or left for the NIC to
 * segment, into the frames on the wire. The kernel writes a struct
 * virtio_net_hdr in front of each frame in the ring, which says how it was
 * merged and where its checksum is missing. Frames are received from the ring
 * in bursts. A merged frame is split into segment buffers and released with its
 * last segment; other frames are passed on in place.
 */
#include "offload/gro.h"

#include "af_packet.h"
#include "offload/segment.h"
#include "receive.h"

#include <stdlib.h>
#include <string.h>

#include <linux/if_packet.h>

/* Enough for about twenty merged frames. The memory of an unused buffer is not
 * allocated. */
#define BUFFERS 1024U
#define HEADROOM 32U
#define BURST 64U

struct af_packet_gro {
	struct pktio_slab *slab;
	/* Frames from the ring: recv has not returned burst[at..n) yet. */
	unsigned at, n;
	struct pktio_frame burst[BURST];
	bool splitting; /* recv has returned some segments of burst[at] */
	bool stalled;
	int error; /* of fetch(), to return after the frames before it */
	struct segmenter segmenter;
};

int af_packet_gro_open(struct af_packet *p)
{
	struct pktio_info *info = &p->ring.info;

	p->gro = calloc(1, sizeof(*p->gro));
	if (p->gro)
		p->gro->slab = pktio_slab_new(BUFFERS, HEADROOM + SEGMENT_MOST);
	if (!p->gro || !p->gro->slab) {
		af_packet_gro_close(p);
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	}
	if (info->max_held > BUFFERS)
		info->max_held = BUFFERS;
	return 0;
}

void af_packet_gro_close(struct af_packet *p)
{
	if (p->gro)
		pktio_slab_free(p->gro->slab);
	free(p->gro);
	p->gro = NULL;
}

bool af_packet_gro_is_pending(const struct af_packet *p)
{
	return p->gro->at < p->gro->n || p->gro->error;
}

void af_packet_gro_release(struct af_packet *p, uint64_t cookie)
{
	pktio_slab_put(p->gro->slab, cookie - AF_PACKET_SEGMENT);
}

/* ---- Fetching ----------------------------------------------------------- */

/* Receives a burst from the ring. Its frames are counted later, when recv
 * returns them. */
static int fetch(struct af_packet *p, unsigned n)
{
	struct af_packet_gro *gro = p->gro;
	struct pktio_stats *stats = &p->ring.stats;
	const uint64_t received = stats->received;
	const uint64_t bytes = stats->received_bytes;
	const uint64_t truncated = stats->truncated;
	int ret = receive_from_ring(p, gro->burst, n < BURST ? n : BURST);

	stats->received = received;
	stats->received_bytes = bytes;
	stats->truncated = truncated;
	gro->at = 0;
	gro->n = ret > 0 ? (unsigned)ret : 0;
	return ret;
}

/* ---- Splitting ---------------------------------------------------------- */

/* The header that the kernel wrote in front of a frame in the ring. */
static struct virtio_net_hdr header_of(const struct pktio_frame *f)
{
	struct virtio_net_hdr h;

	memcpy(&h, f->data - sizeof(h), sizeof(h));
	return h;
}

/* Completes a checksum that the sender left for the NIC. */
static void complete(struct pktio_frame *f, const struct virtio_net_hdr *h)
{
	if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		/* A merged frame that cannot be split. */
		f->flags |= PKTIO_F_GRO;
		return;
	}
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && f->caplen == f->wirelen &&
	    segment_complete(pktio_frame_wdata(f), f->caplen, h->csum_start,
			     h->csum_offset))
		f->csum = PKTIO_CSUM_VALID;
}

/* The next segment of burst[at]; false: no buffer is free. */
static bool next_segment(struct af_packet_gro *gro, struct pktio_frame *ret)
{
	struct segmenter *s = &gro->segmenter;
	struct pktio_frame *whole = &gro->burst[gro->at];
	uint64_t buffer;
	uint8_t *data = pktio_slab_get(gro->slab, &buffer);
	uint32_t room;

	if (!data)
		return false;
	*ret = *whole;
	data += HEADROOM;
	ret->data = data;
	ret->caplen = segment_next(s, data, &ret->wirelen);
	ret->cookie = AF_PACKET_SEGMENT + buffer;
	ret->flags &= ~(uint32_t)(PKTIO_F_GRO | PKTIO_F_TRUNCATED);
	ret->flags |= PKTIO_F_SYNTHETIC;
	ret->csum = s->checked ? PKTIO_CSUM_VALID : PKTIO_CSUM_UNKNOWN;
	if (ret->caplen < ret->wirelen) {
		ret->flags |= PKTIO_F_TRUNCATED;
		ret->csum = s->checked ? PKTIO_CSUM_PARTIAL : ret->csum;
	}
	ret->headroom = HEADROOM;
	room = SEGMENT_MOST - ret->caplen;
	ret->tailroom = room < UINT16_MAX ? (uint16_t)room : UINT16_MAX;
	/* A loss precedes the first segment. */
	whole->flags &= ~(uint32_t)PKTIO_F_LOSS;
	return true;
}

/* The next frame for recv to return; false: no buffer is free. */
static bool next_frame(struct af_packet *p, struct pktio_frame *ret)
{
	struct af_packet_gro *gro = p->gro;
	const struct pktio_frame *f = &gro->burst[gro->at];
	struct virtio_net_hdr h;

	if (!gro->splitting) {
		h = header_of(f);
		gro->splitting = h.gso_type != VIRTIO_NET_HDR_GSO_NONE &&
				 segment_begin(&gro->segmenter, f->data,
					       f->caplen, f->wirelen,
					       f->linktype, &h);
		if (!gro->splitting) {
			*ret = *f;
			complete(ret, &h);
			gro->at++;
			return true;
		}
	}
	if (!next_segment(gro, ret))
		return false;
	if (!segment_left(&gro->segmenter)) {
		gro->splitting = false;
		gro->at++;
		af_packet_release(&p->ring, f, 1);
	}
	return true;
}

static int fail_buffers(struct af_packet *p)
{
	p->ring.stats.stalls += !p->gro->stalled;
	p->gro->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"all %u buffers for segments of merged frames are held; release frames",
		BUFFERS);
}

static void count(struct af_packet *p, const struct pktio_frame *f)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->received++;
	stats->received_bytes += f->caplen;
	stats->truncated += f->caplen < f->wirelen;
}

/* 1 if there is a frame for recv to return; otherwise 0 or an error. */
static int find(struct af_packet *p, unsigned n)
{
	struct af_packet_gro *gro = p->gro;
	int ret = gro->error;

	gro->error = 0;
	if (ret < 0)
		return ret;
	return gro->at < gro->n ? 1 : fetch(p, n);
}

int af_packet_gro_recv(struct af_packet *p, struct pktio_frame *frames,
		       unsigned n)
{
	struct af_packet_gro *gro = p->gro;
	unsigned got = 0;

	while (got < n) {
		int ret;

		/* fetch() may end the filter of the library, which has to judge
		 * the frames of the last burst first. */
		if (got > 0 && gro->at == gro->n && p->ring.filter)
			break;
		ret = find(p, n - got);
		if (ret < 0 && got == 0)
			return ret;
		/* -ENOBUFS: frames may be released before the next call. */
		if (ret < 0 && ret != -ENOBUFS)
			gro->error = ret;
		if (ret <= 0)
			break;
		if (!next_frame(p, &frames[got]))
			return got > 0 ? (int)got : fail_buffers(p);
		gro->stalled = false;
		if (p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE &&
		    frames[got].nvlan)
			receive_insert_tag(&frames[got]);
		count(p, &frames[got]);
		got++;
	}
	return (int)got;
}
