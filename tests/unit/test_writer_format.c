/* SPDX-License-Identifier: BSD-3-Clause */
/* pcap_file writes every frame unchanged, in every format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/codecs.h"
#include "support/expect.h"
#include "support/expected_files.h"
#include "support/files.h"
#include "support/ring.h"

#define LONGEST 262144U
#define NS_PER_S UINT64_C(1000000000)

TestSuite(writer_format, .fini = scratch_remove);

/* ---- Round trips -------------------------------------------------------- */

static const struct combination {
	const char *name, *options;
	uint64_t tick;
} combinations[] = {
	{ "a.pcap", "", 1 },
	{ "a.pcap", "?timestamp-precision=us", 1000 },
	{ "a.pcap.gz", "", 1 },
	{ "a.pcap.zst", "?timestamp-precision=us", 1000 },
	{ "a.pcap.lz4", "", 1 },
	{ "a.pcapng", "", 1 },
	{ "a.pcapng", "?timestamp-precision=us", 1000 },
	{ "a.pcapng.gz", "?timestamp-precision=us&level=1", 1000 },
	{ "a.pcapng.zst", "?level=1", 1 },
	{ "a.pcapng.lz4", "?level=9", 1 },
	{ "a.pcap", "?buffer-size=4K", 1 },
	{ "a.ntar.zst", "?buffer-size=4K", 1 },
};

static void round_trip(const struct combination *c, const struct frames *of,
		       unsigned n)
{
	const char *path = scratch(c->name);
	struct pktio_ring *ring = open_file(path, c->options, PKTIO_SEND);
	struct capture expected;
	struct capture ours;
	char what[64];

	snprintf(what, sizeof(what), "%s%s", c->name, c->options);
	EXPECT_EQ(frames_inject(ring, of, 0, n), n);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, n);
	EXPECT_EQ(ring_stats(ring).send_failed, 0);
	pktio_close(ring);
	expected = frames_expected(of, 0, n, c->tick, LONGEST);
	expect_file(path, &expected, what);
	ours = capture_read(path, "", 64);
	capture_expect_same(&ours, &expected, what);
	capture_free(&ours);
	capture_free(&expected);
}

Test(writer_format, random_frames_are_read_back_from_every_format_and_codec,
     .init = need_codecs)
{
	size_t n = sizeof(combinations) / sizeof(combinations[0]);

	for (size_t i = 0; i < n; i++) {
		const struct combination *c = &combinations[i];
		struct frames of = { .seed = i + 1,
				     .longest = LONGEST - 8,
				     .tags = true,
				     .late = strstr(c->name, "pcapng") ||
					     strstr(c->name, "ntar"),
				     .ifs = i % 3 };

		round_trip(c, &of, 400);
	}
}

Test(writer_format, the_longest_frame_and_the_empty_one_are_written,
     .init = need_codecs)
{
	static uint8_t bytes[LONGEST + 1];
	const char *const names[] = { "a.pcap", "a.pcapng", "a.pcapng.gz" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
		struct pktio_frame f[3] = {
			{ .data = bytes, .caplen = LONGEST, .linktype = 1 },
			{ .data = bytes, .linktype = 1 },
			{ .data = bytes, .caplen = LONGEST + 1, .linktype = 1 },
		};
		struct capture c;

		EXPECT_EQ(pktio_inject(ring, f, 3), 3);
		EXPECT_EQ(pktio_flush(ring), 0);
		pktio_close(ring);
		c = capture_libpcap(uncompressed(path, false));
		REQUIRE_EQ(c.n, 3);
		EXPECT_EQ(c.frames[0].caplen, LONGEST);
		EXPECT_EQ(c.frames[0].wirelen, LONGEST);
		EXPECT_EQ(c.frames[1].caplen, 0);
		EXPECT_EQ(c.frames[2].caplen, LONGEST);
		EXPECT_EQ(c.frames[2].wirelen, LONGEST + 1);
		capture_free(&c);
	}
}

