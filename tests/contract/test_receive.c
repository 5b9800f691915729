/* SPDX-License-Identifier: BSD-3-Clause */
/* Receive: every frame once, complete, and unchanged while it is held. */
#include <stdlib.h>
#include <string.h>

#include "contract/fixture.h"
#include "support/expect.h"
#include "support/ring.h"
#include "support/timing.h"

/* A number of frames that every backend can hold. */
#define HELD 8U
#define ROUNDS 20U
#define BURST 32U

static void receive_and_compare(struct fixture *fx, unsigned burst)
{
	static struct pktio_frame frames[MAX_TEST_FRAMES];
	struct pktio_ring *ring = fixture_open(fx, NULL);
	unsigned n = fx->nframes;

	/* In parts, because some rings cannot hold all frames. */
	for (unsigned done = 0; done < n;) {
		unsigned part = n - done < BURST ? n - done : BURST;

		fixture_feed(fx, part);
		fixture_receive(ring, frames, part, burst);
		for (unsigned i = 0; i < part; i++)
			fixture_expect_frame(fx, &frames[i], done + i);
		pktio_release(ring, frames, part);
		done += part;
	}
	REQUIRE(fixture_is_quiet(ring));
	pktio_close(ring);
	fx->fed = 0;
}

PROPERTY(bursts_of_1_and_of_64_receive_the_same, ALL)
{
	fixture_make_frames(fx, PLAIN, 300);
	receive_and_compare(fx, 1);
	receive_and_compare(fx, 64);
	receive_and_compare(fx, 7);
}

PROPERTY(a_vlan_tag_arrives, ALL)
{
	fixture_make_frames(fx, VLAN, 100);
	receive_and_compare(fx, 64);
}

PROPERTY(two_vlan_tags_arrive, ALL)
{
	fixture_make_frames(fx, QINQ, 100);
	receive_and_compare(fx, 64);
}

PROPERTY(a_tag_of_vlan_0_arrives, ALL)
{
	fixture_make_frames(fx, PRIORITY, 100);
	receive_and_compare(fx, 64);
}

PROPERTY(the_shortest_frames_arrive, ALL)
{
	fixture_make_frames(fx, SHORT, 100);
	receive_and_compare(fx, 64);
}

PROPERTY(jumbo_frames_arrive, ALL)
{
	fixture_make_frames(fx, JUMBO, 100);
	receive_and_compare(fx, 64);
}

/*
 * The kernel derives the type from the destination address; no test frame is a
 * broadcast.
 */
PROPERTY(the_packet_type_is_set_only_if_it_is_known, ALL)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, BURST);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, BURST);
	fixture_receive(ring, frames, BURST, BURST);
	for (unsigned i = 0; i < BURST; i++) {
		const struct pktio_frame *f = &frames[i];

		if (!fx->backend->live)
			/* Files and generators have no packet type. */
			EXPECT_EQ(f->flags & PKTIO_F_PKTTYPE, 0);
		if (f->flags & PKTIO_F_PKTTYPE)
			EXPECT_EQ(f->pkttype, PKTIO_PKT_OTHERHOST);
		EXPECT_EQ(f->flags & PKTIO_F_META, 0);
		EXPECT_LT(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie, 1,
					 0, NULL, 0),
			  0);
	}
	pktio_release(ring, frames, BURST);
	pktio_close(ring);
}

PROPERTY(held_frames_stay_intact_while_others_come_and_go, ALL)
{
	struct pktio_frame held[HELD];
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, HELD + ROUNDS * BURST);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, HELD);
	fixture_receive(ring, held, HELD, HELD);
	for (unsigned round = 0; round < ROUNDS; round++) {
		fixture_feed(fx, BURST);
		fixture_receive(ring, frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++)
			fixture_expect_frame(fx, &frames[i],
					     HELD + round * BURST + i);
		for (unsigned i = 0; i < HELD; i++)
			fixture_expect_frame(fx, &held[i], i);
		pktio_release(ring, frames, BURST);
	}
	pktio_release(ring, held, HELD);
	pktio_close(ring);
}

