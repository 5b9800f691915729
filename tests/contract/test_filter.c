/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters. They match frames by the lowest bit of one byte: ODD or EVEN. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "contract/fixture.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"

#define ODD 1
#define EVEN 0

struct filter {
	struct sock_filter code[4];
	struct sock_fprog prog;
};

/* `keep`: the number of bytes to keep of a matching frame. */
static void make_filter(struct filter *f, const struct fixture *fx, int bit,
			uint32_t keep)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, fx->backend->key),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, bit == ODD ? 0 : 1,
			 bit == ODD ? 1 : 0),
		BPF_STMT(BPF_RET | BPF_K, keep),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(f->code, code, sizeof(code));
	f->prog = (struct sock_fprog){ .len = 4, .filter = f->code };
}

static int bit_of(const struct fixture *fx, const uint8_t *bytes)
{
	return bytes[fx->backend->key] & 1;
}

/* The first test frame from i on with that bit. */
static unsigned next_with(const struct fixture *fx, unsigned i, int bit)
{
	while (i < fx->nframes && bit_of(fx, fx->frames[i].bytes) != bit)
		i++;
	return i;
}

/*
 * Receives the frames of from..to with that bit. Returns the next test frame:
 * after the last received one, or `to` for a live source, which has dropped the
 * others.
 */
static unsigned expect_only(struct fixture *fx, struct pktio_ring *ring,
			    unsigned from, unsigned to, int bit)
{
	struct pktio_frame f;
	unsigned next = from;

	for (unsigned i = next_with(fx, from, bit); i < to;
	     i = next_with(fx, i + 1, bit)) {
		fixture_receive(ring, &f, 1, 1);
		fixture_expect_frame(fx, &f, i);
		pktio_release(ring, &f, 1);
		next = i + 1;
	}
	return fx->backend->live ? to : next;
}

PROPERTY(a_filter_keeps_the_matching_frames, ALL)
{
	struct filter odd;
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &odd.prog };
	struct pktio_ring *ring;
	struct pktio_stats stats;
	unsigned kept = 0;

	fixture_make_frames(fx, PLAIN, 400);
	make_filter(&odd, fx, ODD, UINT32_MAX);
	for (unsigned i = 0; i < fx->nframes; i++)
		kept += bit_of(fx, fx->frames[i].bytes) == ODD;
	REQUIRE(kept > 100 && kept < 300);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, fx->nframes);
	expect_only(fx, ring, 0, fx->nframes, ODD);
	EXPECT(fixture_is_quiet(ring));
	stats = ring_stats(ring);
	EXPECT_EQ(stats.received, kept);
	EXPECT(stats.filtered == 0 || stats.filtered == fx->nframes - kept);
	pktio_close(ring);
}

PROPERTY(a_filter_truncates_frames_to_its_return_value, ALL)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, 40);
	struct sock_fprog prog = { 1, &code };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	static struct pktio_frame frames[64];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 64);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, 64);
	fixture_receive(ring, frames, 64, 64);
	for (unsigned i = 0; i < 64; i++) {
		EXPECT_EQ(frames[i].caplen, 40);
		EXPECT_EQ(frames[i].wirelen, fx->frames[i].len);
		EXPECT(frames[i].flags & PKTIO_F_TRUNCATED);
		EXPECT_BYTES(frames[i].data, fx->frames[i].bytes, 40);
	}
	EXPECT_EQ(ring_stats(ring).truncated, 64);
	EXPECT_EQ(ring_stats(ring).received_bytes, 2560);
	pktio_release(ring, frames, 64);
	pktio_close(ring);
}

struct sender {
	struct fixture *fx;
	int stop;
};

static void *send_continuously(void *arg)
{
	struct sender *sender = arg;
	struct fixture *fx = sender->fx;

	while (!__atomic_load_n(&sender->stop, __ATOMIC_RELAXED))
		fx->backend->feed(fx, 0, fx->nframes);
	return NULL;
}

PROPERTY(a_filter_given_to_open_applies_to_the_first_frame, LIVE)
{
	struct filter odd;
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &odd.prog };
	struct sender sender = { .fx = fx };
	pthread_t thread;

	fixture_make_frames(fx, PLAIN, 16);
	make_filter(&odd, fx, ODD, UINT32_MAX);
	pthread_create(&thread, NULL, send_continuously, &sender);
	for (int i = 0; i < 10; i++) {
		struct pktio_ring *ring = fixture_open(fx, &args);
		struct pktio_frame frames[64];
		int n;

		REQUIRE_EQ(pktio_wait(ring, 2000), 1);
		n = pktio_recv(ring, frames, 64);
		REQUIRE_GT(n, 0);
		for (int j = 0; j < n; j++)
			REQUIRE_EQ(bit_of(fx, frames[j].data), ODD,
				   "frame %d of ring %d", j, i);
		pktio_close(ring);
	}
	__atomic_store_n(&sender.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

PROPERTY(a_filter_is_replaced_and_removed, ALL)
{
	struct filter odd;
	struct filter even;
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &odd.prog };
	struct pktio_ring *ring;
	unsigned third;
	unsigned at;

	fixture_make_frames(fx, PLAIN, 600);
	third = fx->nframes / 3;
	make_filter(&odd, fx, ODD, UINT32_MAX);
	make_filter(&even, fx, EVEN, UINT32_MAX);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, third);
	at = expect_only(fx, ring, 0, third, ODD);
	REQUIRE_EQ(pktio_set_filter(ring, &even.prog), 0, "%s",
		   pktio_last_error(ring));
	fixture_feed(fx, third);
	at = expect_only(fx, ring, at, 2 * third, EVEN);
	REQUIRE_EQ(pktio_set_filter(ring, NULL), 0, "%s",
		   pktio_last_error(ring));
	fixture_feed(fx, third);
	for (; at < fx->nframes; at++) {
		struct pktio_frame f;

		fixture_receive(ring, &f, 1, 1);
		fixture_expect_frame(fx, &f, at);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}

