/* SPDX-License-Identifier: BSD-3-Clause */
/* pktio copy from files to files and pipes. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "support/command.h"
#include "support/expect.h"
#include "support/files.h"

TestSuite(copy, .fini = scratch_remove);

#define HEADER 24U
#define RECORD 76U /* a record with a frame of 60 bytes */

static void expect_done(const char *line)
{
	struct outcome o;

	command_run(&o, line);
	EXPECT(o.status == 0, "%s: exit %d: %s", line, o.status, o.err);
}

static struct pktio_ring *open_result(const char *name)
{
	struct pktio_ring *ring = NULL;
	char uri[192];

	snprintf(uri, sizeof(uri), "pcap_file:%s", scratch(name));
	REQUIRE_EQ(pktio_open(&ring, uri, NULL, NULL), 0);
	return ring;
}

/* ---- What is copied ----------------------------------------------------- */

Test(copy, every_frame_arrives_with_its_time_and_bytes)
{
	struct pktio_frame a[64];
	struct pktio_frame b[64];
	struct pktio_ring *from;
	struct pktio_ring *to;
	int total = 0;

	command_make("a.pcap", 1000);
	expect_done("copy a.pcap b.pcap");
	from = open_result("a.pcap");
	to = open_result("b.pcap");
	for (;;) {
		int n = pktio_recv(from, a, 64);

		if (n <= 0)
			break;
		REQUIRE_EQ(pktio_recv(to, b, (unsigned)n), n);
		for (int i = 0; i < n; i++)
			EXPECT(a[i].ts == b[i].ts &&
				       a[i].caplen == b[i].caplen &&
				       a[i].wirelen == b[i].wirelen &&
				       memcmp(a[i].data, b[i].data,
					      a[i].caplen) == 0,
			       "frame %d differs", total + i);
		pktio_release(from, a, (unsigned)n);
		pktio_release(to, b, (unsigned)n);
		total += n;
	}
	EXPECT_EQ(total, 1000);
	EXPECT_EQ(pktio_recv(to, b, 64), PKTIO_EOF);
	pktio_close(from);
	pktio_close(to);
}

Test(copy, the_count_is_exact)
{
	static const unsigned counts[] = { 1, 63, 64, 65, 128, 129, 999, 1000 };
	struct outcome o;
	char line[64];

	command_make("a.pcap", 1000);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		snprintf(line, sizeof(line), "copy -c %u a.pcap b.pcap",
			 counts[i]);
		expect_done(line);
		EXPECT_EQ(command_frames("b.pcap"), counts[i]);
	}
	expect_done("copy -c 5000 a.pcap b.pcap");
	EXPECT_EQ(command_frames("b.pcap"), 1000);
	command_run(&o, "copy gen: b.pcap -c 77 -f 'udp and greater 60'");
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 77);
}

Test(copy, frames_are_truncated_and_keep_their_wirelen)
{
	struct pktio_frame frames[8];
	struct pktio_ring *ring;

	expect_done("copy -s 20 -c 8 'gen:?size=100' b.pcap");
	ring = open_result("b.pcap");
	REQUIRE_EQ(pktio_recv(ring, frames, 8), 8);
	for (unsigned i = 0; i < 8; i++) {
		EXPECT_EQ(frames[i].caplen, 20);
		EXPECT_EQ(frames[i].wirelen, 100);
	}
	pktio_release(ring, frames, 8);
	pktio_close(ring);
}

/* Stripped tags count as bytes. */
Test(copy, frames_are_truncated_with_their_tags_in_the_bytes)
{
	static const char *const snaplens[] = { "60", "20", "16", "14", "4" };
	static const unsigned lengths[] = { 60, 20, 16, 12, 4 };

	for (size_t i = 0; i < 5; i++) {
		struct pktio_frame frame;
		struct pktio_ring *ring;
		char line[128];

		snprintf(
			line, sizeof(line),
			"copy -s %s -c 1 'gen:?size=100&vlan=802.1q&vlan-strip=all' b.pcap",
			snaplens[i]);
		expect_done(line);
		ring = open_result("b.pcap");
		REQUIRE_EQ(pktio_recv(ring, &frame, 1), 1);
		EXPECT_EQ(frame.caplen, lengths[i]);
		EXPECT_EQ(frame.wirelen, 104);
		if (frame.caplen >= 16)
			EXPECT(frame.data[12] == 0x81 && frame.data[13] == 0,
			       "the tag is not in the bytes");
		pktio_release(ring, &frame, 1);
		pktio_close(ring);
	}
}

