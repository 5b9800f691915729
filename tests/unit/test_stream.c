/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The byte streams of pcap_file: files that common tools have compressed,
 * pipes, and files that are still being written.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/capture.h"
#include "support/codecs.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/timing.h"

#define NS_PER_MS UINT64_C(1000000)

#define SECONDS 1700000000U
#define MOST 64U

TestSuite(stream, .fini = scratch_remove, .timeout = 60);

static const struct layout native = { .nanoseconds = true };

/* `n` frames of different lengths; their bytes compress a little. */
static struct bytes make(unsigned n)
{
	struct bytes b = { 0 };
	unsigned random = 1;

	bytes_header(&b, native, 65535, 1);
	for (unsigned i = 0; i < n; i++) {
		uint32_t caplen = 20 + i * 37 % 1301;
		size_t at;

		bytes_record(&b, native, SECONDS + i, i, caplen, caplen,
			     (uint8_t)i);
		at = b.size - caplen;
		for (; at < b.size; at += 3) {
			random = random * 1103515245 + 12345;
			b.data[at] = (uint8_t)(random >> 16);
		}
	}
	return b;
}

static const char *make_file(const char *name, unsigned n)
{
	struct bytes b = make(n);
	const char *path = scratch_file(name, b.data, b.size);

	bytes_free(&b);
	return path;
}

/* Again, because the results of scratch() do not stay valid. */
static const char *plain(void)
{
	return scratch("plain");
}

static struct bytes load(const char *path)
{
	struct bytes b = { 0 };
	uint8_t piece[65536];
	FILE *file = fopen(path, "re");
	size_t n;

