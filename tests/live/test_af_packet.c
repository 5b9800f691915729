/* SPDX-License-Identifier: BSD-3-Clause */
/* What is particular to af_packet; the contract suite has the rest. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define URI "af_packet:" NET_B
#define MS UINT64_C(1000000)
/* Of a core, in the second that the tests wait. */

TestSuite(af_packet, .init = net_create);

/* ---- Geometry ----------------------------------------------------------- */

Test(af_packet, a_bad_geometry_is_refused_with_the_nearest_good_one)
{
	static const struct {
		const char *query;
		const char *words;
		const char *good; /* as the words propose */
	} cases[] = {
		{ "block-size=5000&ring-size=1M", "nearest is 4096",
		  "block-size=4096&ring-size=1M" },
		{ "block-size=7000&ring-size=1M", "nearest is 8192",
		  "block-size=8192&ring-size=1M" },
		{ "ring-size=1M&block-size=1M", "nearest is 2097152",
		  "ring-size=2097152&block-size=1M" },
		{ "ring-size=2500K&block-size=1M", "nearest is 2097152",
		  "ring-size=2097152&block-size=1M" },
		{ "ring-size=9M&block-size=4M", "nearest is 8388608",
		  "ring-size=8388608&block-size=4M" },
		{ "ring-size=512M&block-size=4K", "nearest is block-size=8192",
		  "ring-size=512M&block-size=8192" },
		{ "block-timeout=400us", "nearest is 1ms",
		  "block-timeout=1ms" },
		{ "block-timeout=1400us", "nearest is 1ms",
		  "block-timeout=1ms" },
		{ "block-timeout=1600us", "nearest is 2ms",
		  "block-timeout=2ms" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;
		char uri[200];

		snprintf(uri, sizeof(uri), URI "?%s", cases[i].query);
		EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -EINVAL, "%s",
			  uri);
		EXPECT(!ring);
		EXPECT_CONTAINS(error.text, cases[i].words, "%s", uri);
		snprintf(uri, sizeof(uri), URI "?%s", cases[i].good);
		pktio_close(ring_open(uri, NULL));
	}
}

Test(af_packet, a_block_must_hold_a_frame_of_the_interface)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	REQUIRE_EQ(netns_set_mtu(NET_B, 9000, &error), 0, "%s", error.text);
	EXPECT_EQ(pktio_open(&ring, URI "?block-size=8K&ring-size=1M", NULL,
			     &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "MTU is 9000; the nearest is 12288");
}

Test(af_packet, a_ring_of_65536_blocks_wraps_around)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=256M&block-timeout=1ms", NULL);
	struct pktio_info info = ring_info(ring);
	int sock = net_socket(NET_A);
	uint64_t got = 0;

	REQUIRE_EQ(info.blocks, 65536);
	/* About 19 frames of this size to a block: more than one round. */
	for (int i = 0; i < 15; i++) {
		net_send_numbers(sock, 0, 100000);
		got += ring_drain(ring, 50, NULL, 0);
	}
	REQUIRE_EQ(got + ring_stats(ring).dropped, 1500000);
	REQUIRE_EQ(ring_stats(ring).dropped, 0);
	pktio_close(ring);
}

Test(af_packet, the_info_matches_the_requested_values)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=64K&ring-size=1M&block-timeout=20ms", NULL);
	struct pktio_info info = ring_info(ring);

	EXPECT_EQ(info.ring_size, 1 << 20);
	EXPECT_EQ(info.block_size, 64 << 10);
	EXPECT_EQ(info.blocks, 16);
	EXPECT_EQ(info.block_timeout, 20 * MS);
	EXPECT_EQ(info.max_held, 15);
	/* At 10 Gb/s fifteen blocks are full long before their timeouts. */
	EXPECT_EQ(info.max_hold, UINT64_C(15) * (64 << 10) / 2 * 8 / 10);
	EXPECT_EQ(info.snaplen, 0);
	EXPECT_EQ(info.linktype, 1);
	EXPECT_EQ(info.link, PKTIO_LINK_UP);
	EXPECT_EQ(info.ifindex, if_nametoindex(NET_B));
	pktio_close(ring);
}

