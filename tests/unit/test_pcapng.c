/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng, and variants of pcap. The files are compared with libpcap, with
 * tshark where libpcap cannot read them, and with the bytes of files that are
 * built here.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/capture.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/ring.h"

#define NS_PER_S UINT64_C(1000000000)
#define TICKS UINT64_C(1700000000123456)   /* us since 1970 */
#define HERE UINT64_C(1700000000123456000) /* the same in ns */

#define SECTION 0x0a0d0d0aU
#define INTERFACE 1U
#define PACKET 2U
#define SIMPLE 3U
#define NAMES 4U
#define STATISTICS 5U
#define ENHANCED 6U
#define JOURNAL 9U
#define SECRETS 10U
#define CUSTOM 0xbadU

TestSuite(pcapng, .fini = scratch_remove);

/* ---- Blocks ------------------------------------------------------------- */

/* A file, and the byte order of its current section. */
struct maker {
	struct bytes b;
	bool big;
	size_t block; /* start of the current block */
};

static void u16(struct maker *m, uint16_t value)
{
	bytes_u16(&m->b, m->big, value);
}

static void u32(struct maker *m, uint32_t value)
{
	bytes_u32(&m->b, m->big, value);
}

static void u64(struct maker *m, uint64_t value)
{
	u32(m, (uint32_t)(m->big ? value >> 32 : value));
	u32(m, (uint32_t)(m->big ? value : value >> 32));
}

static void pad(struct maker *m)
{
	while (m->b.size % 4 != 0)
		bytes_add(&m->b, "", 1);
}

static void block_begin(struct maker *m, uint32_t type)
{
	m->block = m->b.size;
	u32(m, type);
	u32(m, 0);
}

/* Writes the size of the block, or a wrong one, into the block. */
static void block_end_as(struct maker *m, uint32_t first, uint32_t last)
{
	struct bytes number = { 0 };

	pad(m);
	bytes_u32(&number, m->big, first);
	memcpy(m->b.data + m->block + 4, number.data, 4);
	bytes_free(&number);
	u32(m, last);
}

static void block_end(struct maker *m)
{
	uint32_t size;

	pad(m);
	size = (uint32_t)(m->b.size - m->block) + 4;
	block_end_as(m, size, size);
}

static void option(struct maker *m, uint16_t code, const void *value,
		   uint16_t size)
{
	u16(m, code);
	u16(m, size);
	bytes_add(&m->b, value, size);
	pad(m);
}

static void option_u32(struct maker *m, uint16_t code, uint32_t value)
{
	u16(m, code);
	u16(m, 4);
	u32(m, value);
}

static void option_u64(struct maker *m, uint16_t code, uint64_t value)
{
	u16(m, code);
	u16(m, 8);
	u64(m, value);
}

static void section(struct maker *m, bool big)
{
	m->big = big;
	block_begin(m, SECTION);
	u32(m, 0x1a2b3c4d);
	u16(m, 1);
	u16(m, 0);
	u64(m, UINT64_MAX);
	block_end(m);
}

static void interface_begin(struct maker *m, uint16_t linktype,
			    uint32_t snaplen)
{
	block_begin(m, INTERFACE);
	u16(m, linktype);
	u16(m, 0);
	u32(m, snaplen);
}

static void interface(struct maker *m, uint16_t linktype, uint32_t snaplen)
{
	interface_begin(m, linktype, snaplen);
	block_end(m);
}

static void resolution(struct maker *m, uint8_t value, int64_t offset)
{
	interface_begin(m, 1, 0);
	option(m, 9, &value, 1);
	option_u64(m, 14, (uint64_t)offset);
	option(m, 0, "", 0);
	block_end(m);
}

/* Bytes of a frame that count up from `first`. */
static void content(struct maker *m, uint8_t first, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(first + i);

		bytes_add(&m->b, &byte, 1);
	}
	pad(m);
}

static void packet_begin(struct maker *m, uint32_t number, uint64_t ticks,
			 uint32_t caplen)
{
	block_begin(m, ENHANCED);
	u32(m, number);
	u32(m, (uint32_t)(ticks >> 32));
	u32(m, (uint32_t)ticks);
	u32(m, caplen);
	u32(m, caplen);
	content(m, (uint8_t)caplen, caplen);
}

static void packet(struct maker *m, uint32_t number, uint64_t ticks,
		   uint32_t caplen)
{
	packet_begin(m, number, ticks, caplen);
	block_end(m);
}

static void simple(struct maker *m, uint32_t wirelen, uint32_t room)
{
	block_begin(m, SIMPLE);
	u32(m, wirelen);
	content(m, 1, room);
	block_end(m);
}

static struct maker start(bool big)
{
	struct maker m = { 0 };

	section(&m, big);
	interface(&m, 1, 0);
	return m;
}

static const char *save(struct maker *m)
{
	const char *path = scratch_file("file", m->b.data, m->b.size);

	bytes_free(&m->b);
	return path;
}

static struct pktio_ring *open_made(struct maker *m)
{
	return open_file(save(m), "", PKTIO_RECV);
}

static uint64_t counter(struct pktio_ring *ring, size_t offset)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	uint64_t value;

	REQUIRE_EQ(pktio_get_stats(ring, &stats), 0);
	memcpy(&value, (const uint8_t *)&stats + offset, sizeof(value));
	return value;
}

#define COUNTER(ring, name) counter(ring, offsetof(struct pktio_stats, name))