	REQUIRE(file, "%s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		bytes_add(&b, piece, n);
	fclose(file);
	return b;
}

/*
 * The arguments of a tool that compresses to standard output; the file is the
 * last argument.
 */
struct tool {
	const char *codec;
	const char *argv[6];
};

static const struct tool tools[] = {
	{ "gzip", { "gzip", "-c" } },
	{ "gzip", { "pigz", "-c", "-b", "128" } },
	{ "zstd", { "zstd", "-q", "-c" } },
	{ "zstd", { "zstd", "-q", "-c", "-19" } },
	{ "lz4", { "lz4", "-q", "-c" } },
	{ "lz4", { "lz4", "-q", "-c", "-B7", "-BX" } },
	{ "lz4", { "lz4", "-q", "-c", "-B4", "-BD" } },
	{ NULL, { NULL } },
};

static const char *compress(const struct tool *tool, const char *path,
			    const char *name)
{
	const char *argv[8] = { NULL };
	const char *out = scratch(name);
	unsigned n = 0;

	while (tool->argv[n]) {
		argv[n] = tool->argv[n];
		n++;
	}
	argv[n] = path;
	REQUIRE_EQ(run_tool(out, argv), 0);
	return out;
}

static const struct tool *tool_of(const char *codec)
{
	const struct tool *t = tools;

	while (strcmp(t->codec, codec) != 0)
		t++;
	return t;
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

/* ---- Compressed --------------------------------------------------------- */

Test(stream, compressed_files_of_tools_are_read_under_any_name,
     .init = need_codecs)
{
	static const char *const options[] = { "", "?decompress-thread=no",
					       "?buffer-size=4K" };
	struct capture whole = capture_read(make_file("plain", 4000), "", 64);

	for (const struct tool *t = tools; t->codec; t++)
		for (size_t i = 0; i < 3; i++) {
			const char *packed = compress(t, plain(), "packed");
			struct capture c = capture_read(packed, options[i], 64);

			capture_expect_same(&c, &whole, t->codec);
			capture_free(&c);
		}
	capture_free(&whole);
}

Test(stream, a_pcapng_file_can_be_compressed_too, .init = need_codecs)
{
	const char *path = make_file("plain", 300);
	const char *ng = scratch("ng");
	const char *argv[] = { "editcap", "-F", "pcapng", path, ng, NULL };
	struct capture whole = capture_read(path, "", 64);

	REQUIRE_EQ(run_tool(NULL, argv), 0);
	for (const struct tool *t = tools; t->codec; t++) {
		struct capture c = capture_read(
			compress(t, scratch("ng"), "packed"), "", 64);

		capture_expect_same(&c, &whole, t->codec);
		capture_free(&c);
	}
	capture_free(&whole);
}

/* Writes bytes to a pipe, a few at a time. */
struct feed {
	struct bytes bytes;
	size_t step;
	long pause; /* ns */
	int fd;
	pthread_t thread;
};

static void *feed_slowly(void *arg)
{
	struct feed *feed = arg;
	struct timespec pause = { 0, feed->pause };

	for (size_t at = 0; at < feed->bytes.size;) {
		size_t left = feed->bytes.size - at;
		ssize_t n = write(feed->fd, feed->bytes.data + at,
				  left < feed->step ? left : feed->step);

		if (n < 0)
			break;
		at += (size_t)n;
		nanosleep(&pause, NULL);
	}
	close(feed->fd);
	return NULL;
}

/* The read end is standard input. */
static void feed_start(struct feed *feed)
{
	int pipes[2];

	signal(SIGPIPE, SIG_IGN);
	REQUIRE_EQ(pipe2(pipes, O_CLOEXEC), 0);
	REQUIRE_EQ(dup2(pipes[0], STDIN_FILENO), 0);
	close(pipes[0]);
	feed->fd = pipes[1];
	REQUIRE_EQ(pthread_create(&feed->thread, NULL, feed_slowly, feed), 0);
}

static void feed_end(struct feed *feed)
{
	pthread_join(feed->thread, NULL);
	bytes_free(&feed->bytes);
}

/*
 * Receives all frames of standard input; returns their number, and in *end the
 * result that ended it.
 */
static unsigned drain(struct pktio_ring *ring, int *end)
{
	struct pktio_frame frames[MOST];
	unsigned got = 0;
	unsigned idle = 0;
	int n = 0;

	while (pktio_wait(ring, 5000) == 1) {
		n = pktio_recv(ring, frames, MOST);
		if (n < 0)
			break;
		idle += n == 0;
		for (int i = 0; i < n; i++, got++)
			EXPECT_EQ(frames[i].ts / 1000000000, SECONDS + got);
		pktio_release(ring, frames, (unsigned)n);
	}
	EXPECT(idle == 0, "%u waits ended without a frame", idle);
	*end = n;
	return got;
}

Test(stream, compressed_standard_input_gives_every_frame, .init = need_codecs)
{
	make_file("plain", 400);
	for (const struct tool *t = tools; t->codec; t++) {
		struct feed feed = { .step = 977, .pause = 20000 };
		struct pktio_ring *ring;
		int end;

		feed.bytes = load(compress(t, plain(), "packed"));
		feed_start(&feed);
		ring = open_file("-", "", PKTIO_RECV);
		EXPECT(pktio_fd(ring) >= 0, "no descriptor");
		EXPECT_EQ(drain(ring, &end), 400);
		EXPECT(end == PKTIO_EOF, "%s: %d %s", t->codec, end,
		       pktio_last_error(ring));
		pktio_close(ring);
		feed_end(&feed);
	}
}

Test(stream, the_first_bytes_of_a_pipe_may_arrive_one_by_one,
     .init = need_codecs)
{
	for (unsigned i = 0; i < 2; i++) {
		struct feed feed = { .step = 1, .pause = 1000000 };
		struct pktio_ring *ring;
		int end;

		feed.bytes =
			load(i ? compress(tool_of("lz4"), make_file("plain", 2),
					  "packed") :
				 make_file("plain", 2));
		feed_start(&feed);
		ring = open_file("-", "", PKTIO_RECV);
		EXPECT_EQ(drain(ring, &end), 2);
		EXPECT_EQ(end, PKTIO_EOF);
		pktio_close(ring);
		feed_end(&feed);
	}
}

Test(stream, standard_input_from_a_compressed_file_starts_at_its_offset,
     .init = need_codecs)
{
	const char *path = make_file("plain", 100);
	struct capture whole = capture_read(path, "", 64);
	struct bytes b = { 0 };
	struct bytes packed = load(compress(tool_of("zstd"), path, "packed"));
	struct capture c;
	int fd;

	bytes_add(&b, "eleven char", 11);
	bytes_add(&b, packed.data, packed.size);
	fd = open(scratch_file("shifted", b.data, b.size), O_RDONLY);
	REQUIRE_EQ(dup2(fd, STDIN_FILENO), 0);
	REQUIRE_EQ(lseek(STDIN_FILENO, 11, SEEK_SET), 11);
	c = capture_read("-", "", 64);
	capture_expect_same(&c, &whole, "shifted");
	capture_free(&c);
	capture_free(&whole);
	bytes_free(&b);
	bytes_free(&packed);
	close(fd);
}

/* Appends bytes from..to of a file as a compressed member. */
static void add_frame(struct bytes *to, const struct tool *t,
		      const struct bytes *plain, size_t from, size_t end)
{
	struct bytes packed = load(compress(
		t, scratch_file("part", plain->data + from, end - from),
		"part-packed"));

	bytes_add(to, packed.data, packed.size);
	bytes_free(&packed);
}

static void add_skippable(struct bytes *to, uint32_t size)
{
	bytes_u32(to, false, 0x184d2a53);
	bytes_u32(to, false, size);
	for (uint32_t i = 0; i < size; i++)
		bytes_add(to, "s", 1);
}

Test(stream, concatenated_compressed_members_are_one_file, .init = need_codecs)
{
	struct bytes plain = make(200);
	struct capture whole = capture_read(
		scratch_file("plain", plain.data, plain.size), "", 64);

	for (const struct tool *t = tools; t->codec; t++) {
		bool gzip = strcmp(t->codec, "gzip") == 0;
		struct bytes b = { 0 };
		struct capture c;

		if (!gzip)
			add_skippable(&b, 5);
		/* Split within a record, and an empty member. */
		add_frame(&b, t, &plain, 0, 1000);
		add_frame(&b, t, &plain, 1000, 1000);
		if (!gzip)
			add_skippable(&b, 300000);
		add_frame(&b, t, &plain, 1000, plain.size);
		if (!gzip)
			add_skippable(&b, 0);
		else
			bytes_add(&b, "\0\0\0\0\0\0\0\0\0\0\0", 11);
		c = capture_read(scratch_file("packed", b.data, b.size), "",
				 64);
		capture_expect_same(&c, &whole, t->codec);
		capture_free(&c);
		bytes_free(&b);
	}
	capture_free(&whole);
	bytes_free(&plain);
}

static void expect_texts(const char *text, const char *const *message)
{
	for (; *message; message++)
		EXPECT_CONTAINS(text, *message, "no '%s' in '%s'", *message,
				text);
}

/* Expects at least this number of frames, unchanged. */
static void expect_prefix(const struct capture *c, const struct capture *whole,
			  size_t least)
{
	REQUIRE(c->n >= least && c->n <= whole->n, "%zu frames, at least %zu",
		c->n, least);
	for (size_t i = 0; i < least; i++) {
		EXPECT_EQ(c->frames[i].ts, whole->frames[i].ts);
		EXPECT_BYTES(c->frames[i].data, whole->frames[i].data,
			     c->frames[i].caplen, "frame %zu differs", i);
	}
}

/* The bytes that the tool extracts from a truncated or damaged file. */
static size_t count_by_tool(const char *codec, const char *path)
{
	const char *argv[] = { codec, "-dcf", path, NULL };
	const char *zstd[] = { codec, "-dcqf", path, NULL };
	bool is_zstd = strcmp(codec, "zstd") == 0;
	struct capture c;
	struct stat stat_of;
	size_t n;

	run_tool(scratch("by-tool"), is_zstd ? zstd : argv);
	/* The tool extracts nothing, or less than the file header. */
	if (stat(scratch("by-tool"), &stat_of) < 0 || stat_of.st_size < 24)
		return 0;
	c = capture_read(scratch("by-tool"), "", 64);
	n = c.n;
	capture_free(&c);
	return n;
}

Test(stream, a_truncated_file_has_the_frames_its_tool_extracts_then_an_error,
     .init = need_codecs)
{
	struct capture whole = capture_read(make_file("plain", 3000), "", 64);

	for (const struct tool *t = tools; t->codec; t++) {
		const char *const message[] = { "truncated", t->codec,
						"at byte", "decompressed",
						NULL };
		struct bytes packed = load(compress(t, plain(), "packed"));

		for (unsigned i = 1; i < 8; i++) {
			size_t size = packed.size * i / 8;
			struct capture c;
			size_t least;
			char text[256];

			scratch_file("cut", packed.data, size);
			least = count_by_tool(t->codec, scratch("cut"));
			if (least == 0 && open_code(scratch("cut"), "", text,
						    sizeof(text)) < 0) {
				expect_texts(text, message);
				continue;
			}
			c = capture_read(scratch("cut"), "", 64);
			expect_prefix(&c, &whole, least);
			expect_prefix(&c, &whole, c.n);
			EXPECT_EQ(c.end, -EBADMSG);
			expect_texts(c.text, message);
			capture_free(&c);
		}
		bytes_free(&packed);
	}
	capture_free(&whole);
}

Test(stream, a_damaged_file_has_the_frames_before_the_damage_then_an_error,
     .init = need_codecs)
{
	struct capture whole = capture_read(make_file("plain", 8000), "", 64);

	for (const struct tool *t = tools; t->codec; t++) {
		const char *const message[] = { "damaged", "at byte",
						"decompressed", NULL };
		struct bytes packed = load(compress(t, plain(), "packed"));
		struct capture c;

		memset(packed.data + packed.size * 7 / 8, 0xff, 4000);
		scratch_file("bad", packed.data, packed.size);
		c = capture_read(scratch("bad"), "", 64);
		/*
		 * A block of lz4 has up to 4 MiB and is decompressed as a
		 * whole. A checksum follows its data, so some wrong frames may
		 * be received before the error.
		 */
		expect_prefix(&c, &whole, 5500);
		EXPECT(c.end == -EBADMSG, "%s: %d %s", t->codec, c.end, c.text);
		expect_texts(c.text, message);
		capture_free(&c);
		bytes_free(&packed);
	}
	capture_free(&whole);
}

Test(stream, trailing_garbage_is_an_error_after_all_frames, .init = need_codecs)
{
	make_file("plain", 50);
	for (const struct tool *t = tools; t->codec; t++) {
		const char *const message[] = { "unknown data after", t->codec,
						NULL };
		struct bytes packed = load(compress(t, plain(), "packed"));
		struct capture c;

		bytes_add(&packed, "garbage", 7);
		c = capture_read(scratch_file("bad", packed.data, packed.size),
				 "", 64);
		EXPECT_EQ(c.n, 50);
		EXPECT_EQ(c.end, -EBADMSG);
		expect_texts(c.text, message);
		capture_free(&c);
		bytes_free(&packed);
	}
}

Test(stream, a_zstd_frame_with_a_large_window_is_refused_unless_allowed,
     .init = need_codecs)
{
	static const char *const message[] = { "zstd", "window", "8192 KiB",
					       NULL };
	const char *path = make_file("plain", 40000);
	struct tool tool = {
		"zstd", { "zstd", "-q", "-c", "--single-thread", "--long=24" }
	};
	const char *packed = compress(&tool, path, "packed");
	struct capture whole = capture_read(path, "", 64);
	struct capture c;
	char text[256];

	EXPECT_EQ(open_code(packed, "", text, sizeof(text)), -EFBIG);
	expect_texts(text, message);
	c = capture_read(packed, "?window=32M", 64);
	capture_expect_same(&c, &whole, "with a larger window");
	capture_free(&c);
	capture_free(&whole);
}

Test(stream, a_compressed_file_can_be_looped, .init = need_codecs)
{
	make_file("plain", 700);
	for (const struct tool *t = tools; t->codec; t++) {
		struct capture c = capture_read(compress(t, plain(), "packed"),
						"?loop=3", 64);

		EXPECT_EQ(c.n, 3 * 700);
		EXPECT_EQ(c.end, PKTIO_EOF);
		capture_free(&c);
	}
}

/* ---- The thread --------------------------------------------------------- */

/* The number of threads; *blocked: the signals that the last one blocks. */
static unsigned count_threads(uint64_t *blocked)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	unsigned n = 0;

	REQUIRE(dir, "no /proc");
	while ((entry = readdir(dir))) {
		char path[300], status[4096];
		const char *at;

		if (entry->d_name[0] == '.')
			continue;
		n++;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
			 entry->d_name);
		read_text(path, status, sizeof(status));
		at = strstr(status, "SigBlk:");
		if (at && strtol(entry->d_name, NULL, 10) != getpid())
			*blocked = strtoull(at + 7, NULL, 16);
	}
	closedir(dir);
	return n;
}

