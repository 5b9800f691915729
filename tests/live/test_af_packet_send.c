/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending on af_packet. */
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/frame_builders.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"

#define URI "af_packet:" NET_B

TestSuite(af_packet_send, .init = net_create, .fini = scratch_remove);

static struct pktio_ring *open_sender(const char *uri)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };

	return ring_open(uri, &args);
}

static void send_numbers(struct pktio_ring *ring, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct pktio_frame f;

		REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
		numbered_frame(pktio_frame_wdata(&f), 60, i);
		f.caplen = 60;
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1);
	}
	REQUIRE_EQ(pktio_flush(ring), 0, "%s", pktio_last_error(ring));
}

Test(af_packet_send, frames_sent_with_and_without_the_qdisc_all_arrive)
{
	static const char *const uris[] = { "af_packet:" NET_A,
					    "af_packet:" NET_A
					    "?qdisc-bypass=yes" };

	for (int i = 0; i < 2; i++) {
		struct pktio_ring *from = open_sender(uris[i]);
		struct pktio_ring *to = ring_open(URI, NULL);
		uint8_t seen[1000] = { 0 };

		EXPECT_EQ(pktio_fd(from), -ENOTSUP);
		send_numbers(from, 1000);
		EXPECT_EQ(ring_drain(to, 50, seen, 1000), 1000);
		for (int j = 0; j < 1000; j++)
			EXPECT_EQ(seen[j], 1);
		EXPECT_EQ(ring_stats(from).sent, 1000);
		EXPECT_EQ(ring_stats(from).sent_bytes, 60000);
		pktio_close(from);
		pktio_close(to);
	}
}

Test(af_packet_send, a_frame_that_is_too_long_is_told_and_the_others_leave)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_ring *to = ring_open(URI, NULL);
	struct pktio_frame frames[3];

	REQUIRE_EQ(pktio_alloc(from, frames, 3), 3);
	for (unsigned i = 0; i < 3; i++) {
		frames[i].caplen = i == 1 ? 1900 : 60;
		numbered_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen,
			       i);
	}
	REQUIRE_EQ(pktio_send(from, frames, 3), 3);
	EXPECT_EQ(pktio_flush(from), -EMSGSIZE);
	EXPECT(strstr(pktio_last_error(from), "1 of 3") &&
		       strstr(pktio_last_error(from), "MTU"),
	       "%s", pktio_last_error(from));
	EXPECT_EQ(ring_drain(to, 50, NULL, 0), 2);
	EXPECT_EQ(ring_stats(from).sent, 2);
	EXPECT_EQ(ring_stats(from).send_failed, 1);
	EXPECT_EQ(pktio_flush(from), 0);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send,
     sending_on_an_interface_that_is_down_is_an_error_with_words)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_frame f;

	net_set_up(NET_A, false);
	REQUIRE_EQ(pktio_alloc(from, &f, 1), 1);
	numbered_frame(pktio_frame_wdata(&f), 60, 0);
	f.caplen = 60;
	REQUIRE_EQ(pktio_send(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), -ENETDOWN);
	EXPECT_EQ(ring_stats(from).send_failed, 1);
	net_set_up(NET_A, true);
	send_numbers(from, 10);
	EXPECT_EQ(ring_stats(from).sent, 10);
	pktio_close(from);
}

Test(af_packet_send, an_error_in_the_middle_of_a_burst_is_told_by_the_next_call)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_frame frames[200];
	uint64_t taken = 0;
	unsigned failures = 0;

	REQUIRE_EQ(pktio_alloc(from, frames, 200), 200);
	for (unsigned i = 0; i < 200; i++) {
		frames[i].caplen = i == 5 ? 1900 : 60;
		numbered_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen,
			       i);
	}
	while (taken < 200) {
		int n = pktio_send(from, frames + taken, 200 - (unsigned)taken);

		REQUIRE_NE(n, 0);
		if (n < 0)
			failures++;
		else
			taken += (unsigned)n;
	}
	EXPECT_EQ(failures, 1);
	EXPECT_EQ(pktio_flush(from), 0);
	EXPECT_EQ(ring_stats(from).sent, 199);
	EXPECT_EQ(ring_stats(from).send_failed, 1);
	pktio_close(from);
}

Test(af_packet_send, one_ring_may_receive_and_send)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_ring *a = ring_open("af_packet:" NET_A, &args);
	struct pktio_ring *b = ring_open(URI, &args);

	send_numbers(a, 100);
	EXPECT_EQ(ring_drain(b, 50, NULL, 0), 100);
	send_numbers(b, 100);
	EXPECT_GE(ring_drain(a, 50, NULL, 0), 100);
	pktio_close(a);
	pktio_close(b);
}