Test(writer_format, snaplen_truncates_bytes_and_tags_but_not_wirelen)
{
	static const uint32_t snaplens[] = { 1, 11, 13, 17, 21, 60 };
	struct frames of = { .seed = 5, .longest = 2000, .tags = true };

	for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
		const char *path = scratch("a.pcap");
		struct capture expected =
			frames_expected(&of, 0, 200, 1, snaplens[i]);
		struct pktio_ring *ring;
		char options[32];

		snprintf(options, sizeof(options), "?snaplen=%u", snaplens[i]);
		ring = open_file(path, options, PKTIO_SEND);
		EXPECT_EQ(frames_inject(ring, &of, 0, 200), 200);
		pktio_close(ring);
		expect_file(path, &expected, options);
		capture_free(&expected);
	}
}

Test(writer_format, a_tag_without_addresses_ends_a_burst_before_it)
{
	static const uint8_t bytes[64];
	struct pktio_ring *ring = open_file(scratch("a.pcap"), "", PKTIO_SEND);
	struct pktio_frame f[2] = {
		{ .data = bytes, .caplen = 12, .nvlan = 2, .linktype = 1 },
		{ .data = bytes, .caplen = 11, .nvlan = 1, .linktype = 1 },
	};

	EXPECT_EQ(pktio_inject(ring, f, 2), 1);
	EXPECT_EQ(pktio_inject(ring, f + 1, 1), -EINVAL);
	EXPECT_STR(
		pktio_last_error(ring),
		"pcap_file: a frame of 11 bytes is too short for a VLAN tag");
	f[1].nvlan = 3;
	EXPECT_EQ(pktio_inject(ring, f + 1, 1), -EINVAL);
	EXPECT_STR(
		pktio_last_error(ring),
		"pcap_file: a frame has 3 VLAN tags; at most 2 are possible");
	EXPECT_EQ(pktio_inject(ring, f, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, 2);
	pktio_close(ring);
}

Test(writer_format, a_time_beyond_pcap_is_refused_and_pcapng_stores_it)
{
	struct pktio_frame f = { .data = (const uint8_t *)"",
				 .ts = (UINT64_C(1) << 32) * NS_PER_S,
				 .linktype = 1 };
	struct pktio_ring *ring = open_file(scratch("a.pcap"), "", PKTIO_SEND);

	EXPECT_EQ(pktio_inject(ring, &f, 1), -ERANGE);
	pktio_close(ring);
	ring = open_file(scratch("a.pcapng"), "", PKTIO_SEND);
	f.ts = UINT64_MAX;
	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
}

/* Sends one frame through alloc, with its tags in the bytes. */
static void send_whole(struct pktio_ring *ring, const struct capture *all,
		       unsigned i)
{
	const struct kept *kept = &all->frames[i];
	struct pktio_frame f;

	REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
	REQUIRE(kept->caplen <= f.tailroom, "%u bytes", kept->caplen);
	memcpy(pktio_frame_wdata(&f), kept->data, kept->caplen);
	f.caplen = kept->caplen;
	f.wirelen = kept->wirelen;
	f.ts = kept->ts;
	f.linktype = kept->linktype;
	EXPECT_EQ(pktio_send(ring, &f, 1), 1);
}

Test(writer_format, send_inject_and_flush_work_in_any_order,
     .init = need_codecs)
{
	static const char *const names[] = { "a.pcap", "a.pcapng", "a.pcap.lz4",
					     "a.pcapng.zst" };
	struct frames of = { .seed = 77, .longest = 9000, .tags = true };
	struct capture all = frames_expected(&of, 0, 1500, 1, LONGEST);

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		const char *path = scratch(names[k]);
		struct pktio_ring *ring =
			open_file(path, "?buffer-size=64K", PKTIO_SEND);

		for (unsigned i = 0, n = 1; i < 1500; i += n) {
			n = i % 13 < 1500 - i ? i % 13 : 1500 - i;
			if (n % 3 == 0) {
				send_whole(ring, &all, i);
				n = 1;
			} else {
				EXPECT_EQ(frames_inject(ring, &of, i, i + n),
					  n);
			}
			if (i % 17 == 0)
				EXPECT_EQ(pktio_flush(ring), 0);
		}
		pktio_close(ring);
		expect_file(path, &all, names[k]);
	}
	capture_free(&all);
}

