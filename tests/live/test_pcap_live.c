/* SPDX-License-Identifier: BSD-3-Clause */
/* The specifics of pcap_live; the contract suite tests the rest. */
#include <stdio.h>
#include <string.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <pktio/pktio.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define URI "pcap_live:" NET_B
#define MS UINT64_C(1000000)

TestSuite(pcap_live, .init = net_create);

static struct pktio_ring *open_filtered(const char *uri,
					struct sock_filter *code, size_t n)
{
	struct sock_fprog prog = { (unsigned short)n, code };
	const struct pktio_open_args args = { .size = sizeof(args),
					      .filter = &prog };

	return ring_open(uri, &args);
}

/* Waits for a frame, and fails if none arrives. */
static struct pktio_frame take(struct pktio_ring *ring)
{
	struct pktio_frame f;

	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1, "%s", pktio_last_error(ring));
	return f;
}

/* ---- Errors ------------------------------------------------------------- */

Test(pcap_live, errors_of_libpcap_have_cause_and_fix)
{
	expect_open_fails("pcap_live:", NULL, -EINVAL, "no device; write");
	expect_open_fails("pcap_live:nil0", NULL, -ENODEV,
			  "no device 'nil0'; 'ip link' lists");
	expect_open_fails("pcap_live:longer-than-any-interface", NULL, -ENODEV,
			  "no device 'longer-than-any-interface'");
	expect_open_fails(URI "?rfmon=yes", NULL, -ENOTSUP,
			  "'test-b' has no monitor mode");
	expect_open_fails(URI "?timestamp=adapter", NULL, -ENOTSUP,
			  "does not support this timestamp");
	expect_open_fails(URI "?linktype=IEEE802_11", NULL, -EINVAL,
			  "no link type 'IEEE802_11'; it has ETHERNET");
	expect_open_fails(URI "?linktype=nonsense", NULL, -EINVAL,
			  "no link type 'nonsense'");
	net_set_up(NET_B, false);
	expect_open_fails(URI, NULL, -ENETDOWN, "ip link set test-b up");
}

Test(pcap_live, the_error_names_the_missing_privilege)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const struct __user_cap_data_struct none[2] = { { 0 } };

	REQUIRE_EQ(syscall(SYS_capset, &header, none), 0);
	expect_open_fails(URI, NULL, -EPERM, "CAP_NET_RAW is needed");
}

/* ---- Options ------------------------------------------------------------ */

Test(pcap_live, snaplen_truncates_frames)
{
	struct pktio_ring *ring = ring_open(URI "?snaplen=20", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;

	EXPECT_EQ(ring_info(ring).snaplen, 20);
	net_send_numbers(sock, 0, 1);
	f = take(ring);
	EXPECT_EQ(f.caplen, 20);
	EXPECT_EQ(f.wirelen, 60);
	EXPECT(f.flags & PKTIO_F_TRUNCATED);
	EXPECT_EQ(frame_number(&f), 0);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_stats(ring).truncated, 1);
	EXPECT_EQ(ring_stats(ring).received_bytes, 20);
	pktio_close(ring);
	close(sock);
}

static uint64_t count_direction(const char *direction)
{
	int in = net_socket(NET_A);
	int out = net_socket(NET_B);
	struct pktio_ring *ring;
	char uri[64];
	uint64_t n;

	snprintf(uri, sizeof(uri), URI "?direction=%s", direction);
	ring = ring_open(uri, NULL);
	net_send_numbers(in, 0, 3);
	net_send_numbers(out, 0, 5);
	n = ring_drain(ring, 100, NULL, 0);
	pktio_close(ring);
	close(in);
	close(out);
	return n;
}

Test(pcap_live, direction_selects_received_or_sent_frames)
{
	EXPECT_EQ(count_direction("in"), 3);
	EXPECT_EQ(count_direction("out"), 5);
	EXPECT_EQ(count_direction("inout"), 8);
}

