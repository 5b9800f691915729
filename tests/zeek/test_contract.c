/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract between Zeek and a packet source, checked for the packet sources
 * of both plugins on a test network.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/test_network.h"
#include "support/timing.h"
#include "worker.h"

#define MS UINT64_C(1000000)
#define INTERFACE "af_packet::" NET_B
#define SHORT "pktio::" NET_B
#define BURST 64

TestSuite(zeek_contract, .init = worker_enter, .timeout = 60);

/* ---- Open --------------------------------------------------------------- */

Test(zeek_contract, both_plugins_are_registered_with_their_prefixes)
{
	EXPECT_STR(mock_zeek_plugin("af_packet"), "Zeek::AF_Packet");
	EXPECT_STR(mock_zeek_plugin("pktio"), "Pktio::PktSrc");
	EXPECT(!mock_zeek_plugin("pcap"), "pcap is a plugin of Zeek itself");
}

static void expect_packets(const char *interface)
{
	struct worker *w = worker_start(interface);
	int sock = net_socket(NET_A);

	EXPECT(worker_logged(w, "listening on "), "%s", mock_zeek_log(w->zeek));
	EXPECT(mock_zeek_get_counts(w->zeek).fd >= 0, "no descriptor");
	EXPECT_EQ(mock_zeek_get_counts(w->zeek).link_type, 1);
	net_send_numbers(sock, 0, 500);
	worker_expect(w, 500);
	EXPECT(w->ordered, "out of order");
	EXPECT_EQ(w->last, 499);
	EXPECT_EQ(w->packet.caplen, 60);
	EXPECT_EQ(w->packet.len, 60);
	EXPECT_EQ(w->packet.link_type, 1);
	EXPECT_EQ(w->packet.vlan, -1);
	EXPECT(w->waited_us < 1000000, "the timestamps are old");
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, packets_of_an_interface_arrive_complete_and_in_order)
{
	expect_packets(INTERFACE);
	expect_packets(SHORT);
	expect_packets("pktio::af_packet:" NET_B "?block-timeout=1ms");
}

static unsigned open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

Test(zeek_contract, a_failed_open_gives_the_reason_and_leaks_nothing)
{
	unsigned before = open_descriptors();

	worker_expect_error("af_packet::test-c", "test-c");
	worker_expect_error("pktio::test-c", "test-c");
	worker_expect_error("pktio::af_paket:" NET_B,
			    "did you mean 'af_packet'");
	worker_expect_error("pktio::" NET_B "?blok-size=1M",
			    "did you mean 'block-size'");
	EXPECT_EQ(open_descriptors(), before);
}

static void drop_privileges(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	REQUIRE_EQ(syscall(SYS_capset, &header, data), 0);
}

Test(zeek_contract, without_privilege_the_error_shows_the_setcap_command)
{
	char name[4096] = "";

	drop_privileges();
	worker_expect_error(INTERFACE, "setcap cap_net_raw+eip /");
	EXPECT(readlink("/proc/self/exe", name, sizeof(name) - 1) > 0, "%s",
	       name);
	worker_expect_error(INTERFACE, name);
}

/* ---- Close -------------------------------------------------------------- */

/* The mock checks the order of the calls. */
Test(zeek_contract, close_may_be_called_twice_and_unregisters_before_closing)
{
	unsigned before = open_descriptors();

	for (int i = 0; i < 3; i++) {
		struct worker *w = worker_start(INTERFACE);

		mock_zeek_rounds(w->zeek, 5);
		worker_stop(w);
	}
	EXPECT_EQ(open_descriptors(), before);
}

Test(zeek_contract, a_source_is_closed_by_its_destructor)
{
	unsigned before = open_descriptors();
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 100);
	mock_zeek_rounds(w->zeek, 20); /* stop in the middle of a burst */
	close(sock);
	mock_zeek_free(w->zeek);
	free(w);
	EXPECT_EQ(open_descriptors(), before);
}

/* ---- One packet at a time ----------------------------------------------- */

/* The descriptor does not cover the rest of a burst, so only the first round
 * may sleep. */