Test(af_packet, no_frame_of_a_slot_is_longer_than_the_info_says)
{
	static const char *const uris[] = {
		URI "?profile=latency&frame-size=256",
		URI "?profile=latency&frame-size=256&vlan-strip=none",
		URI "?profile=latency&frame-size=256&linktype=LINUX_SLL2",
	};
	uint8_t frame[300];
	int sock = net_socket(NET_A);

	numbered_frame(frame, sizeof(frame), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct pktio_ring *ring = ring_open(uris[i], NULL);
		uint32_t snaplen = ring_info(ring).snaplen;
		struct pktio_frame f;

		net_send(sock, frame, sizeof(frame));
		REQUIRE_EQ(pktio_wait(ring, 1000), 1);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT(f.caplen < 256 && f.caplen <= snaplen &&
			       f.caplen + 24 > snaplen,
		       "%u of at most %u", f.caplen, snaplen);
		pktio_release(ring, &f, 1);
		pktio_close(ring);
	}
}

/* ---- Open --------------------------------------------------------------- */

Test(af_packet, an_interface_that_is_not_there_is_told_with_those_that_are)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "af_packet:etho0", NULL, &error), -ENODEV);
	EXPECT(strstr(error.text, "'etho0'") && strstr(error.text, NET_B), "%s",
	       error.text);
	EXPECT_EQ(pktio_open(&ring, "af_packet:", NULL, &error), -EINVAL);
	EXPECT_EQ(pktio_open(&ring, "af_packet:a-name-of-sixteen-or-more", NULL,
			     &error),
		  -ENODEV);
}

Test(af_packet, no_frame_of_another_interface_is_seen_while_opening)
{
	struct pktio_error error = { 0 };
	struct net_flood f = { 0 };
	pthread_t thread;

	REQUIRE_EQ(netns_veth("other-a", "other-b", &error), 0, "%s",
		   error.text);
	f.sock = net_socket("other-a");
	pthread_create(&thread, NULL, net_flood, &f);
	for (int i = 0; i < 10; i++) {
		struct pktio_ring *ring = ring_open(URI, NULL);

		EXPECT_EQ(ring_drain(ring, 30, NULL, 0), 0);
		pktio_close(ring);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	REQUIRE_GT(f.sent, 1000);
}

static uint32_t promiscuity(void)
{
	struct netns_counters counters = { 0 };
	struct pktio_error error = { 0 };

	EXPECT_EQ(netns_get_counters(NET_B, &counters, &error), 0, "%s",
		  error.text);
	return counters.promiscuity;
}

Test(af_packet, promiscuous_mode_is_a_membership_that_ends_with_the_ring)
{
	struct ifreq request = { .ifr_name = NET_B };
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	EXPECT_EQ(promiscuity(), 1);
	EXPECT_EQ(ioctl(sock, SIOCGIFFLAGS, &request), 0);
	EXPECT_EQ(request.ifr_flags & IFF_PROMISC, 0,
		  "the interface's own flag was touched");
	pktio_close(ring);
	EXPECT_EQ(promiscuity(), 0);
	ring = ring_open(URI "?promisc=no", NULL);
	EXPECT_EQ(promiscuity(), 0);
	pktio_close(ring);
}

static void give_up_privilege(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { 0 };

	REQUIRE_EQ(syscall(SYS_capset, &header, none), 0);
}

Test(af_packet, without_privilege_the_error_says_what_it_takes)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	give_up_privilege();
	EXPECT_EQ(pktio_open(&ring, URI, NULL, &error), -EPERM);
	EXPECT_CONTAINS(error.text, "CAP_NET_RAW");
}