/* ---- What the kernel refuses -------------------------------------------- */

/* Queues n frames of a length. */
static void queue(struct pktio_ring *ring, unsigned n, uint32_t len)
{
	for (unsigned i = 0; i < n; i++) {
		struct pktio_frame f;

		REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
		memset(pktio_frame_wdata(&f), 2, len);
		f.caplen = len;
		REQUIRE_EQ(pktio_send(ring, &f, 1), 1);
	}
}

Test(af_packet_send, what_an_interface_cannot_send_now_is_lost_as_a_whole)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);

	net_set_up(NET_A, false);
	queue(from, 64, 60);
	EXPECT_EQ(pktio_flush(from), -ENETDOWN);
	EXPECT_CONTAINS(pktio_last_error(from), "64 of 64 frames");
	EXPECT_EQ(ring_stats(from).send_failed, 64);
	EXPECT_EQ(ring_stats(from).sent, 0);
	pktio_close(from);
}

Test(af_packet_send, an_interface_that_was_down_is_sent_on_and_was_counted)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_ring *ring = ring_open("af_packet:" NET_A, &args);

	net_set_up(NET_A, false);
	net_set_up(NET_A, true);
	queue(ring, 64, 60);
	EXPECT(pktio_flush(ring) == 0, "%s", pktio_last_error(ring));
	EXPECT_EQ(ring_stats(ring).sent, 64);
	EXPECT_EQ(ring_stats(ring).send_failed, 0);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	/* While it is down, the one error is left for the receiver. */
	net_set_up(NET_A, false);
	queue(ring, 1, 60);
	EXPECT_EQ(pktio_flush(ring), -ENETDOWN);
	ring_drain(ring, 10, NULL, 0);
	EXPECT_EQ(ring_stats(ring).link_downs, 2);
	pktio_close(ring);
}

Test(af_packet_send, a_socket_that_does_not_wait_is_waited_for)
{
	const char *const tbf[] = { "tc",      "qdisc", "add",  "dev",
				    NET_A,     "root",  "tbf",  "rate",
				    "8mbit",   "burst", "2000", "limit",
				    "1000000", NULL };
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	int size = 1;
	struct pktio_ring *from;
	char uri[80];

	if (run_tool(NULL, tbf) != 0)
		skip("this kernel has no queueing discipline tbf");
	REQUIRE_EQ(setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)),
		   0);
	snprintf(uri, sizeof(uri), "af_packet:" NET_A "?fd=%d", sock);
	from = open_sender(uri);
	queue(from, 64, 1000);
	EXPECT(pktio_flush(from) == 0, "%s", pktio_last_error(from));
	EXPECT_EQ(ring_stats(from).sent, 64);
	EXPECT_EQ(ring_stats(from).send_failed, 0);
	pktio_close(from);
	close(sock);
}

Test(af_packet_send, a_frame_without_a_link_header_is_told_and_the_others_leave)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_ring *to = ring_open(URI, NULL);

	queue(from, 5, 60);
	queue(from, 3, 13);
	queue(from, 5, 60);
	EXPECT_EQ(pktio_flush(from), -EINVAL);
	EXPECT_CONTAINS(pktio_last_error(from),
			"3 of 13 frames could not be sent, "
			"the first of 13 bytes: shorter");
	EXPECT_EQ(ring_stats(from).sent, 10);
	EXPECT_EQ(ring_stats(from).send_failed, 3);
	EXPECT_EQ(ring_drain(to, 50, NULL, 0), 10);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send, frames_that_a_full_queue_drops_are_counted_one_by_one)
{
	const char *const tbf[] = { "tc",   "qdisc", "add",  "dev",   NET_A,
				    "root", "tbf",   "rate", "8kbit", "burst",
				    "2000", "limit", "3000", NULL };
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_stats stats;

	if (run_tool(NULL, tbf) != 0)
		skip("this kernel has no queueing discipline tbf");
	/* Some leave, some wait, and for the rest there is no room. */
	queue(from, 20, 1000);
	EXPECT_EQ(pktio_flush(from), -ENOBUFS);
	EXPECT_CONTAINS(pktio_last_error(from), "queue is full");
	stats = ring_stats(from);
	EXPECT_EQ(stats.sent + stats.send_failed, 20);
	EXPECT(stats.sent >= 2 && stats.send_failed >= 10, "%u sent",
	       (unsigned)stats.sent);
	EXPECT_EQ(stats.sent_bytes, stats.sent * 1000);
	pktio_close(from);
}

