/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies of frames, inject, and filters that the library runs. */
#include <string.h>

#include <linux/filter.h>

#include "support/expect.h"
#include "support/fake_backends.h"

static struct pktio_error error;
static uint8_t bytes[64];
static struct pktio_frame frame;

static void begin(void)
{
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i + 1);
	frame = (struct pktio_frame){ .data = bytes,
				      .ts = 123456789,
				      .cookie = 99,
				      .caplen = sizeof(bytes),
				      .wirelen = sizeof(bytes),
				      .flags = PKTIO_F_HASH,
				      .hash = 5,
				      .ifindex = 3,
				      .linktype = 1,
				      .headroom = 4,
				      .tailroom = 8,
				      .pkttype = PKTIO_PKT_OTHERHOST,
				      .csum = PKTIO_CSUM_PARTIAL,
				      .clock = PKTIO_CLOCK_HARDWARE };
}

TestSuite(frame, .init = begin);

Test(frame, a_copy_has_all_fields_and_belongs_to_the_caller)
{
	uint8_t room[sizeof(bytes)];
	struct pktio_frame copy;
	struct pktio_frame expected = frame;

	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, sizeof(room)),
		  sizeof(bytes));
	EXPECT_BYTES(room, bytes, sizeof(bytes), "other bytes");
	expected.data = room;
	expected.cookie = 0;
	expected.flags = PKTIO_F_HASH | PKTIO_F_WRITABLE;
	expected.headroom = 0;
	expected.tailroom = 0;
	EXPECT_BYTES(&copy, &expected, sizeof(copy), "another frame");
	EXPECT(pktio_frame_wdata(&copy) == room, "it can be written to");
	EXPECT(!pktio_frame_wdata(&frame), "it cannot be written to");
}

Test(frame, a_copy_in_a_larger_buffer_has_tailroom)
{
	static uint8_t room[70000];
	struct pktio_frame copy;

	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, 100), sizeof(bytes));
	EXPECT_EQ(copy.tailroom, 36);
	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, sizeof(room)),
		  sizeof(bytes));
	EXPECT_EQ(copy.tailroom, UINT16_MAX);
}

Test(frame, a_copy_that_does_not_fit_is_truncated_and_marked)
{
	uint8_t room[16] = { 0 };
	struct pktio_frame copy;

	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, 15), 15);
	EXPECT_EQ(copy.caplen, 15);
	EXPECT_EQ(copy.wirelen, sizeof(bytes));
	EXPECT(copy.flags & PKTIO_F_TRUNCATED, "it is not marked as truncated");
	EXPECT_BYTES(room, bytes, 15, "other bytes");
	EXPECT_EQ(room[15], 0);
	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, 0), 0);
	EXPECT_EQ(copy.caplen, 0);
}

Test(frame, a_copy_of_a_truncated_frame_stays_truncated)
{
	uint8_t room[sizeof(bytes)];
	struct pktio_frame copy;

	frame.wirelen = 1500;
	frame.flags = PKTIO_F_TRUNCATED;
	EXPECT_EQ(pktio_frame_copy(&copy, &frame, room, sizeof(room)),
		  sizeof(bytes));
	EXPECT_EQ(copy.wirelen, 1500);
	EXPECT(copy.flags & PKTIO_F_TRUNCATED, "it is not marked as truncated");
}

Test(frame, a_copy_may_overwrite_its_own_descriptor)
{
	uint8_t room[sizeof(bytes)];

	EXPECT_EQ(pktio_frame_copy(&frame, &frame, room, sizeof(room)),
		  sizeof(bytes));
	EXPECT(frame.data == room, "other data");
	EXPECT_BYTES(room, bytes, sizeof(bytes), "other bytes");
}

/* ---- Inject ------------------------------------------------------------- */

static struct fake *open_mode(unsigned mode)
{
	struct pktio_open_args args = { .size = sizeof(args), .mode = mode };
	struct pktio_ring *ring = NULL;

	REQUIRE(!pktio_open(&ring, "fake:", &args, &error), "%s", error.text);
	return (struct fake *)ring;
}

Test(frame, injected_frames_are_sent_unchanged)
{
	struct fake *fake = open_mode(PKTIO_SEND);

	EXPECT_EQ(pktio_inject(&fake->ring, &frame, 1), 1);
	EXPECT_EQ(fake->nout, 1);
	EXPECT_EQ(fake->out_len[0], sizeof(bytes));
	EXPECT_BYTES(fake->out[0], bytes, sizeof(bytes), "other bytes");
	EXPECT_EQ(fake->last_sent.wirelen, sizeof(bytes));
	EXPECT_EQ(fake->last_sent.ts, 123456789);
	EXPECT_EQ(fake->last_sent.linktype, 1);
	pktio_close(&fake->ring);
}

