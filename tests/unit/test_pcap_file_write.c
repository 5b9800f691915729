/* SPDX-License-Identifier: BSD-3-Clause */
/* pcap_file as a writer. Other tools read the files. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/capture.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/ring.h"

#define FIRST_TS UINT64_C(1700000000123456789)

TestSuite(pcap_file_write, .fini = scratch_remove);

/*
 * Sends the i-th of a sequence of frames. Returns the result of send, or of
 * alloc if it failed.
 */
static int send_one(struct pktio_ring *ring, unsigned i)
{
	struct pktio_frame f;
	uint32_t caplen = i * 71 % 1500;
	int r = pktio_alloc(ring, &f, 1);

	if (r != 1)
		return r;
	memset(pktio_frame_wdata(&f), (int)i, caplen);
	f.caplen = caplen;
	f.wirelen = caplen + i % 2;
	f.ts = FIRST_TS + i * UINT64_C(1000001);
	r = pktio_send(ring, &f, 1);
	if (r <= 0)
		pktio_release(ring, &f, 1);
	return r;
}

static void write_frames(const char *path, const char *options, unsigned n)
{
	struct pktio_ring *ring = open_file(path, options, PKTIO_SEND);
	struct pktio_stats stats = { .size = sizeof(stats) };

	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(send_one(ring, i), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.sent, n);
	EXPECT_EQ(stats.send_failed, 0);
	pktio_close(ring);
}

/* Expects the first n frames of the sequence in the file, with such times. */
static void expect_frames(const char *path, unsigned n, uint64_t tick)
{
	struct capture c = capture_read(path, "", 64);

	EXPECT_EQ(c.end, PKTIO_EOF);
	REQUIRE_EQ(c.n, n);
	for (unsigned i = 0; i < n; i++) {
		const struct kept *f = &c.frames[i];
		uint64_t ts = FIRST_TS + i * UINT64_C(1000001);

		EXPECT_EQ(f->ts, ts / tick * tick);
		EXPECT_EQ(f->caplen, i * 71 % 1500);
		EXPECT_EQ(f->wirelen, f->caplen + i % 2);
		if (f->caplen > 0)
			EXPECT_EQ(f->data[f->caplen - 1], i % 256);
	}
	capture_free(&c);
}

Test(pcap_file_write, written_files_are_read_by_pktio_and_libpcap)
{
	const char *path = scratch("file");

	write_frames(path, "?timestamp-precision=us", 3000);
	expect_frames(path, 3000, 1000);
	capture_compare(path, "written in microseconds");
	write_frames(path, "", 2000);
	expect_frames(path, 2000, 1);
	capture_compare(path, "written in nanoseconds");
	write_frames(path, "?buffer-size=4K", 1000);
	expect_frames(path, 1000, 1);
}

Test(pcap_file_write, tshark_reads_written_files)
{
	const char *path = scratch("file");
	const char *out = scratch("out");
	const char *const argv[] = { "tshark",
				     "-r",
				     path,
				     "-T",
				     "fields",
				     "-e",
				     "frame.time_epoch",
				     "-e",
				     "frame.len",
				     "-e",
				     "frame.cap_len",
				     NULL };
	char text[256];

	write_frames(path, "", 3);
	EXPECT_EQ(run_tool(out, argv), 0);
	read_text(out, text, sizeof(text));
	EXPECT_STR(text, "1700000000.123456789\t0\t0\n"
			 "1700000000.124456790\t72\t71\n"
			 "1700000000.125456791\t142\t142\n");
}

Test(pcap_file_write, tcpdump_reads_written_files)
{
	const char *path = scratch("file");
	const char *out = scratch("out");
	const char *const argv[] = { "tcpdump", "-r", path, "-tt",
				     "-w",      out,  NULL };

	write_frames(path, "?timestamp-precision=us", 500);
	EXPECT_EQ(run_tool(NULL, argv), 0);
	expect_frames(out, 500, 1000);
}

Test(pcap_file_write, capinfos_counts_the_written_frames)
{
	const char *path = scratch("file");
	const char *out = scratch("out");
	const char *const argv[] = { "capinfos", "-T", "-r", "-m",
				     "-c",       path, NULL };
	char text[512];

	write_frames(path, "", 777);
	EXPECT_EQ(run_tool(out, argv), 0);
	read_text(out, text, sizeof(text));
	EXPECT_CONTAINS(text, ",777", "'%s'", text);
}

