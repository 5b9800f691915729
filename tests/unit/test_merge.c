/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Directories and patterns: several files read as one, in the order of
 * mergecap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/capture.h"
#include "support/codecs.h"
#include "support/expect.h"
#include "support/files.h"

#define SECONDS 1700000000U
#define MOST 64U

TestSuite(merge, .fini = scratch_remove, .timeout = 60);

/*
 * One file: its first frame is at `start` us, the others follow every `step`
 * us.
 */
struct part {
	struct layout layout;
	uint32_t linktype;
	unsigned start, step, n;
};

static const char *make_part(const char *name, const struct part *part)
{
	struct bytes b = { 0 };
	const char *path;

	bytes_header(&b, part->layout, 65535,
		     part->linktype ? part->linktype : 1);
	for (unsigned i = 0; i < part->n; i++) {
		unsigned us = part->start + i * part->step;
		uint32_t caplen = 20 + (us + part->start) * 37 % 301;

		bytes_record(&b, part->layout, SECONDS + us / 1000000,
			     us % 1000000 *
				     (part->layout.nanoseconds ? 1000 : 1),
			     caplen, caplen, (uint8_t)(part->start + i));
	}
	path = scratch_file(name, b.data, b.size);
	bytes_free(&b);
	return path;
}

static void run(const char *a, const char *b, const char *c, const char *d)
{
	const char *argv[] = { a, b, c, d, NULL };

	REQUIRE_EQ(run_tool(NULL, argv), 0);
}

/* A pattern for files in the scratch directory, encoded for a URI. */
static const char *pattern(void)
{
	return scratch("in*");
}

static int open_code(const char *path, const char *options, char *text,
		     size_t size)
{
	struct pktio_ring *ring = NULL;
	struct pktio_error error = { 0 };
	char uri[512];
	int r;

	snprintf(uri, sizeof(uri), "pcap_file:%s%s", path, options);
	r = pktio_open(&ring, uri, NULL, &error);
	snprintf(text, size, "%s", error.text);
	pktio_close(ring);
	return r;
}

/*
 * Reads the times of the frames in us; there must be `n`, in ascending order.
 */
static void expect_ordered(const struct capture *c, size_t n)
{
	REQUIRE(c->n == n, "%zu frames, not %zu: %s", c->n, n, c->text);
	for (size_t i = 1; i < c->n; i++)
		EXPECT(c->frames[i - 1].ts <= c->frames[i].ts,
		       "frame %zu is too late", i);
}

/* ---- Order -------------------------------------------------------------- */

/* All times differ: for equal times, mergecap starts with the last file. */
static const struct part overlapping[] = {
	{ .start = 505, .step = 30, .n = 1000 },
	{ .start = 1, .step = 10, .n = 700 },
	{ .start = 22, .step = 5, .n = 2000, .layout = { true, false } },
	{ .start = 30003, .step = 5, .n = 300, .layout = { false, true } },
	{ .start = 504, .step = 30, .n = 200, .layout = { true, true } },
};

/* Files in1, in2, ... of all formats and codecs. */
static void make_overlapping(void)
{
	static const char *const names[] = { "plain1", "in2", "in3", "plain4",
					     "plain5" };

	for (size_t i = 0; i < 5; i++)
		make_part(names[i], &overlapping[i]);
	run("editcap", "-Fpcapng", scratch("plain1"), scratch("in1"));
	run("gzip", "-q", scratch("plain4"), NULL);
	REQUIRE_EQ(rename(scratch("plain4.gz"), scratch("in4")), 0);
	run("zstd", "-q", scratch("plain5"), NULL);
	REQUIRE_EQ(rename(scratch("plain5.zst"), scratch("in5")), 0);
}

Test(merge, files_of_all_kinds_are_merged_as_mergecap_merges_them,
     .init = need_codecs)
{
	const char *merged = scratch("merged");
	const char *argv[] = { "mergecap",
			       "-F",
			       "nsecpcap",
			       "-w",
			       merged,
			       scratch("in1"),
			       scratch("in2"),
			       scratch("in3"),
			       scratch("in4"),
			       scratch("in5"),
			       NULL };
	struct capture theirs, ours;

	make_overlapping();
	/* Too many calls since the names above: they are no longer valid. */
	argv[4] = scratch("merged");
	for (size_t i = 0; i < 5; i++) {
		char name[8];

		snprintf(name, sizeof(name), "in%zu", i + 1);
		argv[5 + i] = scratch(name);
	}
	REQUIRE_EQ(run_tool(NULL, argv), 0);
	theirs = capture_libpcap(scratch("merged"));
	for (unsigned burst = 1; burst <= 64; burst += 21) {
		ours = capture_read(pattern(), "?merge=time", burst);
		capture_expect_same(&ours, &theirs, "merged");
		capture_free(&ours);
	}
	ours = capture_read(pattern(), "?merge=time&buffer-size=4K", 64);
	capture_expect_same(&ours, &theirs, "merged with small buffers");
	capture_free(&ours);
	ours = capture_read(pattern(), "?merge=time&loop=2", 64);
	EXPECT_EQ(ours.n, 2 * theirs.n);
	EXPECT_EQ(ours.end, PKTIO_EOF);
	capture_free(&ours);
	capture_free(&theirs);
}

