/* SPDX-License-Identifier: BSD-3-Clause */
/* Send and inject. */
#include <stdlib.h>
#include <string.h>

/* Both variants of af_packet send in the same way. */
#define FIXTURE_ONE_PATH
#include "contract/fixture.h"
#include "support/expect.h"
#include "support/ring.h"

#define BURST 32U

/* Writes a test frame to a tx buffer; false if no buffer is free. */
static bool fill(struct pktio_ring *ring, const struct test_frame *frame,
		 struct pktio_frame *ret)
{
	int n = pktio_alloc(ring, ret, 1);

	REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
	if (n == 0)
		return false;
	REQUIRE_EQ(ret->caplen, 0);
	REQUIRE_GE(ret->tailroom, frame->len);
	REQUIRE(pktio_frame_wdata(ret));
	memcpy(pktio_frame_wdata(ret), frame->bytes, frame->len);
	ret->caplen = frame->len;
	ret->wirelen = frame->len;
	return true;
}

static void send_all(struct fixture *fx, struct pktio_ring *ring)
{
	for (unsigned done = 0; done < fx->nframes;) {
		struct pktio_frame frames[BURST];
		unsigned n = 0;
		int sent;

		while (n < BURST && done + n < fx->nframes &&
		       fill(ring, &fx->frames[done + n], &frames[n]))
			n++;
		sent = pktio_send(ring, frames, n);
		REQUIRE_GE(sent, 0, "%s", pktio_last_error(ring));
		pktio_release(ring, frames + sent, n - (unsigned)sent);
		done += (unsigned)sent;
		if ((unsigned)sent < n || n == 0)
			REQUIRE_EQ(pktio_flush(ring), 0);
	}
	REQUIRE_EQ(pktio_flush(ring), 0, "%s", pktio_last_error(ring));
}

/* Expects that the sent frames are observed, in order, and no others. */
static void expect_observed(struct fixture *fx)
{
	unsigned n = fx->nframes;
	struct test_frame *seen = calloc(n + 1, sizeof(*seen));

	REQUIRE(seen);
	REQUIRE_EQ(fx->backend->observe(fx, seen, n + 1), n);
	for (unsigned i = 0; i < n; i++) {
		REQUIRE_EQ(seen[i].len, fx->frames[i].len, "frame %u", i);
		REQUIRE_BYTES(seen[i].bytes, fx->frames[i].bytes, seen[i].len,
			      "frame %u", i);
		free(seen[i].bytes);
	}
	free(seen);
}

static uint64_t bytes_of(const struct fixture *fx)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < fx->nframes; i++)
		bytes += fx->frames[i].len;
	return bytes;
}

PROPERTY(sent_frames_arrive_unchanged, OBSERVABLE)
{
	struct pktio_ring *ring;
	struct pktio_stats stats;

	fixture_make_frames(fx, PLAIN, 100);
	ring = fixture_open_sink(fx);
	send_all(fx, ring);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent, 100);
	EXPECT_EQ(stats.sent_bytes, bytes_of(fx));
	EXPECT_EQ(stats.send_failed, 0);
	pktio_close(ring);
	expect_observed(fx);
}

PROPERTY(sent_frames_are_counted, ALL)
{
	struct pktio_ring *ring;
	struct pktio_stats stats;

	fixture_make_frames(fx, PLAIN, 500);
	ring = fixture_open_sink(fx);
	send_all(fx, ring);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent + stats.send_failed, 500);
	EXPECT_EQ(stats.sent_bytes, bytes_of(fx));
	EXPECT_EQ(stats.received, 0);
	pktio_close(ring);
}

PROPERTY(sent_jumbo_frames_arrive_unchanged, OBSERVABLE)
{
	struct pktio_ring *ring;

	fixture_make_frames(
		fx, JUMBO,
		8); /* limited by the buffer of the observing socket */
	ring = fixture_open_sink(fx);
	send_all(fx, ring);
	pktio_close(ring);
	expect_observed(fx);
}

