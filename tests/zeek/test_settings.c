/* SPDX-License-Identifier: BSD-3-Clause */
/* The conversion of script constants to the options of a ring. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/files.h"
#include "support/test_network.h"
#include "support/timing.h"
#include "worker.h"

#define MIB (UINT64_C(1) << 20)

TestSuite(zeek_settings, .init = worker_enter, .fini = scratch_remove,
	  .timeout = 60);

/* Bytes of packet socket rings that this process has mapped. */
static uint64_t mapped_ring_bytes(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	uint64_t bytes = 0;

	while (fgets(line, sizeof(line), maps)) {
		char *end;
		uint64_t from = strtoul(line, &end, 16);

		if (strstr(line, " socket:["))
			bytes += strtoul(end + 1, NULL, 16) - from;
	}
	fclose(maps);
	return bytes;
}

static void expect_ring(const char *interface, uint64_t bytes)
{
	struct worker *w = worker_start(interface);

	EXPECT_EQ(mapped_ring_bytes(), bytes);
	worker_stop(w);
}

Test(zeek_settings, the_defaults_of_af_packet_apply_to_its_prefix_only)
{
	expect_ring("af_packet::" NET_B, 128 * MIB);
	expect_ring("pktio::" NET_B, 64 * MIB);
}

Test(zeek_settings, changed_constants_of_af_packet_apply_to_pktio)
{
	mock_zeek_set_count("AF_Packet::buffer_size", 8 * MIB);
	expect_ring("af_packet::" NET_B, 8 * MIB);
	expect_ring("pktio::" NET_B, 8 * MIB);
	expect_ring("pktio::af_packet:" NET_B, 8 * MIB);
	mock_zeek_set_count("Pktio::buffer_size", 16 * MIB);
	expect_ring("pktio::" NET_B, 16 * MIB);
	mock_zeek_set_option("ring-size", "4M");
	expect_ring("pktio::" NET_B, 4 * MIB);
	expect_ring("pktio::" NET_B "?ring-size=2M", 2 * MIB);
	expect_ring("af_packet::" NET_B, 8 * MIB);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The median wait of nine packets in ms. Each packet arrives about 20 ms after
 * a block begins: 120 ms after the last packet, of which 50 ms are a sleep.
 */
static uint64_t median_wait(const char *interface)
{
	struct worker *w = worker_start(interface);
	int sock = net_socket(NET_A);
	uint64_t waits[9];

	for (unsigned i = 0; i < 9; i++) {
		net_send_numbers(sock, i, 1);
		worker_expect(w, i + 1);
		waits[i] = w->waited_us;
		sleep_ms(70);
	}
	close(sock);
	worker_stop(w);
	qsort(waits, 9, sizeof(*waits), compare);
	return waits[4] / 1000;
}

/* On a busy machine a measurement can be late: try up to three times. */
static void expect_short_wait(const char *interface)
{
	uint64_t wait = 0;

	for (int i = 0; i < 3; i++) {
		wait = median_wait(interface);
		if (wait < 35)
			return;
	}
	EXPECT(false, "%s: %lu ms", interface, wait);
}

Test(zeek_settings, packets_wait_100_ms_unless_a_constant_or_option_sets_less)
{
	uint64_t wait = median_wait("pktio::" NET_B);

	EXPECT(wait > 45, "%lu ms", wait);
	expect_short_wait("af_packet::" NET_B);
	expect_short_wait("pktio::" NET_B "?block-timeout=2ms");
	expect_short_wait("pktio::" NET_B "?profile=latency");
	mock_zeek_set_interval("AF_Packet::block_timeout", 0.002);
	expect_short_wait("pktio::" NET_B);
	mock_zeek_set_interval("Pktio::block_timeout", 0.09);
	wait = median_wait("pktio::" NET_B);
	EXPECT(wait > 45, "%lu ms", wait);
	mock_zeek_set_option("block-timeout", "2ms");
	expect_short_wait("pktio::" NET_B);
}

Test(zeek_settings, the_ring_size_is_rounded_down_to_whole_blocks)
{
	mock_zeek_set_count("AF_Packet::buffer_size", UINT64_C(100000000));
	expect_ring("af_packet::" NET_B, UINT64_C(100000000) / 32768 * 32768);
	expect_ring("pktio::" NET_B, 95 * MIB);
}

Test(zeek_settings, an_error_names_the_constant_that_set_the_option)
{
	mock_zeek_set_count("AF_Packet::block_size", 5000);
	worker_expect_error("af_packet::" NET_B, "AF_Packet::block_size");
	worker_expect_error("pktio::" NET_B, "AF_Packet::block_size");
	mock_zeek_set_count("Pktio::block_size", 6000);
	worker_expect_error("pktio::" NET_B, "Pktio::block_size");
	mock_zeek_set_option("block-size", "7000");
	worker_expect_error("pktio::" NET_B, "Pktio::options[\"block-size\"]");
}

/* af_packet tests the timestamps themselves; this checks the option. */
Test(zeek_settings, a_constant_requests_timestamps_of_the_nic)
{
	mock_zeek_set_bool("AF_Packet::enable_hw_timestamping", true);
	mock_zeek_set_option("timestamp", "nonsense");
	worker_expect_error("pktio::" NET_B, "Pktio::options[\"timestamp\"]");
	worker_expect_error("af_packet::" NET_B,
			    "AF_Packet::enable_hw_timestamping");
}

Test(zeek_settings, the_library_checks_the_options_of_the_table)
{
	mock_zeek_set_option("blok-size", "1M");
	worker_expect_error("pktio::" NET_B, "did you mean 'block-size'");
}

Test(zeek_settings, the_table_may_contain_any_option_of_any_backend)
{
	struct worker *w;

	mock_zeek_set_option("size", "200");
	mock_zeek_set_option("count", "7");
	w = worker_start("pktio::gen:");
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packets, 7);
	EXPECT_EQ(w->packet.len, 200);
	worker_stop(w);
}