Test(frame, stripped_tags_are_injected_into_the_bytes)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0x20, 0xc8,
					0x81, 0x00, 0x00, 0x64 };
	struct fake *fake = open_mode(PKTIO_SEND);

	frame.vlan[0] = (struct pktio_vlan){ 0x88a8, 0x20c8 };
	frame.vlan[1] = (struct pktio_vlan){ 0x8100, 0x0064 };
	frame.wirelen = 1000;
	for (unsigned n = 0; n <= 2; n++) {
		const uint8_t *out = fake->out[n];

		frame.nvlan = (uint8_t)n;
		EXPECT_EQ(pktio_inject(&fake->ring, &frame, 1), 1);
		EXPECT_EQ(fake->out_len[n], sizeof(bytes) + (size_t)n * 4);
		EXPECT_EQ(fake->last_sent.wirelen, 1000 + n * 4);
		EXPECT_BYTES(out, bytes, 12, "%u: other addresses", n);
		EXPECT_BYTES(out + 12, tags, (size_t)n * 4, "%u: other tags",
			     n);
		EXPECT_BYTES(out + 12 + (size_t)n * 4, bytes + 12,
			     sizeof(bytes) - 12, "%u: other bytes", n);
	}
	pktio_close(&fake->ring);
}

Test(frame, a_failed_inject_leaves_no_frame_allocated)
{
	struct fake *fake = open_mode(PKTIO_SEND);
	uint8_t large[FAKE_ROOM + 1] = { 0 };
	struct pktio_frame f = { .data = large,
				 .caplen = FAKE_ROOM - 3,
				 .nvlan = 1 };

	EXPECT_EQ(pktio_inject(&fake->ring, &f, 1), -EMSGSIZE);
	EXPECT_STR(
		pktio_last_error(&fake->ring),
		"fake: a frame of 129 bytes is too long; the maximum is 128");
	f.caplen = 11;
	EXPECT_EQ(pktio_inject(&fake->ring, &f, 1), -EINVAL);
	EXPECT_STR(pktio_last_error(&fake->ring),
		   "fake: a frame of 11 bytes is too short for a VLAN tag");
	EXPECT_EQ(fake->nout, 0);
	EXPECT_EQ(fake->allocated, 0);
	EXPECT_EQ(fake->unsent, 2);
	f.caplen = FAKE_ROOM - 4;
	EXPECT_EQ(pktio_inject(&fake->ring, &f, 1), 1);
	EXPECT_EQ(fake->out_len[0], FAKE_ROOM);
	pktio_close(&fake->ring);
}

Test(frame, an_invalid_frame_ends_a_burst_before_it)
{
	struct fake *fake = open_mode(PKTIO_SEND);
	struct pktio_frame burst[3] = { frame, frame, frame };

	burst[2].caplen = FAKE_ROOM + 1;
	EXPECT_EQ(pktio_inject(&fake->ring, burst, 3), 2);
	EXPECT_EQ(pktio_inject(&fake->ring, burst + 2, 1), -EMSGSIZE);
	EXPECT_EQ(fake->nout, 2);
	pktio_close(&fake->ring);
}

Test(frame, inject_flushes_to_get_room)
{
	struct fake *fake = open_mode(PKTIO_SEND);
	struct pktio_frame burst[3] = { frame, frame, frame };

	fake->room = 2;
	EXPECT_EQ(pktio_inject(&fake->ring, burst, 3), 3);
	EXPECT_EQ(fake->flushes, 1);
	EXPECT_EQ(fake->nout, 3);
	pktio_close(&fake->ring);
}

static unsigned direct_calls, direct_frames;

static int direct_inject(struct pktio_ring *r, const struct pktio_frame *frames,
			 unsigned n)
{
	(void)r;
	direct_calls++;
	for (unsigned i = 0; i < n; i++)
		direct_frames += frames[i].caplen == FAKE_ROOM + 1;
	return (int)n - 1;
}

Test(frame, a_backend_with_its_own_inject_gets_the_frames_unchanged)
{
	struct fake *fake = open_mode(PKTIO_SEND);
	struct pktio_backend direct = *fake->ring.ops;
	struct pktio_frame burst[3] = { frame, frame, frame };

	direct.inject = direct_inject;
	direct.alloc = NULL;
	fake->ring.ops = &direct;
	for (unsigned i = 0; i < 3; i++)
		burst[i].caplen = FAKE_ROOM + 1;
	EXPECT_EQ(pktio_inject(&fake->ring, burst, 3), 2);
	EXPECT_EQ(direct_calls, 1);
	EXPECT_EQ(direct_frames, 3);
	EXPECT_EQ(fake->nout, 0);
	pktio_close(&fake->ring);
	fake = open_mode(PKTIO_RECV);
	direct = *fake->ring.ops;
	direct.inject = direct_inject;
	fake->ring.ops = &direct;
	EXPECT_EQ(pktio_inject(&fake->ring, burst, 3), -ENOTSUP);
	EXPECT_EQ(direct_calls, 1);
	pktio_close(&fake->ring);
}

