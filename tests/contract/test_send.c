/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending. */
#include <stdlib.h>
#include <string.h>

/* All rows of a backend send in the same way. */
#define BED_ONE_ROW
#include "contract/fixture.h"
#include "support/expect.h"
#include "support/ring.h"

#define BURST 32U

/* Makes a frame of a shot; true when the ring had room for it. */
static bool fill(struct pktio_ring *ring, const struct shot *shot,
		 struct pktio_frame *ret)
{
	int n = pktio_alloc(ring, ret, 1);

	REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
	if (n == 0)
		return false;
	REQUIRE_EQ(ret->caplen, 0);
	REQUIRE_GE(ret->tailroom, shot->len);
	REQUIRE(pktio_frame_wdata(ret));
	memcpy(pktio_frame_wdata(ret), shot->bytes, shot->len);
	ret->caplen = shot->len;
	ret->wirelen = shot->len;
	return true;
}

static void send_all(struct bed *bed, struct pktio_ring *ring)
{
	for (unsigned done = 0; done < bed->nshots;) {
		struct pktio_frame frames[BURST];
		unsigned n = 0;
		int sent;

		while (n < BURST && done + n < bed->nshots &&
		       fill(ring, &bed->shots[done + n], &frames[n]))
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

/* What was sent is what is seen, in order, and nothing else. */
static void expect_seen(struct bed *bed)
{
	unsigned n = bed->nshots;
	struct shot *seen = calloc(n + 1, sizeof(*seen));

	REQUIRE(seen);
	REQUIRE_EQ(bed->subject->see(bed, seen, n + 1), n);
	for (unsigned i = 0; i < n; i++) {
		REQUIRE_EQ(seen[i].len, bed->shots[i].len, "frame %u", i);
		REQUIRE_BYTES(seen[i].bytes, bed->shots[i].bytes, seen[i].len,
			      "frame %u", i);
		free(seen[i].bytes);
	}
	free(seen);
}

static uint64_t bytes_of(const struct bed *bed)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < bed->nshots; i++)
		bytes += bed->shots[i].len;
	return bytes;
}

PROPERTY(sent_frames_leave_as_they_are, SEEN)
{
	struct pktio_ring *ring;
	struct pktio_stats stats;

	bed_make(bed, PLAIN, 100);
	ring = bed_open_sink(bed);
	send_all(bed, ring);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent, 100);
	EXPECT_EQ(stats.sent_bytes, bytes_of(bed));
	EXPECT_EQ(stats.send_failed, 0);
	pktio_close(ring);
	expect_seen(bed);
}

PROPERTY(sent_frames_are_counted, 0)
{
	struct pktio_ring *ring;
	struct pktio_stats stats;

	bed_make(bed, PLAIN, 500);
	ring = bed_open_sink(bed);
	send_all(bed, ring);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent + stats.send_failed, 500);
	EXPECT_EQ(stats.sent_bytes, bytes_of(bed));
	EXPECT_EQ(stats.received, 0);
	pktio_close(ring);
}

PROPERTY(jumbo_frames_leave_as_they_are, SEEN)
{
	struct pktio_ring *ring;

	bed_make(bed, JUMBO, 8); /* more would not fit in the other socket */
	ring = bed_open_sink(bed);
	send_all(bed, ring);
	pktio_close(ring);
	expect_seen(bed);
}

/* A shot as it would be received: with tags that were taken out of `bytes`. */
static struct pktio_frame take_tags(const struct shot *shot, unsigned ntags,
				    uint8_t *bytes)
{
	uint32_t len = shot->len - ntags * 4;
	struct pktio_frame f = { .data = bytes,
				 .caplen = len,
				 .wirelen = len,
				 .nvlan = (uint8_t)ntags,
				 .linktype = 1 };

	memcpy(bytes, shot->bytes, 12);
	memcpy(bytes + 12, shot->bytes + 12 + (size_t)ntags * 4, len - 12);
	for (unsigned j = 0; j < ntags; j++) {
		const uint8_t *tag = shot->bytes + 12 + (size_t)j * 4;

		f.vlan[j].tpid = (uint16_t)(tag[0] << 8 | tag[1]);
		f.vlan[j].tci = (uint16_t)(tag[2] << 8 | tag[3]);
	}
	return f;
}

static void inject_all(struct bed *bed, enum shape shape, unsigned ntags)
{
	struct pktio_ring *ring;

	bed_make(bed, shape, 60);
	ring = bed_open_sink(bed);
	for (unsigned i = 0; i < bed->nshots; i++) {
		const struct shot *shot = &bed->shots[i];
		/* Exactly, for the sanitizer. */
		uint8_t *bytes = malloc(shot->len - ntags * 4);
		struct pktio_frame f;

		REQUIRE(bytes);
		f = take_tags(shot, ntags, bytes);
		REQUIRE_EQ(pktio_inject(ring, &f, 1), 1, "%s",
			   pktio_last_error(ring));
		free(bytes);
	}
	REQUIRE_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
	expect_seen(bed);
}

PROPERTY(injected_frames_leave_as_they_are, SEEN)
{
	inject_all(bed, PLAIN, 0);
}