static void reverse(struct pktio_frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++) {
		struct pktio_frame f = frames[i];

		frames[i] = frames[n - 1 - i];
		frames[n - 1 - i] = f;
	}
}

static void shuffle(struct pktio_frame *frames, unsigned n)
{
	for (unsigned i = n; i > 1; i--) {
		unsigned j = (unsigned)rand() % i; /* NOLINT: any order does */
		struct pktio_frame f = frames[j];

		frames[j] = frames[i - 1];
		frames[i - 1] = f;
	}
}

/* More frames than a ring can hold, so that it needs the released ones. */
static void release_in_order(struct fixture *fx,
			     void (*change)(struct pktio_frame *frames,
					    unsigned n))
{
	struct pktio_frame frames[64];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 1920);
	ring = fixture_open(fx, NULL);
	for (unsigned done = 0; done < fx->nframes; done += 64) {
		fixture_feed(fx, 64);
		fixture_receive(ring, frames, 64, 64);
		for (unsigned i = 0; i < 64; i++)
			fixture_expect_frame(fx, &frames[i], done + i);
		change(frames, 64);
		/* In bursts of different lengths. */
		pktio_release(ring, frames, 1);
		pktio_release(ring, frames + 1, 13);
		pktio_release(ring, frames + 14, 50);
	}
	REQUIRE(fixture_is_quiet(ring));
	pktio_close(ring);
}

PROPERTY(frames_are_released_in_reverse_order, ALL)
{
	release_in_order(fx, reverse);
}

PROPERTY(frames_are_released_in_random_order, ALL)
{
	srand(1); /* NOLINT: the same order each time */
	release_in_order(fx, shuffle);
}

/*
 * Receives and holds frames one by one, until there are no more or the ring
 * refuses with the right error.
 */
static unsigned hold_all(struct fixture *fx, struct pktio_ring *ring,
			 struct pktio_frame *held)
{
	unsigned n = 0;

	while (n < fx->nframes) {
		int r;

		fixture_feed(fx, fx->fed < fx->nframes ? 1 : 0);
		r = pktio_wait(ring, 1000);
		REQUIRE_EQ(r, 1, "%d after %u frames", r, n);
		r = pktio_recv(ring, &held[n], 1);
		if (r == -ENOBUFS) {
			EXPECT_CONTAINS(pktio_last_error(ring), "held");
			EXPECT_GT(ring_stats(ring).stalls, 0);
			return n;
		}
		REQUIRE_EQ(r, 1, "%d after %u frames: %s", r, n,
			   pktio_last_error(ring));
		n++;
	}
	return n;
}

/*
 * Receives frames from `next` on, up to the newest one; some may have been
 * dropped.
 */
static void receive_until_newest(const struct fixture *fx,
				 struct pktio_ring *ring, unsigned next)
{
	bool live = fx->backend->live;
	unsigned newest = live ? fx->fed - 1 : next;
	struct pktio_frame f;

	do {
		fixture_receive(ring, &f, 1, 1);
		if (f.caplen != fx->frames[next].len)
			next = newest;
		fixture_expect_frame(fx, &f, next);
		pktio_release(ring, &f, 1);
	} while (next++ < newest);
}

PROPERTY(max_held_frames_can_be_held, ALL)
{
	static struct pktio_frame held[MAX_TEST_FRAMES];
	struct pktio_ring *ring;
	struct pktio_info info;
	unsigned n;

	fixture_make_frames(fx, PLAIN, 400);
	ring = fixture_open(fx, NULL);
	info = ring_info(ring);
	n = hold_all(fx, ring, held);
	EXPECT(n == fx->nframes || (info.max_held && n >= info.max_held),
	       "held %u of %u", n, info.max_held);
	for (unsigned i = 0; i < n; i++)
		fixture_expect_frame(fx, &held[i], i);
	pktio_release(ring, held, n);
	/*
	 * The ring continues, possibly without the frames that arrived
	 * meanwhile.
	 */
	if (n < fx->nframes) {
		fixture_feed(fx, 1);
		receive_until_newest(fx, ring, n);
	}
	pktio_close(ring);
}