Test(pcap_file_write, inject_writes_an_equal_copy_of_a_file)
{
	struct bytes b = { 0 };
	struct layout ns = { .nanoseconds = true };
	const char *in;
	const char *out = scratch("out");
	struct pktio_ring *from;
	struct pktio_ring *to;
	struct pktio_frame frames[32];
	char *copy;
	int n;

	bytes_header(&b, ns, 262144, 101);
	for (unsigned i = 0; i < 1000; i++)
		bytes_record(&b, ns, i, i, i * 13 % 3000, 3000, (uint8_t)i);
	bytes_record(&b, ns, UINT32_MAX, 999999999, 65535, 70000, 1);
	in = scratch_file("in", b.data, b.size);
	from = open_file(in, "", PKTIO_RECV);
	to = open_file(out, "?linktype=101", PKTIO_SEND);
	while ((n = pktio_recv(from, frames, 32)) > 0) {
		EXPECT_EQ(pktio_inject(to, frames, (unsigned)n), n);
		pktio_release(from, frames, (unsigned)n);
	}
	pktio_close(from);
	pktio_close(to);
	copy = calloc(1, b.size + 2);
	read_text(out, copy, b.size + 2);
	EXPECT_BYTES(copy, b.data, b.size + 1, "the files differ");
	free(copy);
	bytes_free(&b);
}

Test(pcap_file_write, many_frames_are_sent_in_bursts_and_in_any_order)
{
	const char *path = scratch("file");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	struct pktio_frame frames[64];
	struct capture c;
	unsigned sent = 0;

	REQUIRE_EQ(pktio_alloc(ring, frames, 64), 64);
	for (unsigned i = 0; i < 64; i++) {
		struct pktio_frame *f = &frames[i];

		EXPECT(f->tailroom == 65535 && f->caplen == 0, "not empty");
		memset(pktio_frame_wdata(f), (int)i, 20000);
		f->caplen = 20000;
	}
	/* The second half first; some are released unsent. */
	pktio_release(ring, frames + 32, 1);
	for (unsigned at = 33; at < 64;) {
		int n = pktio_send(ring, frames + at, 64 - at);

		REQUIRE(n > 0, "%d %s", n, pktio_last_error(ring));
		at += (unsigned)n;
	}
	while (sent < 32) {
		int n = pktio_send(ring, frames + sent, 32 - sent);

		REQUIRE(n > 0, "%d %s", n, pktio_last_error(ring));
		sent += (unsigned)n;
	}
	pktio_close(ring);
	c = capture_read(path, "", 64);
	REQUIRE_EQ(c.n, 63);
	for (unsigned i = 0; i < 63; i++)
		EXPECT_EQ(c.frames[i].data[19999], i < 31 ? i + 33 : i - 31);
	capture_free(&c);
}

Test(pcap_file_write, a_frame_longer_than_snaplen_is_truncated)
{
	const char *path = scratch("file");
	struct capture c;

	write_frames(path, "?snaplen=100", 10);
	c = capture_read(path, "", 64);
	REQUIRE_EQ(c.n, 10);
	EXPECT_EQ(c.frames[1].caplen, 71);
	EXPECT_EQ(c.frames[9].caplen, 100);
	EXPECT_EQ(c.frames[9].wirelen, 640);
	capture_free(&c);
	capture_compare(path, "snaplen");
}

Test(pcap_file_write, a_frame_that_the_format_cannot_store_is_refused)
{
	struct pktio_ring *ring = open_file(scratch("file"), "", PKTIO_SEND);
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame f;

	REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
	f.linktype = 101;
	EXPECT_EQ(pktio_send(ring, &f, 1), -EINVAL);
	EXPECT_CONTAINS(pktio_last_error(ring), "link type 101", "'%s'",
			pktio_last_error(ring));
	f.linktype = 1;
	f.ts = UINT64_C(5000000000000000000);
	EXPECT_EQ(pktio_send(ring, &f, 1), -ERANGE);
	f.ts = 0;
	f.nvlan = 1;
	EXPECT_EQ(pktio_send(ring, &f, 1), -EINVAL);
	f.nvlan = 0;
	EXPECT_EQ(pktio_send(ring, &f, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.sent, 1);
	pktio_close(ring);
}

Test(pcap_file_write, alloc_returns_free_buffers_and_more_after_release)
{
	struct pktio_ring *ring = open_file(scratch("file"), "", PKTIO_SEND);
	struct pktio_frame frames[300];
	int n = pktio_alloc(ring, frames, 300);

	EXPECT(n > 0 && n < 300, "%d", n);
	EXPECT_EQ(pktio_alloc(ring, frames + n, 1), 0);
	pktio_release(ring, frames, 2);
	EXPECT_EQ(pktio_alloc(ring, frames, 3), 2);
	pktio_close(ring);
}

/* ---- Failures ----------------------------------------------------------- */

static void expect_file_refused(const char *path, int code, const char *text)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	char uri[256];

	snprintf(uri, sizeof(uri), "pcap_file:%s", path);
	expect_open_fails(uri, &args, code, text);
}

