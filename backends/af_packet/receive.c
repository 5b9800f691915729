/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving, as far as it is the same for V2 and V3 rings: waiting, counting,
 * releasing, and what recv does if there is no frame.
 */
#include "receive.h"

#include "af_packet.h"
#include "events.h"
#include "offload/gro.h"
#include "ring/block.h"
#include "ring/loss.h"
#include "ring/memory.h"
#include "ring/v2.h"
#include "ring/v3.h"
#include "tx.h"
#include "util/clock.h"
#include "util/vlan.h"

#include <string.h>

#include <linux/if_packet.h>

/* ---- Waiting ------------------------------------------------------------ */

/* Ends with the next block, or with pktio_wake(), which stores `woken`. */
static bool busy_wait(const struct af_packet *p)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + p->conf->busy_wait;

	do {
		for (int i = 0; i < 64; i++)
			if (block_is_ours(&p->mem, p->mem.cursor))
				return true;
	} while (!__atomic_load_n(&p->ring.woken, __ATOMIC_ACQUIRE) &&
		 clock_ns(CLOCK_MONOTONIC) < end);
	return false;
}

int af_packet_ready(struct pktio_ring *r, int polled)
{
	struct af_packet *p = af_packet_of(r);

	/* Also if the block is held: recv returns the error. */
	if (p->mem.left > 0 || p->events.error ||
	    block_is_ours(&p->mem, p->mem.cursor))
		return 1;
	if (p->gro && af_packet_gro_is_pending(p))
		return 1;
	if (polled) {
		events_take(p);
		/* The kernel may have retired a block in the meantime. */
		return p->events.error || block_is_ours(&p->mem, p->mem.cursor);
	}
	return p->conf->busy_wait > 0 && busy_wait(p);
}

int receive_nothing(struct af_packet *p)
{
	int error;

	events_poll(p);
	error = p->events.error;
	p->events.error = 0;
	return error;
}

int receive_fail_held(struct af_packet *p)
{
	p->ring.stats.stalls += !p->stalled;
	p->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"the kernel cannot reuse a block whose frames are held since %u blocks ago; release them",
		p->mem.blocks);
}

/* ---- Counters ----------------------------------------------------------- */

void receive_count_pending(struct af_packet *p)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->pending_blocks = ring_mem_count_pending(&p->mem);
	if (stats->pending_blocks > stats->pending_blocks_max)
		stats->pending_blocks_max = stats->pending_blocks;
}

/* The age of the oldest frame that recv has not returned yet, in ns. */
static uint64_t oldest_age(const struct af_packet *p)
{
	const struct tpacket3_hdr *h = (const void *)p->mem.next;
	uint64_t now;
	uint64_t ts;

	if (p->mem.left == 0) {
		const struct tpacket_block_desc *block =
			block_header(&p->mem, p->mem.cursor);

		if (p->mem.ahead == 0)
			return 0;
		if (!p->slots)
			h = (const void *)((const uint8_t *)block +
					   block->hdr.bh1.offset_to_first_pkt);
	}
	now = clock_ns(CLOCK_REALTIME);
	ts = p->slots ? v2_slot_time(p, p->mem.cursor) :
			h->tp_sec * NS_PER_S + h->tp_nsec;
	return now > ts ? now - ts : 0;
}

int af_packet_get_stats(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	if (!p->mem.map)
		return 0;
	receive_count_pending(p);
	ret = loss_read_statistics(p);
	if (ret == 0)
		r->stats.oldest_age = oldest_age(p);
	return ret;
}

/* ---- Receiving and releasing -------------------------------------------- */

unsigned receive_insert_tag(struct pktio_frame *f)
{
	uint8_t *data = pktio_frame_wdata(f);

	/* The kernel leaves room in front to align the IP header. */
	if (!data || f->headroom < VLAN_TAG || f->caplen < MAC_ADDRESSES)
		return 0;
	f->data = vlan_prepend(data, f->vlan, 1);
	f->caplen += VLAN_TAG;
	f->wirelen += VLAN_TAG;
	f->headroom -= VLAN_TAG;
	f->vlan[0] = (struct pktio_vlan){ 0 };
	f->nvlan = 0;
	return VLAN_TAG;
}

int receive_from_ring(struct af_packet *p, struct pktio_frame *frames,
		      unsigned n)
{
	return p->slots ? v2_recv(p, frames, n) : v3_recv(p, frames, n);
}

int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct af_packet *p = af_packet_of(r);

	return p->gro ? af_packet_gro_recv(p, frames, n) :
			receive_from_ring(p, frames, n);
}

/* Frames of pktio_alloc(), or of a ring that was replaced. */
static void release_other(struct af_packet *p, uint64_t cookie, unsigned n)
{
	if (cookie >= AF_PACKET_SEGMENT)
		af_packet_gro_release(p, cookie);
	else if (cookie >= AF_PACKET_TX_BUFFER)
		af_packet_unalloc(p, cookie);
	else
		ring_mem_release_retired(p, cookie, n);
}

void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	unsigned i = 0;

	while (i < n) {
		uint64_t cookie = frames[i].cookie;
		uint64_t block = cookie - p->mem.base;
		unsigned first = i;

		while (i < n && frames[i].cookie == cookie)
			i++;
		if (block >= p->mem.blocks) {
			release_other(p, cookie, i - first);
			continue;
		}
		p->mem.held[block] -= i - first;
		if (p->mem.held[block] == 0)
			block_release(&p->mem, (uint32_t)block);
	}
}