Test(writer_format, a_mix_of_link_types_is_read_back_frame_by_frame,
     .init = need_codecs)
{
	static const char *const names[] = { "a.pcapng", "a.pcapng.gz" };
	struct frames of = { .seed = 9,
			     .longest = 3000,
			     .linktypes = 5,
			     .ifs = 9,
			     .late = true };
	struct capture expected = frames_expected(&of, 0, 500, 1, LONGEST);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
		struct capture ours;

		EXPECT_EQ(frames_inject(ring, &of, 0, 500), 500);
		pktio_close(ring);
		ours = capture_read(path, "", 64);
		capture_expect_same(&ours, &expected, names[i]);
		capture_free(&ours);
	}
	capture_free(&expected);
}

/* ---- Choice of the format ----------------------------------------------- */

static void expect_magic(const char *name, const char *options, uint32_t magic)
{
	const char *path = scratch(name);
	uint32_t found = 0;
	FILE *file;

	pktio_close(open_file(path, options, PKTIO_SEND));
	file = fopen(path, "re");
	REQUIRE(file, "%s", path);
	EXPECT_EQ(fread(&found, 4, 1, file), 1);
	fclose(file);
	EXPECT(found == magic, "%s%s: %08x", name, options, found);
}

Test(writer_format, name_or_option_selects_format_and_compression,
     .init = need_codecs)
{
	enum { NS = 0xa1b23c4d, US = 0xa1b2c3d4, NG = 0x0a0d0d0a };
	enum { ZSTD = 0xfd2fb528, LZ4 = 0x184d2204, GZIP = 0x00088b1f };

	expect_magic("a", "", NS);
	expect_magic("pcapng", "", NS);
	expect_magic("a.pcap", "?timestamp-precision=us", US);
	expect_magic("a.pcapng", "", NG);
	expect_magic("a.ntar", "", NG);
	expect_magic("a.pcapng", "?format=pcap", NS);
	expect_magic("a", "?format=pcapng", NG);
	expect_magic("a.pcapng.gz", "", GZIP);
	expect_magic("a.zst", "", ZSTD);
	expect_magic("a.lz4", "", LZ4);
	expect_magic("a.lz4", "?compress=none", NS);
	expect_magic("a.pcapng.lz4", "?compress=none", NG);
	expect_magic("a.pcap", "?compress=zstd", ZSTD);
}

static void expect_refused(const char *name, const char *options,
			   const char *message)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	char uri[256];

	snprintf(uri, sizeof(uri), "pcap_file:%s%s",
		 *name == '-' ? name : scratch(name), options);
	expect_open_fails(uri, &args, -EINVAL, message);
	EXPECT(access(scratch(name), F_OK) < 0, "%s exists", name);
}

Test(writer_format, contradictory_options_are_refused, .init = need_codecs)
{
	expect_refused("a.gz", "?level=10", "the maximum is 9");
	expect_refused("a.lz4", "?level=13", "the maximum is 12");
	expect_refused("a", "?level=1", "needs compression");
	expect_refused("a", "?rotate-keep=3", "'rotate-keep' needs one of");
	expect_refused("-", "?rotate-count=3", "cannot rotate standard output");
}

Test(writer_format, a_pcap_file_refuses_metadata)
{
	static const char *const options[] = { "?comment=x", "?hardware=x",
					       "?os=x" };

	for (size_t i = 0; i < 3; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.mode = PKTIO_SEND };
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;
		char uri[256];

		snprintf(uri, sizeof(uri), "pcap_file:%s%s", scratch("a.pcap"),
			 options[i]);
		EXPECT_EQ(pktio_open(&ring, uri, &args, &error), -ENOTSUP);
		EXPECT_CONTAINS(error.text, "use format=pcapng");
		EXPECT(access(scratch("a.pcap"), F_OK) < 0, "the file exists");
	}
}

/* Longer than the counters of zlib, and than the window of zstd readers. */
Test(writer_format, frames_of_many_megabytes_are_read_back, .init = need_codecs)
{
	static const struct {
		const char *name, *options;
	} files[] = {
		{ "a.pcap.gz", "?buffer-size=1G&level=1" },
		{ "a.pcap.zst", "?buffer-size=1M&level=20" },
	};
	static uint8_t bytes[65536];
	uint32_t random = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		random = random * 1103515245 + 12345;
		bytes[i] = (uint8_t)(random >> 16);
	}
	for (size_t i = 0; i < 2; i++) {
		const char *path = scratch(files[i].name);
		struct pktio_ring *ring =
			open_file(path, files[i].options, PKTIO_SEND);
		struct pktio_frame f = { .data = bytes,
					 .linktype = 1,
					 .caplen = sizeof(bytes) };
		struct capture c;

		for (unsigned k = 0; k < 160; k++)
			EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
		EXPECT(pktio_flush(ring) == 0, "%s", pktio_last_error(ring));
		pktio_close(ring);
		c = capture_read(path, "", 64);
		EXPECT(c.end == PKTIO_EOF, "%s", c.text);
		EXPECT_EQ(c.n, 160);
		capture_free(&c);
	}
}

