/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving from a TPACKET_V2 ring: frame slots of one size. The kernel retires
 * each slot, and wakes the reader, as soon as it has written the frame, so no
 * frame waits until others have filled a block. The price is one status word
 * and one wakeup for each frame. Several CPUs write slots at the same time and
 * finish in any order; the reader reads them in the order of the ring.
 */
#include "ring/v2.h"

#include "af_packet.h"
#include "receive.h"
#include "ring/block.h"
#include "ring/cooked.h"
#include "ring/loss.h"
#include "util/clock.h"

#include <linux/if_packet.h>
#include <unistd.h>

uint64_t v2_slot_time(const struct af_packet *p, uint32_t slot)
{
	const struct tpacket2_hdr *h = (const void *)block_at(&p->mem, slot);

	return h->tp_sec * NS_PER_S + h->tp_nsec;
}

static void fill(struct pktio_frame *f, const struct tpacket2_hdr *h,
		 const struct af_packet *p)
{
	const struct sockaddr_ll *from =
		(const void *)((const uint8_t *)h + TPACKET_ALIGN(sizeof(*h)));
	uint32_t status = h->tp_status;
	bool tagged = status & TP_STATUS_VLAN_VALID;

	*f = (struct pktio_frame){
		.data = (const uint8_t *)h + h->tp_mac,
		.ts = h->tp_sec * NS_PER_S + h->tp_nsec,
		.cookie = p->mem.base + p->mem.cursor,
		.caplen = h->tp_snaplen,
		.wirelen = h->tp_len,
		.flags = p->flags,
		.ifindex = (uint32_t)from->sll_ifindex,
		.linktype = p->linktype,
		.headroom = (uint16_t)(h->tp_mac - TPACKET2_HDRLEN),
		.nvlan = tagged,
		.pkttype = from->sll_pkttype, /* the same numbers */
		.csum = csum_of(status),
		.clock = clock_of(status),
	};
	if (h->tp_snaplen < h->tp_len)
		f->flags |= PKTIO_F_TRUNCATED;
	if (status & TP_STATUS_GSO_TCP)
		f->flags |= PKTIO_F_GRO;
	/* A valid tag may be 0: a priority tag with VLAN id 0. */
	if (tagged) {
		f->vlan[0].tci = h->tp_vlan_tci;
		f->vlan[0].tpid = h->tp_vlan_tpid;
	}
}

int v2_recv(struct af_packet *p, struct pktio_frame *frames, unsigned n)
{
	struct pktio_ring *r = &p->ring;
	bool insert = p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE &&
		      !p->gro;
	unsigned got;

	if (r->filter)
		filter_expire(p);
	/* The library runs the filter on so many frames, and on no others. */
	if (r->filter && !p->cooked && n > p->filter.unsure)
		n = p->filter.unsure;
	if (p->mem.held[p->mem.cursor])
		return receive_fail_held(p);
	receive_count_pending(p);
	n = n < p->mem.ahead ? n : p->mem.ahead;
	if (n == 0)
		return receive_nothing(p);
	p->stalled = false;
	for (got = 0; got < n; got++) {
		struct pktio_frame *f = &frames[got];
		const struct tpacket2_hdr *h =
			(const void *)block_at(&p->mem, p->mem.cursor);

		fill(f, h, p);
		p->mem.held[p->mem.cursor] = 1;
		p->mem.cursor = block_after(&p->mem, p->mem.cursor);
		p->mem.ahead--;
		f->flags |= loss_before_slot(p, &p->loss, h->tp_status);
		if (insert && f->nvlan)
			receive_insert_tag(f);
	}
	p->filter.unsure -= p->filter.unsure < n ? p->filter.unsure : n;
	if (p->cooked)
		af_packet_cook(p, frames, n);
	for (got = 0; got < n; got++) {
		r->stats.received_bytes += frames[got].caplen;
		r->stats.truncated += (frames[got].flags & PKTIO_F_TRUNCATED) !=
				      0;
	}
	r->stats.received += n;
	return (int)n;
}

uint32_t v2_count_unsure(const struct af_packet *p)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	uint32_t slot = p->mem.cursor;
	uint32_t last = 0;

	for (uint32_t i = 1; i <= p->mem.blocks && !p->mem.held[slot]; i++) {
		if (block_is_ours(&p->mem, slot))
			last = i;
		slot = block_after(&p->mem, slot);
	}
	return last + (cpus > 0 ? (uint32_t)cpus : 1);
}
