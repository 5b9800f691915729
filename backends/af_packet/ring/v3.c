/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving from a TPACKET_V3 ring. A block is ours while TP_STATUS_USER is set
 * in its header. Its frames, each a header and the bytes, are a list that is
 * linked by tp_next_offset. The kernel fills the blocks in order and looks only
 * at the next one: while that is ours, the kernel drops all frames. So `held`
 * counts the frames of each block that have not been released, whether recv has
 * returned them or not. At 0 the block is released at once, in any order.
 */
#include "ring/v3.h"

#include "af_packet.h"
#include "receive.h"
#include "ring/block.h"
#include "ring/cooked.h"
#include "ring/loss.h"
#include "util/clock.h"

#include <stddef.h>

#include <linux/if_packet.h>

/*
 * Each header is in memory that the kernel wrote on another CPU, so the reader
 * would wait for each. Neighbouring frames often have the same size: this
 * prefetches the header, and the first bytes of the packet, that are some
 * frames ahead if all have that size. A wrong guess costs nothing measurable;
 * docs/design.md has the figures.
 */
static void prefetch(const struct tpacket3_hdr *h)
{
	enum { STEPS = 16, LINE = 64 };
	const char *ahead = (const char *)h + (size_t)h->tp_next_offset * STEPS;

	__builtin_prefetch(ahead);
	__builtin_prefetch(ahead + LINE);
}

/*
 * Removes entries that are no frames from the open block. The kernel drops and
 * counts a frame that struct virtio_net_hdr cannot describe (offload/gro.c),
 * but its entry stays in the list, with old lengths and without a status (seen
 * on Linux 6.12).
 */
static void remove_dropped(struct af_packet *p)
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

/* 1 if the next block was opened, 0 if it is not ours, or an error. */
static int open_block(struct af_packet *p)
{
	struct tpacket_hdr_v1 *header;

	/* It still has the status of the previous round. */
	if (p->mem.held[p->mem.cursor])
		return receive_fail_held(p);
	if (!block_is_ours(&p->mem, p->mem.cursor))
		return 0;
	receive_count_pending(p);
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
		remove_dropped(p);
	p->mem.held[p->mem.current] = p->mem.left;
	loss_open_block(p, header->block_status);
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
	f->ts = h->tp_sec * NS_PER_S + h->tp_nsec;
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
	/* A valid tag may be 0: a priority tag with VLAN id 0. */
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

/* With gro=split, offload/gro.c does that. */
static bool inserts_tags(const struct af_packet *p)
{
	return p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE && !p->gro;
}

/* Sets *lost to the index of the frame that follows a loss. */
static int open_block_at(struct af_packet *p, unsigned at, unsigned *lost)
{
	bool before = p->loss.flag;
	int ret = open_block(p);

	if (p->loss.flag && !before)
		*lost = at;
	return ret;
}

int v3_recv(struct af_packet *p, struct pktio_frame *frames, unsigned n)
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
				bytes += receive_insert_tag(&frames[got]);
			p->mem.next += h->tp_next_offset;
			bytes += h->tp_snaplen;
			truncated += h->tp_snaplen < h->tp_len;
		}
	}
	if (got == 0)
		return receive_nothing(p);
	if (p->cooked)
		bytes += af_packet_cook(p, frames, got);
	/* Otherwise no frame follows the loss yet. */
	if (lost < got)
		frames[lost].flags |= loss_take_flag(&p->loss);
	r->stats.received += got;
	r->stats.received_bytes += bytes;
	r->stats.truncated += truncated;
	return (int)got;
}