Test(af_packet_send, qdisc_bypass_hides_sent_frames_from_other_sniffers)
{
	struct pktio_ring *sniffer = ring_open("af_packet:" NET_A, NULL);
	struct pktio_ring *to = ring_open(URI, NULL);
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_ring *past =
		open_sender("af_packet:" NET_A "?qdisc-bypass=yes");

	send_numbers(from, 100);
	EXPECT_EQ(ring_drain(sniffer, 50, NULL, 0), 100);
	send_numbers(past, 100);
	EXPECT_EQ(ring_drain(sniffer, 50, NULL, 0), 0);
	EXPECT_EQ(ring_drain(to, 50, NULL, 0), 200);
	pktio_close(past);
	pktio_close(from);
	pktio_close(to);
	pktio_close(sniffer);
}

/* ---- Tags and checksums ------------------------------------------------- */

Test(af_packet_send, tags_beside_a_frame_leave_in_its_bytes)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_ring *to = ring_open(URI, NULL);
	struct pktio_frame frames[3];

	REQUIRE_EQ(pktio_alloc(from, frames, 3), 3);
	for (unsigned i = 0; i < 3; i++) {
		numbered_frame(pktio_frame_wdata(&frames[i]), 60, i);
		frames[i].caplen = 60;
		frames[i].nvlan = (uint8_t)i;
		frames[i].vlan[0] = (struct pktio_vlan){ 0x88a8, 0x6005 };
		frames[i].vlan[1] = (struct pktio_vlan){ 0x8100, 77 };
	}
	REQUIRE_EQ(pktio_send(from, frames, 3), 3);
	EXPECT_EQ(pktio_flush(from), 0);
	EXPECT_EQ(ring_stats(from).sent_bytes, 3 * 60 + 3 * 4);
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t inner[] = { 0x81, 0, 0, 77 };
		uint8_t expected[60];
		struct pktio_frame f;
		uint32_t at = i == 2 ? 16 : 12;

		REQUIRE_EQ(pktio_wait(to, 1000), 1);
		REQUIRE_EQ(pktio_recv(to, &f, 1), 1);
		numbered_frame(expected, 60, i);
		EXPECT_EQ(f.nvlan, i > 0);
		EXPECT_EQ(f.vlan[0].tpid, i > 0 ? 0x88a8 : 0);
		EXPECT_EQ(f.vlan[0].tci, i > 0 ? 0x6005 : 0);
		EXPECT_EQ(f.caplen, 60 + at - 12);
		EXPECT_BYTES(f.data, expected, 12);
		EXPECT_BYTES(f.data + 12, inner, at - 12);
		EXPECT_BYTES(f.data + at, expected + 12, 48);
		pktio_release(to, &f, 1);
	}
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send,
     a_tag_that_has_no_place_is_refused_and_the_frame_stays_ours)
{
	struct pktio_ring *from = open_sender("af_packet:" NET_A);
	struct pktio_frame frames[2];

	REQUIRE_EQ(pktio_alloc(from, frames, 2), 2);
	frames[0].caplen = 60;
	frames[1].caplen = 11;
	frames[1].nvlan = 1;
	memset(pktio_frame_wdata(&frames[0]), 2, 60);
	EXPECT_EQ(pktio_send(from, frames, 2), 1);
	EXPECT_EQ(pktio_send(from, frames + 1, 1), -EINVAL);
	EXPECT_CONTAINS(pktio_last_error(from), "VLAN");
	EXPECT_EQ(pktio_inject(from, frames + 1, 1), -EINVAL);
	pktio_release(from, frames + 1, 1);
	EXPECT_EQ(pktio_flush(from), 0);
	EXPECT_EQ(ring_stats(from).sent, 1);
	pktio_close(from);
}

/* Passes on what came, to the file, and how often that was flagged. */
static unsigned collect(struct pktio_ring *ring, struct pktio_ring *file,
			uint32_t flag, uint32_t *longest)
{
	struct pktio_frame f;
	unsigned flagged = 0;

	while (pktio_wait(ring, 250) == 1) {
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(pktio_inject(file, &f, 1), 1);
		flagged += (f.flags & flag) != 0;
		*longest = f.wirelen > *longest ? f.wirelen : *longest;
		pktio_release(ring, &f, 1);
	}
	return flagged;
}