Test(af_packet, a_socket_from_a_privileged_process_needs_no_privilege)
{
	struct pktio_open_args args = { .size = sizeof(args), .count = 2 };
	struct pktio_error error = { 0 };
	struct pktio_ring *rings[2] = { NULL };
	int sender = net_socket(NET_A);
	int given[] = { socket(AF_PACKET, SOCK_RAW, 0),
			socket(AF_PACKET, SOCK_RAW, 0) };
	int another = socket(AF_UNIX, SOCK_STREAM, 0);
	char uri[100];

	give_up_privilege();
	snprintf(uri, sizeof(uri), URI "?fd=%d", another);
	EXPECT_EQ(pktio_open(rings, uri, NULL, &error), -EINVAL);
	EXPECT_CONTAINS(error.text, "not a packet socket");
	EXPECT_EQ(pktio_open(rings, URI "?fd=999", NULL, &error), -EBADF);
	/* With everything: ring, fanout, its start, promiscuous mode. */
	for (args.index = 0; args.index < 2; args.index++) {
		snprintf(uri, sizeof(uri), URI "?fd=%d&fanout-wait=3600s",
			 given[args.index]);
		rings[args.index] = ring_open(uri, &args);
	}
	net_send_numbers(sender, 0, 100);
	EXPECT_EQ(ring_drain(rings[0], 50, NULL, 0) +
			  ring_drain(rings[1], 50, NULL, 0),
		  100);
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

/* ---- Frames ------------------------------------------------------------- */

Test(af_packet, what_is_sent_arrives_as_it_was_sent)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;
	uint8_t frame[1514];

	for (size_t size = 60; size <= sizeof(frame); size += 727) {
		numbered_frame(frame, size, (uint32_t)size);
		net_send(sock, frame, size);
		REQUIRE_EQ(pktio_wait(ring, 1000), 1);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(f.caplen, size);
		EXPECT_EQ(f.wirelen, size);
		EXPECT_BYTES(f.data, frame, size);
		EXPECT_EQ(f.nvlan, 0);
		EXPECT_EQ(f.pkttype, PKTIO_PKT_OTHERHOST);
		EXPECT_EQ(f.ifindex, if_nametoindex(NET_B));
		EXPECT_EQ(f.flags, PKTIO_F_WRITABLE | PKTIO_F_PKTTYPE);
		/* Earlier, if any socket of the machine asks for that. */
		EXPECT(f.clock == PKTIO_CLOCK_RING ||
		       f.clock == PKTIO_CLOCK_SOFTWARE);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}

static void tag(uint8_t *frame, size_t *size, uint16_t tpid, uint16_t tci)
{
	memmove(frame + 16, frame + 12, *size - 12);
	frame[12] = (uint8_t)(tpid >> 8);
	frame[13] = (uint8_t)tpid;
	frame[14] = (uint8_t)(tci >> 8);
	frame[15] = (uint8_t)tci;
	*size += 4;
}

Test(af_packet, the_outer_tag_is_metadata_and_the_inner_one_stays_in_the_bytes)
{
	static const uint16_t tags[][4] = {
		{ 0x8100, 0x6064, 0, 0 },           /* priority 3, id 100 */
		{ 0x8100, 0xe000, 0, 0 },           /* priority 7, id 0 */
		{ 0x8100, 0, 0, 0 },                /* all zero, and a tag */
		{ 0x88a8, 0x00c8, 0x8100, 0x1064 }, /* 802.1ad, inner 802.1Q */
	};
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct pktio_frame f;
		uint8_t frame[100];
		size_t size = 64;

		numbered_frame(frame, size, 1);
		if (tags[i][2])
			tag(frame, &size, tags[i][2], tags[i][3]);
		tag(frame, &size, tags[i][0], tags[i][1]);
		net_send(sock, frame, size);
		REQUIRE_EQ(pktio_wait(ring, 1000), 1);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(f.nvlan, 1);
		EXPECT_EQ(f.vlan[0].tpid, tags[i][0]);
		EXPECT_EQ(f.vlan[0].tci, tags[i][1]);
		EXPECT_EQ(f.caplen, size - 4);
		EXPECT_BYTES(f.data, frame, 12);
		EXPECT_BYTES(f.data + 12, frame + 16, size - 16);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}

Test(af_packet, with_insert_tags_are_in_the_bytes_as_they_were_sent)
{
	static const uint16_t tags[][4] = {
		{ 0x8100, 0x6064, 0, 0 },
		{ 0x8100, 0, 0, 0 },
		{ 0x88a8, 0x00c8, 0x8100, 0x1064 },
		{ 0, 0, 0, 0 },
	};
	struct pktio_ring *ring = ring_open(URI "?vlan-strip=none", NULL);
	int sock = net_socket(NET_A);
	uint64_t bytes = 0;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct pktio_frame f;
		uint8_t frame[100];
		size_t size = 64;

		numbered_frame(frame, size, 1);
		if (tags[i][2])
			tag(frame, &size, tags[i][2], tags[i][3]);
		if (tags[i][0])
			tag(frame, &size, tags[i][0], tags[i][1]);
		net_send(sock, frame, size);
		REQUIRE_EQ(pktio_wait(ring, 1000), 1);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		EXPECT_EQ(f.nvlan, 0);
		EXPECT_EQ(f.caplen, size);
		EXPECT_EQ(f.wirelen, size);
		EXPECT_BYTES(f.data, frame, size);
		pktio_release(ring, &f, 1);
		bytes += size;
	}
	EXPECT_EQ(ring_stats(ring).received_bytes, bytes);
	pktio_close(ring);
}

