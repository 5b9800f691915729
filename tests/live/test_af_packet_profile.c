/* SPDX-License-Identifier: BSD-3-Clause */
/* Profiles, and the ring that hands each frame over by itself. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define URI "af_packet:" NET_B
/* Small enough to be filled; slots of 2 KiB, 32 to a piece. */
#define LATENCY URI "?profile=latency&frame-size=2K"
#define SMALL LATENCY "&ring-size=128K"
#define SLOTS 64U
#define MS UINT64_C(1000000)
/* Of a core, in the second that the tests wait. */

TestSuite(af_packet_profile, .init = net_create);

/* Sends, and lets the kernel put it all in the ring. */
static void fill(int sock, uint32_t first, uint32_t count)
{
	net_send_numbers(sock, first, count);
	sleep_ms(5);
}

/* ---- Geometry ----------------------------------------------------------- */

static void set_offload(const char *interface, uint32_t command, uint32_t on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq request = { .ifr_data = (void *)&value };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	REQUIRE_EQ(ioctl(sock, SIOCETHTOOL, &request), 0, "%s",
		   strerror(errno));
	close(sock);
}

static struct pktio_info info_of(const char *uri)
{
	struct pktio_ring *ring = ring_open(uri, NULL);
	struct pktio_info info = ring_info(ring);

	pktio_close(ring);
	return info;
}

Test(af_packet_profile, a_profile_shapes_the_ring_and_the_info_shows_it)
{
	/* veth says that it does 10 Gb/s: 62.5 MB in 50 ms. */
	struct pktio_info info = info_of(URI);

	EXPECT_EQ(info.ring_size, 64 << 20);
	EXPECT_EQ(info.ring_wanted, 64 << 20);
	EXPECT_EQ(info.block_size, 1 << 20);
	EXPECT_EQ(info.block_timeout, 10 * MS);
	info = info_of(URI "?profile=throughput&ring-size=32M");
	EXPECT_EQ(info.block_size, 4 << 20);
	EXPECT_EQ(info.block_timeout, 50 * MS);
	EXPECT_EQ(info.max_held, 7);
	info = info_of(LATENCY);
	EXPECT_EQ(info.block_size, 2048);
	EXPECT_EQ(info.blocks, 8192);
	EXPECT_EQ(info.block_timeout, 0);
	EXPECT_EQ(info.max_held, 8191);
	/* As fast as the link has the shortest frames, 67.2 ns each. */
	EXPECT_EQ(info.max_hold, UINT64_C(8191) * 672 / 10);
}

Test(af_packet_profile, what_is_given_wins_and_the_rest_goes_by_it)
{
	struct pktio_info info = info_of(URI "?ring-size=1M");

	EXPECT_EQ(info.ring_size, 1 << 20);
	EXPECT_EQ(info.block_size, 128 << 10);
	info = info_of(URI "?ring-size=2500K");
	EXPECT_EQ(info.block_size, 4 << 10);
	info = info_of(URI "?block-size=20K");
	EXPECT_EQ(info.block_size, 20 << 10);
	EXPECT_EQ(info.ring_size, UINT64_C(3276) * (20 << 10));
	info = info_of(URI "?profile=throughput&ring-size=8M&block-size=64K"
			   "&block-timeout=3ms");
	EXPECT_EQ(info.ring_size, 8 << 20);
	EXPECT_EQ(info.block_size, 64 << 10);
	EXPECT_EQ(info.block_timeout, 3 * MS);
}

Test(af_packet_profile, blocks_hold_frames_of_a_large_mtu)
{
	struct pktio_info info = info_of("af_packet:lo");

	EXPECT_GE(info.block_size, UINT64_C(8) * 65536);
	EXPECT_EQ(info.ring_size % info.block_size, 0);
	info = info_of("af_packet:lo?ring-size=256K");
	EXPECT_EQ(info.block_size, 128 << 10);
}

Test(af_packet_profile, slots_hold_what_the_interface_may_merge)
{
	static const uint32_t all[] = { ETHTOOL_SGRO, ETHTOOL_STSO,
					ETHTOOL_SGSO };
	struct pktio_error error = { 0 };
	const char *uri = URI "?profile=latency";

	EXPECT_EQ(info_of(uri).block_size, 128 << 10, "64 KiB and headers");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		set_offload(NET_B, all[i], 0);
	EXPECT_EQ(info_of(uri).block_size, 2048);
	REQUIRE_EQ(netns_set_mtu(NET_B, 9000, &error), 0, "%s", error.text);
	EXPECT_EQ(info_of(uri).block_size, 16 << 10);
}