/* The frame as it is received: its tags are stripped from `bytes`. */
static struct pktio_frame strip_tags(const struct test_frame *frame,
				     unsigned ntags, uint8_t *bytes)
{
	uint32_t len = frame->len - ntags * 4;
	struct pktio_frame f = { .data = bytes,
				 .caplen = len,
				 .wirelen = len,
				 .nvlan = (uint8_t)ntags,
				 .linktype = 1 };

	memcpy(bytes, frame->bytes, 12);
	memcpy(bytes + 12, frame->bytes + 12 + (size_t)ntags * 4, len - 12);
	for (unsigned j = 0; j < ntags; j++) {
		const uint8_t *tag = frame->bytes + 12 + (size_t)j * 4;

		f.vlan[j].tpid = (uint16_t)(tag[0] << 8 | tag[1]);
		f.vlan[j].tci = (uint16_t)(tag[2] << 8 | tag[3]);
	}
	return f;
}

static void inject_all(struct fixture *fx, enum shape shape, unsigned ntags)
{
	struct pktio_ring *ring;

	fixture_make_frames(fx, shape, 60);
	ring = fixture_open_sink(fx);
	for (unsigned i = 0; i < fx->nframes; i++) {
		const struct test_frame *frame = &fx->frames[i];
		/* The exact size, so that a sanitizer detects overreads. */
		uint8_t *bytes = malloc(frame->len - ntags * 4);
		struct pktio_frame f;

		REQUIRE(bytes);
		f = strip_tags(frame, ntags, bytes);
		REQUIRE_EQ(pktio_inject(ring, &f, 1), 1, "%s",
			   pktio_last_error(ring));
		free(bytes);
	}
	REQUIRE_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
	expect_observed(fx);
}

PROPERTY(injected_frames_arrive_unchanged, OBSERVABLE)
{
	inject_all(fx, PLAIN, 0);
}

PROPERTY(an_injected_tag_is_written_into_the_bytes, OBSERVABLE)
{
	inject_all(fx, VLAN, 1);
}

PROPERTY(two_injected_tags_are_written_into_the_bytes, OBSERVABLE)
{
	inject_all(fx, QINQ, 2);
}

/* The same with tx buffers of the ring. */
static void send_tagged(struct fixture *fx, enum shape shape, unsigned ntags)
{
	struct pktio_ring *ring;

	fixture_make_frames(fx, shape, 60);
	ring = fixture_open_sink(fx);
	for (unsigned i = 0; i < fx->nframes; i++) {
		struct pktio_frame f;
		struct pktio_frame tagged;

		REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
		tagged = strip_tags(&fx->frames[i], ntags,
				    pktio_frame_wdata(&f));
		f.caplen = tagged.caplen;
		f.wirelen = tagged.wirelen;
		f.nvlan = tagged.nvlan;
		memcpy(f.vlan, tagged.vlan, sizeof(f.vlan));
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1, "%s",
			   pktio_last_error(ring));
		REQUIRE_EQ(pktio_flush(ring), 0);
	}
	EXPECT_EQ(ring_stats(ring).sent_bytes, bytes_of(fx));
	pktio_close(ring);
	if (fx->backend->observe)
		expect_observed(fx);
}

PROPERTY(a_sent_tag_is_written_into_the_bytes, ALL)
{
	send_tagged(fx, VLAN, 1);
}

PROPERTY(two_sent_tags_are_written_into_the_bytes, ALL)
{
	send_tagged(fx, QINQ, 2);
}

PROPERTY(close_sends_unflushed_frames, OBSERVABLE)
{
	struct pktio_ring *ring;
	struct pktio_frame f;

	fixture_make_frames(fx, PLAIN, 3);
	ring = fixture_open_sink(fx);
	for (unsigned i = 0; i < 3; i++) {
		REQUIRE(fill(ring, &fx->frames[i], &f));
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1);
	}
	pktio_close(ring);
	expect_observed(fx);
}