Test(pcap_live, frames_of_the_other_direction_do_not_end_a_wait)
{
	struct pktio_ring *ring = ring_open(URI "?direction=in", NULL);
	int out = net_socket(NET_B);

	net_send_numbers(out, 0, 5);
	EXPECT_EQ(pktio_wait(ring, 100), 0);
	pktio_close(ring);
	close(out);
}

Test(pcap_live, protocol_selects_an_ethertype)
{
	struct pktio_ring *ring = ring_open(URI "?protocol=0x88b6", NULL);
	int sock = net_socket(NET_A);
	uint8_t frame[60];

	net_send_numbers(sock, 0, 3);
	numbered_frame(frame, sizeof(frame), 4);
	frame[13] = 0xb6;
	net_send(sock, frame, sizeof(frame));
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 1);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, protocol_and_filter_are_combined)
{
	struct sock_filter even[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 17),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pktio_ring *ring =
		open_filtered(URI "?protocol=0x88b6", even, 4);
	int sock = net_socket(NET_A);
	uint8_t frame[60];

	net_send_numbers(sock, 0, 4);
	for (uint32_t i = 0; i < 4; i++) {
		numbered_frame(frame, sizeof(frame), i);
		frame[13] = 0xb6;
		net_send(sock, frame, sizeof(frame));
	}
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 2);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, timestamp_precision_sets_the_clock_and_the_last_three_digits)
{
	static const char *const uris[] = { URI "?timestamp-precision=us",
					    URI "?timestamp-precision=ns" };
	int sock = net_socket(NET_A);

	for (int ns = 0; ns < 2; ns++) {
		struct pktio_ring *ring = ring_open(uris[ns], NULL);
		struct pktio_frame frames[20];
		unsigned odd = 0;
		int n;

		net_send_numbers(sock, 0, 20);
		for (int i = 0; i < 20; i += n) {
			REQUIRE_EQ(pktio_wait(ring, 2000), 1);
			n = pktio_recv(ring, frames + i, (unsigned)(20 - i));
			REQUIRE_GT(n, 0);
		}
		for (int i = 0; i < 20; i++) {
			odd += frames[i].ts % 1000 != 0;
			EXPECT_EQ(frames[i].clock,
				  ns ? PKTIO_CLOCK_SOFTWARE : PKTIO_CLOCK_RING);
		}
		EXPECT(ns ? odd > 10 : odd == 0, "%u of 20", odd);
		pktio_close(ring);
	}
	close(sock);
}

Test(pcap_live, immediate_does_not_wait_for_the_timeout)
{
	struct pktio_ring *ring =
		ring_open(URI "?immediate=yes&block-timeout=20s", NULL);
	int sock = net_socket(NET_A);
	uint64_t begin = now_ns();
	struct pktio_frame f;

	net_send_numbers(sock, 0, 1);
	f = take(ring);
	EXPECT_LT(now_ns() - begin, 1000 * MS);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_info(ring).block_timeout, 0);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, a_timeout_is_rounded_up_to_whole_milliseconds)
{
	struct pktio_ring *ring = ring_open(URI "?block-timeout=1500us", NULL);

	EXPECT_EQ(ring_info(ring).block_timeout, 2 * MS);
	pktio_close(ring);
}

Test(pcap_live, the_linktype_is_selected_by_name)
{
	struct pktio_ring *ring = ring_open(URI "?linktype=DOCSIS", NULL);

	EXPECT_EQ(ring_info(ring).linktype, 143);
	pktio_close(ring);
}