Test(zeek_settings, the_source_opens_without_any_script)
{
	mock_zeek_unload_scripts();
	expect_ring("pktio::" NET_B, 64 * MIB);
}

/* ---- Fanout groups ------------------------------------------------------ */

/* Counts the packets of two workers on one interface, out of 100. */
static void share(const char *interface, uint64_t *first, uint64_t *second)
{
	struct worker *a = worker_start(interface);
	struct worker *b = worker_start(interface);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 100);
	mock_zeek_run(a->zeek, 300);
	mock_zeek_run(b->zeek, 300);
	*first = a->packets;
	*second = b->packets;
	close(sock);
	worker_stop(a);
	worker_stop(b);
}

Test(zeek_settings, workers_on_one_interface_form_a_fanout_group)
{
	static const char *const interfaces[] = { "af_packet::" NET_B,
						  "pktio::" NET_B };
	uint64_t first;
	uint64_t second;

	for (unsigned i = 0; i < 2; i++) {
		share(interfaces[i], &first, &second);
		EXPECT_EQ(first + second, 100);
	}
	mock_zeek_set_bool("AF_Packet::enable_fanout", false);
	for (unsigned i = 0; i < 2; i++) {
		share(interfaces[i], &first, &second);
		EXPECT_EQ(first, 100);
		EXPECT_EQ(second, 100);
	}
}

Test(zeek_settings, both_plugins_form_one_group_with_the_same_fanout_id)
{
	struct worker *a = worker_start("af_packet::" NET_B);
	struct worker *b;
	int sock = net_socket(NET_A);

	mock_zeek_set_count("Pktio::fanout_id", 23);
	b = worker_start("pktio::" NET_B);
	net_send_numbers(sock, 0, 100);
	mock_zeek_run(a->zeek, 300);
	mock_zeek_run(b->zeek, 300);
	EXPECT_EQ(a->packets + b->packets, 100);
	close(sock);
	worker_stop(a);
	worker_stop(b);
}

Test(zeek_settings, a_group_has_one_mode)
{
	struct worker *a = worker_start("af_packet::" NET_B);

	mock_zeek_set_enum("AF_Packet::fanout_mode", 1);
	worker_expect_error("af_packet::" NET_B, "23");
	worker_stop(a);
}

