/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gro=split: frames as on the wire, of those that the kernel merged, or that it
 * is about to cut. The kernel puts a struct virtio_net_hdr in front of each
 * frame in the ring, which says what it is and where its checksum is still to
 * be filled in. Frames are fetched from the ring in bursts; a merged one is cut
 * into slots of our own, and goes back to the ring with its last segment, while
 * the others are passed on where they lie.
 */
#include "offload/gro.h"

#include "af_packet.h"
#include "offload/segment.h"
#include "receive.h"

#include <stdlib.h>
#include <string.h>

#include <linux/if_packet.h>

/* Some twenty merged frames; memory is touched only as slots are used. */
#define SLOTS 1024U
#define HEADROOM 32U
#define BURST 64U

struct af_packet_gro {
	struct pktio_slab *slab;
	/* What was fetched: burst[at..n) is to be delivered. */
	unsigned at, n;
	struct pktio_frame burst[BURST];
	bool cutting; /* burst[at], and some of its segments were delivered */
	bool stalled;
	int error; /* of a fetch, after frames that came first */
	struct segmenter segmenter;
};

int af_packet_gro_open(struct af_packet *p)
{
	struct pktio_info *info = &p->ring.info;

	p->gro = calloc(1, sizeof(*p->gro));
	if (p->gro)
		p->gro->slab = pktio_slab_new(SLOTS, HEADROOM + SEGMENT_MOST);
	if (!p->gro || !p->gro->slab) {
		af_packet_gro_close(p);
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	}
	if (info->max_held > SLOTS)
		info->max_held = SLOTS;
	return 0;
}

void af_packet_gro_close(struct af_packet *p)
{
	if (p->gro)
		pktio_slab_free(p->gro->slab);
	free(p->gro);
	p->gro = NULL;
}

bool af_packet_gro_waits(const struct af_packet *p)
{
	return p->gro->at < p->gro->n || p->gro->error;
}

void af_packet_gro_release(struct af_packet *p, uint64_t cookie)
{
	pktio_slab_put(p->gro->slab, cookie - AF_PACKET_SEGMENT);
}

/* ---- Fetching ----------------------------------------------------------- */

/* The ring counts what it delivers; here that is not yet the application. */
static int fetch(struct af_packet *p, unsigned n)
{
	struct af_packet_gro *gro = p->gro;
	struct pktio_stats *stats = &p->ring.stats;
	const uint64_t received = stats->received;
	const uint64_t bytes = stats->received_bytes;
	const uint64_t truncated = stats->truncated;
	int ret = af_packet_recv_blocks(&p->ring, gro->burst,
					n < BURST ? n : BURST);

	stats->received = received;
	stats->received_bytes = bytes;
	stats->truncated = truncated;
	gro->at = 0;
	gro->n = ret > 0 ? (unsigned)ret : 0;
	return ret;
}

/* ---- Delivering --------------------------------------------------------- */

/* What the kernel says of a frame that lies in the ring. */
static struct virtio_net_hdr header_of(const struct pktio_frame *f)
{
	struct virtio_net_hdr h;

	memcpy(&h, f->data - sizeof(h), sizeof(h));
	return h;
}

/* A frame as it is, but for a checksum that its sender left to the NIC. */
static void complete(struct pktio_frame *f, const struct virtio_net_hdr *h)
{
	if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		/* Merged, and in a way that we cannot undo. */
		f->flags |= PKTIO_F_GRO;
		return;
	}
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && f->caplen == f->wirelen &&
	    segment_complete(pktio_frame_wdata(f), f->caplen, h->csum_start,
			     h->csum_offset))
		f->csum = PKTIO_CSUM_VALID;
}

/* The next segment of a frame that is being cut; false: no slot is free. */
static bool cut(struct af_packet_gro *gro, struct pktio_frame *ret)
{
	struct segmenter *s = &gro->segmenter;
	struct pktio_frame *whole = &gro->burst[gro->at];
	uint64_t slot;
	uint8_t *data = pktio_slab_get(gro->slab, &slot);
	uint32_t room;

	if (!data)
		return false;
	*ret = *whole;
	data += HEADROOM;
	ret->data = data;
	ret->caplen = segment_next(s, data, &ret->wirelen);
	ret->cookie = AF_PACKET_SEGMENT + slot;
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
	/* What was lost, was lost before the first of them. */
	whole->flags &= ~(uint32_t)PKTIO_F_LOSS;
	return true;
}

/* The next frame of those that were fetched; false: no slot is free. */
static bool deliver(struct af_packet *p, struct pktio_frame *ret)
{
	struct af_packet_gro *gro = p->gro;
	const struct pktio_frame *f = &gro->burst[gro->at];
	struct virtio_net_hdr h;

	if (!gro->cutting) {
		h = header_of(f);
		gro->cutting = h.gso_type != VIRTIO_NET_HDR_GSO_NONE &&
			       segment_begin(&gro->segmenter, f->data,
					     f->caplen, f->wirelen, f->linktype,
					     &h);
		if (!gro->cutting) {
			*ret = *f;
			complete(ret, &h);
			gro->at++;
			return true;
		}
	}
	if (!cut(gro, ret))
		return false;
	if (!segment_left(&gro->segmenter)) {
		gro->cutting = false;
		gro->at++;
		af_packet_release(&p->ring, f, 1);
	}
	return true;
}

static int fail_slots(struct af_packet *p)
{
	p->ring.stats.stalls += !p->gro->stalled;
	p->gro->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"all room for the parts of merged frames is taken by %u that are held; release them",
		SLOTS);
}

static void count(struct af_packet *p, const struct pktio_frame *f)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->received++;
	stats->received_bytes += f->caplen;
	stats->truncated += f->caplen < f->wirelen;
}

/* 1 when there is something to deliver; 0 or an error when there is not. */
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

		/* A filter that a fetch may take away has to judge the frames
		 * that were fetched before. */
		if (got > 0 && gro->at == gro->n && p->ring.filter)
			break;
		ret = find(p, n - got);
		if (ret < 0 && got == 0)
			return ret;
		/* Frames may be released until the next call. */
		if (ret < 0 && ret != -ENOBUFS)
			gro->error = ret;
		if (ret <= 0)
			break;
		if (!deliver(p, &frames[got]))
			return got > 0 ? (int)got : fail_slots(p);
		gro->stalled = false;
		if (p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE &&
		    frames[got].nvlan)
			af_packet_insert_tag(&frames[got]);
		count(p, &frames[got]);
		got++;
	}
	return (int)got;
}
