/* SPDX-License-Identifier: BSD-3-Clause */
/* pktio copy from and to interfaces, in a private network. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "support/command.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

TestSuite(copy_live, .init = net_create, .fini = scratch_remove);

#define RECORD 76 /* bytes of a record with a frame of 60 bytes */
#define WAITS 500

/*
 * Sends numbered frames until the file grows, because the command takes a while
 * to open the interface. Returns the number of sent frames.
 */
static uint32_t send_until_seen(int sock, const char *name)
{
	uint32_t sent = 0;

	for (int i = 0; i < WAITS && scratch_size(name) <= RECORD; i++) {
		net_send_numbers(sock, sent++, 1);
		usleep(10000);
	}
	EXPECT(scratch_size(name) > RECORD, "%s is still empty", name);
	return sent;
}

static void await_frames(const char *name, long frames)
{
	for (int i = 0; i < WAITS && scratch_size(name) < frames * RECORD; i++)
		usleep(10000);
}

Test(copy_live, an_interface_is_copied_until_it_is_interrupted)
{
	enum { FRAMES = 1000 };
	struct program *c = command_start("copy " NET_B " b.pcap", -1, -1);
	int sock = net_socket(NET_A);
	struct outcome o;
	int n;

	send_until_seen(sock, "b.pcap");
	net_send_numbers(sock, 0, FRAMES);
	await_frames("b.pcap", FRAMES);
	EXPECT_EQ(kill(program_pid(c), SIGINT), 0);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 0);
	n = command_frames("b.pcap");
	EXPECT(n >= FRAMES, "only %d frames: %s", n, o.err);
	EXPECT_CONTAINS(o.err, "frames were copied");
	close(sock);
}

Test(copy_live, the_count_ends_a_live_copy)
{
	struct program *c = command_start("copy -c 5 " NET_B " b.pcap", -1, -1);
	int sock = net_socket(NET_A);
	struct outcome o;

	send_until_seen(sock, "b.pcap");
	net_send_numbers(sock, 0, 10);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 5);
	close(sock);
}

/* The file has the name of the interface, and the direction of its frames. */
Test(copy_live, a_pcapng_file_has_the_metadata_of_the_kernel)
{
	struct program *c = command_start(
		"copy -c 5 -f 'greater 1' " NET_B " b.pcapng", -1, -1);
	int sock = net_socket(NET_A);
	struct pktio_ring *ring = NULL;
	struct pktio_frame frames[8];
	struct outcome o;
	char uri[192];
	char text[32] = "";

	send_until_seen(sock, "b.pcapng");
	net_send_numbers(sock, 0, 10);
	program_finish(c, &o);
	EXPECT(o.status == 0, "%s", o.err);
	snprintf(uri, sizeof(uri), "pcap_file:%s", scratch("b.pcapng"));
	REQUIRE_EQ(pktio_open(&ring, uri, NULL, NULL), 0);
	REQUIRE_EQ(pktio_recv(ring, frames, 8), 5);
	for (unsigned i = 0; i < 5; i++) {
		EXPECT(frames[i].flags & PKTIO_F_PKTTYPE, "frame %u", i);
		EXPECT_EQ(frames[i].pkttype, PKTIO_PKT_OTHERHOST);
	}
	pktio_release(ring, frames, 5);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 1,
				 PKTIO_META_INTERFACE_NAME, 0, text,
				 sizeof(text) - 1),
		  sizeof(NET_B) - 1);
	EXPECT_STR(text, NET_B);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 1,
				 PKTIO_META_INTERFACE_FILTER, 0, text,
				 sizeof(text) - 1),
		  10);
	EXPECT_BYTES(text, "\0greater 1", 10);
	pktio_close(ring);
	close(sock);
}

Test(copy_live, any_receives_from_all_interfaces)
{
	struct program *c = command_start("copy -c 6 any b.pcap", -1, -1);
	int sock = net_socket(NET_A);
	struct outcome o;

	send_until_seen(sock, "b.pcap");
	net_send_numbers(sock, 0, 10);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 6);
	close(sock);
}

Test(copy_live, the_filter_runs_in_the_kernel)
{
	struct program *c = command_start(
		"copy --stats -f 'ether proto 0x88b5' " NET_B " b.pcap", -1,
		-1);
	int sock = net_socket(NET_A);
	uint8_t other[60] = { 0 };
	struct outcome o;
	int n;

	send_until_seen(sock, "b.pcap");
	for (int i = 0; i < 10; i++)
		net_send(sock, other, sizeof(other));
	net_send_numbers(sock, 0, 100);
	await_frames("b.pcap", 100);
	kill(program_pid(c), SIGTERM);
	program_finish(c, &o);
	EXPECT_EQ(o.status, 0);
	n = command_frames("b.pcap");
	EXPECT(n >= 100, "%d frames", n);
	EXPECT(!strstr(o.err, "did not match the filter"), "%s", o.err);
	EXPECT(strstr(o.err, "  state                     running\n"), "%s",
	       o.err);
	close(sock);
}