Test(copy, only_frames_that_match_the_filter_are_copied)
{
	struct outcome o;

	expect_done("copy 'gen:?proto=both&count=1000' a.pcap");
	expect_done("copy -f tcp a.pcap tcp.pcap");
	expect_done("copy -f 'not tcp' a.pcap rest.pcap");
	EXPECT(command_frames("tcp.pcap") > 0, "no TCP segment");
	EXPECT_EQ(command_frames("tcp.pcap") + command_frames("rest.pcap"),
		  1000);
	expect_done("copy -f '' a.pcap all.pcap");
	EXPECT_EQ(command_frames("all.pcap"), 1000);
	command_run(&o, "copy --stats -f 'port 1' a.pcap none.pcap");
	EXPECT_EQ(command_frames("none.pcap"), 0);
	EXPECT_CONTAINS(o.err, "1000 frames did not match the filter");
}

/* A section and two interfaces, then a frame of 20 bytes on each. */
static size_t add_block(uint8_t *to, uint32_t type, const void *body,
			uint32_t size)
{
	uint32_t length = size + 12;

	memcpy(to, &type, 4);
	memcpy(to + 4, &length, 4);
	memcpy(to + 8, body, size);
	memcpy(to + 8 + size, &length, 4);
	return length;
}

/* An IPv4 packet from 192.0.2.1 after `header` bytes. */
static size_t add_packet(uint8_t *to, uint32_t interface, uint32_t header)
{
	static const uint8_t ip[20] = { 0x45, 0, 0,   20, 0, 0, 0,   0, 64, 17,
					0,    0, 192, 0,  2, 1, 192, 0, 2,  2 };
	uint32_t size = (header + 20 + 3) & ~3U;
	uint8_t body[64] = { 0 };

	memcpy(body, &interface, 4);
	memcpy(body + 12, (uint32_t[]){ header + 20, header + 20 }, 8);
	if (header)
		body[20 + 12] = 8; /* Ethernet with IPv4 */
	memcpy(body + 20 + header, ip, sizeof(ip));
	return add_block(to, 6, body, 20 + size);
}

/* Link types 1 and 101 alternate: each needs its own program. */
Test(copy, a_filter_applies_to_every_link_type)
{
	static const uint32_t section[] = { 0x1a2b3c4d, 1, 0xffffffff,
					    0xffffffff };
	static const uint32_t ethernet[] = { 1, 0 };
	static const uint32_t raw[] = { 101, 0 };
	uint8_t bytes[1024];
	size_t n = add_block(bytes, 0x0a0d0d0a, section, sizeof(section));

	n += add_block(bytes + n, 1, ethernet, sizeof(ethernet));
	n += add_block(bytes + n, 1, raw, sizeof(raw));
	for (unsigned i = 0; i < 3; i++) {
		n += add_packet(bytes + n, 0, 14);
		n += add_packet(bytes + n, 1, 0);
	}
	scratch_file("mixed.pcapng", bytes, n);
	expect_done("copy -f 'host 192.0.2.1' mixed.pcapng all.pcapng");
	EXPECT_EQ(command_frames("all.pcapng"), 6);
	expect_done("copy -f 'host 192.0.2.3' mixed.pcapng none.pcapng");
	EXPECT_EQ(command_frames("none.pcapng"), 0);
}

