/* SPDX-License-Identifier: BSD-3-Clause */
/* Failed writes are reported and counted, and written frames are safe. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/codecs.h"
#include "support/expect.h"
#include "support/expected_files.h"
#include "support/files.h"
#include "support/ring.h"

TestSuite(writer_failure, .fini = scratch_remove);

static const char *const names[] = { "a.pcap", "a.pcapng", "a.pcap.gz",
				     "a.pcapng.zst", "a.pcap.lz4" };
#define NNAMES (sizeof(names) / sizeof(names[0]))

/* ---- Files that cannot grow --------------------------------------------- */

/*
 * Injects frames until one fails. The counters tell how many are in the file.
 */
static unsigned fill(struct pktio_ring *ring, const struct frames *of, int *ret)
{
	uint8_t *room = malloc(of->longest + 8);
	unsigned i = 0;

	REQUIRE(room, "out of memory");
	for (*ret = 1; *ret == 1 && i < 100000; i += *ret == 1) {
		struct pktio_frame f = frames_make(of, i, room);

		*ret = pktio_inject(ring, &f, 1);
	}
	free(room);
	return i;
}

static void expect_failed(struct pktio_ring *ring, int code, unsigned taken)
{
	struct pktio_stats stats = ring_stats(ring);
	char message[32];

	snprintf(message, sizeof(message), "; %u frames are lost",
		 (unsigned)stats.send_failed);
	EXPECT(strstr(pktio_last_error(ring), strerror(-code)) &&
		       strstr(pktio_last_error(ring), message),
	       "'%s'", pktio_last_error(ring));
	EXPECT_EQ(stats.sent + stats.send_failed, taken);
	EXPECT(stats.sent > 0 && stats.send_failed > 0, "%u sent, %u failed",
	       (unsigned)stats.sent, (unsigned)stats.send_failed);
}

/* Expects the sent frames in the file, and one that is sent afterwards. */
static void expect_still_works(struct pktio_ring *ring, const char *path,
			       const struct frames *of)
{
	unsigned sent = (unsigned)ring_stats(ring).sent;
	struct capture expected = frames_expected(of, 0, sent, 1, 262144);

	expect_file(path, &expected, path);
	capture_free(&expected);
	EXPECT_EQ(frames_inject(ring, of, sent, sent + 30), 30);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, sent + 30);
	pktio_close(ring);
	expected = frames_expected(of, 0, sent + 30, 1, 262144);
	expect_file(path, &expected, path);
	capture_free(&expected);
}

Test(writer_failure, a_file_at_its_size_limit_ends_with_a_whole_frame,
     .init = need_codecs)
{
	struct frames of = { .seed = 1, .longest = 1500, .ifs = 4 };

	for (size_t i = 0; i < NNAMES; i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring =
			open_file(path, "?buffer-size=4K", PKTIO_SEND);
		unsigned taken;
		int r;

		limit_file_size(100001);
		taken = fill(ring, &of, &r);
		unlimit_file_size();
		EXPECT_EQ(r, -EFBIG);
		expect_failed(ring, -EFBIG, taken);
		expect_still_works(ring, path, &of);
	}
}

Test(writer_failure, a_failed_flush_reports_all_lost_frames,
     .init = need_codecs)
{
	struct frames of = { .seed = 2, .longest = 1500 };

	for (size_t i = 0; i < NNAMES; i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);

		EXPECT_EQ(frames_inject(ring, &of, 0, 50), 50);
		EXPECT_EQ(pktio_flush(ring), 0);
		EXPECT_EQ(frames_inject(ring, &of, 50, 100), 50);
		limit_file_size(1000);
		EXPECT_EQ(pktio_flush(ring), -EFBIG);
		unlimit_file_size();
		expect_failed(ring, -EFBIG, 100);
		EXPECT_EQ(ring_stats(ring).sent, 50);
		expect_still_works(ring, path, &of);
	}
}

