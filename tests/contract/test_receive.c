/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames: all of them, whole, once, and for as long as they are held. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contract/fixture.h"
#include "support/expect.h"
#include "support/ring.h"

/* The others' part in a test of holding: few enough to be held by anyone. */
#define HELD 8U
#define ROUNDS 20U
#define BURST 32U

static void take_and_compare(struct bed *bed, unsigned burst)
{
	static struct pktio_frame frames[MOST_SHOTS];
	struct pktio_ring *ring = bed_open(bed, NULL);
	unsigned n = bed->nshots;

	/* In parts, for rings that cannot hold so many. */
	for (unsigned done = 0; done < n;) {
		unsigned part = n - done < BURST ? n - done : BURST;

		bed_feed(bed, part);
		bed_take(ring, frames, part, burst);
		for (unsigned i = 0; i < part; i++)
			bed_expect(bed, &frames[i], done + i);
		pktio_release(ring, frames, part);
		done += part;
	}
	REQUIRE(bed_is_quiet(ring));
	pktio_close(ring);
	bed->fed = 0;
}

PROPERTY(bursts_of_1_and_of_64_receive_the_same, 0)
{
	bed_make(bed, PLAIN, 300);
	take_and_compare(bed, 1);
	take_and_compare(bed, 64);
	take_and_compare(bed, 7);
}

PROPERTY(a_vlan_tag_arrives, 0)
{
	bed_make(bed, VLAN, 100);
	take_and_compare(bed, 64);
}

PROPERTY(two_vlan_tags_arrive, 0)
{
	bed_make(bed, QINQ, 100);
	take_and_compare(bed, 64);
}

PROPERTY(a_tag_of_vlan_0_arrives, 0)
{
	bed_make(bed, PRIORITY, 100);
	take_and_compare(bed, 64);
}

PROPERTY(the_shortest_frames_arrive, 0)
{
	bed_make(bed, SHORT, 100);
	take_and_compare(bed, 64);
}

PROPERTY(jumbo_frames_arrive, 0)
{
	bed_make(bed, JUMBO, 100);
	take_and_compare(bed, 64);
}

/* To this host, or heard on the way, by the address that the kernel looks at;
 * none of the frames is to everyone. */