Test(copy, the_file_has_the_link_type_of_the_source)
{
	struct pktio_info info = { .size = sizeof(info) };
	const uint32_t file[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 228,
				  1,          0,           4, 4, 0x45 };
	struct pktio_ring *ring;
	struct outcome o;

	scratch_file("a.pcap", file, sizeof(file));
	expect_done("copy a.pcap b.pcap");
	ring = open_result("b.pcap");
	pktio_get_info(ring, &info);
	EXPECT_EQ(info.linktype, 228);
	pktio_close(ring);
	/* Unless the link type is given. */
	command_run(&o, "copy a.pcap b.pcap -O linktype=1");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "link type");
	command_run(&o, "copy a.pcap 'pcap_file:b.pcap?linktype=Ethernet'");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "link type");
	command_run(&o, "copy a.pcap b.pcap -O linktype=unknown");
	EXPECT_EQ(o.status, 2);
	EXPECT_CONTAINS(o.err, "unknown linktype 'unknown'");
	command_run(&o, "copy 'pcap_file:a.pcap?linktype=65536' b.pcap");
	EXPECT_EQ(o.status, 2);
	EXPECT_CONTAINS(o.err, "unknown linktype '65536'");
}

/* ---- What is said ------------------------------------------------------- */

Test(copy, the_number_of_frames_is_printed_unless_quiet)
{
	struct outcome o;

	command_make("a.pcap", 10);
	command_run(&o, "copy a.pcap b.pcap");
	EXPECT_STR(o.err, "pktio: 10 frames were copied\n");
	command_run(&o, "copy -c 1 a.pcap b.pcap");
	EXPECT_STR(o.err, "pktio: 1 frame was copied\n");
	command_run(&o, "copy -q a.pcap b.pcap");
	EXPECT_STR(o.err, "");
}

Test(copy, the_counters_of_both_rings_are_listed)
{
	struct outcome o;

	command_make("a.pcap", 10);
	command_run(&o, "copy -q --stats a.pcap b.pcap");
	EXPECT_EQ(o.status, 0);
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++) {
		const char *first = strstr(o.err, c->name);

		EXPECT(first && strstr(first + 1, c->name), "no %s twice",
		       c->name);
	}
	EXPECT(strstr(o.err, "source pcap_file:a.pcap") &&
		       strstr(o.err, "destination pcap_file:b.pcap"),
	       "%s", o.err);
}

/* ---- What goes wrong ---------------------------------------------------- */

Test(copy, good_frames_before_the_damage_are_saved)
{
	struct outcome o;

	command_make("a.pcap", 100);
	REQUIRE_EQ(truncate(scratch("a.pcap"), HEADER + 50 * RECORD + 20), 0);
	command_run(&o, "copy a.pcap b.pcap");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "truncated record at byte 3824");
	EXPECT_CONTAINS(o.err, "; 50 frames were written before the error");
	EXPECT_EQ(command_frames("b.pcap"), 50);
}

Test(copy, an_empty_file_is_refused_but_a_capture_without_frames_is_not)
{
	struct outcome o;

	scratch_file("empty.pcap", "", 0);
	command_run(&o, "copy empty.pcap b.pcap");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "'empty.pcap'");
	EXPECT_EQ(scratch_size("b.pcap"), -1);
	command_make("a.pcap", 10);
	REQUIRE_EQ(truncate(scratch("a.pcap"), HEADER), 0);
	command_run(&o, "copy a.pcap b.pcap");
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 0);
}

Test(copy, a_file_is_never_overwritten_by_itself)
{
	static const char *const lines[] = {
		"copy a.pcap a.pcap",
		"copy a.pcap ./a.pcap",
		"copy a.pcap link.pcap",
		"copy hard.pcap a.pcap",
		"copy pcap_file:a.pcap link.pcap",
		"copy 'pcap_file:%61.pcap' pcap_file:hard.pcap",
		"copy '*.pcap' a.pcap",
		"copy '[a]*' hard.pcap",
		"copy . a.pcap",
	};
	long size;

	command_make("a.pcap", 10);
	size = scratch_size("a.pcap");
	REQUIRE_EQ(symlink("a.pcap", scratch("link.pcap")), 0);
	REQUIRE_EQ(link(scratch("a.pcap"), scratch("hard.pcap")), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct outcome o;

		command_run(&o, lines[i]);
		EXPECT(o.status == 2, "%s: exit %d", lines[i], o.status);
		EXPECT_CONTAINS(
			o.err, "is part of SRC, and writing would overwrite it",
			"%s", lines[i]);
		EXPECT_EQ(scratch_size("a.pcap"), size);
	}
}