Test(af_packet_profile, options_of_the_other_kind_of_ring_are_refused)
{
	static const char *const uris[] = {
		URI "?profile=latency&block-size=64K",
		URI "?profile=latency&block-timeout=1ms",
		URI "?profile=latency&rxhash=yes",
		URI "?profile=latency&gro=split",
		URI "?frame-size=2K",
		URI "?profile=latency&frame-size=2K&ring-size=7K",
	};
	static const char *const words[] = {
		"block-size is not for profile=latency",
		"block-timeout is not for profile=latency",
		"rxhash is not for profile=latency",
		"gro=split is not for profile=latency",
		"frame-size is for profile=latency",
		"nearest is 8192",
	};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;

		EXPECT_EQ(pktio_open(&ring, uris[i], NULL, &error), -EINVAL,
			  "%s", uris[i]);
		EXPECT_CONTAINS(error.text, words[i]);
	}
}

Test(af_packet_profile, slots_without_room_for_a_frame_are_refused)
{
	static const char *const uris[] = {
		URI "?profile=latency&frame-size=16",
		URI "?profile=latency&frame-size=64",
	};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;

		EXPECT_EQ(pktio_open(&ring, uris[i], NULL, &error), -EINVAL,
			  "%s", uris[i]);
		EXPECT_CONTAINS(error.text, "nearest is 128");
	}
	EXPECT_EQ(info_of(URI "?profile=latency&frame-size=128").block_size,
		  128);
}

/* ---- How late a frame is ------------------------------------------------ */

/* How long after it was sent a frame is there, the best of some. */
static uint64_t lateness(const char *uri)
{
	struct pktio_ring *ring = ring_open(uri, NULL);
	int sock = net_socket(NET_A);
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t begin = now_ns();
		struct pktio_frame f;
		uint64_t took;

		net_send_numbers(sock, 0, 1);
		REQUIRE_EQ(pktio_wait(ring, 2000), 1);
		took = now_ns() - begin;
		best = took < best ? took : best;
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
	return best;
}

Test(af_packet_profile, with_latency_a_frame_waits_for_no_timeout)
{
	uint64_t blocks = lateness(URI "?block-timeout=100ms&ring-size=8M");
	uint64_t slots = lateness(LATENCY);

	EXPECT_LT(slots, MS, "%lu us", (unsigned long)(slots / 1000));
	EXPECT_LT(slots, blocks);
}

Test(af_packet_profile, the_wait_timeout_and_the_block_timeout_are_independent)
{
	struct pktio_ring *ring =
		ring_open(URI "?block-timeout=400ms&ring-size=8M", NULL);
	int sock = net_socket(NET_A);
	uint64_t begin;

	net_send_numbers(sock, 0, 1);
	ring_drain(ring, 1000, NULL, 0); /* a block begins or ends just now */
	net_send_numbers(sock, 0, 1);
	begin = now_ns();
	EXPECT_EQ(pktio_wait(ring, 5), 0, "the frame is there, not ours");
	EXPECT_LT(now_ns() - begin, 200 * MS);
	EXPECT_EQ(pktio_wait(ring, 2000), 1);
	EXPECT_LE(now_ns() - begin, 1500 * MS);
	pktio_close(ring);
}

/* ---- Holding and loss --------------------------------------------------- */