Test(zeek_contract, the_rest_of_a_burst_arrives_without_a_sleep)
{
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);
	uint64_t slept;

	net_send_numbers(sock, 0, 3 * BURST);
	sleep_ms(50); /* until all packets are in the ring */
	slept = mock_zeek_get_counts(w->zeek).slept_ms;
	mock_zeek_rounds(w->zeek, 3 * BURST + 3);
	EXPECT_EQ(w->packets, 3 * BURST);
	EXPECT(mock_zeek_get_counts(w->zeek).slept_ms - slept < 20,
	       "%lu ms asleep", mock_zeek_get_counts(w->zeek).slept_ms - slept);
	close(sock);
	worker_stop(w);
}

/* An idle run of seven timers, with ten rounds for each. */
static void run_idle(struct worker *w)
{
	uint64_t before = mock_zeek_get_counts(w->zeek).rounds;

	mock_zeek_run(w->zeek, 350);
	EXPECT(mock_zeek_get_counts(w->zeek).rounds - before < 200,
	       "%lu rounds", mock_zeek_get_counts(w->zeek).rounds - before);
}

/* Zeek polls after every ten packets, which costs as much as two packets. */
Test(zeek_contract, the_descriptor_is_unregistered_during_a_long_burst)
{
	enum { MANY = 1000 };
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, MANY);
	sleep_ms(50);
	mock_zeek_rounds(w->zeek, MANY / 2);
	REQUIRE(w->packets > 0 && w->packets < MANY, "%lu", w->packets);
	EXPECT_EQ(mock_zeek_get_counts(w->zeek).fd, -1);
	worker_expect(w, MANY);
	EXPECT(w->ordered, "out of order");
	EXPECT(mock_zeek_get_counts(w->zeek).fd >= 0,
	       "no registered descriptor");
	run_idle(w);
	close(sock);
	worker_stop(w);
}

/* Zeek advances its time by the clock after 100 ms without packets. Packets
 * that wait longer in the kernel would then be older than the time of Zeek. */
Test(zeek_contract, a_source_is_not_idle_while_packets_may_wait_in_the_kernel)
{
	struct worker *w = worker_start("pktio::" NET_B "?block-timeout=900ms");
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 1, 1);
	worker_expect(w, 1);
	EXPECT(!mock_zeek_has_been_idle(w->zeek, 0),
	       "idle right after a packet");
	sleep_ms(150);
	mock_zeek_run(w->zeek, 20);
	EXPECT(!mock_zeek_has_been_idle(w->zeek, 0.1),
	       "idle before the block timeout");
	sleep_ms(1000);
	mock_zeek_run(w->zeek, 20);
	EXPECT(mock_zeek_has_been_idle(w->zeek, 0.1),
	       "not idle after a second");
	close(sock);
	worker_stop(w);
}

/* Without the descriptor, Zeek would sleep until its timer, 50 ms later. */
Test(zeek_contract, a_packet_wakes_a_sleeping_zeek)
{
	struct worker *w = worker_start("pktio::" NET_B "?block-timeout=1ms");
	int sock = net_socket(NET_A);
	unsigned woken = 0;

	for (unsigned i = 1; i <= 9; i++) {
		mock_zeek_rounds(w->zeek, 10);
		net_send_numbers(sock, i, 1);
		worker_expect(w, i);
		woken += w->waited_us < 25000;
	}
	EXPECT(woken > 5, "%u of 9 times", woken);
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, an_idle_source_does_not_busy_wait_and_never_blocks)
{
	struct worker *w = worker_start(INTERFACE);
	uint64_t cpu = thread_cpu_ns();
	struct mock_zeek_counts seen;

	mock_zeek_run(w->zeek, 1000);
	cpu = thread_cpu_ns() - cpu;
	seen = mock_zeek_get_counts(w->zeek);
	/* Twenty timers, with ten rounds for each. */
	EXPECT(seen.rounds < 400, "%lu rounds", seen.rounds);
	EXPECT(seen.slept_ms > 900, "%lu ms", seen.slept_ms);
	EXPECT(cpu < 20 * MS, "%lu us of CPU", cpu / 1000);
	EXPECT(seen.extract_us < 20000, "%lu us", seen.extract_us);
	worker_stop(w);
}

Test(zeek_contract, a_suspended_zeek_gets_no_packets_until_it_resumes)
{
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, BURST);
	sleep_ms(30);
	mock_zeek_rounds(w->zeek, 10); /* stop in the middle of a burst */
	REQUIRE(w->packets > 0 && w->packets < BURST, "%lu", w->packets);
	mock_zeek_suspend(true);
	mock_zeek_run(w->zeek, 100);
	EXPECT(w->packets < BURST, "%lu", w->packets);
	mock_zeek_suspend(false);
	worker_expect(w, BURST);
	EXPECT(w->ordered, "out of order");
	close(sock);
	worker_stop(w);
}