Test(stream, the_thread_exists_only_if_needed_and_blocks_signals,
     .init = need_codecs)
{
	const char *path =
		compress(tool_of("gzip"), make_file("plain", 20000), "packed");
	struct pktio_ring *ring;
	struct pktio_frame f[MOST];
	uint64_t blocked = 0;
	unsigned before = count_threads(&blocked);
	int n;

	ring = open_file(path, "", PKTIO_RECV);
	EXPECT_EQ(count_threads(&blocked), before);
	/* The part that open read has an end. */
	for (unsigned i = 0; i < 1000; i++) {
		n = pktio_recv(ring, f, MOST);
		REQUIRE(n > 0, "%s", pktio_last_error(ring));
		pktio_release(ring, f, (unsigned)n);
		if (count_threads(&blocked) > before)
			break;
	}
	EXPECT_EQ(count_threads(&blocked), before + 1);
	EXPECT(blocked & 1U << (SIGTERM - 1), "it does not block SIGTERM");
	EXPECT(blocked & 1U << (SIGINT - 1), "it does not block SIGINT");
	pktio_close(ring);
	EXPECT_EQ(count_threads(&blocked), before);
}

Test(stream, close_does_not_wait_for_an_idle_pipe, .init = need_codecs)
{
	struct bytes packed = load(
		compress(tool_of("zstd"), make_file("plain", 300), "packed"));
	int pipes[2];
	struct pktio_ring *ring;
	struct pktio_frame f;
	uint64_t start;

	REQUIRE_EQ(pipe2(pipes, O_CLOEXEC), 0);
	REQUIRE_EQ(dup2(pipes[0], STDIN_FILENO), 0);
	/* The end of the file is missing and never arrives. */
	REQUIRE(packed.size < 300000, "too much");
	(void)fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
	REQUIRE_EQ(write(pipes[1], packed.data, packed.size - 1),
		   packed.size - 1);
	ring = open_file("-", "", PKTIO_RECV);
	while (pktio_wait(ring, 100) == 1) {
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		pktio_release(ring, &f, 1);
	}
	EXPECT_EQ(pktio_recv(ring, &f, 1), 0);
	start = now_ns();
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	EXPECT(now_ns() - start >= 49 * NS_PER_MS, "it did not wait");
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	start = now_ns();
	pktio_close(ring);
	EXPECT(now_ns() - start < 1000 * NS_PER_MS, "close waited");
	bytes_free(&packed);
}

