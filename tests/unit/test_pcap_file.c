/* SPDX-License-Identifier: BSD-3-Clause */
/* pcap_file as a reader, compared with libpcap. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/capture.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/ring.h"
#include "support/timing.h"

#define NS_PER_MS UINT64_C(1000000)

#define SECONDS 1700000000U
#define NOBODY 65534

TestSuite(pcap_file, .fini = scratch_remove);

static const struct layout native = { .nanoseconds = true };

/* `n` frames of different lengths and contents. */
static struct bytes make(struct layout layout, unsigned n)
{
	struct bytes b = { 0 };

	bytes_header(&b, layout, 65535, 1);
	for (unsigned i = 0; i < n; i++) {
		uint32_t caplen = i * 37 % 301;

		bytes_record(&b, layout, SECONDS + i, i * 1001 % 1000000,
			     caplen, caplen + i % 3, (uint8_t)i);
	}
	return b;
}

static const char *make_file(const char *name, struct layout layout, unsigned n)
{
	struct bytes b = make(layout, n);
	const char *path = scratch_file(name, b.data, b.size);

	bytes_free(&b);
	return path;
}
static void expect_file_refused(const struct bytes *b, int code,
				const char *message)
{
	char uri[256];

	snprintf(uri, sizeof(uri), "pcap_file:%s",
		 scratch_file("refused", b->data, b->size));
	expect_open_fails(uri, NULL, code, message);
}

/* ---- Contents ----------------------------------------------------------- */

Test(pcap_file, both_byte_orders_and_precisions_read_as_libpcap_reads_them)
{
	for (unsigned i = 0; i < 4; i++) {
		struct layout layout = { i & 1, i & 2 };
		const char *path = make_file("file", layout, 500);
		struct capture c = capture_read(path, "", 7);

		REQUIRE_EQ(c.n, 500);
		EXPECT_EQ(c.frames[3].ts,
			  (SECONDS + 3) * UINT64_C(1000000000) +
				  3003 * (i & 2 ? UINT64_C(1) : 1000));
		EXPECT_EQ(c.frames[3].caplen, 111);
		EXPECT_EQ(c.frames[3].data[110], 3);
		EXPECT_EQ(c.end, PKTIO_EOF);
		capture_free(&c);
		capture_compare(path, "byte orders and precisions");
	}
}

Test(pcap_file, a_frame_has_all_fields_that_the_file_has)
{
	struct bytes b = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f;
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_stats stats = { .size = sizeof(stats) };

	bytes_header(&b, native, 100, 276);
	bytes_record(&b, native, SECONDS, 5, 60, 1000, 0xab);
	ring = open_file(scratch_file("file", b.data, b.size), "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.linktype, 276);
	EXPECT_EQ(f.caplen, 60);
	EXPECT_EQ(f.wirelen, 1000);
	EXPECT_EQ(f.flags, PKTIO_F_WRITABLE | PKTIO_F_TRUNCATED);
	EXPECT_EQ(f.clock, PKTIO_CLOCK_FILE);
	EXPECT_EQ(f.nvlan, 0);
	pktio_frame_wdata(&f)[59] = 1;
	memset(pktio_frame_wdata(&f) - f.headroom, 0, f.headroom);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
	EXPECT_EQ(pktio_fd(ring), -ENOTSUP);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.linktype, 276);
	EXPECT_EQ(info.snaplen, 100);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.received, 1);
	EXPECT_EQ(stats.received_bytes, 60);
	EXPECT_EQ(stats.truncated, 1);
	pktio_close(ring);
	bytes_free(&b);
}

Test(pcap_file, the_link_type_excludes_the_fcs_bits)
{
	static const uint32_t types[] = { 1, 101, 113, 276, 0x14000001 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bytes b = { 0 };
		const char *path;
		struct capture c;

		bytes_header(&b, native, 65535, types[i]);
		bytes_record(&b, native, SECONDS, 0, 20, 20, 1);
		path = scratch_file("file", b.data, b.size);
		c = capture_read(path, "", 1);
		REQUIRE_EQ(c.n, 1);
		EXPECT_EQ(c.frames[0].linktype, types[i] & 0xffff);
		capture_free(&c);
		capture_compare(path, "link types");
		bytes_free(&b);
	}
}