/* Zeek extracts the packet early and processes it when its time has come. */
Test(zeek_contract, in_pseudo_realtime_a_packet_stays_valid_while_zeek_waits)
{
	struct worker *w;
	uint64_t start = now_ns();

	mock_zeek_pseudo_realtime(1);
	w = worker_read("pktio::gen:?count=100&interval=2ms&flows=1");
	mock_zeek_run_to_end(w->zeek, 5000);
	EXPECT_EQ(w->packets, 100);
	EXPECT(now_ns() - start >= 190 * MS, "%lu ms", (now_ns() - start) / MS);
	EXPECT(!mock_zeek_is_open(w->zeek), "the source did not reach its end");
	mock_zeek_pseudo_realtime(0);
	worker_stop(w);
}

Test(zeek_contract,
     a_source_without_descriptor_never_sleeps_while_it_has_packets)
{
	struct worker *w = worker_read("pktio::gen:?count=5000&flows=1");
	struct mock_zeek_counts seen;

	EXPECT_EQ(mock_zeek_get_counts(w->zeek).fd, -1);
	mock_zeek_run_to_end(w->zeek, 5000);
	seen = mock_zeek_get_counts(w->zeek);
	EXPECT_EQ(w->packets, 5000);
	EXPECT(seen.slept_ms < 50, "%lu ms", seen.slept_ms);
	EXPECT(!mock_zeek_is_open(w->zeek), "the source did not reach its end");
	worker_stop(w);
}

/* ---- The fields of a packet --------------------------------------------- */

/* Sends a test frame with VLAN tags inserted before its EtherType. */
static void send_tagged(int sock, unsigned n, const uint16_t (*tags)[2])
{
	uint8_t plain[60];
	uint8_t frame[80];

	numbered_frame(plain, sizeof(plain), 1);
	memcpy(frame, plain, 12);
	for (unsigned i = 0; i < n; i++) {
		frame[12 + 4 * i] = (uint8_t)(tags[i][0] >> 8);
		frame[13 + 4 * i] = (uint8_t)tags[i][0];
		frame[14 + 4 * i] = (uint8_t)(tags[i][1] >> 8);
		frame[15 + 4 * i] = (uint8_t)tags[i][1];
	}
	memcpy(frame + 12 + (size_t)4 * n, plain + 12, sizeof(plain) - 12);
	net_send(sock, frame, sizeof(plain) + (size_t)4 * n);
}

Test(zeek_contract, the_outer_tag_is_in_the_metadata_not_in_the_bytes)
{
	static const uint16_t dot1q[][2] = { { 0x8100, 0x6064 } };
	static const uint16_t qinq[][2] = { { 0x88a8, 200 }, { 0x8100, 100 } };
	static const uint16_t inner[] = { 0x8100 };
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);

	send_tagged(sock, 1, dot1q);
	worker_expect(w, 1);
	EXPECT_EQ(w->packet.vlan, 100);
	EXPECT_EQ(w->packet.inner_vlan, -1);
	EXPECT_EQ(w->packet.caplen, 60);
	send_tagged(sock, 2, qinq);
	worker_expect(w, 2);
	EXPECT_EQ(w->packet.vlan, 200);
	/* Zeek parses the inner tag from the bytes. */
	EXPECT_EQ(w->packet.inner_vlan, -1);
	EXPECT_EQ(w->packet.caplen, 64);
	EXPECT_EQ(w->bytes[12] << 8 | w->bytes[13], inner[0]);
	send_tagged(sock, 0, NULL);
	worker_expect(w, 3);
	EXPECT_EQ(w->packet.vlan, -1);
	close(sock);
	worker_stop(w);
}

/* Sends like a local sender that leaves the checksum to the NIC. */
static void send_partial_checksum(int sock)
{
	struct {
		struct virtio_net_hdr header;
		uint8_t frame[60];
	} __attribute__((packed)) packet = {
		.header = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			    .csum_start = 34,
			    .csum_offset = 6 },
	};
	int one = 1;

	numbered_frame(packet.frame, sizeof(packet.frame), 2);
	REQUIRE_EQ(setsockopt(sock, SOL_PACKET, PACKET_VNET_HDR, &one,
			      sizeof(one)),
		   0);
	net_send(sock, &packet, sizeof(packet));
}