Test(pcap_file_write, open_refuses_a_file_that_cannot_be_written)
{
	expect_file_refused("/dev/full", -ENOSPC, "No space left");
	expect_file_refused("/tmp", -EISDIR, "directory");
	expect_file_refused("/nonexistent/x", -ENOENT, "'/nonexistent/x'");
}

Test(pcap_file_write, a_failed_open_leaves_no_partial_file)
{
	const char *path = scratch("file");
	struct stat stat;

	limit_file_size(10);
	expect_file_refused(path, -EFBIG, "File too large");
	unlimit_file_size();
	EXPECT(lstat(path, &stat) < 0 && errno == ENOENT, "the file exists");
}

Test(pcap_file_write, a_full_disk_is_reported_at_once_and_leaves_whole_frames)
{
	const char *path = scratch("file");
	struct pktio_ring *ring =
		open_file(path, "?buffer-size=4K", PKTIO_SEND);
	struct pktio_stats stats = { .size = sizeof(stats) };
	unsigned taken = 0;
	int r;

	limit_file_size(100000);
	while ((r = send_one(ring, taken)) == 1)
		taken++;
	unlimit_file_size();
	EXPECT_EQ(r, -EFBIG);
	EXPECT(strstr(pktio_last_error(ring), "File too large") &&
		       strstr(pktio_last_error(ring), "frames are lost"),
	       "'%s'", pktio_last_error(ring));
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT(stats.sent > 50 && stats.send_failed > 0,
	       "%u sent and %u failed", (unsigned)stats.sent,
	       (unsigned)stats.send_failed);
	EXPECT_EQ(stats.sent + stats.send_failed, taken);
	expect_frames(path, (unsigned)stats.sent, 1);
	/* Buffers are free again. */
	EXPECT_EQ(send_one(ring, (unsigned)stats.sent), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	expect_frames(path, (unsigned)stats.sent + 1, 1);
	pktio_close(ring);
}

Test(pcap_file_write, a_closed_pipe_is_reported_and_its_frames_are_counted)
{
	const char *path = scratch("fifo");
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_ring *ring;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	REQUIRE_EQ(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ring = open_file(path, "", PKTIO_SEND);
	EXPECT_EQ(send_one(ring, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	close(fd);
	EXPECT_EQ(send_one(ring, 2), 1);
	EXPECT_EQ(pktio_flush(ring), -EPIPE);
	EXPECT_CONTAINS(pktio_last_error(ring), "1 frames are lost", "'%s'",
			pktio_last_error(ring));
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.sent, 1);
	EXPECT_EQ(stats.send_failed, 1);
	pktio_close(ring);
}

static void *close_soon(void *fd)
{
	static const struct timespec pause = { .tv_nsec = 50000000 };

	nanosleep(&pause, NULL);
	close(*(int *)fd);
	return NULL;
}

Test(pcap_file_write, a_pipe_is_not_written_after_half_a_frame)
{
	const char *path = scratch("fifo");
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_ring *ring;
	pthread_t thread;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	REQUIRE_EQ(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	EXPECT(fcntl(fd, F_SETPIPE_SZ, 4096) == 4096, "%s", strerror(errno));
	ring = open_file(path, "", PKTIO_SEND);
	for (unsigned i = 0; i < 40; i++)
		EXPECT_EQ(send_one(ring, i), 1);
	/*
	 * The flush fills the pipe, and blocks until the reader has closed it.
	 */
	REQUIRE_EQ(pthread_create(&thread, NULL, close_soon, &fd), 0);
	EXPECT_EQ(pktio_flush(ring), -EPIPE);
	pthread_join(thread, NULL);
	EXPECT_CONTAINS(pktio_last_error(ring), "the last one is incomplete",
			"'%s'", pktio_last_error(ring));
	EXPECT_EQ(send_one(ring, 40), -EPIPE);
	EXPECT_CONTAINS(pktio_last_error(ring), "ends within a frame", "'%s'",
			pktio_last_error(ring));
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT(stats.sent > 0, "no frame was sent");
	EXPECT_EQ(stats.sent + stats.send_failed, 40);
	pktio_close(ring);
}

Test(pcap_file_write, standard_output_is_written_from_its_current_offset)
{
	const char *path = scratch_file("file", "before", 6);
	struct stat stat;
	int saved = dup(STDOUT_FILENO);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	fflush(stdout);
	REQUIRE_EQ(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	write_frames("-", "", 2);
	REQUIRE_EQ(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	EXPECT_EQ(fstat(fd, &stat), 0);
	EXPECT_EQ(stat.st_size, 6 + 24 + 16 + 16 + 71);
	close(fd);
	close(saved);
}

Test(pcap_file_write, a_sink_has_no_descriptor_to_wait_for)
{
	struct pktio_ring *ring = open_file(scratch("file"), "", PKTIO_SEND);

	EXPECT_EQ(pktio_wait(ring, 0), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "not opened to receive");
	pktio_close(ring);
}