/* Through a link from another directory or standard output, as by its name. */
Test(copy, copying_a_directory_does_not_overwrite_its_files)
{
	static const char *const lines[] = {
		"copy d d/a.pcap",
		"copy d link.pcap",
		"copy d hard.pcap",
		"copy d -",
		"copy pcap_file:d pcap_file:link.pcap",
	};
	struct outcome o;
	long size;
	int fd;

	REQUIRE_EQ(mkdir(scratch("d"), 0700), 0);
	command_make("d/a.pcap", 10);
	command_make("d/.hidden.pcap", 20);
	command_make("b.pcap", 20);
	size = scratch_size("d/a.pcap");
	REQUIRE_EQ(symlink("d/a.pcap", scratch("link.pcap")), 0);
	REQUIRE_EQ(link(scratch("d/a.pcap"), scratch("hard.pcap")), 0);
	fd = open(scratch("d/a.pcap"), O_WRONLY | O_APPEND | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		program_finish(command_start(lines[i], -1, fd), &o);
		EXPECT(o.status == 2, "%s: exit %d", lines[i], o.status);
		EXPECT_CONTAINS(
			o.err, "is part of SRC, and writing would overwrite it",
			"%s", lines[i]);
		EXPECT_EQ(scratch_size("d/a.pcap"), size);
	}
	close(fd);
	/* A file that is not read may be written. */
	expect_done("copy d d/.hidden.pcap");
	EXPECT_EQ(command_frames("d/.hidden.pcap"), 10);
	expect_done("copy d b.pcap");
	EXPECT_EQ(command_frames("b.pcap"), 10);
	unlink(scratch("d/a.pcap"));
	unlink(scratch("d/.hidden.pcap"));
}

Test(copy, standard_input_and_output_must_be_different_files)
{
	struct outcome o;
	long size;
	int fd;

	command_make("a.pcap", 10);
	size = scratch_size("a.pcap");
	fd = open(scratch("a.pcap"), O_RDWR | O_CLOEXEC);
	program_finish(command_start("copy - -", fd, fd), &o);
	EXPECT_EQ(o.status, 2);
	program_finish(command_start("copy a.pcap -", -1, fd), &o);
	EXPECT_EQ(o.status, 2);
	program_finish(command_start("copy - a.pcap", fd, -1), &o);
	EXPECT_EQ(o.status, 2);
	EXPECT_CONTAINS(o.err,
			"is part of SRC, and writing would overwrite it");
	EXPECT_EQ(scratch_size("a.pcap"), size);
	close(fd);
}

Test(copy, a_file_without_permission_is_refused)
{
	struct outcome o;

	if (geteuid() == 0) {
		scratch_remove();
		cr_skip("root may read everything");
	}
	command_make("a.pcap", 10);
	REQUIRE_EQ(chmod(scratch("a.pcap"), 0), 0);
	command_run(&o, "copy a.pcap b.pcap");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "Permission denied");
}

Test(copy, a_full_disk_is_reported_at_once)
{
	struct outcome o;

	command_make("a.pcap", 10000);
	command_run(&o, "copy a.pcap /dev/full");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "No space left");
	command_run(&o, "copy gen: /dev/full");
	EXPECT_EQ(o.status, 1);
}

Test(copy, a_failed_write_at_the_end_is_reported)
{
	struct outcome o;
	long size;

	command_make("a.pcap", 100);
	expect_done("copy a.pcap b.pcapng");
	size = scratch_size("b.pcapng");
	limit_file_size((rlim_t)size - 4);
	command_run(&o, "copy a.pcap c.pcapng");
	limit_file_size(RLIM_INFINITY);
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err,
			"too large; 100 frames were written before the error");
	EXPECT_EQ(command_frames("c.pcapng"), 100);
}

Test(copy, the_destination_is_truncated_first)
{
	command_make("a.pcap", 10);
	command_make("b.pcap", 1000);
	expect_done("copy a.pcap b.pcap");
	EXPECT_EQ(command_frames("b.pcap"), 10);
}

/* ---- Pipes and signals -------------------------------------------------- */

Test(copy, frames_go_through_a_pipe)
{
	struct program *first;
	struct program *second;
	struct outcome o;
	int ends[2];

	command_make("a.pcap", 5000);
	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	first = command_start("copy -q a.pcap -", -1, ends[1]);
	close(ends[1]);
	second = command_start("copy - b.pcap", ends[0], -1);
	close(ends[0]);
	program_finish(first, &o);
	EXPECT_EQ(o.status, 0);
	EXPECT_STR(o.err, "");
	program_finish(second, &o);
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 5000);
}