Test(pcap_file, odd_lengths_and_times_read_as_libpcap_reads_them)
{
	static const struct layout us = { 0 };
	static const struct layout big = { .big_endian = true };
	static const uint32_t snaplens[] = { 0, 10, 65535, 0x80000000 };

	for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
		struct bytes b = { 0 };

		bytes_header(&b, i & 1 ? big : us, snaplens[i], 1);
		for (unsigned k = 0; k < 4; k++) {
			bytes_record(&b, i & 1 ? big : us, SECONDS, 999999999,
				     60, 20, 1);
			bytes_record(&b, i & 1 ? big : us, SECONDS, 1000000, 9,
				     10, 2);
			bytes_record(&b, i & 1 ? big : us, 0, 0, 0, 0, 0);
			bytes_record(&b, i & 1 ? big : us, INT32_MAX, 0, 262144,
				     0xffffffff, 4);
		}
		capture_compare(scratch_file("file", b.data, b.size),
				"odd lengths and times");
		bytes_free(&b);
	}
}

Test(pcap_file, old_versions_with_swapped_lengths_are_read)
{
	for (uint16_t minor = 0; minor <= 4; minor++) {
		struct bytes b = make(native, 50);

		memcpy(b.data + 6, &minor, sizeof(minor));
		capture_compare(scratch_file("file", b.data, b.size),
				"old versions");
		memcpy(b.data + 4, (uint16_t[]){ 543, 0 }, 4);
		capture_compare(scratch_file("file", b.data, b.size),
				"the version of DG/UX");
		bytes_free(&b);
	}
}

Test(pcap_file, each_link_type_has_its_own_longest_record)
{
	static const struct {
		uint32_t linktype, longest;
	} types[] = { { 1, 256 << 10 },
		      { 231, 128 << 20 },
		      { 249, 1 << 20 },
		      { 279, 8 << 20 } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (uint32_t more = 0; more < 2; more++) {
			struct bytes b = { 0 };
			struct capture c;

			bytes_header(&b, native, 0, types[i].linktype);
			bytes_record(&b, native, SECONDS, 0, 300, 300, 1);
			bytes_u32(&b, false, SECONDS);
			bytes_u32(&b, false, 0);
			bytes_u32(&b, false, types[i].longest + more);
			bytes_u32(&b, false, 60);
			c = capture_read(scratch_file("file", b.data, b.size),
					 "", 64);
			EXPECT_EQ(c.n, 1);
			EXPECT_CONTAINS(c.text,
					more ? "damaged record" :
					       "truncated record",
					"'%s'", c.text);
			capture_free(&c);
			bytes_free(&b);
		}
	}
}

/* ---- Files by other tools ----------------------------------------------- */

static void expect_run(const char *const *argv)
{
	int status = run_tool(NULL, argv);

	REQUIRE(status == 0, "%s exited with %d", argv[0], status);
}

static bool has_scapy(const char *python)
{
	const char *const argv[] = { python, "-c", "import scapy.all", NULL };

	return run_tool(NULL, argv) == 0;
}

Test(pcap_file, files_of_scapy_are_read)
{
	static const char script[] =
		"import sys\n"
		"from scapy.all import *\n"
		"ps = [Ether()/IP(dst='10.0.0.%d'%i)/UDP()/('x'*i)"
		" for i in range(200)]\n"
		"for i, p in enumerate(ps): p.time = 1600000000 + i/7\n"
		"wrpcap(sys.argv[1], ps)\n"
		"wrpcap(sys.argv[2], ps, nano=True, endianness='>')\n"
		"wrpcap(sys.argv[3], [p[IP] for p in ps], linktype=101)\n";
	const char *a = scratch("a");
	const char *b = scratch("b");
	const char *c = scratch("c");
	/* The first python3 in PATH may not be the one with scapy. */
	const char *python = has_scapy("python3") ? "python3" :
						    "/usr/bin/python3";
	const char *const argv[] = { python, "-c", script, a, b, c, NULL };

	if (!has_scapy(python))
		skip("scapy is not installed");
	expect_run(argv);
	capture_compare(a, "scapy, microseconds");
	capture_compare(b, "scapy, nanoseconds, big endian");
	capture_compare(c, "scapy, raw IP");
}

