/* SPDX-License-Identifier: BSD-3-Clause */
/* Structs that grow: programs with a library of another version. */
#include <stdlib.h>
#include <string.h>

#include "support/expect.h"
#include "support/fake_backends.h"

static struct pktio_error error;

/* The arguments of a newer program than this library. */
struct newer_args {
	struct pktio_open_args args;
	uint8_t tail[24];
};

Test(sizes, newer_arguments_that_are_zero_are_accepted)
{
	struct newer_args newer = {
		.args = { .size = sizeof(newer), .index = 1, .count = 2 }
	};
	struct pktio_ring *ring = NULL;

	REQUIRE_EQ(pktio_open(&ring, "fake:", &newer.args, &error), 0);
	EXPECT_EQ(((struct fake *)ring)->index, 1);
	EXPECT(!pktio_close(ring), "closed");
}

Test(sizes, newer_arguments_that_are_set_fail)
{
	for (size_t i = 0; i < sizeof(((struct newer_args *)0)->tail); i++) {
		struct newer_args newer = { .args = { .size = sizeof(newer) } };
		struct pktio_ring *ring = NULL;

		newer.tail[i] = 1;
		EXPECT_EQ(pktio_open(&ring, "fake:", &newer.args, &error),
			  -E2BIG);
		EXPECT(!ring, "a ring was opened");
		EXPECT_CONTAINS(error.text, "use a newer library");
	}
}

Test(sizes, arguments_beyond_the_given_size_are_not_read)
{
	static const struct pktio_setting setting = { "number", "77" };
	struct pktio_open_args args = { .mode = PKTIO_SEND,
					.index = 5,
					.count = 6,
					.settings = &setting,
					.nsettings = 1 };
	struct pktio_ring *ring = NULL;
	struct fake *fake;

	args.size = sizeof(args.size);
	REQUIRE_EQ(pktio_open(&ring, "fake:", &args, &error), 0);
	fake = (struct fake *)ring;
	EXPECT_EQ(fake->mode, PKTIO_RECV);
	EXPECT_EQ(fake->index, 0);
	EXPECT_EQ(fake->count, 1);
	EXPECT_EQ(fake->conf->number, 5);
	pktio_close(ring);

	args.size = offsetof(struct pktio_open_args, nsettings);
	REQUIRE_EQ(pktio_open(&ring, "fake:", &args, &error), 0);
	fake = (struct fake *)ring;
	EXPECT_EQ(fake->mode, PKTIO_SEND);
	EXPECT_EQ(fake->index, 5);
	EXPECT_EQ(fake->count, 6);
	EXPECT_EQ(fake->conf->number, 5);
	pktio_close(ring);
}

Test(sizes, arguments_without_a_size_fail)
{
	struct pktio_open_args args = { .mode = PKTIO_RECV };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "fake:", &args, &error), -EINVAL);
	EXPECT_STR(
		error.text,
		"pktio_open_args.size is 0: set it to sizeof(struct pktio_open_args)");
	args.size = sizeof(args.size) - 1;
	EXPECT_EQ(pktio_open(&ring, "fake:", &args, &error), -EINVAL);
}

#define BYTE 0xa5

/* Expects that the library wrote the first `size` bytes and none after them. */
static void expect_filled(const uint8_t *got, size_t size, const uint8_t *whole,
			  size_t known)
{
	size_t n = size < known ? size : known;
	size_t given;

	memcpy(&given, got, sizeof(given));
	EXPECT_EQ(given, size);
	for (size_t i = sizeof(size); i < n; i++)
		EXPECT(got[i] == whole[i], "byte %zu of %zu differs", i, size);
	for (size_t i = n; i < size; i++)
		EXPECT(got[i] == 0, "byte %zu of %zu is not zero", i, size);
	EXPECT(got[size] == BYTE, "byte %zu was written to", size);
}

Test(sizes, info_fills_a_struct_of_any_size)
{
	struct pktio_info whole = { .size = sizeof(whole) };
	union {
		struct pktio_info info;
		uint8_t bytes[sizeof(struct pktio_info) + 64];
	} room;
	struct pktio_ring *ring = NULL;

	REQUIRE_EQ(pktio_open(&ring, "fake:", NULL, &error), 0);
	REQUIRE_EQ(pktio_get_info(ring, &whole), 0);
	EXPECT_EQ(whole.max_held, 7);
	EXPECT_EQ(whole.max_hold, 1234567890123);
	EXPECT_EQ(whole.mode, PKTIO_RECV);
	EXPECT_EQ(whole.numa_node, -1);
	for (size_t size = sizeof(size); size < sizeof(room); size++) {
		memset(&room, BYTE, sizeof(room));
		room.info.size = size;
		EXPECT_EQ(pktio_get_info(ring, &room.info), 0);
		expect_filled(room.bytes, size, (const uint8_t *)&whole,
			      sizeof(whole));
	}
	room.info.size = sizeof(size_t) - 1;
	EXPECT_EQ(pktio_get_info(ring, &room.info), -EINVAL);
	pktio_close(ring);
}

Test(sizes, stats_fill_a_struct_of_any_size)
{
	struct pktio_stats whole = { .size = sizeof(whole) };
	union {
		struct pktio_stats stats;
		uint8_t bytes[sizeof(struct pktio_stats) + 64];
	} room;
	struct pktio_ring *ring = NULL;

	REQUIRE_EQ(pktio_open(&ring, "fake:", NULL, &error), 0);
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		memset((uint8_t *)&ring->stats + c->offset,
		       (int)(c - pktio_counters()) + 1, sizeof(uint64_t));
	REQUIRE_EQ(pktio_get_stats(ring, &whole), 0);
	EXPECT_EQ(whole.received, UINT64_C(0x0101010101010101));
	for (size_t size = sizeof(size); size < sizeof(room); size++) {
		memset(&room, BYTE, sizeof(room));
		room.stats.size = size;
		EXPECT_EQ(pktio_get_stats(ring, &room.stats), 0);
		expect_filled(room.bytes, size, (const uint8_t *)&whole,
			      sizeof(whole));
	}
	room.stats.size = 0;
	EXPECT_EQ(pktio_get_stats(ring, &room.stats), -EINVAL);
	pktio_close(ring);
}

Test(sizes, counters_list_everything_in_stats_in_order)
{
	const struct pktio_counter *c = pktio_counters();
	size_t offset = sizeof(size_t);

	for (; c->name; c++, offset += sizeof(uint64_t)) {
		EXPECT(c->offset == offset, "'%s' is at %zu, not %zu", c->name,
		       c->offset, offset);
		EXPECT(*c->name && *c->doc, "'%s' has no text", c->name);
		EXPECT(!strcmp(c->unit, "frames") ||
			       !strcmp(c->unit, "bytes") ||
			       !strcmp(c->unit, "events") ||
			       !strcmp(c->unit, "blocks") ||
			       !strcmp(c->unit, "ns"),
		       "'%s' is in '%s'", c->name, c->unit);
	}
	EXPECT_EQ(offset, sizeof(struct pktio_stats));
	EXPECT_STR(pktio_counters()[0].name, "received");
}