Test(af_packet_send, a_checksum_that_is_left_open_is_filled_in)
{
	static uint8_t bytes[WIRE_ROOM];
	const char *path = scratch("open.pcap");
	struct pktio_ring *file = wire_file(path);
	struct pktio_ring *plain = open_sender("af_packet:" NET_A);
	struct pktio_ring *nic = open_sender("af_packet:" NET_A "?gso=yes");
	struct pktio_ring *to = ring_open(URI, NULL);
	uint32_t longest = 0;

	wire_disable_offload(NET_A);
	for (unsigned i = 0; i < 24; i++) {
		const struct wire w = { .ipv6 = i % 2,
					.udp = i / 2 % 2,
					.tags = i / 4 % 3,
					.payload = 100 + i };
		const struct pktio_frame f = { .data = bytes,
					       .caplen = wire_make(bytes, &w),
					       .linktype = 1,
					       .csum = PKTIO_CSUM_PARTIAL };

		EXPECT_EQ(pktio_inject(i < 12 ? plain : nic, &f, 1), 1);
	}
	EXPECT_EQ(pktio_flush(plain), 0);
	EXPECT_EQ(pktio_flush(nic), 0);
	collect(to, file, 0, &longest);
	EXPECT_EQ(ring_stats(to).received, 24);
	pktio_close(file);
	wire_expect_valid(path, 24);
	pktio_close(plain);
	pktio_close(nic);
	pktio_close(to);
}

/* Leaves UDP's checksum open, as the kernel does for a NIC: with the sum of the
 * addresses, the protocol and the length. */
static void leave_open(uint8_t *frame)
{
	enum { ADDRESSES = 26, UDP = 34, UDP_LENGTH = 38, UDP_CHECKSUM = 40 };
	uint32_t sum = 17;

	for (unsigned i = ADDRESSES; i < UDP; i += 2)
		sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	sum += (uint32_t)frame[UDP_LENGTH] << 8 | frame[UDP_LENGTH + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	frame[UDP_CHECKSUM] = (uint8_t)(sum >> 8);
	frame[UDP_CHECKSUM + 1] = (uint8_t)sum;
}

/* VXLAN around a frame of TCP without a checksum, and without one itself. */
static uint32_t make_tunnel(uint8_t *out)
{
	enum { OUTER = 42, VXLAN = 8, PORT = 36 };
	static uint8_t inside[2000];
	const struct wire w = { .payload = 1000 };
	uint32_t len = wire_make(inside, &w);
	const struct wire around = { .udp = true, .payload = VXLAN + len };
	uint32_t size = wire_make(out, &around);

	out[PORT] = 4789 >> 8;
	out[PORT + 1] = 4789 & 0xff;
	memset(out + OUTER, 0, VXLAN);
	out[OUTER] = 8;
	memcpy(out + OUTER + VXLAN, inside, len);
	return size;
}

Test(af_packet_send, in_a_tunnel_it_is_the_inner_checksum_that_is_left_open)
{
	enum { OUTER = 42, CHECKSUM = 40, INNER_CHECKSUM = 50 + 50 };
	static uint8_t bytes[WIRE_ROOM];
	const struct pktio_frame f = { .data = bytes,
				       .caplen = make_tunnel(bytes),
				       .linktype = 1,
				       .csum = PKTIO_CSUM_PARTIAL };
	const char *path = scratch("tunnel.pcap");
	struct pktio_ring *file = wire_file(path);
	struct pktio_ring *plain = open_sender("af_packet:" NET_A);
	struct pktio_ring *nic = open_sender("af_packet:" NET_A "?gso=yes");
	struct pktio_ring *to = ring_open(URI, NULL);
	struct pktio_frame got[3];

	wire_disable_offload(NET_A);
	EXPECT_EQ(pktio_inject(plain, &f, 1), 1);
	EXPECT_EQ(pktio_flush(plain), 0);
	EXPECT_EQ(pktio_inject(nic, &f, 1), 1);
	EXPECT_EQ(pktio_flush(nic), 0);
	for (unsigned i = 0; i < 2; i++) {
		REQUIRE_EQ(pktio_wait(to, 1000), 1);
		REQUIRE_EQ(pktio_recv(to, &got[i], 1), 1);
		REQUIRE_EQ(got[i].caplen, f.caplen);
		EXPECT_BYTES(got[i].data, bytes, INNER_CHECKSUM);
		EXPECT_EQ(pktio_inject(file, &got[i], 1), 1);
	}
	/* The other way round, the sum over the addresses says that it is the
	 * outer one: here the inner frame is complete. */
	memcpy(bytes, got[0].data, got[0].caplen);
	leave_open(bytes);
	EXPECT_EQ(pktio_inject(plain, &f, 1), 1);
	EXPECT_EQ(pktio_flush(plain), 0);
	REQUIRE_EQ(pktio_wait(to, 1000), 1);
	REQUIRE_EQ(pktio_recv(to, &got[2], 1), 1);
	EXPECT_BYTES(got[2].data + OUTER, got[0].data + OUTER,
		     f.caplen - OUTER);
	EXPECT_EQ(memcmp(got[2].data + CHECKSUM, bytes + CHECKSUM, 2) == 0, 0);
	EXPECT_EQ(pktio_inject(file, &got[2], 1), 1);
	pktio_release(to, got, 3);
	pktio_close(file);
	wire_expect_valid(path, 3);
	pktio_close(plain);
	pktio_close(nic);
	pktio_close(to);
}

Test(af_packet_send, any_other_checksum_leaves_as_it_is)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct wire w = { .payload = 100 };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = wire_make(bytes, &w),
				       .linktype = 1,
				       .csum = PKTIO_CSUM_BAD };
	struct pktio_ring *from = open_sender("af_packet:" NET_A "?gso=yes");
	struct pktio_ring *to = ring_open(URI, NULL);
	struct pktio_frame got;

	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), 0);
	REQUIRE_EQ(pktio_wait(to, 1000), 1);
	REQUIRE_EQ(pktio_recv(to, &got, 1), 1);
	EXPECT_EQ(got.caplen, f.caplen);
	EXPECT_BYTES(got.data, bytes, got.caplen);
	pktio_release(to, &got, 1);
	pktio_close(from);
	pktio_close(to);
}