/* ---- Frames ------------------------------------------------------------- */

Test(pcapng, sections_in_both_byte_orders_have_their_own_interfaces)
{
	static const uint16_t linktypes[] = { 1, 101, 113, 276, 1 };
	struct maker m = start(false);
	struct pktio_frame f[8];
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_ring *ring;

	interface(&m, 101, 0);
	packet(&m, 0, TICKS, 60);
	packet(&m, 1, TICKS + 1, 61);
	section(&m, true);
	interface(&m, 113, 100);
	interface(&m, 276, 0);
	packet(&m, 0, TICKS + 2, 62);
	packet(&m, 1, TICKS + 3, 63);
	section(&m, false);
	interface(&m, 1, 0);
	packet(&m, 0, TICKS + 4, 64);
	ring = open_made(&m);
	REQUIRE_EQ(pktio_recv(ring, f, 8), 5);
	for (unsigned i = 0; i < 5; i++) {
		EXPECT_EQ(f[i].linktype, linktypes[i]);
		EXPECT_EQ(f[i].ifindex, i + 1);
		EXPECT_EQ(f[i].ts, HERE + i * UINT64_C(1000));
		EXPECT_EQ(f[i].caplen, 60 + i);
		EXPECT_EQ(f[i].wirelen, 60 + i);
		EXPECT_EQ(f[i].data[59], 60 + i + 59);
		EXPECT_EQ(f[i].clock, PKTIO_CLOCK_FILE);
		EXPECT_EQ(f[i].flags, PKTIO_F_WRITABLE);
	}
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.linktype, 1);
	pktio_release(ring, f, 5);
	EXPECT_EQ(pktio_recv(ring, f, 8), PKTIO_EOF);
	pktio_close(ring);
}

/*
 * The time in ns of ticks of 10^-n or 2^-n s, rounded down; computed by
 * repeated division.
 */
static uint64_t expected_time(uint64_t ticks, uint8_t value)
{
	unsigned __int128 ns = (unsigned __int128)ticks * NS_PER_S;

	for (unsigned i = value & 0x7fU; i > 0; i--)
		ns /= value & 0x80U ? 2 : 10;
	return (uint64_t)ns;
}

Test(pcapng, times_of_every_resolution_are_exact)
{
	static const uint64_t ticks[] = {
		0, 1, 999999999, TICKS, UINT64_C(0xfedcba9876543210), UINT64_MAX
	};
	const size_t nticks = sizeof(ticks) / sizeof(ticks[0]);

	for (unsigned value = 0; value < 256; value++) {
		int64_t offset = value % 3 - 1;
		struct maker m = { 0 };
		struct pktio_frame f[8];
		struct pktio_ring *ring;

		section(&m, value & 1);
		resolution(&m, (uint8_t)value, offset);
		for (size_t i = 0; i < nticks; i++)
			packet(&m, 0, ticks[i], 20);
		ring = open_made(&m);
		REQUIRE_EQ(pktio_recv(ring, f, 8), nticks);
		for (size_t i = 0; i < nticks; i++)
			EXPECT(f[i].ts ==
				       expected_time(ticks[i], (uint8_t)value) +
					       (uint64_t)offset * NS_PER_S,
			       "resolution %u, %" PRIu64 ": %" PRIu64, value,
			       ticks[i], f[i].ts);
		pktio_release(ring, f, (unsigned)nticks);
		pktio_close(ring);
	}
}

Test(pcapng, simple_packets_have_the_snaplen_of_the_first_interface)
{
	struct maker m = { 0 };
	struct pktio_frame f[4];
	struct pktio_ring *ring;
	const char *path;

	section(&m, true);
	interface(&m, 1, 40);
	simple(&m, 20, 20);
	simple(&m, 60, 40);
	simple(&m, 0, 0);
	path = save(&m);
	capture_compare(path, "simple packets");
	ring = open_file(path, "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, f, 4), 3);
	EXPECT_EQ(f[0].caplen, 20);
	EXPECT_EQ(f[0].ts, 0);
	EXPECT_EQ(f[0].clock, PKTIO_CLOCK_UNKNOWN);
	EXPECT_EQ(f[1].caplen, 40);
	EXPECT_EQ(f[1].wirelen, 60);
	EXPECT_EQ(f[1].flags & PKTIO_F_TRUNCATED, PKTIO_F_TRUNCATED);
	EXPECT_EQ(f[2].caplen, 0);
	pktio_release(ring, f, 3);
	pktio_close(ring);
}

Test(pcapng, the_time_offset_does_not_apply_to_packets_without_time)
{
	struct maker m = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f;

	section(&m, false);
	resolution(&m, 6, 1000);
	simple(&m, 20, 20);
	ring = open_file(save(&m), "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.ts, 0);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

static void obsolete(struct maker *m, uint16_t drops, uint32_t flags)
{
	block_begin(m, PACKET);
	u16(m, 0);
	u16(m, drops);
	u32(m, (uint32_t)(TICKS >> 32));
	u32(m, (uint32_t)TICKS);
	u32(m, 33);
	u32(m, 70);
	content(m, 9, 33);
	option_u32(m, PKTIO_META_FRAME_FLAGS, flags);
	block_end(m);
}

Test(pcapng, obsolete_packet_blocks_are_frames_with_a_drop_count)
{
	static const uint32_t lost[] = { 0, PKTIO_F_LOSS, 0 };

	for (int big = 0; big < 2; big++) {
		struct maker m = start(big);
		struct pktio_frame f[4];
		struct pktio_ring *ring;
		const char *path;
		uint64_t drops = 0;

		obsolete(&m, 0, 0);
		obsolete(&m, 3, 2);
		obsolete(&m, UINT16_MAX, 0);
		path = save(&m);
		capture_compare(path, "obsolete packets");
		ring = open_file(path, "", PKTIO_RECV);
		REQUIRE_EQ(pktio_recv(ring, f, 4), 3);
		for (unsigned i = 0; i < 3; i++) {
			EXPECT_EQ(f[i].ts, HERE);
			EXPECT_EQ(f[i].caplen, 33);
			EXPECT_EQ(f[i].wirelen, 70);
			EXPECT_EQ(f[i].flags & PKTIO_F_LOSS, lost[i]);
		}
		EXPECT_EQ(f[1].pkttype, PKTIO_PKT_OUTGOING);
		EXPECT_EQ(f[1].flags & PKTIO_F_META, PKTIO_F_META);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[1].cookie,
					 PKTIO_META_FRAME_DROPS, 0, &drops,
					 sizeof(drops)),
			  sizeof(drops));
		EXPECT_EQ(drops, 3);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[1].cookie,
					 PKTIO_META_FRAME_DROPS, 1, NULL, 0),
			  -ENOENT);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[2].cookie,
					 PKTIO_META_FRAME_DROPS, 0, NULL, 0),
			  -ENOENT);
		pktio_release(ring, f, 3);
		pktio_close(ring);
	}
}