static int inject_from(struct pktio_ring *ring, uint32_t ifindex)
{
	struct pktio_frame f = { .data = (const uint8_t *)"",
				 .ts = ifindex,
				 .linktype = 1,
				 .ifindex = ifindex };

	return pktio_inject(ring, &f, 1);
}

/* Expects n statistics blocks in the file with one lost frame each. */
static void expect_osdrop(const char *path, unsigned n)
{
	static const uint64_t option[] = { 7 | 8 << 16, 1 };
	uint8_t bytes[4096];
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
	unsigned found = 0;

	REQUIRE(size > 0, "%s", path);
	fclose(file);
	for (size_t at = 0; at + 12 <= size; at += 4)
		found += memcmp(bytes + at, option, 4) == 0 &&
			 memcmp(bytes + at + 4, &option[1], 8) == 0;
	EXPECT_EQ(found, n);
}

Test(writer_failure, a_lost_interface_description_is_written_again)
{
	static const uint32_t lost[] = { 0, 1, 2, 0 };
	static const uint32_t kept[] = { 2, 0, 3, 1 };
	const char *path = scratch("a.pcapng");
	const char *const argv[] = { "tshark",
				     "-r",
				     path,
				     "-T",
				     "fields",
				     "-e",
				     "frame.interface_id",
				     NULL };
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	char text[4096];
	size_t n;

	EXPECT_EQ(inject_from(ring, 0), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	for (size_t i = 0; i < 4; i++)
		EXPECT_EQ(inject_from(ring, lost[i]), 1);
	limit_file_size(200);
	EXPECT_EQ(pktio_flush(ring), -EFBIG);
	unlimit_file_size();
	/* The frame of interface 0 and the description of interface 1 fit. */
	EXPECT_EQ(ring_stats(ring).sent, 2);
	EXPECT_EQ(ring_stats(ring).send_failed, 3);
	for (size_t i = 0; i < 4; i++)
		EXPECT_EQ(inject_from(ring, kept[i]), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	n = ring_stats(ring).sent;
	pktio_close(ring);
	EXPECT_EQ(run_tool(scratch("out"), argv), 0);
	read_text(scratch("out"), text, sizeof(text));
	EXPECT_STR(text, "0\n0\n2\n0\n3\n1\n");
	expect_osdrop(path, 3);
	for (unsigned i = 0; i < 2; i++) {
		struct capture found = i ? capture_read(path, "", 64) :
					   capture_libpcap(path);

		EXPECT(found.end == PKTIO_EOF, "%s", found.text);
		REQUIRE_EQ(found.n, n);
		for (size_t k = 0; k < 4; k++)
			EXPECT_EQ(found.frames[n - 4 + k].ts, kept[k]);
		capture_free(&found);
	}
}

Test(writer_failure, the_next_call_reports_a_burst_that_failed_in_part)
{
	enum { N = 400 };
	static const uint8_t bytes[1000];
	struct pktio_ring *ring =
		open_file(scratch("a.pcap"), "?buffer-size=4K", PKTIO_SEND);
	struct pktio_frame frames[N];
	int n;

	for (unsigned i = 0; i < N; i++)
		frames[i] = (struct pktio_frame){ .data = bytes,
						  .caplen = 1000,
						  .linktype = 1 };
	limit_file_size(100000);
	n = pktio_inject(ring, frames, N);
	EXPECT(n > 90 && n < 110, "%d", n);
	EXPECT_EQ(pktio_inject(ring, frames + n, 1), -EFBIG);
	unlimit_file_size();
	expect_failed(ring, -EFBIG, (unsigned)n);
	/* The failure was reported. */
	EXPECT_EQ(pktio_inject(ring, frames + n, 1), 1);
	EXPECT_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
}

Test(writer_failure, flush_reports_a_burst_that_failed_before)
{
	enum { N = 400 };
	static const uint8_t bytes[1000];
	struct pktio_ring *ring =
		open_file(scratch("a.pcap"), "?buffer-size=4K", PKTIO_SEND);
	struct pktio_frame frames[N];
	int n;

	for (unsigned i = 0; i < N; i++)
		frames[i] = (struct pktio_frame){ .data = bytes,
						  .caplen = 1000,
						  .linktype = 1 };
	limit_file_size(100000);
	n = pktio_inject(ring, frames, N);
	unlimit_file_size();
	EXPECT(n > 90 && n < 110, "%d", n);
	EXPECT_EQ(pktio_flush(ring), -EFBIG);
	expect_failed(ring, -EFBIG, (unsigned)n);
	EXPECT_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
}

Test(writer_failure, close_truncates_what_it_cannot_write, .init = need_codecs)
{
	struct frames of = { .seed = 4, .longest = 500 };

	for (size_t i = 0; i < NNAMES; i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
		struct capture expected;

		EXPECT_EQ(frames_inject(ring, &of, 0, 20), 20);
		EXPECT_EQ(pktio_flush(ring), 0);
		EXPECT_EQ(frames_inject(ring, &of, 20, 21), 1);
		limit_file_size(100);
		pktio_close(ring);
		unlimit_file_size();
		expected = frames_expected(&of, 0, 20, 1, 262144);
		expect_file(path, &expected, path);
		capture_free(&expected);
	}
}

Test(writer_failure, finish_reports_what_cannot_be_written_at_the_end,
     .init = need_codecs)
{
	struct frames of = { .seed = 5, .longest = 500 };

	for (size_t i = 0; i < NNAMES; i++) {
		const char *path = scratch(names[i]);
		struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
		bool ends = strstr(names[i], ".pcapng");
		struct capture expected;

		EXPECT_EQ(frames_inject(ring, &of, 0, 20), 20);
		EXPECT_EQ(pktio_flush(ring), 0);
		limit_file_size(100);
		EXPECT_EQ(pktio_finish(ring), ends ? -EFBIG : 0);
		unlimit_file_size();
		if (ends)
			EXPECT_CONTAINS(pktio_last_error(ring), "too large");
		EXPECT_EQ(frames_inject(ring, &of, 20, 21), 0);
		EXPECT_EQ(pktio_finish(ring), 0);
		EXPECT_EQ(ring_stats(ring).sent, 20);
		pktio_close(ring);
		expected = frames_expected(&of, 0, 20, 1, 262144);
		expect_file(path, &expected, path);
		capture_free(&expected);
	}
}

Test(writer_failure, a_finished_file_refuses_frames)
{
	static const char *const options[] = { "", "?rotate-count=100" };
	struct frames of = { .seed = 6, .longest = 500 };

	for (size_t i = 0; i < 2; i++) {
		struct pktio_ring *ring =
			open_file(scratch("a.pcapng"), options[i], PKTIO_SEND);
		uint8_t room[512];
		struct pktio_frame f = frames_make(&of, 0, room);

		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
		EXPECT_EQ(pktio_finish(ring), 0);
		EXPECT_EQ(ring_stats(ring).sent, 1);
		EXPECT_EQ(pktio_inject(ring, &f, 1), -ESHUTDOWN);
		EXPECT_CONTAINS(pktio_last_error(ring),
				"pktio_finish() was called");
		EXPECT_EQ(pktio_flush(ring), 0);
		pktio_close(ring);
	}
}

Test(writer_failure, open_refuses_a_full_device, .init = need_codecs)
{
	static const char *const queries[] = { "", "?format=pcapng",
					       "?compress=gzip",
					       "?compress=zstd",
					       "?compress=lz4" };

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.mode = PKTIO_SEND };
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;
		char uri[64];

		snprintf(uri, sizeof(uri), "pcap_file:/dev/full%s", queries[i]);
		EXPECT_EQ(pktio_open(&ring, uri, &args, &error), -ENOSPC);
		EXPECT_STR(
			error.text,
			"pcap_file: '/dev/full': cannot write: No space left on device");
	}
}

