/* SPDX-License-Identifier: BSD-3-Clause */
/* Rotation: no frame is lost or split. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#define NS_PER_S UINT64_C(1000000000)

TestSuite(writer_rotate, .fini = scratch_remove);

/* ---- Files -------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

enum { MOST_FILES = 512, NAME = 64 };

/* The sorted names of all files with this prefix. */
static unsigned list(const char *prefix, char names[MOST_FILES][NAME])
{
	char path[128];
	DIR *dir;
	struct dirent *entry;
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s", scratch("x"));
	path[strlen(path) - 2] = '\0';
	dir = opendir(path);
	REQUIRE(dir, "%s: %s", path, strerror(errno));
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0) {
			REQUIRE(n < MOST_FILES, "more than %u files", n);
			snprintf(names[n++], NAME, "%.*s", NAME - 1,
				 entry->d_name);
		}
	closedir(dir);
	qsort(names, n, NAME, by_name);
	return n;
}

/* The frames of all these files, each of which must be complete. */
static struct capture read_all(const char *prefix, unsigned *nfiles,
			       off_t *longest)
{
	static char names[MOST_FILES][NAME];
	struct capture all = { .end = PKTIO_EOF };

	*nfiles = list(prefix, names);
	*longest = 0;
	for (unsigned i = 0; i < *nfiles; i++) {
		const char *path = scratch(names[i]);
		struct capture one = capture_libpcap(uncompressed(path, false));
		struct stat stat;

		EXPECT(one.end == PKTIO_EOF, "%s: %s", names[i], one.text);
		EXPECT(one.n > 0, "%s is empty", names[i]);
		capture_append(&all, &one);
		REQUIRE_EQ(lstat(path, &stat), 0);
		if (stat.st_size > *longest)
			*longest = stat.st_size;
	}
	return all;
}

/* Writes n frames to rotated files, and expects all of them in the files. */
static unsigned rotate(const char *name, const char *options,
		       const struct frames *of, unsigned n, off_t *longest)
{
	struct pktio_ring *ring = open_file(scratch(name), options, PKTIO_SEND);
	struct capture expected = frames_expected(of, 0, n, 1, 262144);
	struct capture found;
	unsigned nfiles;
	char prefix[2] = { name[0], '\0' };

	EXPECT_EQ(frames_inject(ring, of, 0, n), n);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, n);
	pktio_close(ring);
	found = read_all(prefix, &nfiles, longest);
	capture_expect_same(&expected, &found, options);
	capture_free(&expected);
	capture_free(&found);
	return nfiles;
}

Test(writer_rotate, files_are_never_longer_than_rotate_size,
     .init = need_codecs)
{
	static const char *const names[] = { "a.pcap", "b.pcapng", "c.pcap.gz",
					     "d.pcapng.zst", "e.pcap.lz4" };
	struct frames of = { .seed = 1, .longest = 3000, .ifs = 3 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		off_t longest;
		unsigned nfiles = rotate(names[i], "?rotate-size=16K", &of,
					 1000, &longest);

		EXPECT(longest <= 16384 && longest > 8192, "%s: %ld", names[i],
		       (long)longest);
		EXPECT(nfiles > 5, "%s: %u files", names[i], nfiles);
	}
}

Test(writer_rotate, a_file_is_filled_up_to_rotate_size)
{
	struct pktio_ring *ring =
		open_file(scratch("a.pcap"), "?rotate-size=1000", PKTIO_SEND);
	static const uint8_t bytes[100];
	struct pktio_frame f = { .data = bytes, .linktype = 1 };
	struct stat stat;

	/* 24 + 8 * (16 + 106) = 1000 */
	f.caplen = 100;
	for (unsigned i = 0; i < 16; i++) {
		f.caplen = i % 8 == 7 ? 100 : 91;
		f.caplen += i % 8 == 7 ? 0 : 16;
		f.caplen = f.caplen > 100 ? 100 : f.caplen;
		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	}
	f.caplen = 32; /* 24 + 8 * 116 + 48 = 1000 */
	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	f.caplen = 0;
	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	pktio_close(ring);
	REQUIRE_EQ(lstat(scratch("a-000001.pcap"), &stat), 0);
	EXPECT_EQ(stat.st_size, 24 + 8 * 116);
	REQUIRE_EQ(lstat(scratch("a-000002.pcap"), &stat), 0);
	EXPECT_EQ(stat.st_size, 1000);
	REQUIRE_EQ(lstat(scratch("a-000003.pcap"), &stat), 0);
	EXPECT_EQ(stat.st_size, 24 + 16);
}