Test(pcap_live, frames_that_do_not_fit_the_buffer_are_counted)
{
	enum { SENT = 20000 };
	struct pktio_ring *ring = ring_open(URI "?ring-size=512K", NULL);
	int sock = net_socket(NET_A);
	struct pktio_stats stats;

	net_send_numbers(sock, 0, SENT);
	stats = ring_stats(ring);
	EXPECT_GT(stats.dropped, 0);
	ring_drain(ring, 100, NULL, 0);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.received + stats.dropped, SENT);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, recv_fails_beyond_the_slots_and_continues_after_release)
{
	struct pktio_ring *ring = ring_open(URI "?frame-slots=4", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame held[8];
	unsigned n = 0;
	int r;

	EXPECT_EQ(ring_info(ring).max_held, 4);
	net_send_numbers(sock, 0, 8);
	for (;;) {
		REQUIRE_EQ(pktio_wait(ring, 2000), 1);
		r = pktio_recv(ring, held + n, 8 - n);
		if (r < 0)
			break;
		n += (unsigned)r;
	}
	EXPECT_EQ(r, -ENOBUFS);
	EXPECT_CONTAINS(pktio_last_error(ring), "all 4 frame slots are held");
	EXPECT_EQ(n, 4);
	EXPECT_EQ(ring_stats(ring).stalls, 1);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(frame_number(&held[i]), i);
	pktio_release(ring, held, n);
	for (; n < 8; n++) {
		held[0] = take(ring);
		EXPECT_EQ(frame_number(&held[0]), n);
		pktio_release(ring, held, 1);
	}
	EXPECT_EQ(pktio_recv(ring, held, 8), 0);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, holding_all_slots_is_no_error_without_a_pending_frame)
{
	struct pktio_ring *ring = ring_open(URI "?frame-slots=4", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame held[4];

	net_send_numbers(sock, 0, 4);
	for (int i = 0; i < 4; i++)
		held[i] = take(ring);
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	EXPECT_EQ(pktio_recv(ring, held, 1), 0);
	EXPECT_EQ(ring_stats(ring).stalls, 0);
	pktio_release(ring, held, 4);
	pktio_close(ring);
	close(sock);
}

/* Meanwhile, libpcap reuses its one block many times. */
Test(pcap_live, held_frames_outlive_the_buffer_of_libpcap)
{
	enum { HELD = 50 };
	struct pktio_ring *ring = ring_open(URI "?ring-size=256K", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame held[HELD];
	uint8_t expected[60];

	net_send_numbers(sock, 0, HELD);
	for (int i = 0; i < HELD; i++)
		held[i] = take(ring);
	for (uint32_t i = 1; i <= 20; i++) {
		net_send_numbers(sock, i * 1000, 100);
		REQUIRE_EQ(ring_drain(ring, 30, NULL, 0), 100);
	}
	for (uint32_t i = 0; i < HELD; i++) {
		numbered_frame(expected, sizeof(expected), i);
		EXPECT_EQ(held[i].caplen, sizeof(expected));
		EXPECT_BYTES(held[i].data, expected, sizeof(expected));
	}
	pktio_release(ring, held, HELD);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, the_packet_type_follows_from_the_destination)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);
	uint8_t frame[60];
	struct pktio_frame f;

	numbered_frame(frame, sizeof(frame), 0);
	net_send(sock, frame, sizeof(frame));
	frame[0] = 0x33;
	net_send(sock, frame, sizeof(frame));
	memset(frame, 0xff, 6);
	net_send(sock, frame, sizeof(frame));
	f = take(ring);
	EXPECT_EQ(f.pkttype, PKTIO_PKT_HOST);
	EXPECT_EQ(f.ifindex, if_nametoindex(NET_B));
	f = take(ring);
	EXPECT_EQ(f.pkttype, PKTIO_PKT_MULTICAST);
	f = take(ring);
	EXPECT_EQ(f.pkttype, PKTIO_PKT_BROADCAST);
	pktio_close(ring);
	close(sock);
}

/* ---- All interfaces at once --------------------------------------------- */

Test(pcap_live, any_has_the_frames_of_every_interface_with_its_ifindex)
{
	enum { SLL2 = 276, SLL2_HEADER = 20 };
	struct pktio_ring *ring =
		ring_open("pcap_live:any?linktype=LINUX_SLL2", NULL);
	int sock = net_socket(NET_A);
	unsigned in = 0;
	unsigned out = 0;

	EXPECT_EQ(ring_info(ring).linktype, SLL2);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UNKNOWN);
	net_send_numbers(sock, 0, 3);
	while (in + out < 6) {
		struct pktio_frame f = take(ring);

		REQUIRE_EQ(f.caplen, 60 - 14 + SLL2_HEADER);
		REQUIRE_EQ(f.linktype, SLL2);
		if (f.pkttype == PKTIO_PKT_OUTGOING) {
			EXPECT_EQ(f.ifindex, if_nametoindex(NET_A));
			out++;
		} else {
			EXPECT_EQ(f.ifindex, if_nametoindex(NET_B));
			in++;
		}
		pktio_release(ring, &f, 1);
	}
	EXPECT_EQ(in, 3);
	EXPECT_EQ(out, 3);
	pktio_close(ring);
	close(sock);
}