Test(stream, close_stops_decompression_at_any_point, .init = need_codecs)
{
	const char *path =
		compress(tool_of("lz4"), make_file("plain", 20000), "packed");

	for (int bursts = 0; bursts < 100; bursts += 9) {
		struct pktio_ring *ring = open_file(path, "", PKTIO_RECV);
		struct pktio_frame f[MOST];

		for (int i = 0; i < bursts; i++) {
			int n = pktio_recv(ring, f, MOST);

			REQUIRE(n > 0, "%s", pktio_last_error(ring));
			pktio_release(ring, f, (unsigned)n);
		}
		pktio_close(ring);
	}
}

/* ---- Followed ----------------------------------------------------------- */

static int start_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	REQUIRE(fd >= 0, "%s", strerror(errno));
	return fd;
}

/* Follows a file to which a thread appends a few bytes at a time. */
static void follow(struct bytes bytes, unsigned n)
{
	const char *path = scratch("growing");
	struct feed feed = { .bytes = bytes, .step = 377, .pause = 100000 };
	struct pktio_ring *ring;
	struct pktio_frame frames[MOST];
	unsigned got = 0;

	feed.fd = start_file(path);
	REQUIRE_EQ(pthread_create(&feed.thread, NULL, feed_slowly, &feed), 0);
	ring = open_file(path, "?follow=yes", PKTIO_RECV);
	EXPECT(pktio_fd(ring) >= 0, "no descriptor");
	while (got < n && pktio_wait(ring, 5000) == 1) {
		int r = pktio_recv(ring, frames, MOST);

		REQUIRE(r >= 0, "%d %s", r, pktio_last_error(ring));
		for (int i = 0; i < r; i++, got++)
			EXPECT_EQ(frames[i].ts / 1000000000, SECONDS + got);
		pktio_release(ring, frames, (unsigned)r);
	}
	EXPECT_EQ(got, n);
	feed_end(&feed); /* a closed writer does not end a followed file */
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	EXPECT_EQ(pktio_recv(ring, frames, MOST), 0);
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	pktio_close(ring);
}