Test(af_packet_profile,
     one_held_slot_stops_the_ring_and_its_release_restarts_it)
{
	struct pktio_ring *ring = ring_open(SMALL, NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame held;
	struct pktio_stats stats;
	struct pktio_frame f;
	uint64_t got = 1;

	fill(sock, 0, SLOTS + 36);
	REQUIRE_EQ(pktio_recv(ring, &held, 1), 1);
	while (pktio_recv(ring, &f, 1) == 1) {
		pktio_release(ring, &f, 1);
		got++;
	}
	EXPECT_EQ(got, SLOTS);
	fill(sock, 1000, 100);
	EXPECT_EQ(pktio_wait(ring, 0), 1, "there is something to say");
	EXPECT_EQ(pktio_recv(ring, &f, 1), -ENOBUFS);
	EXPECT_EQ(frame_number(&held), 0, "the held frame is intact");
	stats = ring_stats(ring);
	EXPECT_EQ(stats.stalls, 1);
	EXPECT_EQ(stats.dropped, 136);
	EXPECT_GE(stats.freezes, 1);
	EXPECT_EQ(stats.pending_blocks, 0);
	pktio_release(ring, &held, 1);
	fill(sock, 1100, 10);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT(f.flags & PKTIO_F_LOSS, "though it was counted before");
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_drain(ring, 20, NULL, 0), 9);
	EXPECT_EQ(ring_stats(ring).received, SLOTS + 10);
	pktio_close(ring);
}

Test(af_packet_profile, a_loss_is_marked_on_the_first_frame_after_it)
{
	struct pktio_ring *ring = ring_open(SMALL, NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame frames[SLOTS];

	for (unsigned round = 1; round <= 3; round++) {
		fill(sock, 0, SLOTS + 10);
		REQUIRE_EQ(pktio_recv(ring, frames, SLOTS), (int)SLOTS);
		for (unsigned i = 0; i < SLOTS; i++)
			EXPECT_EQ(frames[i].flags & PKTIO_F_LOSS, 0);
		pktio_release(ring, frames, SLOTS);
		fill(sock, 0, 5);
		REQUIRE_EQ(pktio_recv(ring, frames, SLOTS), 5);
		for (unsigned i = 0; i < 5; i++)
			EXPECT_EQ((frames[i].flags & PKTIO_F_LOSS) != 0, i == 0,
				  "round %u, frame %u", round, i);
		pktio_release(ring, frames, 5);
		EXPECT_EQ(ring_stats(ring).dropped, 10UL * round);
		EXPECT_EQ(ring_stats(ring).freezes, round);
	}
	pktio_close(ring);
}

Test(af_packet_profile, slots_that_wait_are_counted_and_how_long)
{
	struct pktio_ring *ring = ring_open(SMALL, NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;

	EXPECT_EQ(ring_stats(ring).oldest_age, 0);
	fill(sock, 0, 5);
	sleep_ms(40);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 5);
	EXPECT_GE(ring_stats(ring).oldest_age, 40 * MS);
	EXPECT_LT(ring_stats(ring).oldest_age, 2000 * MS);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 4);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_drain(ring, 0, NULL, 0), 4);
	EXPECT_EQ(ring_stats(ring).pending_blocks, 0);
	EXPECT_EQ(ring_stats(ring).pending_blocks_max, 5);
	EXPECT_EQ(ring_stats(ring).oldest_age, 0);
	pktio_close(ring);
}

Test(af_packet_profile, holding_the_newest_slot_does_not_make_a_poller_spin)
{
	struct pktio_ring *ring = ring_open(SMALL, NULL);
	int sock = net_socket(NET_A);
	unsigned received;

	fill(sock, 0, 10);
	ring_poll_events(ring, 100, &received);
	EXPECT_EQ(received, 10);
	expect_idle_polls(ring, 2);
	pktio_close(ring);
}

/* ---- Frames ------------------------------------------------------------- */

Test(af_packet_profile, a_frame_longer_than_its_slot_is_cut_flagged_and_counted)
{
	struct pktio_ring *ring =
		ring_open(URI "?profile=latency&frame-size=256", NULL);
	int sock = net_socket(NET_A);
	uint8_t frame[1000];
	struct pktio_frame f;

	numbered_frame(frame, sizeof(frame), 7);
	net_send(sock, frame, sizeof(frame));
	sleep_ms(5);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.wirelen, sizeof(frame));
	EXPECT(f.caplen > 128 && f.caplen < 256, "%u", f.caplen);
	EXPECT(f.flags & PKTIO_F_TRUNCATED);
	EXPECT_BYTES(f.data, frame, f.caplen);
	EXPECT_EQ(ring_stats(ring).truncated, 1);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