/* ---- Options ------------------------------------------------------------ */

Test(pcapng, flags_have_direction_and_checksum_state)
{
	static const struct {
		uint32_t flags;
		uint8_t pkttype, csum;
		/* Whether the type is known; whether more bits are set. */
		bool known, more;
	} cases[] = {
		{ 0, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, false, false },
		{ 1, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, false, true },
		{ 1 | 1 << 2, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, true, false },
		{ 1 | 2 << 2, PKTIO_PKT_MULTICAST, PKTIO_CSUM_UNKNOWN, true,
		  false },
		{ 1 | 3 << 2, PKTIO_PKT_BROADCAST, PKTIO_CSUM_UNKNOWN, true,
		  false },
		{ 1 | 4 << 2, PKTIO_PKT_OTHERHOST, PKTIO_CSUM_UNKNOWN, true,
		  false },
		{ 1 | 7 << 2, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, false, true },
		{ 3 << 2, PKTIO_PKT_BROADCAST, PKTIO_CSUM_UNKNOWN, false,
		  true },
		{ 2, PKTIO_PKT_OUTGOING, PKTIO_CSUM_UNKNOWN, true, false },
		{ 2 | 3 << 2, PKTIO_PKT_OUTGOING, PKTIO_CSUM_UNKNOWN, true,
		  true },
		{ 2 | 1 << 9, PKTIO_PKT_OUTGOING, PKTIO_CSUM_PARTIAL, true,
		  false },
		{ 1 | 1 << 2 | 1 << 10, PKTIO_PKT_HOST, PKTIO_CSUM_VALID, true,
		  false },
		{ 1U << 31, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, false, true },
	};
	const uint32_t said = PKTIO_F_PKTTYPE | PKTIO_F_META;
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	struct pktio_frame f[16];

	for (int big = 0; big < 2; big++) {
		struct maker m = start(big);
		struct pktio_ring *ring;

		for (size_t i = 0; i < n; i++) {
			packet_begin(&m, 0, TICKS, 30);
			option_u32(&m, PKTIO_META_FRAME_FLAGS, cases[i].flags);
			block_end(&m);
		}
		ring = open_made(&m);
		REQUIRE_EQ(pktio_recv(ring, f, 16), n);
		for (size_t i = 0; i < n; i++) {
			EXPECT_EQ(f[i].pkttype, cases[i].pkttype);
			EXPECT_EQ(f[i].csum, cases[i].csum);
			EXPECT_EQ(f[i].flags & said,
				  (cases[i].known ? PKTIO_F_PKTTYPE : 0U) |
					  (cases[i].more ? PKTIO_F_META : 0U));
		}
		pktio_release(ring, f, (unsigned)n);
		pktio_close(ring);
	}
}

static void expect_text(struct pktio_ring *ring, const struct pktio_frame *f,
			unsigned index, const char *text)
{
	char value[64] = "";

	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_COMMENT, index, value,
				 sizeof(value) - 1),
		  strlen(text));
	EXPECT_STR(value, text);
}

static void expect_options(struct pktio_ring *ring, const struct pktio_frame *f)
{
	uint64_t u64_value = 0;
	uint32_t u32_value = 0;
	char start[2];

	expect_text(ring, f, 0, "a comment");
	expect_text(ring, f, 1, "another");
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_COMMENT, 2, start, 2),
		  -ENOENT);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_COMMENT, 1, start, 2),
		  7);
	EXPECT_BYTES(start, "an", 2);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_COMMENT, 1, NULL, 0),
		  7);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_PACKETID, 0, &u64_value, 8),
		  8);
	EXPECT_EQ(u64_value, UINT64_C(0x1122334455667788));
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_QUEUE, 0, &u32_value, 4),
		  4);
	EXPECT_EQ(u32_value, 7);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_FLAGS, 0, &u32_value, 4),
		  4);
	EXPECT_EQ(u32_value, 0x12345601);
	EXPECT_EQ(f->flags & PKTIO_F_META, PKTIO_F_META);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
				 PKTIO_META_FRAME_HASH, 0, start, 2),
		  -ENOENT);
}