Test(pcap_file, files_of_text2pcap_are_read)
{
	static const char dump[] = "000000 00 01 02 03 04 05 06 07 08 09\n"
				   "000000 aa bb cc dd ee ff\n";
	const char *in = scratch_file("text", dump, sizeof(dump) - 1);
	const char *out = scratch("out");
	const char *const argv[] = { "text2pcap", "-F", "pcap", "-T",
				     "10,20",     in,   out,    NULL };

	expect_run(argv);
	capture_compare(out, "text2pcap");
}

Test(pcap_file, files_of_editcap_are_read)
{
	static const char *const formats[] = { "pcap", "nsecpcap", "modpcap" };
	const char *in = make_file("in", native, 300);

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *out = scratch(formats[i]);
		const char *const argv[] = { "editcap", "-F", formats[i],
					     in,        out,  NULL };

		expect_run(argv);
		capture_compare(out, formats[i]);
	}
}

Test(pcap_file, files_of_tcpdump_are_read)
{
	const char *in = make_file("in", native, 300);
	const char *out = scratch("out");
	const char *const argv[] = { "tcpdump", "-r", in, "-w", out, NULL };

	expect_run(argv);
	capture_compare(out, "tcpdump");
}

/* ---- Damage ------------------------------------------------------------- */

Test(pcap_file,
     a_truncated_file_has_every_whole_frame_then_an_error_with_its_offset)
{
	static const struct layout layouts[] = { { false, true },
						 { true, false } };

	for (size_t k = 0; k < 2; k++) {
		struct bytes b = make(layouts[k], 6);

		for (size_t size = 24; size < b.size; size++) {
			const char *path = scratch_file("cut", b.data, size);
			struct capture ours = capture_read(path, "", 3);
			struct capture theirs = capture_libpcap(path);

			capture_expect_same(&ours, &theirs, "cut");
			if (ours.end != PKTIO_EOF)
				EXPECT(strstr(ours.text, "at byte") &&
					       strstr(ours.text, "truncated"),
				       "'%s'", ours.text);
			capture_free(&ours);
			capture_free(&theirs);
		}
		for (b.size = 23; b.size > 0; b.size--)
			expect_file_refused(&b, -EBADMSG,
					    "truncated file header");
		expect_file_refused(&b, -EBADMSG, "0 bytes of 24");
		bytes_free(&b);
	}
}

Test(pcap_file, an_invalid_length_is_an_error_with_its_offset)
{
	static const struct layout big = { .big_endian = true };
	struct bytes b = { 0 };
	struct capture c;
	const char *path;

	bytes_header(&b, big, 65535, 1);
	bytes_record(&b, big, SECONDS, 0, 60, 60, 1);
	bytes_record(&b, big, SECONDS, 0, 262145, 262145, 2);
	path = scratch_file("file", b.data, b.size);
	c = capture_read(path, "?buffer-size=1M", 64);
	EXPECT_EQ(c.n, 1);
	EXPECT_EQ(c.end, -EBADMSG);
	EXPECT(strstr(c.text, path) && strstr(c.text, "at byte 100:") &&
		       strstr(c.text, "262145 bytes"),
	       "'%s'", c.text);
	capture_free(&c);
	capture_compare(path, "absurd length");
	bytes_free(&b);
}

Test(pcap_file, a_file_that_is_no_capture_is_refused_by_name)
{
	static const struct {
		uint8_t start[6];
		int code;
		const char *message;
	} files[] = {
		{ { 0x1f, 0x8b, 8 },
		  PKTIO_HAVE_ZLIB ? -EBADMSG : -ENOTSUP,
		  "gzip" },
		{ { 0x28, 0xb5, 0x2f, 0xfd },
		  PKTIO_HAVE_ZSTD ? -EBADMSG : -ENOTSUP,
		  "zstd" },
		{ { 0x04, 0x22, 0x4d, 0x18 },
		  PKTIO_HAVE_LZ4 ? -EBADMSG : -ENOTSUP,
		  "lz4" },
		{ "BZh91", -ENOTSUP, "bzip2" },
		{ "snoop", -ENOTSUP, "snoop" },
		{ "hello", -EBADMSG, "not a pcap file" },
	};
	struct bytes b = make(native, 3);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		memcpy(b.data, files[i].start, sizeof(files[i].start));
		expect_file_refused(&b, files[i].code, files[i].message);
	}
	bytes_free(&b);
	b = make(native, 3);
	b.data[4] = 1;
	expect_file_refused(&b, -ENOTSUP, "version 1.4");
	bytes_free(&b);
}