Test(copy_live, a_file_is_sent_on_an_interface)
{
	enum { FRAMES = 500 };
	struct pktio_ring *ring = ring_open("af_packet:" NET_B, NULL);
	struct outcome o;

	command_make("a.pcap", FRAMES);
	command_run(&o, "copy a.pcap " NET_A);
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(ring_drain(ring, 200, NULL, 0), FRAMES);
	pktio_close(ring);
}

Test(copy_live, a_file_is_sent_at_its_recorded_rate)
{
	struct pktio_ring *ring = ring_open("af_packet:" NET_B, NULL);
	uint64_t start;
	struct outcome o;

	command_run(&o, "copy 'gen:?count=100&interval=2ms' a.pcap");
	start = now_ns();
	command_run(&o, "copy -o speed=1 a.pcap af_packet:" NET_A);
	EXPECT_EQ(o.status, 0);
	EXPECT(now_ns() - start >= 190000000, "it took %llu ns",
	       (unsigned long long)(now_ns() - start));
	EXPECT_EQ(ring_drain(ring, 200, NULL, 0), 100);
	pktio_close(ring);
}

Test(copy_live, frames_refused_by_the_interface_are_reported)
{
	struct outcome o;

	command_run(&o, "copy 'gen:?size=1600&count=10' a.pcap");
	command_run(&o, "copy a.pcap " NET_A);
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "MTU");
}

/* A file with frames of these lengths, 10 of each. */
static void make_mixed(const char *name, const uint32_t *lengths, unsigned n)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	static uint8_t bytes[70000];
	struct pktio_ring *ring;
	char uri[192];

	snprintf(uri, sizeof(uri), "pcap_file:%s", scratch(name));
	ring = ring_open(uri, &args);
	for (unsigned i = 0; i < 10 * n; i++) {
		const struct pktio_frame f = { .data = bytes,
					       .caplen = lengths[i % n],
					       .wirelen = lengths[i % n],
					       .linktype = 1 };

		EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	}
	pktio_close(ring);
}

Test(copy_live,
     frames_that_fit_are_sent_and_the_rest_is_counted_with_the_reason)
{
	/*
	 * The kernel refuses one length; pktio refuses the other, which is
	 * longer than a buffer.
	 */
	static const uint32_t lengths[] = { 60, 1600, 1000, 60000 };
	struct pktio_ring *ring = ring_open("af_packet:" NET_B, NULL);
	struct outcome o;

	make_mixed("a.pcap", lengths, 4);
	command_run(&o, "copy a.pcap " NET_A);
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(
		o.err,
		"20 of 40 frames could not be sent; reason for the first: "
		"af_packet: a frame of 60000 bytes is too long: "
		"longer than the interface's MTU of 1500");
	EXPECT_EQ(ring_drain(ring, 200, NULL, 0), 20);
	pktio_close(ring);
}

Test(copy_live, merged_tcp_is_sent_in_segments_with_gso)
{
	struct pktio_ring *ring = ring_open("af_packet:" NET_B, NULL);
	struct outcome o;

	command_run(&o, "copy 'gen:?size=9000&count=10&proto=tcp' a.pcap");
	command_run(&o, "copy -O gso=yes a.pcap af_packet:" NET_A);
	EXPECT(o.status == 0, "%s", o.err);
	EXPECT_EQ(ring_drain(ring, 200, NULL, 0), 10);
	pktio_close(ring);
}

Test(copy_live, a_name_that_is_a_file_and_an_interface_is_refused)
{
	struct outcome o;

	command_make("a.pcap", 1);
	command_make(NET_A, 1);
	command_run(&o, "copy " NET_A " b.pcap");
	EXPECT_EQ(o.status, 2);
	EXPECT_CONTAINS(o.err, "write ./" NET_A " or af_packet:" NET_A);
	command_run(&o, "copy a.pcap " NET_A);
	EXPECT_EQ(o.status, 2);
	command_run(&o, "copy ./" NET_A " b.pcap");
	EXPECT_EQ(o.status, 0);
	EXPECT_EQ(command_frames("b.pcap"), 1);
}