Test(pcapng, held_frames_keep_their_options)
{
	struct pktio_frame held[64];
	struct pktio_frame f;
	struct pktio_ring *ring;
	unsigned n = 0;

	for (int big = 0; big < 2; big++) {
		struct maker m = start(big);

		for (unsigned i = 0; i < 64; i++) {
			packet_begin(&m, 0, TICKS, 900 + i);
			option(&m, PKTIO_META_FRAME_COMMENT, "a comment", 9);
			option_u32(&m, PKTIO_META_FRAME_FLAGS, 0x12345601);
			option(&m, PKTIO_META_FRAME_COMMENT, "another", 7);
			option_u64(&m, PKTIO_META_FRAME_PACKETID,
				   UINT64_C(0x1122334455667788));
			option_u32(&m, PKTIO_META_FRAME_QUEUE, 7);
			option(&m, 0, "", 0);
			block_end(&m);
		}
		ring = open_file(save(&m), "?buffer-size=4K", PKTIO_RECV);
		for (n = 0; n < 64 && pktio_recv(ring, &f, 1) == 1; n++)
			held[n] = f;
		REQUIRE_EQ(n, 64);
		for (unsigned i = 0; i < n; i++) {
			EXPECT_EQ(held[i].caplen, 900 + i);
			expect_options(ring, &held[i]);
		}
		pktio_release(ring, held, n);
		EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
		pktio_close(ring);
	}
}

Test(pcapng, custom_options_have_their_enterprise_number_in_host_order)
{
	for (int big = 0; big < 2; big++) {
		struct maker m = start(big);
		struct pktio_frame f;
		struct pktio_ring *ring;
		struct bytes value = { 0 };
		uint8_t found[8] = { 0 };
		uint32_t maker = 0;

		bytes_u32(&value, big, 32473);
		bytes_add(&value, "mine", 4);
		packet_begin(&m, 0, TICKS, 30);
		option(&m, 2989, value.data, (uint16_t)value.size);
		block_end(&m);
		bytes_free(&value);
		ring = open_made(&m);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(f.flags & PKTIO_F_META, PKTIO_F_META);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f.cookie, 2989,
					 0, found, 8),
			  8);
		memcpy(&maker, found, sizeof(maker));
		EXPECT_EQ(maker, 32473);
		EXPECT_BYTES(found + 4, "mine", 4);
		pktio_release(ring, &f, 1);
		pktio_close(ring);
	}
}

Test(pcapng, the_first_section_has_the_metadata_of_the_file)
{
	struct maker m = { .big = true };
	struct pktio_ring *ring;
	char text[8] = "";

	for (unsigned i = 0; i < 2; i++) {
		block_begin(&m, SECTION);
		u32(&m, 0x1a2b3c4d);
		u16(&m, 1);
		u16(&m, 0);
		u64(&m, UINT64_MAX);
		option(&m, PKTIO_META_SECTION_COMMENT, i ? "second" : "first",
		       i ? 6 : 5);
		block_end(&m);
		interface(&m, 1, 0);
	}
	ring = open_made(&m);
	EXPECT_EQ(pktio_recv(ring, NULL, 0), 0);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_SECTION, 0,
				 PKTIO_META_SECTION_COMMENT, 0, text, 7),
		  5);
	EXPECT_STR(text, "first");
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_SECTION, 0,
				 PKTIO_META_SECTION_COMMENT, 1, text, 7),
		  -ENOENT);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_SECTION, 0,
				 PKTIO_META_SECTION_OS, 0, NULL, 0),
		  -ENOENT);
	pktio_close(ring);
}

Test(pcapng, damaged_options_of_a_frame_do_not_damage_the_frame)
{
	struct maker m = start(false);
	struct pktio_frame f[3];
	struct pktio_ring *ring;
	uint32_t flags;
	const char *path;

	packet_begin(&m, 0, TICKS, 30);
	option(&m, PKTIO_META_FRAME_COMMENT, "fine", 4);
	u16(&m, PKTIO_META_FRAME_FLAGS);
	u16(&m, 400);
	u32(&m, 2);
	block_end(&m);
	packet(&m, 0, TICKS, 31);
	path = save(&m);
	capture_compare(path, "options that run past their block");
	ring = open_file(path, "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, f, 3), 2);
	EXPECT_EQ(f[0].pkttype, PKTIO_PKT_HOST);
	expect_text(ring, &f[0], 0, "fine");
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[0].cookie,
				 PKTIO_META_FRAME_FLAGS, 0, &flags, 4),
		  -EBADMSG);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[1].cookie,
				 PKTIO_META_FRAME_FLAGS, 0, &flags, 4),
		  -ENOENT);
	pktio_release(ring, f, 2);
	pktio_close(ring);
}

static void named_interface(struct maker *m, const char *name, uint64_t speed)
{
	interface_begin(m, 1, 0);
	option(m, PKTIO_META_INTERFACE_NAME, name, (uint16_t)strlen(name));
	option_u64(m, PKTIO_META_INTERFACE_SPEED, speed);
	option(m, 0, "", 0);
	block_end(m);
}