Test(af_packet, what_waits_is_counted_and_how_long)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=64K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;

	EXPECT_EQ(ring_stats(ring).pending_blocks, 0);
	EXPECT_EQ(ring_stats(ring).oldest_age, 0);
	for (int i = 0; i < 5; i++) {
		net_send_numbers(sock, 0, 1);
		sleep_ms(5); /* so that each is in a block of its own */
	}
	EXPECT_EQ(ring_stats(ring).pending_blocks, 5);
	sleep_ms(20);
	EXPECT_GE(ring_stats(ring).oldest_age, 40 * MS);
	EXPECT_LT(ring_stats(ring).oldest_age, 2000 * MS);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 4);
	EXPECT_EQ(ring_drain(ring, 20, NULL, 0), 4);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 0);
	EXPECT_EQ(ring_stats(ring).pending_blocks_max, 5);
	EXPECT_EQ(ring_stats(ring).oldest_age, 0);
	/* More than there is room for: all blocks wait. */
	net_send_numbers(sock, 0, 1000);
	sleep_ms(5);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 16);
	EXPECT_GT(ring_stats(ring).dropped, 0);
	ring_drain(ring, 20, NULL, 0);
	EXPECT_EQ(ring_stats(ring).pending_blocks_max, 16);
	pktio_close(ring);
}

Test(af_packet, held_blocks_do_not_count_as_waiting)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=32K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame frames[300];
	int n;

	net_send_numbers(sock, 0, 300);
	sleep_ms(5);
	do {
		n = pktio_recv(ring, frames, 300);
	} while (n > 0);
	EXPECT_EQ(n, -ENOBUFS);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 0);
	pktio_close(ring);
}

Test(af_packet, the_hash_comes_only_when_asked_for)
{
	struct pktio_ring *ring = ring_open(URI "?rxhash=yes", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;

	net_send_numbers(sock, 0, 1);
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT(f.flags & PKTIO_F_HASH);
	EXPECT_NE(f.hash, 0);
	pktio_close(ring);
}

/* ---- Holding and loss --------------------------------------------------- */

Test(af_packet, one_held_frame_stops_the_ring_and_its_release_restarts_it)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=32K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame held;
	struct pktio_frame frames[64];
	struct pktio_stats stats;
	uint64_t got = 1;
	int n;

	net_send_numbers(sock, 0, 1000);
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	REQUIRE_EQ(pktio_recv(ring, &held, 1), 1);
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	/* All blocks but one are the kernel's again, and it uses none. */
	net_send_numbers(sock, 1000, 100);
	sleep_ms(5);
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	EXPECT_EQ(n, -ENOBUFS);
	EXPECT_CONTAINS(pktio_last_error(ring), "release");
	EXPECT_EQ(frame_number(&held), 0, "the held frame is intact");
	stats = ring_stats(ring);
	EXPECT_EQ(stats.stalls, 1);
	EXPECT_GE(stats.freezes, 1);
	EXPECT_GT(stats.dropped, 0);
	pktio_release(ring, &held, 1);
	net_send_numbers(sock, 1100, 10);
	got += ring_drain(ring, 50, NULL, 0);
	stats = ring_stats(ring);
	EXPECT_EQ(stats.received, got);
	EXPECT_EQ(stats.received + stats.dropped, 1110);
	EXPECT_EQ(ring_drain(ring, 20, NULL, 0), 0);
	pktio_close(ring);
}

Test(af_packet, a_loss_is_marked_once_and_counted_exactly)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=8K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	unsigned marked = 0;
	uint64_t got = 0;

	for (int round = 0; round < 3; round++) {
		struct pktio_frame f;

		net_send_numbers(sock, 0, 1000);
		sleep_ms(5);
		for (int i = 0; i < 3; i++) {
			net_send_numbers(sock, 0, 1);
			sleep_ms(5);
			while (pktio_recv(ring, &f, 1) == 1) {
				marked += (f.flags & PKTIO_F_LOSS) != 0;
				pktio_release(ring, &f, 1);
				got++;
			}
		}
	}
	EXPECT_EQ(got + ring_stats(ring).dropped, 3UL * 1003);
	EXPECT_GE(marked, 3);
	EXPECT_LE(marked, 6);
	pktio_close(ring);
}

