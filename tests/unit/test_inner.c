/* SPDX-License-Identifier: BSD-3-Clause */
/* Backends that wrap other rings, and backends that select another one. */
#include <string.h>

#include <linux/filter.h>
#include <poll.h>

#include "support/expect.h"
#include "support/fake_backends.h"
#include "support/wrapper_backend.h"

static struct pktio_ring *ring;
static struct pktio_error error;

static void begin(void)
{
	REQUIRE(!pktio_open(&ring, "wrapper:fake:a,fake:b", NULL, &error), "%s",
		error.text);
}

static void end(void)
{
	ring = pktio_close(ring);
	EXPECT_EQ(fake_open_rings, 0);
}

static struct pktio_ring *inner(unsigned i)
{
	return ((struct wrapper *)ring)->inner[i].ring;
}

static struct fake *fake(unsigned i)
{
	return (struct fake *)inner(i);
}

static void feed(unsigned i, uint64_t cookie)
{
	const struct pktio_frame frame = { .data = (const uint8_t *)"abcd",
					   .cookie = cookie,
					   .caplen = 4,
					   .wirelen = 5,
					   .linktype = 1 };

	fake_feed(inner(i), &frame);
}

TestSuite(inner, .init = begin, .fini = end, .timeout = 30);

Test(inner, frames_return_to_their_rings_with_their_cookies)
{
	struct pktio_frame f[5];

	feed(0, 11);
	feed(0, 12);
	feed(1, 21);
	EXPECT_EQ(pktio_recv(ring, f, 5), 3);
	EXPECT_EQ(fake(0)->nin + fake(1)->nin, 0);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t cookie = 0;

		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[i].cookie, 1,
					 0, &cookie, sizeof(cookie)),
			  sizeof(cookie));
		EXPECT(cookie == 11 || cookie == 12 || cookie == 21, "%d",
		       (int)cookie);
	}
	pktio_release(ring, &f[1], 1); /* the rings alternate */
	EXPECT_EQ(fake(1)->released_cookie, 21);
	EXPECT_EQ(fake(0)->released, 0);
	pktio_release(ring, &f[2], 1);
	EXPECT_EQ(fake(0)->released_cookie, 12);
	pktio_release(ring, &f[0], 1);
	EXPECT_EQ(fake(0)->released_cookie, 11);
	EXPECT_EQ(fake(0)->released, 2);
	EXPECT_EQ(pktio_recv(ring, f, 5), 0);
}

Test(inner, a_wait_ends_when_any_ring_has_a_frame)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pktio_frame f;
		struct pollfd fd = { .fd = pktio_fd(ring), .events = POLLIN };

		EXPECT_EQ(pktio_wait(ring, 0), 0);
		EXPECT_EQ(poll(&fd, 1, 0), 0);
		feed(i, 1);
		EXPECT_EQ(poll(&fd, 1, 0), 1);
		EXPECT_EQ(pktio_wait(ring, -1), 1);
		EXPECT_EQ(pktio_recv(ring, &f, 1), 1);
		pktio_release(ring, &f, 1);
	}
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
}

Test(inner, counters_are_the_sum_over_the_rings)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame f[2];

	feed(0, 1);
	feed(1, 2);
	EXPECT_EQ(pktio_recv(ring, f, 2), 2);
	inner(0)->stats.dropped = 7;
	inner(1)->stats.dropped = 3;
	inner(1)->stats.pending_blocks = 5;
	for (unsigned i = 0; i < 2; i++) { /* no counter is added twice */
		EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
		EXPECT_EQ(stats.received, 2);
		EXPECT_EQ(stats.received_bytes, 8);
		EXPECT_EQ(stats.truncated, 2);
		EXPECT_EQ(stats.dropped, 10);
		EXPECT_EQ(stats.pending_blocks, 0); /* a gauge */
	}
	inner(0)->stats.dropped++;
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.dropped, 11);
	pktio_release(ring, f, 2);
}