Test(merge, frames_of_equal_time_are_in_the_order_of_the_names)
{
	struct capture c;

	make_part("in10", &(struct part){ .linktype = 147, .n = 9, .step = 2 });
	make_part("in2", &(struct part){ .linktype = 113, .n = 9, .step = 2 });
	c = capture_read(pattern(), "?merge=time", 64);
	REQUIRE_EQ(c.n, 18);
	for (size_t i = 0; i < c.n; i++)
		EXPECT_EQ(c.frames[i].linktype, i % 2 ? 147 : 113);
	capture_free(&c);
}

Test(merge, without_merge_files_are_read_in_natural_order_of_names)
{
	static const char *const names[] = { "in10", "in9", "in1", "in2" };
	static const unsigned starts[] = { 3, 2, 0, 1 };
	struct capture c;

	for (size_t i = 0; i < 4; i++)
		make_part(names[i], &(struct part){ .start = starts[i] * 10000,
						    .step = 100,
						    .n = 100 });
	c = capture_read(pattern(), "", 64);
	expect_ordered(&c, 400);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
	c = capture_read(pattern(), "?loop=2", 64);
	EXPECT_EQ(c.n, 800);
	capture_free(&c);
}

Test(merge, a_directory_selects_its_files_except_hidden_ones)
{
	const char *directory = scratch("in");
	struct capture c;
	char path[256];

	REQUIRE_EQ(mkdir(directory, 0700), 0);
	REQUIRE_EQ(mkdir(scratch("in/below"), 0700), 0);
	make_part("in/b", &(struct part){ .start = 500, .step = 10, .n = 50 });
	make_part("in/a", &(struct part){ .start = 5, .step = 10, .n = 100 });
	scratch_file("in/.hidden", "no capture", 10);
	snprintf(path, sizeof(path), "%s", directory);
	c = capture_read(path, "", 64);
	EXPECT_EQ(c.n, 150);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
	c = capture_read(path, "?merge=time", 64);
	expect_ordered(&c, 150);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
	unlink(scratch("in/a"));
	unlink(scratch("in/b"));
	unlink(scratch("in/.hidden"));
	rmdir(scratch("in/below"));
	rmdir(scratch("in"));
}

Test(merge, frames_keep_the_link_types_of_their_files)
{
	struct capture c;
	struct pktio_ring *ring;
	struct pktio_info info = { .size = sizeof(info) };

	make_part("in1",
		  &(struct part){
			  .linktype = 113, .n = 10, .step = 2, .start = 1 });
	make_part("in2", &(struct part){ .linktype = 147, .n = 10, .step = 2 });
	c = capture_read(pattern(), "?merge=time", 64);
	REQUIRE_EQ(c.n, 20);
	for (size_t i = 0; i < c.n; i++)
		EXPECT_EQ(c.frames[i].linktype, i % 2 ? 113 : 147);
	capture_free(&c);
	ring = open_file(pattern(), "?merge=time", PKTIO_RECV);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.linktype, 147); /* of the first frame */
	pktio_close(ring);
	ring = open_file(pattern(), "", PKTIO_RECV);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.linktype, 113); /* of the first file */
	EXPECT_EQ(pktio_fd(ring), -ENOTSUP);
	pktio_close(ring);
}

Test(merge, a_name_with_an_asterisk_is_literal_if_the_file_exists)
{
	struct capture c;

	make_part("in1", &(struct part){ .n = 10, .step = 2 });
	make_part("in*", &(struct part){ .n = 3, .step = 2 });
	c = capture_read(pattern(), "", 64);
	EXPECT_EQ(c.n, 3);
	capture_free(&c);
}

/* ---- Frames ------------------------------------------------------------- */

static uint32_t sum(const struct pktio_frame *f)
{
	uint32_t sum = f->caplen;

	for (uint32_t i = 0; i < f->caplen; i++)
		sum = sum * 31 + f->data[i];
	return sum;
}