/* Pending frames matched the old filter, and none of them matches the new one.
 */
PROPERTY(pending_frames_pass_a_new_filter, ALL)
{
	struct filter odd;
	struct filter even;
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &odd.prog };
	struct pktio_frame frames[64];
	struct pktio_ring *ring;
	unsigned expected = 0;
	unsigned got = 0;
	unsigned next = 0;

	fixture_make_frames(fx, PLAIN, 400);
	make_filter(&odd, fx, ODD, UINT32_MAX);
	make_filter(&even, fx, EVEN, UINT32_MAX);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, 200);
	fixture_receive(ring, frames, 10, 10);
	pktio_release(ring, frames, 10);
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	REQUIRE_EQ(pktio_set_filter(ring, &even.prog), 0, "%s",
		   pktio_last_error(ring));
	fixture_feed(fx, 200);
	/* The old filter of a live source has dropped frames at arrival. */
	for (unsigned i = 0; i < 10; i++)
		next = next_with(fx, next, ODD) + 1;
	for (unsigned i = fx->backend->live ? 200 : next; i < 400; i++)
		expected += bit_of(fx, fx->frames[i].bytes) == EVEN;
	while (pktio_wait(ring, 200) == 1) {
		int n = pktio_recv(ring, frames, 64);

		if (n == PKTIO_EOF)
			break;
		REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
		for (int i = 0; i < n; i++)
			REQUIRE_EQ(bit_of(fx, frames[i].data), EVEN);
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	EXPECT_EQ(got, expected);
	pktio_close(ring);
}

PROPERTY(a_filter_is_replaced_during_traffic_without_a_gap, LIVE)
{
	struct filter filters[2];
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &filters[EVEN].prog };
	struct sender sender = { .fx = fx };
	struct pktio_ring *ring;
	pthread_t thread;

	fixture_make_frames(fx, PLAIN, 16);
	make_filter(&filters[ODD], fx, ODD, UINT32_MAX);
	make_filter(&filters[EVEN], fx, EVEN, UINT32_MAX);
	ring = fixture_open(fx, &args);
	pthread_create(&thread, NULL, send_continuously, &sender);
	for (int i = 0; i < 40; i++) {
		int bit = i % 2 ? EVEN : ODD;
		struct pktio_frame frames[64];
		unsigned got = 0;

		REQUIRE_EQ(pktio_set_filter(ring, &filters[bit].prog), 0, "%s",
			   pktio_last_error(ring));
		while (got < 200) {
			int n;

			REQUIRE_EQ(pktio_wait(ring, 2000), 1);
			n = pktio_recv(ring, frames, 64);
			REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
			for (int j = 0; j < n; j++)
				REQUIRE_EQ(bit_of(fx, frames[j].data), bit,
					   "frame %u of round %d",
					   got + (unsigned)j, i);
			pktio_release(ring, frames, (unsigned)n);
			got += (unsigned)n;
		}
	}
	__atomic_store_n(&sender.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	pktio_close(ring);
}

PROPERTY(an_invalid_filter_is_refused_and_the_old_one_stays, ALL)
{
	struct sock_filter no_return = BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
	struct sock_fprog bad = { 1, &no_return };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &bad };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	struct filter odd;

	fixture_make_frames(fx, PLAIN, 100);
	make_filter(&odd, fx, ODD, UINT32_MAX);
	fx->backend->feed(fx, 0, 0);
	EXPECT_EQ(pktio_open(&ring, fx->source, &args, &error), -EINVAL);
	EXPECT_CONTAINS(error.text, "not a valid BPF program");
	EXPECT(!ring);
	args.filter = &odd.prog;
	ring = fixture_open(fx, &args);
	EXPECT_EQ(pktio_set_filter(ring, &bad), -EINVAL);
	fixture_feed(fx, fx->nframes);
	expect_only(fx, ring, 0, fx->nframes, ODD);
	pktio_close(ring);
}

/* The kernel strips the outer tag, so a filter loads it as an extension. */
PROPERTY(a_filter_reads_the_outer_tag_beside_the_bytes, LIVE)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TEST_ETHERTYPE >> 8, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_frame f;
	struct pktio_ring *ring;

	fixture_make_frames(fx, VLAN, 50);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, 50);
	for (unsigned i = 0; i < 50; i++) {
		fixture_receive(ring, &f, 1, 1);
		fixture_expect_frame(fx, &f, i);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}