Test(writer_failure, a_pipe_without_a_reader_is_reported_for_every_format,
     .init = need_codecs)
{
	static const char *const queries[] = { "", "?format=pcapng",
					       "?compress=zstd" };
	struct frames of = { .seed = 5, .longest = 500 };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		const char *path = scratch("fifo");
		struct pktio_ring *ring;
		int fd;

		unlink(path);
		REQUIRE_EQ(mkfifo(path, 0600), 0);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		ring = open_file(path, queries[i], PKTIO_SEND);
		EXPECT_EQ(frames_inject(ring, &of, 0, 9), 9);
		EXPECT_EQ(pktio_flush(ring), 0);
		close(fd);
		EXPECT_EQ(frames_inject(ring, &of, 9, 16), 7);
		EXPECT_EQ(pktio_flush(ring), -EPIPE);
		expect_failed(ring, -EPIPE, 16);
		EXPECT_EQ(ring_stats(ring).send_failed, 7);
		pktio_close(ring);
	}
}

static void *read_slowly(void *fds)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };
	const int *fd = fds;
	char bytes[5000];
	ssize_t n;

	while ((n = read(fd[0], bytes, sizeof(bytes))) > 0) {
		if (write(fd[1], bytes, (size_t)n) != n)
			break;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

Test(writer_failure, a_slow_non_blocking_pipe_gets_every_frame)
{
	struct frames of = { .seed = 10, .longest = 3000 };
	struct capture expected = frames_expected(&of, 0, 1000, 1, 262144);
	int saved = dup(STDOUT_FILENO);
	struct pktio_ring *ring;
	pthread_t thread;
	int ends[2];
	int fds[2];

	fflush(stdout);
	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	REQUIRE_EQ(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	fds[0] = ends[0];
	fds[1] = open(scratch("out"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE_EQ(pthread_create(&thread, NULL, read_slowly, fds), 0);
	REQUIRE_EQ(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	ring = open_file("-", "", PKTIO_SEND);
	REQUIRE_EQ(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	EXPECT_EQ(frames_inject(ring, &of, 0, 1000), 1000);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, 1000);
	pktio_close(ring);
	pthread_join(thread, NULL);
	expect_file(scratch("out"), &expected, "a pipe");
	capture_free(&expected);
	close(ends[0]);
	close(fds[1]);
	close(saved);
}

/* ---- A disk that is full ------------------------------------------------ */

/* The results of a child that wrote to its own tmpfs. */
struct verdict {
	int mounted; /* 0, or errno */
	int open, code, flush;
	unsigned taken;
	struct pktio_stats stats;
	char text[256];
};

static const struct frames disk_frames = { .seed = 6, .longest = 1500 };

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return good;
}

/*
 * Mounts a tmpfs of 64 KiB in new namespaces of this process; returns 0 or
 * errno.
 */
static int mount_small(const char *directory)
{
	char users[32];
	char groups[32];

	snprintf(users, sizeof(users), "0 %u 1", (unsigned)getuid());
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno;
	if (!write_text("/proc/self/setgroups", "deny") ||
	    !write_text("/proc/self/uid_map", users) ||
	    !write_text("/proc/self/gid_map", groups))
		return errno;
	return mount("none", directory, "tmpfs", 0, "size=64k") < 0 ? errno : 0;
}

/* Injects until a call fails or all frames are written, and flushes. */
static void fill_disk(struct verdict *v, const char *path, const char *options,
		      unsigned most)
{
	static uint8_t room[2000];
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_ring *ring = NULL;
	char uri[256];

	snprintf(uri, sizeof(uri), "pcap_file:%s%s", path, options);
	v->open = pktio_open(&ring, uri, &args, NULL);
	if (v->open < 0)
		return;
	for (v->code = 1; v->code == 1 && v->taken < most;) {
		struct pktio_frame f =
			frames_make(&disk_frames, v->taken, room);

		v->code = pktio_inject(ring, &f, 1);
		v->taken += v->code == 1;
	}
	snprintf(v->text, sizeof(v->text), "%s", pktio_last_error(ring));
	v->flush = pktio_flush(ring);
	v->stats.size = sizeof(v->stats);
	pktio_get_stats(ring, &v->stats);
	pktio_close(ring);
}

/*
 * In a child: writes up to `most` frames to a file on the small disk, then
 * copies all files of that disk to its parent directory.
 */
static struct verdict on_small_disk(const char *name, const char *options,
				    unsigned most)
{
	struct verdict *v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *disk = scratch("disk");
	struct verdict ret;
	char path[160];
	pid_t pid;

	REQUIRE(v != MAP_FAILED, "%s", strerror(errno));
	mkdir(disk, 0700);
	snprintf(path, sizeof(path), "%s/%s", disk, name);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		v->mounted = mount_small(disk);
		if (v->mounted == 0) {
			fill_disk(v, path, options, most);
			snprintf(path, sizeof(path), "cp %s/* %s/..", disk,
				 disk);
			if (system(path) != 0) /* NOLINT(cert-env33-c): ours */
				v->open = -EIO;
		}
		_exit(0);
	}
	REQUIRE(pid > 0 && waitpid(pid, NULL, 0) == pid, "%s", strerror(errno));
	rmdir(disk);
	ret = *v;
	munmap(v, sizeof(*v));
	if (ret.mounted != 0)
		skip("no tmpfs in a user namespace: %s", strerror(ret.mounted));
	REQUIRE_EQ(ret.open, 0);
	return ret;
}

Test(writer_failure, a_full_disk_leaves_the_counted_frames, .init = need_codecs)
{
	for (size_t i = 0; i < NNAMES; i++) {
		struct verdict v =
			on_small_disk(names[i], "?buffer-size=4K", 100000);
		struct capture expected = frames_expected(
			&disk_frames, 0, (unsigned)v.stats.sent, 1, 262144);

		EXPECT_EQ(v.code, -ENOSPC);
		EXPECT(strstr(v.text, "No space left on device; ") &&
			       strstr(v.text, " frames are lost"),
		       "'%s'", v.text);
		EXPECT_EQ(v.flush, 0);
		EXPECT_EQ(v.stats.sent + v.stats.send_failed, v.taken);
		EXPECT(v.stats.sent > 20, "%u", (unsigned)v.stats.sent);
		expect_file(scratch(names[i]), &expected, names[i]);
		capture_free(&expected);
	}
}

/* All frames of the files from number `first` on. */
static struct capture read_numbered(unsigned first, unsigned *nfiles)
{
	struct capture all = { .end = PKTIO_EOF };
	char name[32];

	for (*nfiles = 0;; (*nfiles)++) {
		struct capture one;

		snprintf(name, sizeof(name), "a-%06u.pcapng", first + *nfiles);
		if (access(scratch(name), F_OK) < 0)
			return all;
		one = capture_libpcap(scratch(name));
		EXPECT(one.end == PKTIO_EOF, "%s: %s", name, one.text);
		capture_append(&all, &one);
	}
}

Test(writer_failure, a_disk_that_fills_during_rotation_leaves_whole_files)
{
	struct verdict v = on_small_disk(
		"a.pcapng", "?rotate-size=10K&buffer-size=4K", 100000);
	struct capture expected;
	struct capture found;
	unsigned nfiles;

	EXPECT_EQ(v.code, -ENOSPC);
	EXPECT_EQ(v.stats.sent + v.stats.send_failed, v.taken);
	found = read_numbered(1, &nfiles);
	EXPECT(nfiles >= 5, "%u files", nfiles);
	expected = frames_expected(&disk_frames, 0, (unsigned)v.stats.sent, 1,
				   262144);
	capture_expect_same(&expected, &found, "rotated");
	capture_free(&expected);
	capture_free(&found);
}

Test(writer_failure, a_limited_number_of_files_never_fills_the_disk)
{
	struct verdict v = on_small_disk(
		"a.pcapng", "?rotate-size=12K&rotate-keep=4", 2000);
	struct capture expected;
	struct capture found;
	unsigned nfiles;
	unsigned first = 1;
	char name[32];

	EXPECT_EQ(v.code, 1);
	EXPECT_EQ(v.stats.sent, 2000);
	EXPECT_EQ(v.stats.send_failed, 0);
	do
		snprintf(name, sizeof(name), "a-%06u.pcapng", ++first);
	while (access(scratch(name), F_OK) < 0 && first < 1000);
	found = read_numbered(first, &nfiles);
	EXPECT_EQ(nfiles, 4);
	expected = frames_expected(&disk_frames, 2000 - (unsigned)found.n, 2000,
				   1, 262144);
	capture_expect_same(&expected, &found, "the last files");
	capture_free(&expected);
	capture_free(&found);
}

/* ---- A kill ------------------------------------------------------------- */

/* Stores the number of flushed frames; never ends. */
/* NOLINTNEXTLINE(readability-non-const-parameter): it is stored to */
static void write_forever(const char *path, unsigned *flushed)
{
	static const struct frames of = { .seed = 7, .longest = 1500 };
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_ring *ring = NULL;
	uint8_t room[2000];
	char uri[160];

	snprintf(uri, sizeof(uri), "pcap_file:%s", path);
	if (pktio_open(&ring, uri, &args, NULL) < 0)
		_exit(1);
	for (unsigned i = 0;; i++) {
		struct pktio_frame f = frames_make(&of, i, room);

		if (pktio_inject(ring, &f, 1) != 1)
			_exit(1);
		if (i % 100 != 99)
			continue;
		if (pktio_flush(ring) < 0)
			_exit(1);
		/* Pairs with the load of the process that kills. */
		__atomic_store_n(flushed, i + 1, __ATOMIC_RELEASE);
	}
}

Test(writer_failure, flushed_frames_survive_a_kill, .init = need_codecs)
{
	static const struct frames of = { .seed = 7, .longest = 1500 };
	unsigned *flushed = mmap(NULL, sizeof(*flushed), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(flushed != MAP_FAILED, "%s", strerror(errno));
	for (size_t i = 0; i < NNAMES; i++) {
		const char *path = scratch(names[i]);
		struct capture expected;
		struct capture found;
		unsigned n;
		pid_t pid;

		*flushed = 0;
		pid = fork();
		if (pid == 0)
			write_forever(path, flushed);
		while (__atomic_load_n(flushed, __ATOMIC_ACQUIRE) <
		       500 + i * 700)
			if (waitpid(pid, NULL, WNOHANG) != 0)
				REQUIRE(false, "%s: the child ended", path);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		n = *flushed;
		/* The kill may have interrupted a write at any byte. */
		found = capture_libpcap(uncompressed(path, true));
		REQUIRE(found.n >= n, "%s: %zu of %u", path, found.n, n);
		expected =
			frames_expected(&of, 0, (unsigned)found.n, 1, 262144);
		expected.end = found.end;
		capture_expect_same(&expected, &found, path);
		capture_free(&expected);
		capture_free(&found);
	}
	munmap(flushed, sizeof(*flushed));
}

Test(writer_failure, sync_is_called_if_the_file_supports_it)
{
	struct frames of = { .seed = 8, .longest = 500 };
	struct pktio_ring *ring = open_file(
		scratch("a.pcapng"), "?sync=yes&rotate-count=3", PKTIO_SEND);

	EXPECT_EQ(frames_inject(ring, &of, 0, 8), 8);
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent, 8);
	pktio_close(ring);
	ring = open_file("/dev/null", "?sync=yes", PKTIO_SEND);
	EXPECT_EQ(frames_inject(ring, &of, 0, 8), 8);
	EXPECT_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
}