PROPERTY(how_a_frame_came_is_called_known_only_if_it_is, 0)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, BURST);
	ring = bed_open(bed, NULL);
	bed_feed(bed, BURST);
	bed_take(ring, frames, BURST, BURST);
	for (unsigned i = 0; i < BURST; i++) {
		const struct pktio_frame *f = &frames[i];

		if (bed->subject->abilities & FINITE)
			/* Files of pcap do not tell, and generators make up. */
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

PROPERTY(held_frames_stay_intact_while_others_come_and_go, 0)
{
	struct pktio_frame held[HELD];
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, HELD + ROUNDS * BURST);
	ring = bed_open(bed, NULL);
	bed_feed(bed, HELD);
	bed_take(ring, held, HELD, HELD);
	for (unsigned round = 0; round < ROUNDS; round++) {
		bed_feed(bed, BURST);
		bed_take(ring, frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++)
			bed_expect(bed, &frames[i], HELD + round * BURST + i);
		for (unsigned i = 0; i < HELD; i++)
			bed_expect(bed, &held[i], i);
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

/* More frames than any ring here has room for, unless it gets them back. */
static void release_in_order(struct bed *bed,
			     void (*change)(struct pktio_frame *frames,
					    unsigned n))
{
	struct pktio_frame frames[64];
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, 1920);
	ring = bed_open(bed, NULL);
	for (unsigned done = 0; done < bed->nshots; done += 64) {
		bed_feed(bed, 64);
		bed_take(ring, frames, 64, 64);
		for (unsigned i = 0; i < 64; i++)
			bed_expect(bed, &frames[i], done + i);
		change(frames, 64);
		/* Some alone, some together. */
		pktio_release(ring, frames, 1);
		pktio_release(ring, frames + 1, 13);
		pktio_release(ring, frames + 14, 50);
	}
	REQUIRE(bed_is_quiet(ring));
	pktio_close(ring);
}

PROPERTY(frames_are_released_in_reverse_order, 0)
{
	release_in_order(bed, reverse);
}

PROPERTY(frames_are_released_in_random_order, 0)
{
	srand(1); /* NOLINT: the same order each time */
	release_in_order(bed, shuffle);
}

/*
 * Takes frames one by one and keeps them, until the ring has no more or says
 * that it cannot: then with the right words.
 */
static unsigned hold_all(struct bed *bed, struct pktio_ring *ring,
			 struct pktio_frame *held)
{
	unsigned n = 0;

	while (n < bed->nshots) {
		int r;

		bed_feed(bed, bed->fed < bed->nshots ? 1 : 0);
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

/* Takes frames up to the newest there is, of those from `next` on. */
static void take_until_newest(const struct bed *bed, struct pktio_ring *ring,
			      unsigned next)
{
	bool live = bed->subject->abilities & LIVE;
	unsigned newest = live ? bed->fed - 1 : next;
	struct pktio_frame f;

	do {
		bed_take(ring, &f, 1, 1);
		if (f.caplen != bed->shots[next].len)
			next = newest;
		bed_expect(bed, &f, next);
		pktio_release(ring, &f, 1);
	} while (next++ < newest);
}

PROPERTY(as_many_frames_as_promised_can_be_held, 0)
{
	static struct pktio_frame held[MOST_SHOTS];
	struct pktio_ring *ring;
	struct pktio_info info;
	unsigned n;

	bed_make(bed, PLAIN, 400);
	ring = bed_open(bed, NULL);
	info = ring_info(ring);
	n = hold_all(bed, ring, held);
	EXPECT(n == bed->nshots || (info.max_held && n >= info.max_held),
	       "held %u of %u", n, info.max_held);
	for (unsigned i = 0; i < n; i++)
		bed_expect(bed, &held[i], i);
	pktio_release(ring, held, n);
	/* It goes on, if not always with what came meanwhile. */
	if (n < bed->nshots) {
		bed_feed(bed, 1);
		take_until_newest(bed, ring, n);
	}
	pktio_close(ring);
}

PROPERTY(counters_never_go_back_and_count_every_frame, 0)
{
	struct pktio_frame frames[BURST];
	struct pktio_stats before = { 0 };
	struct pktio_ring *ring;
	uint64_t bytes = 0;

	bed_make(bed, PLAIN, ROUNDS * BURST);
	ring = bed_open(bed, NULL);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct pktio_stats now;

		bed_feed(bed, BURST);
		bed_take(ring, frames, BURST, BURST);
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

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

PROPERTY(time_goes_forward_and_is_that_of_arrival, 0)
{
	uint64_t begin = wall_ns();
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;
	uint64_t last = 0;
	uint64_t end;

	bed_make(bed, PLAIN, 4 * BURST);
	ring = bed_open(bed, NULL);
	for (unsigned round = 0; round < 4; round++) {
		bed_feed(bed, BURST);
		bed_take(ring, frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++) {
			EXPECT_GE(frames[i].ts, last);
			EXPECT_NE(frames[i].clock, PKTIO_CLOCK_UNKNOWN);
			if (last == 0 && bed->subject->abilities & LIVE)
				EXPECT_GE(frames[i].ts, begin);
			last = frames[i].ts;
		}
		pktio_release(ring, frames, BURST);
	}
	end = wall_ns();
	EXPECT_LE(last, end);
	pktio_close(ring);
}

PROPERTY(the_end_stays_the_end, FINITE)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, BURST);
	ring = bed_open(bed, NULL);
	bed_take(ring, frames, BURST, BURST);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(pktio_wait(ring, 1000), 1);
		EXPECT_EQ(pktio_recv(ring, frames, BURST), PKTIO_EOF);
	}
	pktio_release(ring, frames, BURST);
	EXPECT_EQ(pktio_recv(ring, frames, BURST), PKTIO_EOF);
	pktio_close(ring);
}

PROPERTY(a_ring_is_closed_with_frames_held, 0)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, 2 * BURST);
	ring = bed_open(bed, NULL);
	bed_feed(bed, 2 * BURST);
	bed_take(ring, frames, BURST, BURST);
	EXPECT(!pktio_close(ring));
}

PROPERTY(two_rings_at_once_each_have_every_frame, 0)
{
	struct pktio_frame frames[BURST];
	struct pktio_ring *rings[2];

	bed_make(bed, PLAIN, BURST);
	rings[0] = bed_open(bed, NULL);
	rings[1] = bed_open(bed, NULL);
	bed_feed(bed, BURST);
	for (int r = 0; r < 2; r++) {
		bed_take(rings[r], frames, BURST, BURST);
		for (unsigned i = 0; i < BURST; i++)
			bed_expect(bed, &frames[i], i);
		pktio_release(rings[r], frames, BURST);
		EXPECT(bed_is_quiet(rings[r]));
	}
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

PROPERTY(a_copy_outlives_its_frame, 0)
{
	static uint8_t bytes[ROOM];
	struct pktio_frame copy;
	struct pktio_frame f;
	struct pktio_ring *ring;

	bed_make(bed, PLAIN, 2);
	ring = bed_open(bed, NULL);
	bed_feed(bed, 2);
	bed_take(ring, &f, 1, 1);
	EXPECT_EQ(pktio_frame_copy(&copy, &f, bytes, sizeof(bytes)),
		  (int)f.caplen);
	pktio_release(ring, &f, 1);
	bed_take(ring, &f, 1, 1);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
	bed_expect(bed, &copy, 0);
}