/* Whether l4_checksummed is set for a plain frame, and for a frame with a
 * partial checksum. */
static void expect_checksums(const char *interface, const char *module,
			     int mode, bool plain, bool partial)
{
	char name[80];
	struct worker *w;
	int sock = net_socket(NET_A);

	snprintf(name, sizeof(name), "%s::checksum_validation_mode", module);
	mock_zeek_set_enum(name, mode);
	w = worker_start(interface);
	net_send_numbers(sock, 1, 1);
	worker_expect(w, 1);
	EXPECT_EQ(w->packet.l4_checksummed, plain);
	send_partial_checksum(sock);
	worker_expect(w, 2);
	EXPECT_EQ(w->packet.l4_checksummed, partial);
	EXPECT_EQ(w->packet.l3_checksummed, false);
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, the_checksum_mode_decides_who_verifies_checksums)
{
	enum { OFF, ON, KERNEL };

	expect_checksums(INTERFACE, "AF_Packet", OFF, true, true);
	expect_checksums(INTERFACE, "AF_Packet", ON, false, false);
	expect_checksums(INTERFACE, "AF_Packet", KERNEL, false, true);
	mock_zeek_load_scripts();
	expect_checksums(SHORT, "AF_Packet", KERNEL, false, true);
	expect_checksums(SHORT, "Pktio", OFF, true, true);
}

Test(zeek_contract, a_truncated_packet_has_both_lengths)
{
	struct worker *w = worker_read(
		"pktio::gen:?count=1&size=1000&snaplen=100&flows=1");

	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packet.caplen, 100);
	EXPECT_EQ(w->packet.len, 1000);
	EXPECT_EQ(mock_zeek_statistics(w->zeek).bytes_received, 1000);
	worker_stop(w);
}

/* ---- Filters ------------------------------------------------------------ */

Test(zeek_contract, an_invalid_filter_is_rejected_with_its_text)
{
	struct worker *w = worker_start(INTERFACE);

	EXPECT(!mock_zeek_precompile(w->zeek, 1, "tcp prot 80"), "accepted");
	EXPECT(strstr(mock_zeek_error(w->zeek), "tcp prot 80"), "%s",
	       mock_zeek_error(w->zeek));
	EXPECT(mock_zeek_filter_is_fatal(w->zeek, 1), "Zeek would continue");
	EXPECT(!mock_zeek_precompile(w->zeek, -1, ""), "accepted");
	EXPECT(!mock_zeek_set_filter(w->zeek, 7),
	       "an unknown index was accepted");
	worker_stop(w);
}

Test(zeek_contract, a_filter_that_only_zeek_accepts_is_rejected_too)
{
	struct worker *w = worker_start(INTERFACE);

	EXPECT(!mock_zeek_precompile(w->zeek, 1, "ip protochain 6"),
	       "accepted");
	EXPECT(mock_zeek_filter_is_fatal(w->zeek, 1), "Zeek would continue");
	EXPECT(worker_logged(w, "ip protochain 6"), "%s",
	       mock_zeek_log(w->zeek));
	worker_stop(w);
}

Test(zeek_contract, a_filter_sees_the_outer_tag)
{
	static const uint16_t five[][2] = { { 0x8100, 5 } };
	static const uint16_t six[][2] = { { 0x8100, 6 } };
	struct worker *w = worker_start(INTERFACE);
	int sock = net_socket(NET_A);

	REQUIRE(mock_zeek_precompile(w->zeek, 1, "vlan 5"), "%s",
		mock_zeek_error(w->zeek));
	REQUIRE(mock_zeek_precompile(w->zeek, 2, "not vlan"), "%s",
		mock_zeek_error(w->zeek));
	REQUIRE(mock_zeek_set_filter(w->zeek, 1), "%s",
		mock_zeek_error(w->zeek));
	net_send_numbers(sock, 0, 10);
	send_tagged(sock, 1, six);
	send_tagged(sock, 1, five);
	worker_expect(w, 1);
	EXPECT_EQ(w->packet.vlan, 5);
	REQUIRE(mock_zeek_set_filter(w->zeek, 2), "%s",
		mock_zeek_error(w->zeek));
	send_tagged(sock, 1, five);
	net_send_numbers(sock, 0, 10);
	worker_expect(w, 11);
	EXPECT_EQ(w->packet.vlan, -1);
	REQUIRE(mock_zeek_set_filter(w->zeek, 0), "%s",
		mock_zeek_error(w->zeek));
	send_tagged(sock, 1, five);
	worker_expect(w, 12);
	close(sock);
	worker_stop(w);
}