/* Holds frames of all files and releases them in any order. */
static void hold(const char *options)
{
	struct pktio_ring *ring = open_file(pattern(), options, PKTIO_RECV);
	struct pktio_frame held[128];
	uint32_t sums[128];
	unsigned n = 0;
	unsigned random = 7;
	unsigned all = 0;
	int r;

	for (;;) {
		r = pktio_recv(ring, held + n, 128 - n < 9 ? 128 - n : 9);
		if (r < 0)
			break;
		all += (unsigned)r;
		for (int i = 0; i < r; i++, n++)
			sums[n] = sum(&held[n]);
		while (n > 100) {
			unsigned i;

			random = random * 1103515245 + 12345;
			i = (random >> 16) % n;
			EXPECT_EQ(sum(&held[i]), sums[i]);
			pktio_release(ring, &held[i], 1);
			held[i] = held[--n];
			sums[i] = sums[n];
		}
	}
	EXPECT_EQ(r, PKTIO_EOF);
	EXPECT_EQ(all, 4200);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(sum(&held[i]), sums[i]);
	pktio_release(ring, held, n);
	pktio_close(ring);
}

Test(merge, held_frames_of_every_file_stay_intact, .init = need_codecs)
{
	make_overlapping();
	hold("?merge=time&buffer-size=4K&buffers=512");
	hold("?buffer-size=4K&buffers=512");
}

Test(merge, recv_fails_while_all_buffers_have_held_frames, .init = need_codecs)
{
	struct pktio_ring *ring;
	struct pktio_frame f[4096];
	unsigned n = 0;
	unsigned all = 0;
	int r;

	make_overlapping();
	ring = open_file(pattern(), "?merge=time&buffer-size=4K&buffers=2",
			 PKTIO_RECV);
	for (;;) {
		r = pktio_recv(ring, f + n, MOST);
		if (r == -ENOBUFS) {
			EXPECT_CONTAINS(pktio_last_error(ring), "'buffers'");
			REQUIRE(n > 0, "no frame is held");
			pktio_release(ring, f, n);
			n = 0;
			continue;
		}
		if (r < 0)
			break;
		n += (unsigned)r;
		all += (unsigned)r;
	}
	EXPECT_EQ(r, PKTIO_EOF);
	EXPECT_EQ(all, 4200);
	pktio_close(ring);
}

Test(merge, counters_are_the_sum_over_all_files, .init = need_codecs)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_ring *ring;
	struct pktio_frame f[MOST];
	uint64_t bytes = 0;
	int n;

	make_overlapping();
	ring = open_file(pattern(), "?merge=time", PKTIO_RECV);
	for (uint64_t all = 0; (n = pktio_recv(ring, f, 5)) > 0;) {
		for (int i = 0; i < n; i++)
			bytes += f[i].caplen;
		all += (uint64_t)n;
		pktio_release(ring, f, (unsigned)n);
		EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
		EXPECT_EQ(stats.received, all);
		EXPECT_EQ(stats.received_bytes, bytes);
	}
	EXPECT_EQ(stats.received, 4200);
	pktio_close(ring);
}

/*
 * A pcapng file with one frame, `skipped` other blocks before and after it, and
 * a drop count at the end.
 */
static void make_counting(const char *name, uint32_t time, uint32_t skipped,
			  uint32_t dropped)
{
	static const uint32_t begin[] = {
		0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX,
		28,         1,  20,         1, 0,          20
	};
	static const uint32_t names[] = { 4, 16, 0, 16 };
	const uint32_t frame[] = { 6, 36, 0, 0, time, 4, 4, 0, 36 };
	const uint32_t end[] = {
		5, 36, 0, 0, time, 5 | 8U << 16, dropped, 0, 36
	};
	struct bytes b = { 0 };

	bytes_add(&b, begin, sizeof(begin));
	for (uint32_t i = 0; i < skipped; i++)
		bytes_add(&b, names, sizeof(names));
	bytes_add(&b, frame, sizeof(frame));
	for (uint32_t i = 0; i < skipped; i++)
		bytes_add(&b, names, sizeof(names));
	bytes_add(&b, end, sizeof(end));
	scratch_file(name, b.data, b.size);
	bytes_free(&b);
}

Test(merge, lost_and_skipped_counts_of_all_files_are_added)
{
	static const char *const options[] = { "", "?merge=time" };

	make_counting("in1", 30, 1, 100);
	make_counting("in2", 10, 2, 0);
	make_counting("in3", 20, 4, 7);
	for (size_t i = 0; i < 2; i++) {
		struct pktio_stats stats = { .size = sizeof(stats) };
		struct pktio_ring *ring =
			open_file(pattern(), options[i], PKTIO_RECV);
		struct pktio_frame f;

		for (uint64_t n = 1; n <= 3; n++) {
			REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
			EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
			EXPECT_EQ(stats.received, n);
			EXPECT(stats.skipped >= n && stats.dropped <= 107,
			       "after frame %d", (int)n);
			pktio_release(ring, &f, 1);
		}
		EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
		EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
		EXPECT_EQ(stats.skipped, 14);
		EXPECT_EQ(stats.dropped, 107);
		pktio_close(ring);
	}
}