Test(writer_rotate, a_frame_longer_than_rotate_size_has_its_own_file,
     .init = need_codecs)
{
	struct frames of = { .seed = 2, .longest = 100000 };
	off_t longest;

	EXPECT(rotate("a.pcap", "?rotate-size=2K", &of, 200, &longest) > 50,
	       "few files");
	EXPECT(longest > 65536, "%ld", (long)longest);
	EXPECT(rotate("b.pcapng.gz", "?rotate-size=2K", &of, 200, &longest) >
		       30,
	       "few files");
}

Test(writer_rotate, a_file_has_rotate_count_frames, .init = need_codecs)
{
	struct frames of = { .seed = 3, .longest = 1500 };
	off_t longest;

	EXPECT_EQ(rotate("a.pcap", "?rotate-count=10", &of, 95, &longest), 10);
	EXPECT_EQ(rotate("b.pcapng", "?rotate-count=1", &of, 60, &longest), 60);
	EXPECT_EQ(rotate("c.pcapng.zst", "?rotate-count=30", &of, 60, &longest),
		  2);
}

static void inject_at(struct pktio_ring *ring, uint64_t seconds)
{
	struct pktio_frame f = { .data = (const uint8_t *)"",
				 .ts = seconds * NS_PER_S,
				 .linktype = 1 };

	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
}

static void expect_names(const char *prefix, const char *expected)
{
	static char names[MOST_FILES][NAME];
	unsigned n = list(prefix, names);
	char found[1024] = "";
	size_t used = 0;

	for (unsigned i = 0; i < n; i++) {
		int r = snprintf(found + used, sizeof(found) - used, "%s ",
				 names[i]);

		REQUIRE(r > 0 && (size_t)r < sizeof(found) - used, "too many");
		used += (size_t)r;
	}
	EXPECT_STR(found, expected);
}

/* 2023-11-14 22:13:20 UTC */
#define START UINT64_C(1700000000)

Test(writer_rotate,
     files_rotated_by_time_start_at_multiples_and_have_the_time_in_their_name)
{
	/* %25 is a % in a URI. */
	struct pktio_ring *ring =
		open_file(scratch("a-%25Y%25m%25d-%25H%25M%25S.pcap"),
			  "?rotate-time=60s", PKTIO_SEND);

	inject_at(ring, START);
	inject_at(ring, START + 39); /* 22:13:59 */
	inject_at(ring, START + 40); /* 22:14:00 */
	inject_at(ring, START + 20); /* late, and in the current file */
	inject_at(ring, START + 3600);
	pktio_close(ring);
	expect_names("a", "a-20231114-221320.pcap a-20231114-221400.pcap "
			  "a-20231114-231320.pcap ");
}

Test(writer_rotate, names_can_have_local_time_and_a_percent_sign)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	const struct pktio_setting settings[] = {
		{ "rotate-time", "3600s" },
		{ "rotate-zone", "local" },
	};
	struct pktio_ring *ring = NULL;
	char uri[256];

	setenv("TZ", "XXX-02:00", 1);
	args.settings = settings;
	args.nsettings = 2;
	snprintf(uri, sizeof(uri), "pcap_file:%s",
		 scratch("a-%25H%25%25.pcapng"));
	REQUIRE_EQ(pktio_open(&ring, uri, &args, NULL), 0);
	inject_at(ring, START);
	pktio_close(ring);
	expect_names("a", "a-00%.pcapng ");
}

Test(writer_rotate, the_directory_can_have_a_percent_sign)
{
	struct pktio_ring *ring;
	char path[256];

	REQUIRE_EQ(mkdir(scratch("10%"), 0700), 0);
	ring = open_file(scratch("10%25%25/a.pcap"), "?rotate-count=9",
			 PKTIO_SEND);
	inject_at(ring, START);
	pktio_close(ring);
	snprintf(path, sizeof(path), "%s", scratch("10%/a-000001.pcap"));
	EXPECT_EQ(unlink(path), 0);
	EXPECT_EQ(rmdir(scratch("10%")), 0);
}

Test(writer_rotate, equal_names_get_numbers, .init = need_codecs)
{
	struct pktio_ring *ring = open_file(scratch("a-%25H.pcap.gz"),
					    "?rotate-time=1s", PKTIO_SEND);

	for (unsigned i = 0; i < 3; i++)
		inject_at(ring, START + i);
	inject_at(ring, START + 3600);
	pktio_close(ring);
	expect_names("a", "a-22-000001.pcap.gz a-22-000002.pcap.gz "
			  "a-22.pcap.gz a-23.pcap.gz ");
	ring = open_file(scratch("b%25i-%25H.x"), "?rotate-count=1",
			 PKTIO_SEND);
	for (unsigned i = 0; i < 3; i++)
		inject_at(ring, START + i);
	pktio_close(ring);
	expect_names("b", "b000001-22.x b000002-22.x b000003-22.x ");
	ring = open_file(scratch("c"), "?rotate-time=1s", PKTIO_SEND);
	for (unsigned i = 0; i < 2; i++)
		inject_at(ring, START + i);
	pktio_close(ring);
	expect_names("c", "c-000001 c-000002 ");
}