Test(zeek_settings, ring_index_and_ring_count_select_a_ring_of_the_source)
{
	struct worker *w;

	mock_zeek_set_count("Pktio::ring_index", 3);
	mock_zeek_set_count("Pktio::ring_count", 3);
	worker_expect_error("pktio::" NET_B, "there is no ring 3 of 3");
	mock_zeek_set_count("Pktio::ring_index", 1);
	w = worker_start("pktio::gen:?count=3&flows=3");
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packets, 3);
	worker_stop(w);
}

/* ---- Files -------------------------------------------------------------- */

static const char *file_of(uint32_t linktype, uint32_t cut)
{
	struct layout layout = { 0 };
	struct bytes b = { 0 };
	const char *path;

	bytes_header(&b, layout, 65535, linktype);
	for (uint32_t i = 0; i < 10; i++)
		bytes_record(&b, layout, 1000 + i, 5, 60, 80, (uint8_t)i);
	path = scratch_file("file.pcap", b.data, b.size - cut);
	bytes_free(&b);
	return path;
}

static struct worker *read_file(const char *path)
{
	char name[4200];

	snprintf(name, sizeof(name), "pktio::%s", path);
	return worker_read(name);
}

Test(zeek_settings, a_file_is_read_to_its_end_and_closed)
{
	struct worker *w = read_file(file_of(1, 0));

	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packets, 10);
	EXPECT_EQ(w->packet.us, 1009 * INT64_C(1000000) + 5);
	EXPECT_EQ(w->packet.caplen, 60);
	EXPECT_EQ(w->packet.len, 80);
	EXPECT(!mock_zeek_is_open(w->zeek), "the source did not close");
	EXPECT_STR(mock_zeek_log(w->zeek), "");
	worker_stop(w);
}

/* The library has read all data at open, so the pipe is not readable. */
Test(zeek_settings, packets_that_a_pipe_had_at_open_arrive_without_a_wait)
{
	int file = open(file_of(1, 0), O_RDONLY | O_CLOEXEC);
	struct worker *w;
	char path[64];
	int ends[2];

	REQUIRE_EQ(pipe2(ends, O_CLOEXEC), 0);
	REQUIRE(sendfile(ends[1], file, NULL, 65536) > 0, "nothing");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	w = read_file(path);
	worker_expect(w, 10);
	close(ends[1]);
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT(!mock_zeek_is_open(w->zeek), "the source did not close");
	worker_stop(w);
	close(ends[0]);
	close(file);
}

Test(zeek_settings, a_damaged_file_is_read_up_to_the_damage)
{
	struct worker *w = read_file(file_of(1, 30));

	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packets, 9);
	EXPECT(worker_logged(w, "error: "), "%s", mock_zeek_log(w->zeek));
	EXPECT(!mock_zeek_is_open(w->zeek), "the source did not close");
	worker_stop(w);
}

Test(zeek_settings,
     the_link_type_is_that_of_the_source_unless_a_constant_sets_it)
{
	struct worker *w = read_file(file_of(101, 0));

	/* Raw IP has a different number in files than in Zeek. */
	EXPECT_EQ(mock_zeek_get_counts(w->zeek).link_type, 12);
	EXPECT(mock_zeek_precompile(w->zeek, 1, "ip"), "%s",
	       mock_zeek_error(w->zeek));
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packet.link_type, 12);
	worker_stop(w);
	mock_zeek_set_count("Pktio::link_type", 113);
	w = read_file(file_of(101, 0));
	EXPECT_EQ(mock_zeek_get_counts(w->zeek).link_type, 113);
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packet.link_type, 113);
	worker_stop(w);
}

Test(zeek_settings, constants_of_af_packet_do_not_apply_to_files)
{
	struct worker *w;

	mock_zeek_set_count("AF_Packet::link_type", 113);
	mock_zeek_set_enum("AF_Packet::checksum_validation_mode", 0);
	w = read_file(file_of(1, 0));
	EXPECT_EQ(mock_zeek_get_counts(w->zeek).link_type, 1);
	mock_zeek_run_to_end(w->zeek, 1000);
	EXPECT_EQ(w->packet.link_type, 1);
	EXPECT(!w->packet.l4_checksummed, "the checksum counts as verified");
	worker_stop(w);
}
