/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What receiving is for both kinds of rings: waiting, counting, releasing, and
 * what a recv does that finds no frame.
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

#include <string.h>
#include <time.h>

#include <linux/if_packet.h>
#include <sys/socket.h>

#define NS_PER_SECOND UINT64_C(1000000000)
/* How often the interface is asked for, should nobody tell that it is gone. */
#define LOOK_AFTER_MS 256
/* One that sleeps until there is an event comes back at once until it was
 * taken; one that polls without sleeping hardly feels one look in so many. */
#define LOOK_AFTER_NONE 16

/* ---- Events and counters ------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Looks out for a block, or for pktio_wake(), which stores that word. */
static bool busy_wait(const struct af_packet *p)
{
	uint64_t end = now_ns() + p->conf->busy_wait;

	do {
		for (int i = 0; i < 64; i++)
			if (block_is_ours(&p->mem, p->mem.cursor))
				return true;
	} while (!__atomic_load_n(&p->ring.woken, __ATOMIC_ACQUIRE) &&
		 now_ns() < end);
	return false;
}

int af_packet_ready(struct pktio_ring *r, int polled)
{
	struct af_packet *p = af_packet_of(r);

	/* Also when the block is held: recv says so. */
	if (p->mem.left > 0 || p->events.error ||
	    block_is_ours(&p->mem, p->mem.cursor))
		return 1;
	if (p->gro && af_packet_gro_waits(p))
		return 1;
	if (polled) {
		events_take(p);
		/* A block may have come between the look and the taking. */
		return p->events.error || block_is_ours(&p->mem, p->mem.cursor);
	}
	return p->conf->busy_wait > 0 && busy_wait(p);
}

/* For programs that poll the descriptor themselves and never call
 * pktio_wait(): once a tick of the kernel's, or after a number of calls in
 * vain. */
static void look_for_events(struct af_packet *p)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (ms != p->looked_at || ++p->in_vain == LOOK_AFTER_NONE) {
		bool seldom = ms / LOOK_AFTER_MS !=
			      p->looked_at / LOOK_AFTER_MS;

		p->looked_at = ms;
		p->in_vain = 0;
		events_take(p);
		if (seldom)
			events_check_interface(p);
		/* With the events, word of a block may have been taken that
		 * came after the look at the ring. */
		if (block_is_ours(&p->mem, p->mem.cursor))
			events_rearm(p);
	}
}

/* 0, or the error of a ring that could not come back, once. */
int af_packet_none(struct af_packet *p)
{
	int error;

	look_for_events(p);
	error = p->events.error;
	p->events.error = 0;
	return error;
}

void af_packet_note_waiting(struct af_packet *p)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->pending_blocks = ring_mem_count_pending(&p->mem);
	if (stats->pending_blocks > stats->pending_blocks_max)
		stats->pending_blocks_max = stats->pending_blocks;
}

/* The age of the oldest frame that was not delivered yet, in ns. */
static uint64_t oldest_age(const struct af_packet *p)
{
	const struct tpacket3_hdr *h = (const void *)p->mem.next;
	struct timespec now;
	uint64_t ns;
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
	clock_gettime(CLOCK_REALTIME, &now);
	ns = (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
	ts = p->slots ? af_packet_slot_time(p, p->mem.cursor) :
			h->tp_sec * NS_PER_SECOND + h->tp_nsec;
	return ns > ts ? ns - ts : 0;
}

int af_packet_get_stats(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	if (!p->mem.map)
		return 0;
	af_packet_note_waiting(p);
	ret = loss_read_statistics(p);
	if (ret == 0)
		r->stats.oldest_age = oldest_age(p);
	return ret;
}

/* ---- Receive and release ------------------------------------------------ */

int af_packet_fail_held(struct af_packet *p)
{
	p->ring.stats.stalls += !p->stalled;
	p->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"no frame can come while those of %u blocks ago are held; release them",
		p->mem.blocks);
}

#define MAC_ADDRESSES 12U
#define TAG 4U

/*
 * Puts the tag back where it was on the wire: before the EtherType. The kernel
 * leaves room before a frame so that its IP header is aligned. The bytes that
 * the frame grew by.
 */
unsigned af_packet_insert_tag(struct pktio_frame *f)
{
	uint8_t *data = pktio_frame_wdata(f) - TAG;

	if (f->headroom < TAG || f->caplen < MAC_ADDRESSES)
		return 0;
	memmove(data, f->data, MAC_ADDRESSES);
	data[MAC_ADDRESSES] = (uint8_t)(f->vlan[0].tpid >> 8);
	data[MAC_ADDRESSES + 1] = (uint8_t)f->vlan[0].tpid;
	data[MAC_ADDRESSES + 2] = (uint8_t)(f->vlan[0].tci >> 8);
	data[MAC_ADDRESSES + 3] = (uint8_t)f->vlan[0].tci;
	f->data = data;
	f->caplen += TAG;
	f->wirelen += TAG;
	f->headroom -= TAG;
	f->vlan[0] = (struct pktio_vlan){ 0 };
	f->nvlan = 0;
	return TAG;
}

int af_packet_recv_blocks(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n)
{
	struct af_packet *p = af_packet_of(r);

	return p->slots ? af_packet_recv_slots(p, frames, n) :
			  af_packet_recv_v3(p, frames, n);
}

int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct af_packet *p = af_packet_of(r);

	return p->gro ? af_packet_gro_recv(p, frames, n) :
			af_packet_recv_blocks(r, frames, n);
}

/* Frames from alloc, or of a ring from before the interface was replaced. */
static void release_other(struct af_packet *p, uint64_t cookie, unsigned n)
{
	if (cookie >= AF_PACKET_SEGMENT)
		af_packet_gro_release(p, cookie);
	else if (cookie >= AF_PACKET_SLOT)
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