Test(pcapng, interface_options_are_found_by_the_ifindex_of_frames)
{
	static const char *const names[] = { "", "lan", "wan", "lo" };
	struct maker m = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f[4];
	uint64_t speed;

	section(&m, false);
	named_interface(&m, "lan", 1);
	named_interface(&m, "wan", 2);
	packet(&m, 1, TICKS, 20);
	section(&m, true);
	named_interface(&m, "lo", 3);
	packet(&m, 0, TICKS, 20);
	ring = open_made(&m);
	REQUIRE_EQ(pktio_recv(ring, f, 4), 2);
	EXPECT_EQ(f[0].ifindex, 2);
	EXPECT_EQ(f[1].ifindex, 3);
	for (uint32_t i = 1; i < 4; i++) {
		char name[8] = "";

		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, i,
					 PKTIO_META_INTERFACE_NAME, 0, name,
					 sizeof(name)),
			  strlen(names[i]));
		EXPECT_STR(name, names[i]);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, i,
					 PKTIO_META_INTERFACE_SPEED, 0, &speed,
					 sizeof(speed)),
			  8);
		EXPECT_EQ(speed, i);
	}
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 0,
				 PKTIO_META_INTERFACE_NAME, 0, &speed, 8),
		  -ENOENT);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 4,
				 PKTIO_META_INTERFACE_NAME, 0, &speed, 8),
		  -ENOENT);
	pktio_release(ring, f, 2);
	pktio_close(ring);
}

/* ---- Other blocks ------------------------------------------------------- */

static void statistics(struct maker *m, uint32_t number, uint64_t ifdrop,
		       uint64_t osdrop)
{
	block_begin(m, STATISTICS);
	u32(m, number);
	u32(m, 0);
	u32(m, 0);
	option_u64(m, 5, ifdrop);
	option_u64(m, 7, osdrop);
	block_end(m);
}

Test(pcapng, drops_in_statistics_blocks_are_counted_once)
{
	struct maker m = start(true);
	struct pktio_ring *ring;
	struct pktio_frame f[2];

	interface(&m, 1, 0);
	statistics(&m, 0, 2, 3);
	statistics(&m, 1, 10, 0);
	statistics(&m, 0, 4, 3);
	statistics(&m, 0, 1, 1);
	statistics(&m, 9, 100, 100);
	packet(&m, 0, TICKS, 20);
	ring = open_made(&m);
	REQUIRE_EQ(pktio_recv(ring, f, 2), 1);
	EXPECT_EQ(COUNTER(ring, dropped), 17);
	EXPECT_EQ(COUNTER(ring, skipped), 0);
	for (uint32_t i = 0; i < 2; i++) {
		uint64_t dropped = 0;

		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, i + 1,
					 PKTIO_META_INTERFACE_DROPPED, 0,
					 &dropped, sizeof(dropped)),
			  sizeof(dropped));
		EXPECT_EQ(dropped, i == 0 ? 7 : 10);
	}
	pktio_release(ring, f, 1);
	pktio_close(ring);
}

Test(pcapng, other_blocks_are_skipped_and_counted)
{
	static const uint32_t types[] = { NAMES,     JOURNAL,    SECRETS,
					  CUSTOM,    0x40000bad, 7,
					  0x80000001 };
	const size_t n = sizeof(types) / sizeof(types[0]);
	struct maker m = start(false);
	struct pktio_ring *ring;
	struct pktio_frame f;
	const char *path;

	for (size_t i = 0; i < n; i++) {
		packet(&m, 0, TICKS, 20);
		block_begin(&m, types[i]);
		/* Longer than a buffer, too. */
		content(&m, 0, (uint32_t)(i * 3000));
		block_end(&m);
	}
	path = save(&m);
	capture_compare(path, "blocks to be skipped");
	ring = open_file(path, "?buffer-size=4K", PKTIO_RECV);
	for (size_t i = 0; i < n; i++) {
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		pktio_release(ring, &f, 1);
	}
	EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
	EXPECT_EQ(COUNTER(ring, skipped), n);
	pktio_close(ring);
}

Test(pcapng, a_file_without_an_interface_ends_without_an_error)
{
	struct maker m = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f;

	section(&m, false);
	ring = open_made(&m);
	EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
	EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
	pktio_close(ring);
}

Test(pcapng, a_block_without_a_frame_does_not_end_a_wait_on_a_pipe)
{
	const char *fifo = scratch("fifo");
	struct maker m = start(false);
	struct pktio_ring *ring;
	struct pktio_frame f;
	int fd;

	REQUIRE_EQ(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR | O_CLOEXEC);
	REQUIRE(fd >= 0, "%s", fifo);
	REQUIRE_EQ(write(fd, m.b.data, m.b.size), m.b.size);
	ring = open_file(fifo, "", PKTIO_RECV);
	m.b.size = 0;
	statistics(&m, 0, 1, 1);
	REQUIRE_EQ(write(fd, m.b.data, m.b.size), m.b.size);
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	EXPECT_EQ(pktio_recv(ring, &f, 1), 0);
	EXPECT_EQ(COUNTER(ring, dropped), 2);
	m.b.size = 0;
	packet(&m, 0, TICKS, 20);
	REQUIRE_EQ(write(fd, m.b.data, m.b.size), m.b.size);
	EXPECT_EQ(pktio_wait(ring, 1000), 1);
	EXPECT_EQ(pktio_recv(ring, &f, 1), 1);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
	bytes_free(&m.b);
	close(fd);
}