Test(af_packet, one_loss_is_marked_once_even_if_many_blocks_follow)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=32K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;
	unsigned marked = 0;
	uint32_t fits;

	net_send_numbers(sock, 0, 300);
	sleep_ms(5);
	/* Half of the ring is read, and three blocks come after the loss. */
	for (uint32_t i = 0; i < 120; i++) {
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		pktio_release(ring, &f, 1);
	}
	for (uint32_t i = 0; i < 3; i++) {
		net_send_numbers(sock, 1000 + i, 1);
		sleep_ms(5);
	}
	fits = 120;
	while (pktio_recv(ring, &f, 1) == 1) {
		fits += frame_number(&f) < 1000;
		marked += (f.flags & PKTIO_F_LOSS) != 0;
		EXPECT_EQ((f.flags & PKTIO_F_LOSS) != 0,
			  frame_number(&f) == 1000, "%ld",
			  (long)frame_number(&f));
		pktio_release(ring, &f, 1);
	}
	EXPECT_EQ(marked, 1);
	EXPECT_EQ(fits + ring_stats(ring).dropped, 300);
	pktio_close(ring);
}

Test(af_packet, a_loss_is_marked_also_if_it_was_counted_before)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=16K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame frames[200];
	uint64_t got;
	int n;

	net_send_numbers(sock, 0, 200);
	sleep_ms(5);
	EXPECT_GT(ring_stats(ring).dropped, 0, "the kernel forgets here");
	got = 200 - ring_stats(ring).dropped;
	REQUIRE_EQ(pktio_recv(ring, frames, 200), (int)got);
	for (uint64_t i = 0; i < got; i++)
		EXPECT_EQ(frames[i].flags & PKTIO_F_LOSS, 0);
	pktio_release(ring, frames, (unsigned)got);
	net_send_numbers(sock, 0, 5);
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	n = pktio_recv(ring, frames, 5);
	REQUIRE_GT(n, 0);
	EXPECT(frames[0].flags & PKTIO_F_LOSS);
	pktio_release(ring, frames, (unsigned)n);
	pktio_close(ring);
}

Test(af_packet, a_loss_is_marked_where_it_was_in_a_burst)
{
	struct pktio_ring *ring = ring_open(
		URI "?block-size=4K&ring-size=16K&block-timeout=1ms", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame frames[200];
	uint32_t first = 0;
	int n;

	net_send_numbers(sock, 0, 200);
	sleep_ms(5);
	/* Room for one block more, which comes after those that wait. */
	REQUIRE_EQ(pktio_recv(ring, frames, 1), 1);
	do {
		pktio_release(ring, frames, 1);
		first++;
		REQUIRE_EQ(pktio_recv(ring, frames, 1), 1);
	} while (ring_stats(ring).pending_blocks == 4);
	REQUIRE_EQ(frame_number(&frames[0]), first);
	pktio_release(ring, frames, 1);
	net_send_numbers(sock, 1000, 5);
	sleep_ms(5);
	n = pktio_recv(ring, frames, 200);
	REQUIRE_GT(n, 5);
	for (int i = 0; i < n; i++)
		EXPECT_EQ((frames[i].flags & PKTIO_F_LOSS) != 0,
			  frame_number(&frames[i]) == 1000, "%ld",
			  (long)frame_number(&frames[i]));
	pktio_release(ring, frames, (unsigned)n);
	pktio_close(ring);
}

Test(af_packet, holding_the_newest_block_does_not_make_a_poller_spin)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);
	unsigned received;

	net_send_numbers(sock, 0, 10);
	ring_poll_events(ring, 100, &received);
	EXPECT_EQ(received, 10);
	/* The edge may still be seen until the next look, in milliseconds. */
	expect_idle_polls(ring, 2);
	expect_idle(ring);
	pktio_close(ring);
}

#define MOST 4000000U

/* ---- Filter ------------------------------------------------------------- */

/* Numbers that are odd. */
static const struct sock_filter odd_code[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 17),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0xffff),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static const struct sock_fprog odd = { 4, (struct sock_filter *)odd_code };

Test(af_packet, the_filter_is_in_force_from_the_first_frame_on)
{
	struct net_flood f = { .sock = net_socket(NET_A) };
	pthread_t sender;
	uint8_t *seen = calloc(1, MOST);
	uint64_t even = 0;
	uint64_t total = 0;

	pthread_create(&sender, NULL, net_flood, &f);
	for (unsigned i = 0; i < 6; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.count = 1 + i % 2,
						.filter = &odd };
		struct pktio_ring *ring =
			ring_open(URI "?ring-size=8M&fanout-wait=0", &args);

		sleep_ms(30);
		__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
		pthread_join(sender, NULL);
		total += ring_drain(ring, 50, seen, MOST);
		pktio_close(ring);
		f.stop = 0;
		pthread_create(&sender, NULL, net_flood, &f);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	for (uint32_t i = 0; i < MOST; i += 2)
		even += seen[i];
	EXPECT_GT(total, 1000);
	EXPECT_EQ(even, 0);
	free(seen);
}