Test(pcap_file, a_file_that_shrinks_while_it_is_read_is_an_error)
{
	const char *path = make_file("file", native, 5000);
	struct pktio_ring *ring =
		open_file(path, "?buffer-size=4K", PKTIO_RECV);
	struct pktio_frame frames[16];
	int n = pktio_recv(ring, frames, 16);

	REQUIRE_EQ(n, 16);
	REQUIRE_EQ(truncate(path, 100), 0);
	do
		pktio_release(ring, frames, (unsigned)n);
	while ((n = pktio_recv(ring, frames, 16)) > 0);
	EXPECT_EQ(n, -EBADMSG);
	pktio_close(ring);
}

Test(pcap_file, recv_returns_eof_again_when_the_file_grows)
{
	const char *path = make_file("file", native, 10);
	struct pktio_ring *ring = open_file(path, "", PKTIO_RECV);
	struct pktio_frame frames[16];
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	EXPECT_EQ(pktio_recv(ring, frames, 16), 10);
	EXPECT_EQ(pktio_recv(ring, frames, 16), PKTIO_EOF);
	EXPECT_EQ(write(fd, "more", 4), 4);
	EXPECT_EQ(pktio_recv(ring, frames, 16), PKTIO_EOF);
	pktio_close(ring);
	close(fd);
}

/* ---- Held frames -------------------------------------------------------- */

/* A checksum of the bytes of a frame. */
static uint32_t sum(const struct pktio_frame *f)
{
	uint32_t sum = f->caplen + (uint32_t)f->ts;

	for (uint32_t i = 0; i < f->caplen; i++)
		sum = sum * 31 + f->data[i];
	return sum;
}

/* Held frames, with their checksums when they were received. */
struct held {
	struct pktio_frame frames[60];
	uint32_t sums[60];
	unsigned n;
};

static void hold(struct held *h, const struct pktio_frame *f)
{
	h->frames[h->n] = *f;
	h->sums[h->n++] = sum(f);
}

static void release_some(struct pktio_ring *ring, struct held *h, unsigned i)
{
	EXPECT(sum(&h->frames[i]) == h->sums[i], "a held frame changed");
	pktio_release(ring, &h->frames[i], 1);
	h->n--;
	h->frames[i] = h->frames[h->n];
	h->sums[i] = h->sums[h->n];
}

Test(pcap_file, held_frames_stay_intact_and_are_released_in_any_order)
{
	const char *path = make_file("file", native, 20000);
	struct pktio_ring *ring =
		open_file(path, "?buffer-size=4K", PKTIO_RECV);
	struct pktio_info info = { .size = sizeof(info) };
	struct held held = { .n = 0 };
	struct pktio_frame f;
	unsigned random = 12345;
	unsigned got = 0;
	int n;

	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	REQUIRE(info.max_held >= 60, "max_held is %u", info.max_held);
	while ((n = pktio_recv(ring, &f, 1)) == 1) {
		got++;
		random = random * 1103515245 + 12345;
		hold(&held, &f);
		if (held.n == 60 || (random >> 16) % 4 == 0)
			release_some(ring, &held, (random >> 18) % held.n);
	}
	EXPECT_EQ(n, PKTIO_EOF);
	EXPECT_EQ(got, 20000);
	while (held.n > 0)
		release_some(ring, &held, held.n / 2);
	pktio_close(ring);
}