/* ---- Frames longer than the MTU ----------------------------------------- */

/* Sends frames as a capture has them that saw them merged; their payload. */
static uint32_t replay_merged(struct pktio_ring *from)
{
	static uint8_t bytes[WIRE_ROOM];
	uint32_t total = 0;

	for (unsigned i = 0; i < 6; i++) {
		const struct wire w = { .ipv6 = i % 2,
					.tags = i / 2,
					.payload = i == 0 ? 65495 : 40001 };
		const struct pktio_frame f = { .data = bytes,
					       .caplen = wire_make(bytes, &w),
					       .linktype = 1 };

		EXPECT(pktio_inject(from, &f, 1) == 1, "%s",
		       pktio_last_error(from));
		total += w.payload;
	}
	EXPECT(pktio_flush(from) == 0, "%s", pktio_last_error(from));
	return total;
}

Test(af_packet_send, a_capture_of_merged_frames_leaves_as_the_mtu_allows)
{
	struct pktio_error error = { 0 };
	const char *path = scratch("replayed.pcap");
	struct pktio_ring *file = wire_file(path);
	struct pktio_ring *from = open_sender("af_packet:" NET_A "?gso=yes");
	struct pktio_ring *to = ring_open(URI "?vlan-strip=none", NULL);
	uint32_t longest = 0;
	uint32_t total;
	unsigned frames;

	wire_disable_offload(NET_A);
	total = replay_merged(from);
	EXPECT_EQ(collect(to, file, PKTIO_F_GRO, &longest), 0);
	EXPECT_EQ(longest, 1514 + 4);
	frames = (unsigned)ring_stats(to).received;
	/* 1460 bytes in each of IPv4, 1440 of IPv6, what is left over, and 4
	 * less for a second tag, which no interface has extra room for. */
	EXPECT_EQ(frames, 45 + 2 * 28 + 3 * 28);
	EXPECT(ring_stats(to).received_bytes > total, "%u", total);
	/* From the next flush on they are cut by the MTU that there is now. */
	EXPECT_EQ(netns_set_mtu(NET_A, 1300, &error), 0);
	EXPECT_EQ(pktio_flush(from), 0);
	longest = 0;
	replay_merged(from);
	EXPECT_EQ(collect(to, file, PKTIO_F_GRO, &longest), 0);
	EXPECT_EQ(longest, 1314 + 4);
	frames = (unsigned)ring_stats(to).received;
	pktio_close(file);
	wire_expect_valid(path, frames);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send, a_long_datagram_is_cut_only_at_a_size_that_is_given)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct wire w = { .udp = true, .payload = 5000 };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = wire_make(bytes, &w),
				       .linktype = 1 };
	struct pktio_ring *from = open_sender("af_packet:" NET_A "?gso=yes");
	struct pktio_ring *to = ring_open(URI, NULL);

	wire_disable_offload(NET_A);
	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), -EMSGSIZE);
	EXPECT_CONTAINS(pktio_last_error(from),
			"of 5042 bytes: longer than the "
			"interface's MTU of 1500");
	pktio_close(from);
	from = open_sender("af_packet:" NET_A "?gso=yes&gso-size=1200");
	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), 0);
	EXPECT_EQ(ring_drain(to, 50, NULL, 0), 5);
	EXPECT_EQ(ring_stats(to).received_bytes, 5000 + 5 * 42);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send, without_gso_the_words_say_what_would_do)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct wire w = { .payload = 60000 };
	struct pktio_frame f = { .data = bytes,
				 .caplen = wire_make(bytes, &w),
				 .linktype = 1 };
	struct pktio_ring *from = open_sender("af_packet:" NET_A);

	EXPECT_EQ(pktio_inject(from, &f, 1), -EMSGSIZE);
	EXPECT(strstr(pktio_last_error(from), "a frame of 60054 bytes is too "
					      "long") &&
		       strstr(pktio_last_error(from), "gso=yes"),
	       "%s", pktio_last_error(from));
	f.caplen = 1900;
	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), -EMSGSIZE);
	EXPECT_CONTAINS(pktio_last_error(from), "gso=yes");
	pktio_close(from);
}

