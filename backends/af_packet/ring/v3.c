/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving. A block is ours while TP_STATUS_USER is set in its header; then
 * its frames, a header and the bytes each, are walked by tp_next_offset. The
 * kernel goes round the blocks in order and looks at nothing but the next one:
 * as long as that one is ours, it drops whatever comes. So `held` counts the
 * frames of each block that were not released yet, delivered or not, and at 0
 * the block goes back at once, whichever block that is.
 */
#include "ring/v3.h"

#include "af_packet.h"
#include "receive.h"
#include "ring/block.h"
#include "ring/cooked.h"
#include "ring/loss.h"

#include <stddef.h>

#include <linux/if_packet.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/*
 * The headers are a chain through memory that the kernel wrote on another core:
 * each would be waited for. Frames often have their neighbours' size, so one
 * some steps ahead is guessed, with the first bytes of its packet. Guessed
 * wrong it costs nothing that shows; docs/design.md has what it gains.
 */
static void prefetch(const struct tpacket3_hdr *h)
{
	enum { STEPS = 16, LINE = 64 };
	const char *ahead = (const char *)h + (size_t)h->tp_next_offset * STEPS;

	__builtin_prefetch(ahead);
	__builtin_prefetch(ahead + LINE);
}

/*
 * Takes out of the open block what are no frames. One that the kernel cannot
 * describe by a struct virtio_net_hdr (offload/gro.c) is dropped and counted as
 * that, but has its place in the chain by then, with lengths of some round
 * before and no status (6.12, and seen).
 */
static void weed(struct af_packet *p)
{
	struct tpacket3_hdr *before = NULL;
	uint8_t *at = p->mem.next;

	for (uint32_t n = p->mem.left; n > 0; n--) {
		struct tpacket3_hdr *h = (void *)at;

		prefetch(h);
		at += h->tp_next_offset;
		if (h->tp_status & TP_STATUS_USER) {
			before = h;
			continue;
		}
		p->mem.left--;
		if (before)
			before->tp_next_offset += h->tp_next_offset;
		else
			p->mem.next = at;
	}
}

/* 1 if there is an open block with frames left, 0 if none is ours. */
static int open_block(struct af_packet *p)
{
	struct tpacket_hdr_v1 *header;

	/* A held block still has the status of the last round. */
	if (p->mem.held[p->mem.cursor])
		return af_packet_fail_held(p);
	if (!block_is_ours(&p->mem, p->mem.cursor))
		return 0;
	af_packet_note_waiting(p);
	p->mem.ahead--;
	header = &block_header(&p->mem, p->mem.cursor)->hdr.bh1;
	p->stalled = false;
	p->mem.current = p->mem.cursor;
	p->mem.cursor = block_after(&p->mem, p->mem.cursor);
	p->filter.unsure -= p->filter.unsure > 0;
	p->mem.left = header->num_pkts;
	p->mem.next = (uint8_t *)header -
		      offsetof(struct tpacket_block_desc, hdr) +
		      header->offset_to_first_pkt;
	if (p->vnet)
		weed(p);
	p->mem.held[p->mem.current] = p->mem.left;
	if (loss_before_block(p, header->block_status))
		p->loss.flag = PKTIO_F_LOSS;
	if (p->mem.left == 0)
		block_release(&p->mem, p->mem.current);
	return 1;
}

static void fill(struct pktio_frame *f, const struct tpacket3_hdr *h,
		 const struct af_packet *p)
{
	const struct sockaddr_ll *from =
		(const void *)((const uint8_t *)h + TPACKET_ALIGN(sizeof(*h)));
	uint32_t status = h->tp_status;
	bool tagged = status & TP_STATUS_VLAN_VALID;

	f->data = (const uint8_t *)h + h->tp_mac;
	f->ts = h->tp_sec * NS_PER_SECOND + h->tp_nsec;
	f->cookie = p->mem.base + p->mem.current;
	f->caplen = h->tp_snaplen;
	f->wirelen = h->tp_len;
	f->flags = p->flags;
	if (h->tp_snaplen < h->tp_len)
		f->flags |= PKTIO_F_TRUNCATED;
	if (status & TP_STATUS_GSO_TCP)
		f->flags |= PKTIO_F_GRO;
	f->hash = h->hv1.tp_rxhash;
	f->ifindex = (uint32_t)from->sll_ifindex;
	/* The tag counts if it is valid, even as 0: a priority tag. */
	f->vlan[0].tci = tagged ? (uint16_t)h->hv1.tp_vlan_tci : 0;
	f->vlan[0].tpid = tagged ? h->hv1.tp_vlan_tpid : 0;
	f->vlan[1] = (struct pktio_vlan){ 0 };
	f->linktype = p->linktype;
	f->headroom = (uint16_t)(h->tp_mac - TPACKET3_HDRLEN);
	f->tailroom = 0;
	f->nvlan = tagged;
	f->pkttype = from->sll_pkttype; /* the same numbers */
	f->csum = csum_of(status);
	f->clock = clock_of(status);
	f->reserved[0] = 0;
	f->reserved[1] = 0;
}

/* Later, if the frames are to be cut. */
static bool inserts_tags(const struct af_packet *p)
{
	return p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE && !p->gro;
}

/* Sets *lost to where in the burst it is that a loss becomes known. */
static int open_block_at(struct af_packet *p, unsigned at, unsigned *lost)
{
	bool before = p->loss.flag;
	int ret = open_block(p);

	if (p->loss.flag && !before)
		*lost = at;
	return ret;
}

int af_packet_recv_v3(struct af_packet *p, struct pktio_frame *frames,
		      unsigned n)
{
	struct pktio_ring *r = &p->ring;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	unsigned lost = 0;
	unsigned got = 0;
	bool insert = inserts_tags(p);

	if (r->filter)
		filter_expire(p);
	while (got < n) {
		unsigned end;

		if (p->mem.left == 0) {
			int ret = open_block_at(p, got, &lost);

			if (ret < 0 && got == 0)
				return ret;
			if (ret <= 0)
				break;
		}
		end = p->mem.left < n - got ? got + p->mem.left : n;
		p->mem.left -= end - got;
		for (; got < end; got++) {
			const struct tpacket3_hdr *h =
				(const void *)p->mem.next;

			prefetch(h);
			fill(&frames[got], h, p);
			if (insert && frames[got].nvlan)
				bytes += af_packet_insert_tag(&frames[got]);
			p->mem.next += h->tp_next_offset;
			bytes += h->tp_snaplen;
			truncated += h->tp_snaplen < h->tp_len;
		}
	}
	if (got == 0)
		return af_packet_none(p);
	if (p->cooked)
		bytes += af_packet_cook(p, frames, got);
	/* Nothing may have come after it yet. */
	if (lost < got) {
		frames[lost].flags |= p->loss.flag;
		p->loss.flag = 0;
	}
	r->stats.received += got;
	r->stats.received_bytes += bytes;
	r->stats.truncated += truncated;
	return (int)got;
}