Test(pcap_file, max_held_frames_can_be_held_and_more_fail_until_released)
{
	struct bytes b = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f[8];
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_stats stats = { .size = sizeof(stats) };
	int n = 0;

	/* One frame fills a buffer: the worst case. */
	bytes_header(&b, native, 65535, 1);
	for (unsigned i = 0; i < 8; i++)
		bytes_record(&b, native, SECONDS, i, 4000, 4000, 1);
	ring = open_file(scratch_file("file", b.data, b.size),
			 "?buffer-size=4K&buffers=4", PKTIO_RECV);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.max_held, 3);
	while (n < 8 && pktio_recv(ring, &f[n], 1) == 1)
		n++;
	EXPECT(n >= (int)info.max_held && n < 8, "%d frames were held", n);
	EXPECT_EQ(pktio_recv(ring, &f[n], 1), -ENOBUFS);
	EXPECT_CONTAINS(pktio_last_error(ring), "raise 'buffers'", "'%s'",
			pktio_last_error(ring));
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT(stats.stalls > 0, "no stall was counted");
	pktio_release(ring, &f[1], 1);
	EXPECT_EQ(pktio_recv(ring, &f[1], 1), 1);
	EXPECT_EQ(f[1].ts % 1000000000, n);
	pktio_close(ring);
	bytes_free(&b);
}

/* The second buffer has room for another record, but not for a file header. */
Test(pcap_file,
     a_pass_that_held_frames_leave_no_room_for_begins_once_they_are_back)
{
	static const uint32_t lengths[] = { 1002, 1002, 1002, 1002,
					    1008, 1008, 1008, 988 };
	struct bytes b = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f[9];

	bytes_header(&b, native, 65535, 1);
	for (unsigned i = 0; i < 8; i++)
		bytes_record(&b, native, SECONDS, i, lengths[i], lengths[i], 1);
	ring = open_file(scratch_file("file", b.data, b.size),
			 "?buffer-size=4K&buffers=2&loop=2", PKTIO_RECV);
	for (unsigned i = 0; i < 8; i++)
		REQUIRE_EQ(pktio_recv(ring, &f[i], 1), 1);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_EQ(pktio_recv(ring, &f[8], 1), -ENOBUFS);
		EXPECT_CONTAINS(pktio_last_error(ring), "held in all 2 buffers",
				"'%s'", pktio_last_error(ring));
	}
	pktio_release(ring, f, 8);
	for (unsigned i = 0; i < 8; i++) {
		REQUIRE_EQ(pktio_recv(ring, f, 1), 1);
		EXPECT_EQ(f[0].caplen, lengths[i]);
		pktio_release(ring, f, 1);
	}
	EXPECT_EQ(pktio_recv(ring, f, 1), PKTIO_EOF);
	pktio_close(ring);
	bytes_free(&b);
}

Test(pcap_file, a_buffer_with_all_frames_released_is_reused)
{
	const char *path = make_file("file", native, 20000);
	struct pktio_ring *ring =
		open_file(path, "?buffer-size=8K", PKTIO_RECV);
	struct pktio_frame frames[64];
	uintptr_t low = UINTPTR_MAX;
	uintptr_t high = 0;
	int n;

	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		uintptr_t first = (uintptr_t)frames[0].data;
		uintptr_t last = (uintptr_t)frames[n - 1].data;

		low = first < low ? first : low;
		high = last > high ? last : high;
		pktio_release(ring, frames, (unsigned)n);
	}
	EXPECT(high - low <= 8192, "frames were %zu bytes apart",
	       (size_t)(high - low));
	pktio_close(ring);
}

/* A number of KiB from /proc/self/status. */
static long memory_of(const char *name)
{
	FILE *file = fopen("/proc/self/status", "re");
	size_t size = strlen(name);
	char line[256];
	long kib = -1;

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, name, size) == 0)
			kib = strtol(line + size, NULL, 10);
	if (file)
		fclose(file);
	return kib;
}

/* The file is sparse, except for the headers. */
Test(pcap_file, a_gigabyte_is_read_with_the_memory_of_a_few_buffers)
{
	enum { LENGTH = 262144, FRAMES = 4096, MOST_KIB = 2048 };
	struct bytes b = { 0 };
	struct pktio_ring *ring;
	struct pktio_frame f[64];
	const char *path;
	int frames = 0;
	off_t at = 24;
	long before;
	int fd;
	int n;

	bytes_header(&b, native, LENGTH, 1);
	path = scratch_file("file", b.data, b.size);
	bytes_free(&b);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (uint32_t i = 0; i < FRAMES; i++) {
		const uint32_t record[] = { SECONDS, i, LENGTH, LENGTH };

		REQUIRE_EQ(pwrite(fd, record, sizeof(record), at), 16);
		at += 16 + LENGTH;
	}
	REQUIRE_EQ(ftruncate(fd, at), 0);
	close(fd);
	ring = open_file(path, "", PKTIO_RECV);
	/* Resets the peak. */
	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	REQUIRE_EQ(write(fd, "5", 1), 1);
	close(fd);
	before = memory_of("VmRSS:");
	while ((n = pktio_recv(ring, f, 64)) > 0) {
		frames += n;
		pktio_release(ring, f, (unsigned)n);
	}
	EXPECT_EQ(n, PKTIO_EOF);
	EXPECT_EQ(frames, FRAMES);
	EXPECT(before > 0 && memory_of("VmHWM:") - before < MOST_KIB,
	       "from %ld to %ld KiB", before, memory_of("VmHWM:"));
	pktio_close(ring);
}