/* TCP over IPv4, left to a NIC to cut: the kernel passes it on whole. */
static void send_super_frame(size_t size)
{
	static const uint8_t ip[] = { 8, 0,    0x45, 0,  0, 0, 0,
				      0, 0x40, 0,    64, 6, 0, 0 };
	static uint8_t out[sizeof(struct virtio_net_hdr) + 60000];
	struct virtio_net_hdr head = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				       .hdr_len = 54,
				       .gso_size = 1400,
				       .csum_start = 34,
				       .csum_offset = 16 };
	uint8_t *frame = out + sizeof(head);
	int sock = net_socket(NET_A);
	int on = 1;

	memcpy(out, &head, sizeof(head));
	numbered_frame(frame, size, 0);
	memcpy(frame + 12, ip, sizeof(ip));
	frame[16] = (uint8_t)((size - 14) >> 8);
	frame[17] = (uint8_t)(size - 14);
	frame[46] = 5 << 4;
	REQUIRE_EQ(setsockopt(sock, SOL_PACKET, PACKET_VNET_HDR, &on,
			      sizeof(on)),
		   0);
	net_send(sock, out, sizeof(head) + size);
	close(sock);
}

Test(af_packet_profile, a_merged_frame_fits_in_a_slot)
{
	struct pktio_ring *ring = ring_open(URI "?profile=latency", NULL);
	struct pktio_frame f;

	send_super_frame(60000);
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.caplen, 60000);
	EXPECT_EQ(f.wirelen, 60000);
	EXPECT(f.flags & PKTIO_F_GRO);
	EXPECT_EQ(f.csum, PKTIO_CSUM_PARTIAL);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

Test(af_packet_profile, tags_go_back_into_the_bytes_of_a_slot)
{
	static const uint8_t tag[] = { 0x88, 0xa8, 0x60, 0x64 };
	struct pktio_ring *ring = ring_open(LATENCY "&vlan-strip=none", NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f;
	uint8_t frame[68];

	numbered_frame(frame, 64, 1);
	memmove(frame + 16, frame + 12, 52);
	memcpy(frame + 12, tag, sizeof(tag));
	net_send(sock, frame, sizeof(frame));
	sleep_ms(5);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.nvlan, 0);
	EXPECT_EQ(f.caplen, sizeof(frame));
	EXPECT_BYTES(f.data, frame, sizeof(frame));
	EXPECT_EQ(ring_stats(ring).received_bytes, sizeof(frame));
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

/* ---- Life and sharing --------------------------------------------------- */

static void settle(struct pktio_ring *ring)
{
	uint64_t end = now_ns() + 3000 * MS;

	while (ring_info(ring).link != PKTIO_LINK_UP && now_ns() < end)
		pktio_wait(ring, 5);
	REQUIRE_EQ(ring_info(ring).link, PKTIO_LINK_UP);
}

/* In a group, its socket and ring are new ones then. */
static void replace_interface(const char *uri)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = ring_open(uri, NULL);
	struct pktio_frame held[20];
	uint8_t frame[60];

	fill(net_socket(NET_A), 0, 20);
	REQUIRE_EQ(pktio_recv(ring, held, 20), 20);
	REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
	EXPECT_EQ(pktio_wait(ring, 100), 0);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s", error.text);
	settle(ring);
	EXPECT_EQ(ring_stats(ring).reattached, 1);
	net_send_numbers(net_socket(NET_A), 1000, 500);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 500);
	for (int i = 19; i >= 0; i--) {
		numbered_frame(frame, sizeof(frame), (uint32_t)i);
		EXPECT_BYTES(held[i].data, frame, sizeof(frame));
		pktio_release(ring, &held[i], 1);
	}
	net_send_numbers(net_socket(NET_A), 0, 20);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 20);
	pktio_close(ring);
}

Test(af_packet_profile, slots_survive_an_interface_that_is_made_anew)
{
	replace_interface(LATENCY);
	replace_interface(LATENCY "&fanout=hash");
}

Test(af_packet_profile, rings_of_slots_share_an_interface)
{
	struct pktio_ring *rings[2];

	for (unsigned i = 0; i < 2; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = 2 };

		rings[i] = ring_open(LATENCY "&fanout=lb", &args);
	}
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(rings[0], 50, NULL, 0), 50);
	EXPECT_EQ(ring_drain(rings[1], 50, NULL, 0), 50);
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}