/* There, a program reads the header that libpcap generates. */
Test(pcap_live, a_filter_on_any_sees_the_bytes_that_are_received)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TEST_ETHERTYPE, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 16 + 3),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pktio_ring *ring =
		open_filtered("pcap_live:any?linktype=LINUX_SLL", code, 6);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 8);
	/* Odd frames only, each sent and received. */
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 8);
	pktio_close(ring);
	close(sock);
}

/* ---- Filters ------------------------------------------------------------ */

/* libpcap alone would drop the first frames: it does not know this load. */
Test(pcap_live, a_filter_that_needs_the_kernel_loses_no_first_frame)
{
	struct sock_filter incoming[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PKTIO_PKT_OUTGOING, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pktio_ring *ring = open_filtered(URI, incoming, 4);
	int in = net_socket(NET_A);
	int out = net_socket(NET_B);

	net_send_numbers(in, 0, 10);
	net_send_numbers(out, 0, 10);
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 10);
	pktio_close(ring);
	close(in);
	close(out);
}

/* The frame that wait has read has its tag in the bytes already. */
Test(pcap_live, a_new_filter_matches_a_pending_frame_as_the_kernel_would)
{
	struct sock_filter tagged[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { 4, tagged };
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);
	static const uint8_t tag[] = { 0x81, 0, 0, 5 };
	uint8_t frame[64];
	struct pktio_frame f;

	numbered_frame(frame, 60, 1);
	memmove(frame + 16, frame + 12, 48);
	memcpy(frame + 12, tag, sizeof(tag));
	net_send(sock, frame, sizeof(frame));
	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	REQUIRE_EQ(pktio_set_filter(ring, &prog), 0);
	f = take(ring);
	EXPECT_EQ(f.caplen, 64);
	EXPECT_BYTES(f.data, frame, 64);
	pktio_release(ring, &f, 1);
	net_send_numbers(sock, 0, 1);
	REQUIRE_EQ(pktio_wait(ring, 100), 0);
	/* A frame that does not match is dropped. */
	REQUIRE_EQ(pktio_set_filter(ring, NULL), 0);
	net_send_numbers(sock, 0, 1);
	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	REQUIRE_EQ(pktio_set_filter(ring, &prog), 0);
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 0);
	EXPECT_EQ(ring_stats(ring).filtered, 1);
	pktio_close(ring);
	close(sock);
}

/* ---- Sending ------------------------------------------------------------ */

Test(pcap_live, flush_reports_a_frame_that_the_interface_refuses)
{
	static uint8_t bytes[4000];
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = sizeof(bytes),
				       .wirelen = sizeof(bytes),
				       .linktype = 1 };
	struct pktio_ring *ring = ring_open(URI, &args);

	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
	EXPECT_LT(pktio_flush(ring), 0);
	EXPECT_CONTAINS(pktio_last_error(ring), "cannot send 4000 bytes");
	EXPECT_EQ(ring_stats(ring).send_failed, 1);
	EXPECT_EQ(ring_stats(ring).sent, 0);
	EXPECT_EQ(pktio_flush(ring), 0);
	pktio_close(ring);
}