Test(pcap_file, a_record_longer_than_the_buffer_is_read)
{
	struct bytes b = { 0 };
	const char *path;
	struct capture small;
	struct capture theirs;

	bytes_header(&b, native, 262144, 1);
	for (unsigned i = 0; i < 6; i++) {
		bytes_record(&b, native, SECONDS, i, 60, 60, 1);
		bytes_record(&b, native, SECONDS, i, 50000 * (i % 6), 262144,
			     2);
		bytes_record(&b, native, SECONDS, i, 262144, 262144, 3);
	}
	path = scratch_file("file", b.data, b.size);
	small = capture_read(path, "?buffer-size=4K&buffers=2", 64);
	theirs = capture_libpcap(path);
	capture_expect_same(&small, &theirs, "long records");
	capture_free(&small);
	capture_free(&theirs);
	bytes_free(&b);
}

Test(pcap_file, bursts_of_one_and_of_64_have_the_same_frames)
{
	const char *path = make_file("file", native, 3000);
	struct capture one = capture_read(path, "?buffer-size=5000", 1);
	struct capture many = capture_read(path, "", 64);

	EXPECT_EQ(one.n, 3000);
	capture_expect_same(&one, &many, "bursts");
	capture_free(&one);
	capture_free(&many);
}

/* ---- Pipes -------------------------------------------------------------- */

/* Bytes that a thread writes to a FIFO, a few at a time. */
struct feed {
	const char *path;
	struct bytes bytes;
	size_t step;
	pthread_t thread;
};