/* ---- pcapng, as tshark has it ------------------------------------------- */

static void tshark(const char *path, const char *const *fields, char *ret,
		   size_t size)
{
	const char *out = scratch("out");
	const char *argv[32] = { "tshark", "-r", path, "-T", "fields" };
	unsigned n = 5;

	for (; *fields; fields++) {
		argv[n++] = "-e";
		argv[n++] = *fields;
	}
	EXPECT_EQ(run_tool(out, argv), 0);
	read_text(out, ret, size);
}

Test(writer_format, each_link_type_and_interface_is_described_once)
{
	static const uint8_t bytes[40] = { 0x45 };
	static const struct {
		uint16_t linktype;
		uint32_t ifindex;
	} seen[] = { { 1, 0 },   { 1, 7 }, { 101, 7 }, { 1, 0 },
		     { 113, 7 }, { 1, 7 }, { 101, 0 } };
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	char text[512];

	for (size_t i = 0; i < 7; i++) {
		struct pktio_frame f = { .data = bytes,
					 .caplen = 40,
					 .ts = i,
					 .linktype = seen[i].linktype,
					 .ifindex = seen[i].ifindex };

		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	}
	pktio_close(ring);
	tshark(path,
	       (const char *[]){ "frame.interface_id", "frame.encap_type",
				 NULL },
	       text, sizeof(text));
	EXPECT_STR(text, "0\t1\n1\t1\n2\t7\n0\t1\n3\t25\n1\t1\n4\t7\n");
}

Test(writer_format, direction_and_checksum_state_are_written_if_known)
{
	static const uint8_t bytes[40];
	static const struct {
		uint8_t known, pkttype, csum;
		const char *flags;
	} kinds[] = {
		{ 1, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, "0x00000005\n" },
		{ 1, PKTIO_PKT_BROADCAST, PKTIO_CSUM_VALID, "0x0000040d\n" },
		{ 1, PKTIO_PKT_MULTICAST, PKTIO_CSUM_UNKNOWN, "0x00000009\n" },
		{ 1, PKTIO_PKT_OTHERHOST, PKTIO_CSUM_BAD, "0x00000011\n" },
		{ 1, PKTIO_PKT_OUTGOING, PKTIO_CSUM_PARTIAL, "0x00000202\n" },
		{ 0, PKTIO_PKT_HOST, PKTIO_CSUM_VALID, "0x00000400\n" },
		{ 0, PKTIO_PKT_HOST, PKTIO_CSUM_UNKNOWN, "\n" },
		{ 0, PKTIO_PKT_OUTGOING, PKTIO_CSUM_UNKNOWN, "\n" },
		{ 1, 77, PKTIO_CSUM_UNKNOWN, "\n" },
	};
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	char expected[256] = "";
	char text[256];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct pktio_frame f = { .data = bytes,
					 .caplen = 37 + (uint32_t)i % 4,
					 .linktype = 1,
					 .flags = kinds[i].known ?
							  PKTIO_F_PKTTYPE :
							  0,
					 .pkttype = kinds[i].pkttype,
					 .csum = kinds[i].csum };

		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
		used += (size_t)snprintf(expected + used,
					 sizeof(expected) - used, "%s",
					 kinds[i].flags);
	}
	pktio_close(ring);
	tshark(path, (const char *[]){ "frame.packet_flags", NULL }, text,
	       sizeof(text));
	EXPECT_STR(text, expected);
}