Test(af_packet_send, slots_for_an_interface_to_come_have_room_for_any_mtu)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct wire w = { .payload = 5000 };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = wire_make(bytes, &w),
				       .linktype = 1 };
	struct pktio_error error = { 0 };
	struct pktio_ring *from =
		open_sender("af_packet:late?wait-for-interface=yes");

	EXPECT_EQ(netns_veth("late", "later", &error), 0);
	EXPECT_EQ(netns_set_mtu("late", 9000, &error), 0);
	EXPECT_EQ(netns_set_mtu("later", 9000, &error), 0);
	EXPECT(pktio_inject(from, &f, 1) == 1, "%s", pktio_last_error(from));
	EXPECT(pktio_flush(from) == 0, "%s", pktio_last_error(from));
	EXPECT_EQ(ring_stats(from).sent, 1);
	pktio_close(from);
}

Test(af_packet_send, a_frame_that_only_the_slots_are_too_short_for_is_told_so)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct wire w = { .payload = 5000 };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = wire_make(bytes, &w),
				       .linktype = 1 };
	struct pktio_error error = { 0 };
	struct pktio_ring *from = open_sender("af_packet:" NET_A);

	EXPECT_EQ(netns_set_mtu(NET_A, 9000, &error), 0);
	EXPECT_EQ(pktio_inject(from, &f, 1), -EMSGSIZE);
	EXPECT(strstr(pktio_last_error(from),
		      "the tx buffers have 2048 bytes") &&
		       strstr(pktio_last_error(from), "open it again"),
	       "%s", pktio_last_error(from));
	pktio_close(from);
}

Test(af_packet_send,
     an_error_while_slots_are_made_free_is_told_by_the_next_call)
{
	enum { SLOTS = 256 };
	static uint8_t bytes[1900];
	const struct pktio_frame f[2] = {
		{ .data = bytes, .caplen = 1900, .linktype = 1 },
		{ .data = bytes, .caplen = 60, .linktype = 1 },
	};
	struct pktio_frame all[SLOTS];
	struct pktio_ring *from = open_sender("af_packet:" NET_A);

	REQUIRE_EQ(pktio_alloc(from, all, SLOTS - 1), SLOTS - 1);
	EXPECT_EQ(pktio_inject(from, f, 2), 1);
	EXPECT_EQ(ring_stats(from).send_failed, 1);
	EXPECT_EQ(pktio_inject(from, f + 1, 1), -EMSGSIZE);
	EXPECT_EQ(pktio_inject(from, f + 1, 1), 1);
	EXPECT_EQ(pktio_flush(from), 0);
	EXPECT_EQ(ring_stats(from).sent, 1);
	pktio_release(from, all, SLOTS - 1);
	pktio_close(from);
}

Test(af_packet_send, past_the_qdisc_nothing_is_cut)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring,
			     "af_packet:" NET_A "?gso=yes&qdisc-bypass=yes",
			     &args, &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "exclude each other");
}