PROPERTY(injected_tags_go_back_into_the_bytes, SEEN)
{
	inject_all(bed, VLAN, 1);
}

PROPERTY(two_injected_tags_go_back_into_the_bytes, SEEN)
{
	inject_all(bed, QINQ, 2);
}

/* The same by frames of the ring's own. */
static void send_tagged(struct bed *bed, enum shape shape, unsigned ntags)
{
	struct pktio_ring *ring;

	bed_make(bed, shape, 60);
	ring = bed_open_sink(bed);
	for (unsigned i = 0; i < bed->nshots; i++) {
		struct pktio_frame f;
		struct pktio_frame tagged;

		REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
		tagged =
			take_tags(&bed->shots[i], ntags, pktio_frame_wdata(&f));
		f.caplen = tagged.caplen;
		f.wirelen = tagged.wirelen;
		f.nvlan = tagged.nvlan;
		memcpy(f.vlan, tagged.vlan, sizeof(f.vlan));
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1, "%s",
			   pktio_last_error(ring));
		REQUIRE_EQ(pktio_flush(ring), 0);
	}
	EXPECT_EQ(ring_stats(ring).sent_bytes, bytes_of(bed));
	pktio_close(ring);
	if (bed->subject->see)
		expect_seen(bed);
}

PROPERTY(sent_tags_go_back_into_the_bytes, 0)
{
	send_tagged(bed, VLAN, 1);
}

PROPERTY(two_sent_tags_go_back_into_the_bytes, 0)
{
	send_tagged(bed, QINQ, 2);
}

PROPERTY(close_sends_what_was_not_flushed, SEEN)
{
	struct pktio_ring *ring;
	struct pktio_frame f;

	bed_make(bed, PLAIN, 3);
	ring = bed_open_sink(bed);
	for (unsigned i = 0; i < 3; i++) {
		REQUIRE(fill(ring, &bed->shots[i], &f));
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1);
	}
	pktio_close(ring);
	expect_seen(bed);
}

PROPERTY(frames_given_back_unsent_are_free_again, 0)
{
	static struct pktio_frame frames[65536];
	struct pktio_ring *ring = bed_open_sink(bed);
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

PROPERTY(inject_takes_a_long_frame_or_says_that_it_is_too_long, 0)
{
	static uint8_t bytes[200000];
	const struct pktio_frame f = { .data = bytes,
				       .caplen = sizeof(bytes),
				       .wirelen = sizeof(bytes),
				       .linktype = 1 };
	struct pktio_ring *ring = bed_open_sink(bed);
	int n = pktio_inject(ring, &f, 1);

	EXPECT(n == 1 || n == -EMSGSIZE, "%d", n);
	if (n == -EMSGSIZE)
		EXPECT_CONTAINS(pktio_last_error(ring), "too long");
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent_bytes, n == 1 ? sizeof(bytes) : 0);
	pktio_close(ring);
}

PROPERTY(what_a_sink_keeps_nothing_of_is_refused_as_such, 0)
{
	struct pktio_ring *ring = bed_open_sink(bed);

	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, 1, "x", 1),
		  -ENOTSUP);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_INTERFACE, 1, 1, "x", 1),
		  -ENOTSUP);
	EXPECT(pktio_last_error(ring)[0] != '\0');
	pktio_close(ring);
	ring = bed_open(bed, NULL);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, 1, "x", 1),
		  -ENOTSUP);
	pktio_close(ring);
}

PROPERTY(a_ring_receives_only_if_opened_to, 0)
{
	struct pktio_ring *ring = bed_open_sink(bed);
	struct pktio_frame f;

	EXPECT_EQ(pktio_recv(ring, &f, 1), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "not opened to receive");
	EXPECT_EQ(pktio_set_filter(ring, NULL), -ENOTSUP);
	pktio_close(ring);
}

PROPERTY(a_ring_sends_only_if_opened_to, 0)
{
	struct pktio_ring *ring;
	struct pktio_frame f = { 0 };

	bed_make(bed, PLAIN, 1);
	ring = bed_open(bed, NULL);
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

	bed_make(bed, PLAIN, BURST);
	ring = bed_open(bed, &args);
	bed_feed(bed, BURST);
	bed_take(ring, frames, BURST, BURST);
	for (unsigned i = 0; i < BURST; i++)
		bed_expect(bed, &frames[i], i);
	/* Back to where they came from. */
	EXPECT_EQ(pktio_inject(ring, frames, BURST), BURST, "%s",
		  pktio_last_error(ring));
	EXPECT_EQ(pktio_flush(ring), 0);
	for (unsigned i = 0; i < BURST; i++)
		bed_expect(bed, &frames[i], i);
	pktio_release(ring, frames, BURST);
	/* And they do not come again, as if they had come from outside. */
	EXPECT(bed_is_quiet(ring));
	stats = ring_stats(ring);
	EXPECT_EQ(stats.sent, BURST);
	EXPECT_EQ(stats.received, BURST);
	pktio_close(ring);
	if (bed->subject->see)
		expect_seen(bed);
}