Test(writer_format, capinfos_finds_the_metadata_of_the_file)
{
	const char *path = scratch("a.pcapng");
	const char *out = scratch("out");
	const char *const argv[] = { "capinfos", path, NULL };
	struct pktio_ring *ring = open_file(
		path,
		"?comment=of%20a%20test&hardware=abacus&os=none&application=a-test&if-names=yes",
		PKTIO_SEND);
	struct pktio_frame f = { .data = (const uint8_t *)"",
				 .linktype = 1,
				 .ifindex = 1,
				 .ts = 1700000000123456789 };
	char text[4096];

	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	f.ts += 5;
	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	pktio_close(ring);
	EXPECT_EQ(run_tool(out, argv), 0);
	read_text(out, text, sizeof(text));
	EXPECT(strstr(text, "Capture comment:     of a test\n") &&
		       strstr(text, "Capture hardware:    abacus\n") &&
		       strstr(text, "Capture oper-sys:    none\n") &&
		       strstr(text, "Capture application: a-test\n") &&
		       strstr(text, "Name = lo\n") &&
		       strstr(text, "Number of stat entries = 1\n") &&
		       strstr(text, "Time resolution = 0x09\n") &&
		       strstr(text, "Number of packets = 2\n"),
	       "%s", text);
}

Test(writer_format, other_tools_read_a_pcapng_file_without_frames)
{
	const char *path = scratch("a.pcapng");
	struct capture c;

	pktio_close(open_file(path, "?linktype=113", PKTIO_SEND));
	c = capture_libpcap(path);
	EXPECT_EQ(c.n, 0);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
}

/* The n bytes at offset `at` of a file, as a number. */
static uint64_t load(const uint8_t *bytes, size_t at, size_t n)
{
	uint64_t value = 0;

	memcpy(&value, bytes + at, n);
	return value;
}

Test(writer_format, statistics_at_the_end_count_the_frames_of_each_interface)
{
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	struct pktio_frame f = { .data = (const uint8_t *)"", .linktype = 1 };
	uint8_t bytes[4096];
	struct stat stat;
	uint64_t found[2][3];
	FILE *file;
	size_t size;
	unsigned n = 0;

	for (unsigned i = 0; i < 9; i++) {
		f.ifindex = i % 3 > 0;
		f.ts = (UINT64_C(1) << 40) + i;
		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	}
	pktio_close(ring);
	REQUIRE_EQ(lstat(path, &stat), 0);
	file = fopen(path, "re");
	REQUIRE(file, "%s", path);
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	REQUIRE_EQ(size, stat.st_size);
	for (size_t at = 0; at < size; at += load(bytes, at + 4, 4)) {
		if (load(bytes, at, 4) != 5)
			continue;
		REQUIRE(n < 2 && load(bytes, at + 8, 4) == n, "%u", n);
		/* The options of 8 bytes: start, end and delivered. */
		found[n][0] = load(bytes, at + 24, 4) << 32 |
			      load(bytes, at + 28, 4);
		found[n][1] = load(bytes, at + 36, 4) << 32 |
			      load(bytes, at + 40, 4);
		found[n++][2] = load(bytes, at + 48, 8);
	}
	REQUIRE_EQ(n, 2);
	EXPECT_EQ(found[0][0], UINT64_C(1) << 40);
	EXPECT_EQ(found[0][1], (UINT64_C(1) << 40) + 6);
	EXPECT_EQ(found[0][2], 3);
	EXPECT_EQ(found[1][0], (UINT64_C(1) << 40) + 1);
	EXPECT_EQ(found[1][1], (UINT64_C(1) << 40) + 8);
	EXPECT_EQ(found[1][2], 6);
}

Test(writer_format, tshark_reads_compressed_pcapng_of_several_members,
     .init = need_codecs)
{
	static const char *const names[] = { "a.pcapng.gz", "a.pcapng.zst",
					     "a.pcapng.lz4" };
	struct frames of = { .seed = 3, .longest = 60 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
		char text[1024];
		size_t lines = 0;

		for (unsigned k = 0; k < 100; k += 25) {
			EXPECT_EQ(frames_inject(ring, &of, k, k + 25), 25);
			EXPECT_EQ(pktio_flush(ring), 0);
		}
		pktio_close(ring);
		tshark(path, (const char *[]){ "frame.number", NULL }, text,
		       sizeof(text));
		for (const char *at = text; *at; at++)
			lines += *at == '\n';
		EXPECT(lines == 100, "%s: %zu", names[i], lines);
	}
}