/* ---- Statistics --------------------------------------------------------- */

Test(zeek_contract, statistics_are_cumulative_and_remain_after_close)
{
	struct worker *w = worker_start(SHORT);
	int sock = net_socket(NET_A);
	struct mock_zeek_stats stats;

	for (unsigned i = 1; i <= 2; i++) {
		net_send_numbers(sock, 0, 100);
		worker_expect(w, (uint64_t)100 * i);
		stats = mock_zeek_statistics(w->zeek);
		EXPECT_EQ(stats.received, 100 * i);
		EXPECT_EQ(stats.bytes_received, 6000 * i);
		EXPECT_EQ(stats.link, 100 * i);
		EXPECT_EQ(stats.dropped, 0);
		EXPECT_EQ(stats.filtered, 0);
	}
	EXPECT_EQ(mock_zeek_counter(w->zeek, "received"), 200);
	EXPECT_STR(mock_zeek_link(w->zeek), "up");
	mock_zeek_close(w->zeek);
	stats = mock_zeek_statistics(w->zeek);
	EXPECT_EQ(stats.received, 200);
	EXPECT_EQ(stats.link, 200);
	EXPECT_EQ(mock_zeek_counter(w->zeek, "received"), 200);
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, every_lost_packet_is_counted)
{
	enum { SENT = 5000 };
	struct worker *w;
	int sock = net_socket(NET_A);
	struct mock_zeek_stats stats;

	mock_zeek_set_count("AF_Packet::buffer_size", 64 << 10);
	mock_zeek_set_count("Pktio::block_size", 16 << 10);
	w = worker_start(SHORT);
	net_send_numbers(sock, 0, SENT);
	mock_zeek_run(w->zeek, 100);
	stats = mock_zeek_statistics(w->zeek);
	EXPECT(stats.dropped > 0, "a ring of 64 KiB held them all");
	EXPECT_EQ(stats.received, w->packets);
	EXPECT_EQ(stats.received + stats.dropped, SENT);
	EXPECT_EQ(stats.link, SENT);
	EXPECT_EQ(mock_zeek_counter(w->zeek, "dropped"), stats.dropped);
	EXPECT(mock_zeek_counter(w->zeek, "freezes") > 0, "none");
	close(sock);
	worker_stop(w);
}

/* ---- The interface ------------------------------------------------------ */

Test(zeek_contract, an_interface_that_goes_down_and_up_is_reported)
{
	struct worker *w = worker_start(SHORT);
	int sock = net_socket(NET_A);

	net_set_up(NET_B, false);
	run_idle(w);
	worker_expect_log(w, "went down; waiting until it is up");
	EXPECT_STR(mock_zeek_link(w->zeek), "down");
	net_set_up(NET_B, true);
	net_send_numbers(sock, 0, 100);
	worker_expect(w, 100);
	worker_expect_log(w, "is up again");
	EXPECT(mock_zeek_is_open(w->zeek), "the source closed");
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, an_interface_that_is_deleted_and_recreated_is_reattached)
{
	struct pktio_error error = { 0 };
	struct worker *w = worker_start(INTERFACE);
	int sock;

	REQUIRE_EQ(netns_delete(NET_A, &error), 0);
	run_idle(w);
	worker_expect_log(w, "was removed; waiting for an interface");
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0);
	worker_expect_log(w, "was replaced by a new interface");
	sock = net_socket(NET_A);
	net_send_numbers(sock, 0, 100);
	worker_expect(w, 100);
	/* Zeek can sleep on the new descriptor. */
	EXPECT(mock_zeek_get_counts(w->zeek).fd >= 0,
	       "no registered descriptor");
	run_idle(w);
	close(sock);
	worker_stop(w);
}

Test(zeek_contract, an_interface_that_is_down_from_the_start_is_reported)
{
	struct worker *w;

	net_set_up(NET_B, false);
	w = worker_start(INTERFACE);
	EXPECT(worker_logged(w, "is down; waiting until it is up"), "%s",
	       mock_zeek_log(w->zeek));
	worker_stop(w);
}