PROPERTY(counters_count_every_frame_and_never_decrease, ALL)
{
	struct pktio_frame frames[BURST];
	struct pktio_stats before = { 0 };
	struct pktio_ring *ring;
	uint64_t bytes = 0;

	fixture_make_frames(fx, PLAIN, ROUNDS * BURST);
	ring = fixture_open(fx, NULL);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct pktio_stats now;

		fixture_feed(fx, BURST);
		fixture_receive(ring, frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++)
			bytes += frames[i].caplen;
		pktio_release(ring, frames, BURST);
		now = ring_stats(ring);
		EXPECT_EQ(now.received, (uint64_t)(round + 1) * BURST);
		EXPECT_EQ(now.received_bytes, bytes);
		for (const struct pktio_counter *c = pktio_counters(); c->name;
		     c++) {
			uint64_t was;
			uint64_t is;

			memcpy(&was, (char *)&before + c->offset, sizeof(was));
			memcpy(&is, (char *)&now + c->offset, sizeof(is));
			EXPECT(c->gauge || is >= was, "%s", c->name);
		}
		before = now;
	}
	EXPECT_EQ(before.dropped + before.filtered + before.truncated +
			  before.stalls + before.sent,
		  0);
	pktio_close(ring);
}

PROPERTY(timestamps_increase_and_are_arrival_times, ALL)
{
	uint64_t begin = wall_ns();
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;
	uint64_t last = 0;
	uint64_t end;

	fixture_make_frames(fx, PLAIN, 4 * BURST);
	ring = fixture_open(fx, NULL);
	for (unsigned round = 0; round < 4; round++) {
		fixture_feed(fx, BURST);
		fixture_receive(ring, frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++) {
			EXPECT_GE(frames[i].ts, last);
			EXPECT_NE(frames[i].clock, PKTIO_CLOCK_UNKNOWN);
			if (last == 0 && fx->backend->live)
				EXPECT_GE(frames[i].ts, begin);
			last = frames[i].ts;
		}
		pktio_release(ring, frames, BURST);
	}
	end = wall_ns();
	EXPECT_LE(last, end);
	pktio_close(ring);
}

PROPERTY(recv_returns_eof_again_after_the_end, FINITE)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, BURST);
	ring = fixture_open(fx, NULL);
	fixture_receive(ring, frames, BURST, BURST);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(pktio_wait(ring, 1000), 1);
		EXPECT_EQ(pktio_recv(ring, frames, BURST), PKTIO_EOF);
	}
	pktio_release(ring, frames, BURST);
	EXPECT_EQ(pktio_recv(ring, frames, BURST), PKTIO_EOF);
	pktio_close(ring);
}

PROPERTY(a_ring_can_be_closed_with_held_frames, ALL)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 2 * BURST);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, 2 * BURST);
	fixture_receive(ring, frames, BURST, BURST);
	EXPECT(!pktio_close(ring));
}

PROPERTY(two_rings_each_receive_every_frame, ALL)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *rings[2];

	fixture_make_frames(fx, PLAIN, BURST);
	rings[0] = fixture_open(fx, NULL);
	rings[1] = fixture_open(fx, NULL);
	fixture_feed(fx, BURST);
	for (int r = 0; r < 2; r++) {
		fixture_receive(rings[r], frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++)
			fixture_expect_frame(fx, &frames[i], i);
		pktio_release(rings[r], frames, BURST);
		EXPECT(fixture_is_quiet(rings[r]));
	}
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

PROPERTY(a_copy_outlives_its_frame, ALL)
{
	static uint8_t bytes[ROOM];
	struct pktio_frame copy;
	struct pktio_frame f;
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 2);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, 2);
	fixture_receive(ring, &f, 1, 1);
	EXPECT_EQ(pktio_frame_copy(&copy, &f, bytes, sizeof(bytes)),
		  (int)f.caplen);
	pktio_release(ring, &f, 1);
	fixture_receive(ring, &f, 1, 1);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
	fixture_expect_frame(fx, &copy, 0);
}