PROPERTY(released_tx_buffers_are_free_again, ALL)
{
	static struct pktio_frame frames[65536];
	struct pktio_ring *ring = fixture_open_sink(fx);
	unsigned most = 0;

	for (unsigned i = 0; i < 20000; i++) {
		int n = pktio_alloc(ring, frames, 8);

		REQUIRE_EQ(n, 8, "%d in round %u", n, i);
		pktio_release(ring, frames, 8);
	}
	while (most < 65536 && pktio_alloc(ring, &frames[most], 1) == 1)
		most++;
	EXPECT_GE(most, 8);
	EXPECT_EQ(pktio_alloc(ring, &frames[0], most < 65536 ? 1 : 0), 0);
	pktio_release(ring, frames, most);
	EXPECT_EQ(pktio_alloc(ring, frames, most), (int)most);
	pktio_release(ring, frames, most);
	EXPECT_EQ(ring_stats(ring).sent, 0);
	pktio_close(ring);
}

PROPERTY(inject_sends_a_long_frame_or_reports_that_it_is_too_long, ALL)
{
	static uint8_t bytes[200000];
	const struct pktio_frame f = { .data = bytes,
				       .caplen = sizeof(bytes),
				       .wirelen = sizeof(bytes),
				       .linktype = 1 };
	struct pktio_ring *ring = fixture_open_sink(fx);
	int n = pktio_inject(ring, &f, 1);

	EXPECT(n == 1 || n == -EMSGSIZE, "%d", n);
	if (n == -EMSGSIZE)
		EXPECT_CONTAINS(pktio_last_error(ring), "too long");
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent_bytes, n == 1 ? sizeof(bytes) : 0);
	pktio_close(ring);
}

PROPERTY(a_sink_without_metadata_refuses_metadata, ALL)
{
	struct pktio_ring *ring = fixture_open_sink(fx);

	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, 1, "x", 1),
		  -ENOTSUP);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_INTERFACE, 1, 1, "x", 1),
		  -ENOTSUP);
	EXPECT(pktio_last_error(ring)[0] != '\0');
	pktio_close(ring);
	ring = fixture_open(fx, NULL);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, 1, "x", 1),
		  -ENOTSUP);
	pktio_close(ring);
}

PROPERTY(a_ring_opened_to_send_does_not_receive, ALL)
{
	struct pktio_ring *ring = fixture_open_sink(fx);
	struct pktio_frame f;

	EXPECT_EQ(pktio_recv(ring, &f, 1), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "not opened to receive");
	EXPECT_EQ(pktio_set_filter(ring, NULL), -ENOTSUP);
	pktio_close(ring);
}

PROPERTY(a_ring_opened_to_receive_does_not_send, ALL)
{
	struct pktio_ring *ring;
	struct pktio_frame f = { 0 };

	fixture_make_frames(fx, PLAIN, 1);
	ring = fixture_open(fx, NULL);
	EXPECT_EQ(pktio_alloc(ring, &f, 1), -ENOTSUP);
	EXPECT_EQ(pktio_send(ring, &f, 1), -ENOTSUP);
	EXPECT_EQ(pktio_inject(ring, &f, 1), -ENOTSUP);
	EXPECT_EQ(pktio_flush(ring), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "not opened to send");
	pktio_close(ring);
}

PROPERTY(one_ring_receives_and_sends, DUPLEX)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring;
	struct pktio_stats stats;

	fixture_make_frames(fx, PLAIN, BURST);
	ring = fixture_open(fx, &args);
	fixture_feed(fx, BURST);
	fixture_receive(ring, frames, BURST, BURST);
	for (unsigned i = 0; i < BURST; i++)
		fixture_expect_frame(fx, &frames[i], i);
	/* Send them back. */
	EXPECT_EQ(pktio_inject(ring, frames, BURST), BURST, "%s",
		  pktio_last_error(ring));
	EXPECT_EQ(pktio_flush(ring), 0);
	for (unsigned i = 0; i < BURST; i++)
		fixture_expect_frame(fx, &frames[i], i);
	pktio_release(ring, frames, BURST);
	/* The ring does not receive its own sent frames. */
	EXPECT(fixture_is_quiet(ring));
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent, BURST);
	EXPECT_EQ(stats.received, BURST);
	pktio_close(ring);
	if (fx->backend->observe)
		expect_observed(fx);
}