/* ---- Damage ------------------------------------------------------------- */

/*
 * Expects two frames and then an error that contains these message, repeatedly.
 */
static void expect_damage(struct maker *m, int code, const char *message)
{
	static const char *const options[] = { "", "?buffer-size=4K" };
	const char *path = save(m);

	for (size_t i = 0; i < 2; i++) {
		struct pktio_ring *ring =
			open_file(path, options[i], PKTIO_RECV);
		struct pktio_frame f[4];

		REQUIRE_EQ(pktio_recv(ring, f, 4), 2);
		EXPECT_EQ(f[1].caplen, 21);
		pktio_release(ring, f, 2);
		for (unsigned again = 0; again < 2; again++) {
			EXPECT_EQ(pktio_recv(ring, f, 4), code);
			EXPECT_CONTAINS(pktio_last_error(ring), message,
					"no '%s' in '%s'", message,
					pktio_last_error(ring));
		}
		pktio_close(ring);
	}
}

static struct maker two_good(void)
{
	struct maker m = start(false);

	packet(&m, 0, TICKS, 20);
	packet(&m, 0, TICKS, 21);
	/* 28 + 20 + 52 + 56 */
	REQUIRE_EQ(m.b.size, 156);
	return m;
}

Test(pcapng, invalid_block_lengths_are_errors_with_their_offset)
{
	static const struct {
		uint32_t first, last;
		const char *message;
	} cases[] = {
		{ 8, 8, "damaged block at byte 156: its length of 8" },
		{ 0, 0, "damaged block at byte 156: its length of 0" },
		{ 35, 35, "its length of 35 is not a multiple of 4" },
		{ 36, 40, "its length is 36 at the start, 40 at the end" },
		{ 40, 36,
		  "truncated block at byte 156: it has 36 bytes of 40" },
		{ 0x7ffffffc, 36, "its length of 2147483644 is not plausible" },
		{ 1 << 24, 36, "truncated block at byte 156" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct maker m = two_good();

		block_begin(&m, ENHANCED);
		for (unsigned field = 0; field < 6; field++)
			u32(&m, field == 3 ? 4 : 0);
		block_end_as(&m, cases[i].first, cases[i].last);
		expect_damage(&m, -EBADMSG, cases[i].message);
	}
}

Test(pcapng, packets_longer_than_their_block_are_errors_with_their_offset)
{
	struct maker m = two_good();

	packet_begin(&m, 0, TICKS, 20);
	m.b.data[156 + 20] = 200;
	block_end(&m);
	expect_damage(
		&m, -EBADMSG,
		"at byte 156: its length is 200 bytes, its block has room for 20");
	m = two_good();
	packet(&m, 1, TICKS, 20);
	expect_damage(
		&m, -EBADMSG,
		"at byte 156: its interface is number 1, the section has 1");
	m = two_good();
	simple(&m, 30, 20);
	expect_damage(&m, -EBADMSG, "at byte 156: its length is 30 bytes");
	m = two_good();
	block_begin(&m, ENHANCED);
	u32(&m, 0);
	block_end(&m);
	expect_damage(&m, -EBADMSG, "at byte 156: type 6 needs at least");
	/* A new section has none of the interfaces of the previous one. */
	m = two_good();
	section(&m, true);
	packet(&m, 0, TICKS, 20);
	expect_damage(
		&m, -EBADMSG,
		"at byte 184: its interface is number 0, the section has 0");
}

Test(pcapng,
     options_longer_than_their_interface_block_are_errors_with_their_offset)
{
	struct maker m = two_good();

	interface_begin(&m, 1, 0);
	option(&m, PKTIO_META_INTERFACE_NAME, "lan", 3);
	u16(&m, PKTIO_META_INTERFACE_RESOLUTION);
	u16(&m, 200);
	block_end(&m);
	expect_damage(&m, -EBADMSG,
		      "at byte 156: the option at byte 180 exceeds the block");
	m = two_good();
	interface_begin(&m, 1, 0);
	option(&m, PKTIO_META_INTERFACE_RESOLUTION, "\x06\x06", 2);
	block_end(&m);
	expect_damage(&m, -EBADMSG,
		      "the option at byte 172 is not a time resolution");
}

Test(pcapng, sections_of_unknown_version_are_errors_with_their_offset)
{
	struct maker m = two_good();

	section(&m, false);
	m.b.data[156 + 8] = 0;
	expect_damage(&m, -EBADMSG,
		      "section header at byte 156: its byte-order magic is");
	m = two_good();
	section(&m, false);
	m.b.data[156 + 12] = 2;
	expect_damage(&m, -ENOTSUP,
		      "section at byte 156 has pcapng version 2.0");
}

Test(pcapng, a_truncated_file_has_every_whole_frame)
{
	struct maker m = two_good();
	struct bytes whole = m.b;

	packet(&m, 0, TICKS, 22);
	whole = m.b;
	for (size_t size = 48; size <= whole.size; size++) {
		const char *path = scratch_file("cut", whole.data, size);
		struct capture c = capture_read(path, "", 4);
		bool at_edge = size == 48 || size == 100 || size == 156 ||
			       size == whole.size;

		EXPECT_EQ(c.n,
			  (size >= 100) + (size >= 156) + (size == whole.size));
		EXPECT_EQ(c.end, at_edge ? PKTIO_EOF : -EBADMSG);
		EXPECT(at_edge || strstr(c.text, "truncated block at byte"),
		       "%zu: %s", size, c.text);
		capture_free(&c);
	}
	bytes_free(&whole);
}

static void expect_no_open(struct maker *m, const char *message)
{
	char uri[256];

	snprintf(uri, sizeof(uri), "pcap_file:%s", save(m));
	expect_open_fails(uri, NULL, -EBADMSG, message);
}

Test(pcapng, a_file_damaged_before_its_first_interface_is_not_opened)
{
	struct maker m = { 0 };

	section(&m, false);
	packet(&m, 0, TICKS, 20);
	interface(&m, 1, 0);
	expect_no_open(&m,
		       "damaged packet at byte 28: its interface is number 0");
	section(&m, false);
	m.b.size -= 5;
	expect_no_open(&m, "truncated block at byte 0: it has 23 bytes of 28");
	section(&m, false);
	interface(&m, 1, 0);
	m.b.size -= 1;
	expect_no_open(&m, "truncated block at byte 28: it has 19 bytes of 20");
}

/* ---- Fields inside of frames -------------------------------------------- */

Test(pcapng, fields_in_the_byte_order_of_the_writer_are_read_as_by_libpcap)
{
	static const uint16_t linktypes[] = { 113, 117, 189, 220, 239, 276 };

	for (unsigned i = 0; i < 6 * 2 * 4; i++) {
		struct maker m = { 0 };
		uint16_t linktype = linktypes[i % 6];
		uint8_t start = (uint8_t[]){ 0, 1, 12, 200 }[i / 12];

		section(&m, i / 6 % 2);
		interface(&m, linktype, 0);
		for (uint32_t size = 0; size < 160; size += 3) {
			packet_begin(&m, 0, TICKS, size);
			memset(m.b.data + m.block + 28, start, size);
			/* The link types with such fields. */
			if (size > 66 && (linktype == 189 || linktype == 220))
				memcpy(m.b.data + m.block + 28,
				       "\0\0\0\0\0\0\0\0C\0\x80\0\0\0\0\0", 16);
			if (size > 20 && linktype == 276)
				memcpy(m.b.data + m.block + 28, "\0\x0c", 2);
			if (size > 20 && linktype == 113)
				memcpy(m.b.data + m.block + 42, "\0\x0d", 2);
			if (size > 61 && linktype == 117)
				m.b.data[m.block + 28] = 61;
			block_end(&m);
		}
		capture_compare(save(&m), "fields inside of frames");
	}
}

/* ---- Variants of pcap --------------------------------------------------- */

Test(pcapng, the_pcap_of_ixia_has_a_longer_file_header)
{
	static const struct {
		uint32_t magic, tick;
	} kinds[] = { { 0x1c0001ac, 1 }, { 0x1c0001ab, 1000 } };

	for (unsigned i = 0; i < 4; i++) {
		struct layout layout = { .big_endian = i & 1 };
		struct bytes b = { 0 };
		struct bytes head = { 0 };
		struct pktio_ring *ring;
		struct pktio_frame f[3];

		bytes_header(&b, layout, 65535, 1);
		bytes_u32(&head, layout.big_endian, kinds[i / 2].magic);
		memcpy(b.data, head.data, 4);
		bytes_u32(&b, layout.big_endian, 2 * (16 + 40));
		bytes_record(&b, layout, 1, 5, 40, 40, 7);
		bytes_record(&b, layout, 2, 6, 40, 40, 8);
		ring = open_file(scratch_file("ixia", b.data, b.size), "",
				 PKTIO_RECV);
		REQUIRE_EQ(pktio_recv(ring, f, 3), 2);
		EXPECT_EQ(f[0].ts, NS_PER_S + UINT64_C(5) * kinds[i / 2].tick);
		EXPECT_EQ(f[1].data[39], 8);
		pktio_release(ring, f, 2);
		EXPECT_EQ(pktio_recv(ring, f, 3), PKTIO_EOF);
		pktio_close(ring);
		bytes_free(&b);
		bytes_free(&head);
	}
}

Test(pcapng, the_fcs_length_of_a_pcap_file_is_reported)
{
	struct layout layout = { 0 };
	uint8_t bits = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct bytes b = { 0 };
		struct pktio_ring *ring;
		struct pktio_frame f;

		bytes_header(&b, layout, 65535, i ? 0x24000001 : 1);
		bytes_record(&b, layout, 1, 5, 64, 64, 7);
		ring = open_file(scratch_file("fcs", b.data, b.size), "",
				 PKTIO_RECV);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(f.linktype, 1);
		EXPECT_EQ(f.caplen, 64);
		EXPECT_EQ(f.ifindex, 0);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, f.ifindex,
					 PKTIO_META_INTERFACE_FCS_LENGTH, 0,
					 &bits, 1),
			  i ? 1 : -ENOENT);
		EXPECT_EQ(bits, i ? 32 : 0);
		EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f.cookie,
					 PKTIO_META_FRAME_FLAGS, 0, &bits, 1),
			  -ENOENT);
		pktio_release(ring, &f, 1);
		pktio_close(ring);
		bytes_free(&b);
	}
}