Test(frame, a_ring_refuses_the_direction_it_was_not_opened_for)
{
	struct fake *fake = open_mode(PKTIO_SEND);
	struct pktio_frame f;

	EXPECT_EQ(pktio_recv(&fake->ring, &f, 1), -ENOTSUP);
	EXPECT_STR(pktio_last_error(&fake->ring),
		   "fake: not opened to receive");
	EXPECT_EQ(pktio_set_filter(&fake->ring, NULL), -ENOTSUP);
	pktio_close(&fake->ring);
	fake = open_mode(PKTIO_RECV);
	EXPECT_EQ(pktio_inject(&fake->ring, &frame, 1), -ENOTSUP);
	EXPECT_STR(pktio_last_error(&fake->ring), "fake: not opened to send");
	EXPECT_EQ(pktio_alloc(&fake->ring, &f, 1), -ENOTSUP);
	EXPECT_EQ(pktio_send(&fake->ring, &f, 1), -ENOTSUP);
	EXPECT_EQ(pktio_flush(&fake->ring), -ENOTSUP);
	pktio_close(&fake->ring);
}

/* ---- Filter ------------------------------------------------------------- */

/* Keeps 10 bytes of frames whose first byte is 1. */
static struct sock_filter first_is_1[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 10),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static const struct sock_fprog program = { 4, first_is_1 };

static void feed_three(struct fake *fake)
{
	static const uint8_t other[20] = { 2 };
	struct pktio_frame refused = { .data = other,
				       .caplen = 20,
				       .wirelen = 30 };

	fake_feed(&fake->ring, &refused);
	fake_feed(&fake->ring, &frame);
	fake_feed(&fake->ring, &refused);
}

Test(frame, a_filter_drops_truncates_and_counts_frames)
{
	struct fake *fake = open_mode(PKTIO_RECV);
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame got[4];

	EXPECT_EQ(pktio_set_filter(&fake->ring, &program), 0);
	feed_three(fake);
	EXPECT_EQ(pktio_recv(&fake->ring, got, 4), 1);
	EXPECT(got[0].data == bytes, "another frame");
	EXPECT_EQ(got[0].caplen, 10);
	EXPECT_EQ(got[0].wirelen, sizeof(bytes));
	EXPECT(got[0].flags & PKTIO_F_TRUNCATED,
	       "it is not marked as truncated");
	EXPECT_EQ(fake->released, 2);
	EXPECT_EQ(pktio_get_stats(&fake->ring, &stats), 0);
	EXPECT_EQ(stats.received, 1);
	EXPECT_EQ(stats.received_bytes, 10);
	EXPECT_EQ(stats.truncated, 1);
	EXPECT_EQ(stats.filtered, 2);
	pktio_close(&fake->ring);
}

Test(frame, a_filter_continues_after_dropped_frames)
{
	struct fake *fake = open_mode(PKTIO_RECV);
	struct pktio_frame got;

	EXPECT_EQ(pktio_set_filter(&fake->ring, &program), 0);
	feed_three(fake);
	EXPECT_EQ(pktio_recv(&fake->ring, &got, 1), 1);
	EXPECT(got.data == bytes, "another frame");
	EXPECT_EQ(pktio_recv(&fake->ring, &got, 1), 0);
	EXPECT_EQ(pktio_set_filter(&fake->ring, NULL), 0);
	feed_three(fake);
	EXPECT_EQ(pktio_recv(&fake->ring, &got, 1), 1);
	EXPECT_EQ(got.caplen, 20);
	pktio_close(&fake->ring);
}

Test(frame, a_filter_given_to_open_applies_and_an_invalid_one_fails)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &program };
	struct sock_fprog bad = { 3, first_is_1 + 1 };
	struct pktio_ring *ring = NULL;
	struct pktio_frame got;

	REQUIRE_EQ(pktio_open(&ring, "fake:", &args, &error), 0);
	EXPECT_EQ(((struct fake *)ring)->filtered, false);
	feed_three((struct fake *)ring);
	EXPECT_EQ(pktio_recv(ring, &got, 1), 1);
	EXPECT_EQ(got.caplen, 10);
	bad.len = 1;
	EXPECT_EQ(pktio_set_filter(ring, &bad), -EINVAL);
	EXPECT_STR(pktio_last_error(ring),
		   "fake: the filter is not a valid BPF program");
	pktio_close(ring);
	args.filter = &bad;
	EXPECT_EQ(pktio_open(&ring, "fake:", &args, &error), -EINVAL);
	EXPECT_STR(error.text, "fake: the filter is not a valid BPF program");
	args.mode = PKTIO_SEND;
	EXPECT_EQ(pktio_open(&ring, "fake:", &args, &error), -EINVAL);
	EXPECT_STR(error.text, "fake: a filter needs a ring that receives");
}