Test(stream, a_growing_pcap_file_is_followed_frame_by_frame)
{
	follow(make(300), 300);
}

Test(stream, a_growing_pcapng_file_is_followed_frame_by_frame)
{
	const char *argv[] = { "editcap",     "-F",
			       "pcapng",      make_file("plain", 300),
			       scratch("ng"), NULL };

	REQUIRE_EQ(run_tool(NULL, argv), 0);
	follow(load(argv[4]), 300);
}

/* No one appends, so no event reports the existing bytes. */
Test(stream, a_followed_file_is_read_to_its_end_before_a_wait)
{
	static const char *const options[] = {
		"?follow=yes&buffer-size=4K",
		"?follow=yes&buffer-size=4K&skip=1",
		"?follow=yes&buffer-size=4K&rate=1Mpps",
	};
	const char *path = make_file("file", 300);

	for (unsigned i = 0; i < 3; i++) {
		struct pktio_ring *ring =
			open_file(path, options[i], PKTIO_RECV);
		unsigned n = i == 1 ? 299 : 300;
		struct pktio_frame frames[MOST];
		unsigned got = 0;

		while (got < n && pktio_wait(ring, 2000) == 1) {
			int r = pktio_recv(ring, frames, MOST);

			REQUIRE(r >= 0, "%d %s", r, pktio_last_error(ring));
			pktio_release(ring, frames, (unsigned)r);
			got += (unsigned)r;
		}
		EXPECT(got == n, "%s: %u frames", options[i], got);
		EXPECT_EQ(pktio_wait(ring, 20), 0);
		pktio_close(ring);
	}
}