/* ---- Damage ------------------------------------------------------------- */

Test(merge, a_damaged_file_is_reported_after_all_frames_of_the_others)
{
	static const char *const options[] = { "", "?merge=time" };

	make_part("in1", &(struct part){ .step = 10, .n = 100 });
	REQUIRE_EQ(truncate(make_part("in2",
				      &(struct part){ .step = 10, .n = 100 }),
			    5000),
		   0);
	make_part("in3", &(struct part){ .step = 10, .n = 100 });
	for (size_t i = 0; i < 2; i++) {
		struct capture c = capture_read(pattern(), options[i], 64);
		struct capture part = capture_read(scratch("in2"), "", 64);

		EXPECT_EQ(part.end, -EBADMSG);
		EXPECT_EQ(c.n, 200 + part.n);
		EXPECT_EQ(c.end, -EBADMSG);
		EXPECT_STR(c.text, part.text);
		capture_free(&c);
		capture_free(&part);
	}
	/* And the number of files, if more than one. */
	scratch_file("in0", "something else", 14);
	scratch_file("in9", "", 0);
	for (size_t i = 0; i < 2; i++) {
		struct capture c = capture_read(pattern(), options[i], 64);

		EXPECT(c.n > 200, "%zu frames", c.n);
		EXPECT_EQ(c.end, -EBADMSG);
		EXPECT_CONTAINS(c.text, "3 of 5 files failed");
		EXPECT_CONTAINS(c.text, "in0' is not a pcap file");
		capture_free(&c);
	}
}

Test(merge, a_pattern_without_readable_files_is_refused)
{
	char text[256];

	EXPECT_EQ(open_code(pattern(), "", text, sizeof(text)), -ENOENT);
	EXPECT_CONTAINS(text, "no file matches");
	REQUIRE_EQ(mkdir(scratch("directory"), 0700), 0);
	EXPECT_EQ(open_code(scratch("directory"), "", text, sizeof(text)),
		  -ENOENT);
	EXPECT_CONTAINS(text, "no files in");
	EXPECT_EQ(rmdir(scratch("directory")), 0);
	scratch_file("in1", "something else", 14);
	scratch_file("in2", "something else", 14);
	EXPECT_EQ(open_code(pattern(), "", text, sizeof(text)), -EBADMSG);
	EXPECT_CONTAINS(text, "2 of 2 files failed");
	EXPECT_EQ(open_code(pattern(), "?merge=time", text, sizeof(text)),
		  -EBADMSG);
	EXPECT_EQ(open_code(pattern(), "?follow=yes", text, sizeof(text)),
		  -EINVAL);
	EXPECT_CONTAINS(text, "follow=yes");
	REQUIRE_EQ(mkfifo(scratch("in3"), 0600), 0);
	EXPECT_EQ(open_code(pattern(), "", text, sizeof(text)), -EINVAL);
	EXPECT_CONTAINS(text, "not a regular file");
}

/* ---- Many --------------------------------------------------------------- */

static void limit_files(rlim_t n)
{
	struct rlimit limit;

	REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = n;
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Each file starts `apart` us after the previous one and covers 100 us. */
static void make_many(unsigned n, unsigned apart)
{
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "in%u", i);
		make_part(name, &(struct part){ .start = i * apart,
						.step = 10,
						.n = 11 });
	}
}

Test(merge, of_a_thousand_files_only_overlapping_ones_are_open)
{
	struct capture c;

	make_many(1000, 60);
	limit_files(24);
	c = capture_read(pattern(), "?merge=time", 64);
	expect_ordered(&c, 11000);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
	c = capture_read(pattern(), "", 64);
	EXPECT_EQ(c.n, 11000);
	EXPECT_EQ(c.end, PKTIO_EOF);
	capture_free(&c);
}

Test(merge, too_many_open_files_are_reported_at_once_and_can_be_retried)
{
	struct pktio_ring *ring;
	struct pktio_frame f[MOST];
	unsigned all = 0;
	int n;

	make_many(100, 1);
	limit_files(24);
	ring = open_file(pattern(), "?merge=time", PKTIO_RECV);
	while ((n = pktio_recv(ring, f, MOST)) > 0) {
		pktio_release(ring, f, (unsigned)n);
		all += (unsigned)n;
	}
	EXPECT_EQ(n, -EMFILE);
	EXPECT_CONTAINS(pktio_last_error(ring), "open files");
	limit_files(200);
	while ((n = pktio_recv(ring, f, MOST)) > 0) {
		pktio_release(ring, f, (unsigned)n);
		all += (unsigned)n;
	}
	EXPECT_EQ(n, PKTIO_EOF);
	EXPECT_EQ(all, 1100);
	pktio_close(ring);
}