static void *feed_slowly(void *arg)
{
	static const struct timespec pause = { .tv_nsec = 200000 };
	struct feed *feed = arg;
	int fd = open(feed->path, O_WRONLY | O_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < feed->bytes.size) {
		size_t left = feed->bytes.size - done;
		ssize_t n = write(fd, feed->bytes.data + done,
				  left < feed->step ? left : feed->step);

		if (n < 0)
			break;
		done += (size_t)n;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return NULL;
}

static void feed_start(struct feed *feed, struct bytes bytes, size_t step)
{
	feed->path = scratch("fifo");
	feed->bytes = bytes;
	feed->step = step;
	REQUIRE_EQ(mkfifo(feed->path, 0600), 0);
	REQUIRE_EQ(pthread_create(&feed->thread, NULL, feed_slowly, feed), 0);
}

static void feed_end(struct feed *feed)
{
	pthread_join(feed->thread, NULL);
	bytes_free(&feed->bytes);
}

Test(pcap_file, a_slow_fifo_gives_every_frame)
{
	struct feed feed;
	struct pktio_ring *ring;
	struct pktio_frame frames[64];
	unsigned got = 0;
	unsigned empty = 0;
	int n = 0;

	feed_start(&feed, make(native, 200), 33);
	ring = open_file(feed.path, "?buffer-size=4K", PKTIO_RECV);
	EXPECT(pktio_fd(ring) >= 0, "no descriptor");
	while (pktio_wait(ring, 5000) == 1) {
		n = pktio_recv(ring, frames, 64);
		if (n < 0)
			break;
		empty += n == 0;
		for (int i = 0; i < n; i++, got++)
			EXPECT_EQ(frames[i].ts / 1000000000, SECONDS + got);
		pktio_release(ring, frames, (unsigned)n);
	}
	EXPECT_EQ(n, PKTIO_EOF);
	EXPECT_EQ(got, 200);
	EXPECT(empty == 0, "%u waits ended without a frame", empty);
	pktio_close(ring);
	feed_end(&feed);
}

/* As patched versions of libpcap wrote them around 1999. */
static struct bytes make_patched(void)
{
	struct bytes b = { 0 };

	bytes_header(&b, (struct layout){ 0 }, 65535, 1);
	for (uint32_t i = 0; i < 3; i++) {
		uint8_t content[60] = { 2 };

		bytes_u32(&b, false, SECONDS + i);
		bytes_u32(&b, false, i);
		bytes_u32(&b, false, sizeof(content));
		bytes_u32(&b, false, sizeof(content));
		bytes_u32(&b, false, 1);
		bytes_u32(&b, false, 0x0800);
		bytes_add(&b, content, sizeof(content));
	}
	return b;
}

Test(pcap_file, a_variant_is_detected_if_the_file_header_arrives_alone)
{
	struct bytes b = make_patched();
	const char *path = scratch("fifo");
	struct pktio_ring *ring;
	struct pktio_frame frames[8];
	int fd;

	REQUIRE_EQ(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(write(fd, b.data, 24), 24);
	ring = open_file(path, "", PKTIO_RECV);
	EXPECT_EQ(pktio_recv(ring, frames, 8), 0);
	EXPECT_EQ(pktio_wait(ring, 0), 0);
	EXPECT_EQ(write(fd, b.data + 24, b.size - 24), b.size - 24);
	EXPECT_EQ(pktio_wait(ring, 5000), 1);
	REQUIRE(pktio_recv(ring, frames, 8) == 3, "%s", pktio_last_error(ring));
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQ(frames[i].ts / 1000000000, SECONDS + i);
		EXPECT_EQ(frames[i].data[0], 2);
		EXPECT_EQ(frames[i].headroom, 24);
	}
	pktio_release(ring, frames, 3);
	pktio_close(ring);
	close(fd);
	bytes_free(&b);
}

Test(pcap_file, an_idle_fifo_never_blocks_recv_and_a_wait_times_out)
{
	struct bytes b = make(native, 3);
	const char *path = scratch("fifo");
	struct pktio_ring *ring;
	struct pktio_frame frames[8];
	uint64_t start;
	int fd;

	REQUIRE_EQ(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	/* The last byte is missing, so the last frame is incomplete. */
	EXPECT_EQ(write(fd, b.data, b.size - 1), b.size - 1);
	ring = open_file(path, "", PKTIO_RECV);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT_EQ(pktio_recv(ring, frames, 8), 2);
	EXPECT_EQ(pktio_recv(ring, frames + 2, 6), 0);
	start = now_ns();
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	EXPECT(now_ns() - start >= 49 * NS_PER_MS, "it did not wait");
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	EXPECT_EQ(write(fd, b.data + b.size - 1, 1), 1);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT_EQ(pktio_recv(ring, frames + 2, 6), 1);
	EXPECT_EQ(frames[2].caplen, 74);
	EXPECT_EQ(write(fd, b.data + 24, 10), 10);
	close(fd);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT_EQ(pktio_recv(ring, frames + 3, 5), -EBADMSG);
	pktio_close(ring);
	bytes_free(&b);
}

Test(pcap_file, a_fifo_with_all_buffers_held_ends_a_wait_with_an_error)
{
	struct feed feed;
	struct pktio_ring *ring;
	struct pktio_frame f[64];
	int n = 0;
	int r;

	feed_start(&feed, make(native, 200), 4096);
	ring = open_file(feed.path, "?buffer-size=4K&buffers=2", PKTIO_RECV);
	while ((r = pktio_wait(ring, 5000)) == 1 && n < 64) {
		r = pktio_recv(ring, &f[n], 1);
		if (r < 0)
			break;
		n += r;
	}
	EXPECT_EQ(r, -ENOBUFS);
	pktio_release(ring, f, (unsigned)n);
	while ((r = pktio_recv(ring, f, 64)) >= 0) {
		pktio_release(ring, f, (unsigned)r);
		n += r;
		EXPECT_EQ(pktio_wait(ring, 5000), 1);
	}
	EXPECT_EQ(r, PKTIO_EOF);
	EXPECT_EQ(n, 200);
	pktio_close(ring);
	feed_end(&feed);
}

Test(pcap_file, standard_input_is_read_from_a_file_or_a_pipe)
{
	struct bytes b = make(native, 100);
	struct capture whole =
		capture_read(scratch_file("file", b.data, b.size), "", 64);
	struct capture c;
	int fd = open(scratch("file"), O_RDONLY | O_CLOEXEC);
	int pipes[2];

	REQUIRE(dup2(fd, STDIN_FILENO) == 0, "%s", strerror(errno));
	c = capture_read("-", "", 64);
	capture_expect_same(&c, &whole, "standard input from a file");
	capture_free(&c);
	REQUIRE_EQ(pipe2(pipes, O_CLOEXEC), 0);
	REQUIRE(dup2(pipes[0], STDIN_FILENO) == 0, "%s", strerror(errno));
	EXPECT_EQ(write(pipes[1], b.data, b.size), b.size);
	close(pipes[1]);
	c = capture_read("-", "", 64);
	capture_expect_same(&c, &whole, "standard input from a pipe");
	capture_free(&c);
	EXPECT(fcntl(STDIN_FILENO, F_GETFD) >= 0, "it was closed");
	EXPECT(!(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK),
	       "it became non-blocking");
	capture_free(&whole);
	close(fd);
	close(pipes[0]);
	bytes_free(&b);
}

Test(pcap_file, a_wait_works_with_a_non_blocking_standard_input)
{
	struct feed feed;
	struct pktio_ring *ring;
	struct pktio_frame frames[8];
	unsigned got = 0;
	int fd;

	feed_start(&feed, make(native, 20), 10);
	fd = open(feed.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	REQUIRE(dup2(fd, STDIN_FILENO) == 0, "%s", strerror(errno));
	ring = open_file("-", "", PKTIO_RECV);
	while (got < 20 && pktio_wait(ring, 5000) == 1) {
		int n = pktio_recv(ring, frames, 8);

		REQUIRE(n >= 0, "%d %s", n, pktio_last_error(ring));
		got += (unsigned)n;
		pktio_release(ring, frames, (unsigned)n);
	}
	EXPECT_EQ(got, 20);
	EXPECT_EQ(pktio_recv(ring, frames, 8), 0);
	pktio_close(ring);
	close(fd);
	feed_end(&feed);
}

/* ---- Open --------------------------------------------------------------- */

Test(pcap_file, a_file_that_cannot_be_opened_is_refused_with_the_reason)
{
	struct pktio_open_args args = { .size = sizeof(args) };

	expect_open_fails("pcap_file:/nonexistent/x", NULL, -ENOENT,
			  "'/nonexistent/x'");
	/* Byte 0 of this file cannot be read. */
	expect_open_fails("pcap_file:/proc/self/mem", NULL, -EIO,
			  "cannot read");
	expect_open_fails("pcap_file:/nonexistent/nonexistent/nonexistent/"
			  "nonexistent/nonexistent/nonexistent/nonexistent/"
			  "nonexistent/name",
			  NULL, -ENOENT, "'...");
	expect_open_fails("pcap_file:", NULL, -EINVAL, "pcap_file:NAME");
	expect_open_fails("pcap_file:/dev/null", NULL, -EBADMSG,
			  "0 bytes of 24");
	expect_open_fails("pcap_file:/dev/null?buffer-size=100", NULL, -ERANGE,
			  "buffer-size");
	args.count = 2;
	expect_open_fails("pcap_file:/dev/null", &args, -EINVAL, "2 rings");
	args.count = 1;
	args.mode = PKTIO_RECV | PKTIO_SEND;
	expect_open_fails("pcap_file:/dev/null", &args, -EINVAL,
			  "either read or written");
}

Test(pcap_file, a_file_without_permission_is_refused_with_the_reason)
{
	const char *path = make_file("file", native, 1);
	char uri[256];

	REQUIRE_EQ(chmod(path, 0), 0);
	/* Root may read everything, so the test changes its user id. */
	if (geteuid() == 0 && seteuid(NOBODY) < 0)
		skip("setuid is not possible");
	snprintf(uri, sizeof(uri), "pcap_file:%s", path);
	expect_open_fails(uri, NULL, -EACCES, "Permission denied");
	if (getuid() == 0)
		EXPECT_EQ(seteuid(0), 0);
}