Test(inner, a_filter_is_passed_on_and_dropped_frames_are_counted)
{
	static struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog prog = { .len = 1, .filter = none };
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame f;

	EXPECT_EQ(pktio_set_filter(ring, &prog), 0);
	feed(0, 1);
	feed(1, 2);
	EXPECT_EQ(pktio_recv(ring, &f, 1), 0);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.filtered, 2);
	EXPECT_EQ(stats.received, 0);
	EXPECT_EQ(fake(0)->released + fake(1)->released, 2);
}

Test(inner, a_ring_that_cannot_be_opened_closes_the_others)
{
	struct pktio_ring *none = NULL;
	int closed = fake_closed_rings;

	EXPECT_EQ(pktio_open(&none, "wrapper:fake:a,fake:broken,fake:b", NULL,
			     &error),
		  -EIO);
	EXPECT_STR(error.text,
		   "wrapper: cannot open 'fake:broken': fake: it is broken");
	EXPECT(!none, "a ring");
	EXPECT_EQ(fake_closed_rings, closed + 1);
	EXPECT_EQ(pktio_open(&none, "wrapper:fake:a,nothing:b", NULL, &error),
		  -ENOENT);
	EXPECT_EQ(pktio_open(&none, "wrapper:wrapper:fake:broken", NULL,
			     &error),
		  -EIO);
	/* The error has the name of the wrapper once in front. */
	EXPECT_STR(
		error.text,
		"wrapper: cannot open 'wrapper:fake:broken': cannot open 'fake:broken': fake: it is broken");
}

Test(inner, the_arguments_of_open_are_passed_on)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .index = 2,
					      .count = 3 };

	pktio_close(ring);
	REQUIRE(!pktio_open(&ring, "wrapper:fake:a%3Fnumber=7", &args, &error),
		"%s", error.text);
	EXPECT_EQ(fake(0)->index, 2);
	EXPECT_EQ(fake(0)->count, 3);
	EXPECT_EQ(fake(0)->conf->number, 7);
	EXPECT_STR(fake(0)->target, "a");
}

Test(inner, notices_of_open_are_passed_on)
{
	pktio_close(ring);
	REQUIRE(!pktio_open(&ring, "wrapper:fake:smaller,fake:b", NULL, &error),
		"%s", error.text);
	EXPECT_STR(pktio_next_notice(ring),
		   "wrapper: fake: a smaller ring is used");
	EXPECT(!pktio_next_notice(ring), "a notice");
	EXPECT(!pktio_next_notice(inner(0)), "a notice");
}

/* ---- A configuration instead of a URI ----------------------------------- */

Test(inner, a_ring_is_opened_by_its_configuration)
{
	const struct fake_conf conf = { .number = 9, .text = "select" };
	const struct pktio_open_ctx ctx = { .target = "c",
					    .mode = PKTIO_RECV,
					    .count = 1 };
	struct pktio_ring *in = NULL;
	const struct pktio_open_ctx broken = { .target = "broken",
					       .mode = PKTIO_RECV,
					       .count = 1 };

	EXPECT_EQ(pktio_inner_open(&in, ring, &fake_backend, &conf, &ctx), 0);
	REQUIRE(in, "no ring");
	EXPECT(((struct fake *)in)->conf == &conf, "another configuration");
	EXPECT(!((struct fake *)in)->selected, "select was called");
	EXPECT_EQ(in->info.mode, PKTIO_RECV);
	EXPECT_EQ(pktio_inner_ready(in, 0), 0);
	EXPECT_EQ(pktio_inner_ready(in, 1), 1);
	in = pktio_close(in);
	EXPECT_EQ(pktio_inner_open(&in, ring, &fake_backend, &conf, &broken),
		  -EIO);
	EXPECT_STR(pktio_last_error(ring), "wrapper: fake: it is broken");
	EXPECT(!in, "a ring");
}

Test(inner, a_backend_selects_which_one_implements_the_ring)
{
	pktio_close(ring);
	REQUIRE(!pktio_open(&ring, "fake:?text=select&number=8", NULL, &error),
		"%s", error.text);
	EXPECT(((struct fake *)ring)->selected, "not selected");
	EXPECT_EQ(((struct fake *)ring)->conf->number, 8);
	pktio_close(ring);
	REQUIRE(!pktio_open(&ring, "fake:?text=other", NULL, &error), "%s",
		error.text);
	EXPECT(!((struct fake *)ring)->selected, "selected");
}