/*
 * A file with 10 frames and a part of the next, followed and read up to there.
 */
static struct pktio_ring *follow_start(const char *path, int *fd)
{
	struct bytes b = make(10);
	struct pktio_ring *ring;
	struct pktio_frame f[MOST];

	*fd = start_file(path);
	bytes_add(&b, "bit", 3);
	REQUIRE_EQ(write(*fd, b.data, b.size), b.size);
	ring = open_file(path, "?follow=yes", PKTIO_RECV);
	EXPECT_EQ(pktio_recv(ring, f, MOST), 10);
	EXPECT_EQ(pktio_recv(ring, f, MOST), 0);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
	bytes_free(&b);
	return ring;
}

Test(stream, a_followed_file_may_be_renamed)
{
	const char *path = make_file("growing", 10);
	struct pktio_ring *ring = open_file(path, "?follow=yes", PKTIO_RECV);
	struct bytes less = make(10);
	struct bytes more = make(11);
	struct pktio_frame f[MOST];
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	EXPECT_EQ(pktio_recv(ring, f, MOST), 10);
	EXPECT_EQ(pktio_recv(ring, f + 10, 1), 0);
	REQUIRE_EQ(rename(path, scratch("rotated")), 0);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
	REQUIRE_EQ(write(fd, more.data + less.size, more.size - less.size),
		   more.size - less.size);
	EXPECT_EQ(pktio_wait(ring, 5000), 1);
	EXPECT_EQ(pktio_recv(ring, f + 10, 1), 1);
	pktio_release(ring, f, 11);
	pktio_close(ring);
	close(fd);
	bytes_free(&less);
	bytes_free(&more);
}