Test(pcapng, sources_without_metadata_report_it)
{
	struct pktio_frame f;
	struct pktio_ring *ring = NULL;

	REQUIRE_EQ(pktio_open(&ring, "gen:", NULL, NULL), 0);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f.cookie, 1, 0, NULL,
				 0),
		  -ENOTSUP);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 1, 2, 0, NULL, 0),
		  -ENOTSUP);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_SECTION, 0, 1, 0, NULL, 0),
		  -ENOTSUP);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

/* ---- Files by other tools ----------------------------------------------- */

static void expect_run(const char *out, const char *const *argv)
{
	int status = run_tool(out, argv);

	REQUIRE(status == 0, "%s exited with %d", argv[0], status);
}

/* The output of tshark for a file, built from the frames that pktio reads. */
static char *describe(const char *path)
{
	struct capture c = capture_read(path, "", 16);
	size_t room = c.n * 64 + 1;
	char *text = malloc(room);
	size_t used = 0;

	REQUIRE(text, "no memory");
	text[0] = '\0';
	for (size_t i = 0; i < c.n; i++)
		used += (size_t)snprintf(
			text + used, room - used,
			"%" PRIu64 ".%09" PRIu64 "\t%" PRIu32 "\t%" PRIu32 "\n",
			c.frames[i].ts / NS_PER_S, c.frames[i].ts % NS_PER_S,
			c.frames[i].caplen, c.frames[i].wirelen);
	EXPECT(c.end == PKTIO_EOF, "%s: %s", path, c.text);
	capture_free(&c);
	return text;
}

