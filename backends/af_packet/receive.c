/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What receiving is for both kinds of rings: waiting, counting, releasing, and
 * what a recv does that finds no frame.
 */
#include "receive.h"

#include "af_packet.h"
#include "lifecycle.h"
#include "offload/gro.h"
#include "ring/block.h"
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
static bool spin(const struct af_packet *p)
{
	uint64_t end = now_ns() + p->conf->spin;

	do {
		for (int i = 0; i < 64; i++)
			if (unit_is_ours(p, p->cursor))
				return true;
	} while (!__atomic_load_n(&p->ring.woken, __ATOMIC_ACQUIRE) &&
		 now_ns() < end);
	return false;
}

int af_packet_ready(struct pktio_ring *r, int polled)
{
	struct af_packet *p = af_packet_of(r);

	/* Also when the block is held: recv says so. */
	if (p->left > 0 || p->error || unit_is_ours(p, p->cursor))
		return 1;
	if (p->gro && af_packet_gro_waits(p))
		return 1;
	if (polled) {
		af_packet_take_events(p);
		/* A block may have come between the look and the taking. */
		return p->error || unit_is_ours(p, p->cursor);
	}
	return p->conf->spin > 0 && spin(p);
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
		af_packet_take_events(p);
		if (seldom)
			af_packet_look_after(p);
		/* With the events, word of a block may have been taken that
		 * came after the look at the ring. */
		if (unit_is_ours(p, p->cursor))
			af_packet_watch_again(p);
	}
}

/* 0, or the error of a ring that could not come back, once. */
int af_packet_none(struct af_packet *p)
{
	int error;

	look_for_events(p);
	error = p->error;
	p->error = 0;
	return error;
}

/*
 * Blocks that wait to be read. The kernel only ever adds to them at the end, so
 * each block is looked at once.
 */
uint32_t af_packet_count_waiting(struct af_packet *p)
{
	while (p->ahead < p->blocks) {
		uint32_t block = (p->cursor + p->ahead) % p->blocks;

		/* A block that is held was read already. */
		if (p->held[block] || !unit_is_ours(p, block))
			break;
		p->ahead++;
	}
	return p->ahead + (p->left > 0);
}

void af_packet_note_waiting(struct af_packet *p)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->pending_blocks = af_packet_count_waiting(p);
	if (stats->pending_blocks > stats->pending_blocks_max)
		stats->pending_blocks_max = stats->pending_blocks;
}

/* The age of the oldest frame that was not delivered yet, in ns. */
static uint64_t oldest_age(const struct af_packet *p)
{
	const struct tpacket3_hdr *h = (const void *)p->next;
	struct timespec now;
	uint64_t ns;
	uint64_t ts;

	if (p->left == 0) {
		const struct tpacket_block_desc *block = block_at(p, p->cursor);

		if (p->ahead == 0)
			return 0;
		if (!p->slots)
			h = (const void *)((const uint8_t *)block +
					   block->hdr.bh1.offset_to_first_pkt);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	ns = (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
	ts = p->slots ? af_packet_slot_time(p, p->cursor) :
			h->tp_sec * NS_PER_SECOND + h->tp_nsec;
	return ns > ts ? ns - ts : 0;
}

int af_packet_get_stats(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t size = sizeof(stats);

	if (!p->map)
		return 0;
	/* Reading resets them; tp_packets would include tp_drops. */
	if (getsockopt(p->sock, SOL_PACKET, PACKET_STATISTICS, &stats, &size) <
	    0)
		return pktio_fail(r, -errno, "cannot read the statistics: %s",
				  strerror(errno));
	r->stats.dropped += stats.tp_drops;
	/* A V2 ring is not asked how often; at least once, then. */
	r->stats.freezes += p->slots ? stats.tp_drops > 0 :
				       stats.tp_freeze_q_cnt;
	af_packet_note_waiting(p);
	/* Having been read, the kernel marks nothing any more. What waits came
	 * before, or was marked; so it is what comes next. */
	if (stats.tp_drops > 0)
		p->loss_in = p->ahead + 1;
	r->stats.oldest_age = oldest_age(p);
	return 0;
}

/* ---- Receive and release ------------------------------------------------ */

int af_packet_fail_held(struct af_packet *p)
{
	p->ring.stats.stalls += !p->stalled;
	p->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"no frame can come while those of %u blocks ago are held; release them",
		p->blocks);
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
		af_packet_release_retired(p, cookie, n);
}

void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	unsigned i = 0;

	while (i < n) {
		uint64_t cookie = frames[i].cookie;
		uint64_t block = cookie - p->base;
		unsigned first = i;

		while (i < n && frames[i].cookie == cookie)
			i++;
		if (block >= p->blocks) {
			release_other(p, cookie, i - first);
			continue;
		}
		p->held[block] -= i - first;
		if (p->held[block] == 0)
			unit_give_back(p, (uint32_t)block);
	}
}