Test(writer_rotate, an_existing_file_is_not_overwritten)
{
	struct pktio_ring *ring;

	scratch_file("a-000002.pcap", "mine", 4);
	ring = open_file(scratch("a.pcap"), "?rotate-count=1&rotate-keep=2",
			 PKTIO_SEND);
	for (unsigned i = 0; i < 3; i++)
		inject_at(ring, START + i);
	pktio_close(ring);
	/* The first written file was deleted, because two are kept. */
	expect_names("a", "a-000002.pcap a-000003.pcap a-000004.pcap ");
}

Test(writer_rotate, without_rotation_a_percent_sign_is_literal)
{
	pktio_close(open_file(scratch("a%25H"), "", PKTIO_SEND));
	expect_names("a", "a%H ");
}

Test(writer_rotate, only_the_last_files_are_kept)
{
	struct pktio_ring *ring = open_file(
		scratch("a.pcap"), "?rotate-count=1&rotate-keep=3", PKTIO_SEND);

	for (unsigned i = 0; i < 10; i++) {
		static char names[MOST_FILES][NAME];

		inject_at(ring, START + i);
		EXPECT(list("a", names) <= 3, "after %u frames", i + 1);
	}
	/* A file that another process deleted is no error. */
	unlink(scratch("a-000008.pcap"));
	inject_at(ring, START);
	pktio_close(ring);
	expect_names("a", "a-000009.pcap a-000010.pcap a-000011.pcap ");
}

Test(writer_rotate, allocated_frames_rotate_files_too)
{
	struct pktio_ring *ring =
		open_file(scratch("a.pcap"), "?rotate-count=7", PKTIO_SEND);
	struct pktio_frame frames[20];
	unsigned nfiles;
	off_t longest;
	struct capture c;

	REQUIRE_EQ(pktio_alloc(ring, frames, 20), 20);
	for (unsigned i = 0; i < 20; i++) {
		frames[i].caplen = i;
		memset(pktio_frame_wdata(&frames[i]), (int)i, i);
	}
	EXPECT_EQ(pktio_send(ring, frames, 20), 20);
	pktio_close(ring);
	c = read_all("a", &nfiles, &longest);
	EXPECT_EQ(nfiles, 3);
	REQUIRE_EQ(c.n, 20);
	for (unsigned i = 0; i < 20; i++)
		EXPECT_EQ(c.frames[i].caplen, i);
	capture_free(&c);
}

Test(writer_rotate, open_reports_a_missing_directory)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "pcap_file:/no/such/a.pcap?rotate-count=1",
			     &args, &error),
		  -ENOENT);
	EXPECT_STR(
		error.text,
		"pcap_file: cannot create files named '/no/such/a.pcap': No such file or directory");
}

Test(writer_rotate, a_failed_rotation_is_reported_and_retried)
{
	struct pktio_ring *ring = open_file(scratch("a-%25S/x.pcap"),
					    "?rotate-time=1s", PKTIO_SEND);
	struct pktio_frame f[2] = {
		{ .data = (const uint8_t *)"", .ts = 0, .linktype = 1 },
		{ .data = (const uint8_t *)"", .ts = NS_PER_S, .linktype = 1 },
	};
	unsigned nfiles;
	off_t longest;
	struct capture c;

	REQUIRE_EQ(mkdir(scratch("a-00"), 0700), 0);
	EXPECT_EQ(pktio_inject(ring, f, 2), 1);
	EXPECT_EQ(pktio_inject(ring, f + 1, 1), -ENOENT);
	EXPECT_CONTAINS(pktio_last_error(ring), "a-01/x.pcap", "'%s'",
			pktio_last_error(ring));
	EXPECT_EQ(ring_stats(ring).sent, 1);
	REQUIRE_EQ(mkdir(scratch("a-01"), 0700), 0);
	EXPECT_EQ(pktio_inject(ring, f + 1, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, 2);
	pktio_close(ring);
	for (unsigned i = 0; i < 2; i++) {
		const char *path = scratch(i ? "a-01/x.pcap" : "a-00/x.pcap");

		c = capture_libpcap(path);
		EXPECT_EQ(c.n, 1);
		capture_free(&c);
		unlink(path);
		rmdir(scratch(i ? "a-01" : "a-00"));
	}
	c = read_all("a", &nfiles, &longest);
	EXPECT_EQ(nfiles, 0);
	capture_free(&c);
}