static void compare_tshark(const char *path, const char *what)
{
	const char *out = scratch("tshark");
	const char *const argv[] = { "tshark",
				     "-r",
				     path,
				     "-Tfields",
				     "-eframe.time_epoch",
				     "-eframe.cap_len",
				     "-eframe.len",
				     NULL };
	static char theirs[65536];
	char *ours = describe(path);

	expect_run(out, argv);
	read_text(out, theirs, sizeof(theirs));
	EXPECT(ours[0] != '\0', "%s: no frames", what);
	EXPECT_STR(ours, theirs, "%s: pktio:\n%sother tool:\n%s", what, ours,
		   theirs);
	free(ours);
}

static const char *make_pcap(const char *name, uint32_t linktype, unsigned n)
{
	struct layout layout = { .nanoseconds = true };
	struct bytes b = { 0 };
	const char *path;

	bytes_header(&b, layout, 65535, linktype);
	for (unsigned i = 0; i < n; i++)
		bytes_record(&b, layout, 1700000000 + i, i * 1001,
			     20 + i * 37 % 301, 20 + i * 37 % 301 + i % 3,
			     (uint8_t)(i + 1));
	path = scratch_file(name, b.data, b.size);
	bytes_free(&b);
	return path;
}

Test(pcapng, files_of_editcap_are_read_whatever_their_format)
{
	static const char *const formats[] = { "pcapng",     "pcap",
					       "nsecpcap",   "modpcap",
					       "nokiapcap",  "rh6_1pcap",
					       "suse6_3pcap" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *in = make_pcap("in", 1, 300);
		const char *out = scratch(formats[i]);
		const char *const argv[] = { "editcap", "-F", formats[i],
					     in,        out,  NULL };

		expect_run(NULL, argv);
		compare_tshark(out, formats[i]);
		if (i < 4)
			capture_compare(out, formats[i]);
	}
}

Test(pcapng, comments_written_by_editcap_are_read)
{
	const char *in = make_pcap("in", 1, 3);
	const char *out = scratch("out");
	const char *const argv[] = { "editcap", "-F", "pcapng", "-a",
				     "2:hello", in,   out,      NULL };
	struct pktio_ring *ring;
	struct pktio_frame f[4];

	expect_run(NULL, argv);
	capture_compare(out, "editcap -a");
	ring = open_file(out, "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, f, 4), 3);
	expect_text(ring, &f[1], 0, "hello");
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_FRAME, f[0].cookie,
				 PKTIO_META_FRAME_COMMENT, 0, NULL, 0),
		  -ENOENT);
	pktio_release(ring, f, 3);
	pktio_close(ring);
}

Test(pcapng, files_of_mergecap_with_several_link_types_are_read)
{
	const char *a = make_pcap("a", 1, 50);
	const char *b = make_pcap("b", 101, 60);
	const char *out = scratch("out");
	const char *const argv[] = { "mergecap", "-F", "pcapng", "-w",
				     out,        a,    b,        NULL };
	struct capture c;

	expect_run(NULL, argv);
	compare_tshark(out, "mergecap");
	c = capture_read(out, "", 8);
	REQUIRE_EQ(c.n, 110);
	EXPECT_EQ(c.frames[0].linktype + c.frames[1].linktype, 102);
	capture_free(&c);
}

Test(pcapng, files_of_text2pcap_and_tshark_are_read)
{
	static const char dump[] = "000000 00 01 02 03 04 05 06 07 08 09\n"
				   "000000 aa bb cc dd ee ff\n";
	const char *in = scratch_file("text", dump, sizeof(dump) - 1);
	const char *out = scratch("out");
	const char *again = scratch("again");
	const char *const text2pcap[] = { "text2pcap", "-F", "pcapng", "-T",
					  "10,20",     in,   out,      NULL };
	const char *const tshark[] = { "tshark", "-r", out,      "-w",
				       again,    "-F", "pcapng", NULL };

	expect_run(NULL, text2pcap);
	capture_compare(out, "text2pcap");
	expect_run(NULL, tshark);
	capture_compare(again, "tshark -w");
}