Test(stream, a_deleted_followed_file_is_read_to_its_end)
{
	const char *path = make_file("growing", 10);
	struct pktio_ring *ring = open_file(path, "?follow=yes", PKTIO_RECV);
	struct pktio_frame f[MOST];

	EXPECT_EQ(pktio_recv(ring, f, MOST), 10);
	EXPECT_EQ(pktio_recv(ring, f, MOST), 0);
	REQUIRE_EQ(unlink(path), 0);
	EXPECT_EQ(pktio_wait(ring, 5000), 1);
	EXPECT_EQ(pktio_recv(ring, f, MOST), PKTIO_EOF);
	pktio_close(ring);
}

Test(stream, a_followed_file_deleted_within_a_record_is_an_error)
{
	const char *path = scratch("growing");
	struct pktio_frame f[MOST];
	int fd;
	struct pktio_ring *ring = follow_start(path, &fd);

	REQUIRE_EQ(unlink(path), 0);
	EXPECT_EQ(pktio_wait(ring, 5000), 1);
	EXPECT_EQ(pktio_recv(ring, f, MOST), -EBADMSG);
	EXPECT_CONTAINS(pktio_last_error(ring), "truncated record");
	pktio_close(ring);
	close(fd);
}

Test(stream, truncating_a_followed_file_is_an_error)
{
	const char *path = scratch("growing");
	struct pktio_frame f[MOST];
	int fd;
	struct pktio_ring *ring = follow_start(path, &fd);

	REQUIRE_EQ(ftruncate(fd, 100), 0);
	EXPECT_EQ(pktio_wait(ring, 5000), 1);
	EXPECT_EQ(pktio_recv(ring, f, MOST), -ESTALE);
	EXPECT_CONTAINS(pktio_last_error(ring), "truncated to 100 bytes");
	EXPECT_EQ(pktio_recv(ring, f, MOST), -ESTALE);
	pktio_close(ring);
	close(fd);
}

Test(stream, only_a_regular_uncompressed_file_can_be_followed)
{
	const char *plain = make_file("plain", 10);
	char text[256];
	int pipes[2];

	EXPECT_EQ(open_code(compress(tool_of("gzip"), plain, "packed"),
			    "?follow=yes", text, sizeof(text)),
		  -ENOTSUP);
	EXPECT_CONTAINS(text, "gzip");
	REQUIRE_EQ(pipe2(pipes, O_CLOEXEC), 0);
	REQUIRE_EQ(dup2(pipes[0], STDIN_FILENO), 0);
	REQUIRE_EQ(write(pipes[1], "12345678", 8), 8);
	EXPECT_EQ(open_code("-", "?follow=yes", text, sizeof(text)), -EINVAL);
	EXPECT_CONTAINS(text, "regular");
}

Test(stream, a_file_compressed_twice_is_refused, .init = need_codecs)
{
	static const char *const message[] = { "compressed with gzip",
					       "decompress it", NULL };
	const struct tool *tool = tool_of("gzip");
	const char *once = compress(tool, make_file("plain", 10), "once");
	char text[256];

	EXPECT_EQ(open_code(compress(tool, once, "twice"), "", text,
			    sizeof(text)),
		  -ENOTSUP);
	expect_texts(text, message);
}