Test(pcap_live, snaplen_does_not_limit_sent_frames)
{
	static uint8_t bytes[1500];
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_RECV | PKTIO_SEND };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = sizeof(bytes),
				       .wirelen = sizeof(bytes),
				       .linktype = 1 };
	struct pktio_ring *ring = ring_open(URI "?snaplen=64", &args);

	EXPECT_EQ(pktio_inject(ring, &f, 1), 1, "%s", pktio_last_error(ring));
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(ring_stats(ring).sent_bytes, sizeof(bytes));
	pktio_close(ring);
}

/*
 * Limits the queue of the interface to almost nothing; false if it has no
 * queue.
 */
static bool fill_queue(void)
{
	static char tc[] = "tc";
	static char interface[] = NET_B;
	char words[] =
		"qdisc add dev root tbf rate 8kbit burst 2000 limit 3000";
	char *argv[16] = { tc };
	char *save = NULL;
	size_t n = 1;
	int status = -1;
	pid_t pid;

	for (char *word = strtok_r(words, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		argv[n++] = word;
		if (strcmp(word, "dev") == 0)
			argv[n++] = interface;
	}
	return posix_spawnp(&pid, tc, NULL, NULL, argv, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

/*
 * The caller sends the frame again, with the same stripped tag and the same
 * bytes.
 */
Test(pcap_live, a_tagged_frame_that_is_not_sent_does_not_change)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	struct pktio_ring *ring = ring_open(URI, &args);
	uint8_t bytes[1000];
	struct pktio_frame f;
	int sent = 1;

	if (!fill_queue()) {
		pktio_close(ring);
		cr_skip("this kernel has no queueing discipline tbf");
	}
	for (unsigned i = 0; sent == 1 && i < 100; i++) {
		REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
		numbered_frame(bytes, sizeof(bytes), i);
		memcpy(pktio_frame_wdata(&f), bytes, sizeof(bytes));
		f.caplen = sizeof(bytes);
		f.nvlan = 1;
		f.vlan[0] = (struct pktio_vlan){ 0x8100, 5 };
		sent = pktio_send(ring, &f, 1);
	}
	REQUIRE_EQ(sent, 0, "%s", pktio_last_error(ring));
	EXPECT_BYTES(f.data, bytes, sizeof(bytes));
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

/* ---- The interface comes and goes --------------------------------------- */

static void expect_quiet(struct pktio_ring *ring)
{
	struct pktio_frame f;

	expect_idle(ring);
	for (int i = 0; i < 100; i++)
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 0, "%s",
			   pktio_last_error(ring));
	EXPECT_EQ(pktio_wait(ring, 10), 0);
}

Test(pcap_live, a_ring_survives_a_link_down)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	for (uint64_t round = 1; round <= 5; round++) {
		net_send_numbers(sock, 0, 10);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
		net_set_up(NET_B, false);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_DOWN);
		expect_quiet(ring);
		EXPECT_EQ(ring_stats(ring).link_downs, round);
		net_set_up(NET_B, true);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UP);
	}
	net_send_numbers(sock, 0, 10);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
	pktio_close(ring);
	close(sock);
}

/* libpcap alone would not report it. */
Test(pcap_live, a_short_link_down_is_counted)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;

	net_set_up(NET_B, false);
	net_set_up(NET_B, true);
	EXPECT_EQ(pktio_recv(ring, &f, 1), 0);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	net_send_numbers(sock, 0, 10);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, frames_from_before_a_link_down_are_received)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 10);
	net_set_up(NET_B, false);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	expect_quiet(ring);
	pktio_close(ring);
	close(sock);
}

Test(pcap_live, a_ring_whose_interface_is_deleted_stays_quiet)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	struct pktio_error error = { 0 };
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 10);
	close(sock);
	REQUIRE_EQ(netns_delete(NET_B, &error), 0, "%s", error.text);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
	expect_quiet(ring);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	/* The next interface with that name is another one. */
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s", error.text);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	expect_quiet(ring);
	pktio_close(ring);
}