Test(copy, a_closed_pipe_ends_the_command_silently)
{
	struct program *c;
	struct outcome o;
	char bytes[10];
	int ends[2];

	signal(SIGPIPE, SIG_DFL);
	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	c = command_start("copy gen: -", -1, ends[1]);
	close(ends[1]);
	EXPECT_EQ(read(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
	close(ends[0]);
	program_finish(c, &o);
	EXPECT_EQ(o.signal, SIGPIPE);
	EXPECT_STR(o.err, "");
}

Test(copy, a_closed_pipe_is_an_error_if_sigpipe_is_ignored)
{
	struct program *c;
	struct outcome o;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	c = command_start("copy gen: -", -1, ends[1]);
	close(ends[1]);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "Broken pipe");
}

/* Waits until a file has this number of bytes. */
static void await_size(const char *name, long size)
{
	for (int i = 0; i < 500 && scratch_size(name) < size; i++)
		usleep(10000);
	EXPECT(scratch_size(name) >= size, "%s has %ld bytes", name,
	       scratch_size(name));
}

Test(copy, a_signal_ends_a_live_copy_without_an_error)
{
	static const int signals[] = { SIGINT, SIGTERM };
	static char bytes[HEADER + 10 * RECORD];
	FILE *file;

	command_make("a.pcap", 10);
	file = fopen(scratch("a.pcap"), "re");
	REQUIRE(file && fread(bytes, sizeof(bytes), 1, file) == 1, "a.pcap");
	fclose(file);
	for (size_t i = 0; i < 2; i++) {
		struct program *c;
		struct outcome o;
		int ends[2];

		unlink(scratch("b.pcap"));
		REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
		c = command_start("copy - b.pcap", ends[0], -1);
		REQUIRE_EQ(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
		/*
		 * Received frames are in the file before the command waits for
		 * more.
		 */
		await_size("b.pcap", sizeof(bytes));
		EXPECT_EQ(kill(program_pid(c), signals[i]), 0);
		program_finish(c, &o);
		close(ends[0]);
		close(ends[1]);
		EXPECT_EQ(o.status, 0);
		EXPECT_STR(o.err, "pktio: 10 frames were copied\n");
		EXPECT_EQ(command_frames("b.pcap"), 10);
	}
}

Test(copy, a_signal_before_the_end_of_a_finite_source_is_reported)
{
	struct program *c = command_start("copy gen: b.pcap", -1, -1);
	struct outcome o;

	await_size("b.pcap", 1000);
	EXPECT_EQ(kill(program_pid(c), SIGINT), 0);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 128 + SIGINT);
	EXPECT_CONTAINS(o.err, "interrupted; ");
	EXPECT(command_frames("b.pcap") > 0, "the file is damaged");
}

/*
 * After the first signal, the command waits until the frames are written, which
 * may take forever.
 */
Test(copy, a_second_signal_kills_the_command)
{
	struct program *c;
	struct outcome o;
	int waiting = 0;
	int ends[2];

	/* The output is written at the end, and is longer than the pipe. */
	command_make("a.pcap", 2000);
	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	c = command_start("copy a.pcap -", -1, ends[1]);
	for (int i = 0; i < 500 && waiting < 65536; i++) {
		usleep(10000);
		REQUIRE_EQ(ioctl(ends[0], FIONREAD, &waiting), 0);
	}
	for (int i = 0; i < 2; i++) {
		siginfo_t info = { 0 };

		EXPECT_EQ(waitid(P_PID, (id_t)program_pid(c), &info,
				 WEXITED | WNOHANG | WNOWAIT),
			  0);
		EXPECT(info.si_pid == 0, "it ended at signal %d", i);
		EXPECT_EQ(kill(program_pid(c), SIGINT), 0);
		usleep(200000);
	}
	/* To end the test in any case. */
	close(ends[0]);
	close(ends[1]);
	program_finish(c, &o);
	EXPECT_EQ(o.signal, SIGINT);
}
