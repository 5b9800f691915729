/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel does, which the backend is built upon: looked at on sockets
 * of the test's own, so that a kernel that does otherwise is found here and not
 * in the backend. docs/af_packet.md says what follows from each.
 */
#include <net/if.h>

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define MS UINT64_C(1000000)
#define PAGE 4096U

TestSuite(af_packet_kernel, .init = net_create);

/* A ring of units: blocks of a page, or slots of half of one. */
struct raw {
	int sock, version;
	uint8_t *map;
	size_t unit;
	unsigned units;
};

static int raw_socket(void)
{
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	REQUIRE_GE(sock, 0);
	return sock;
}

static int raw_bind(int sock)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };

	at.sll_ifindex = (int)if_nametoindex(NET_B);
	return bind(sock, (void *)&at, sizeof(at));
}

static struct raw raw_open(int version, unsigned units)
{
	unsigned slots = version == TPACKET_V2 ? 2 : 1;
	struct tpacket_req3 req = { .tp_block_size = PAGE,
				    .tp_block_nr = units / slots,
				    .tp_frame_size = PAGE / slots,
				    .tp_frame_nr = units,
				    .tp_retire_blk_tov = 1 };
	struct raw raw = { .sock = raw_socket(),
			   .version = version,
			   .unit = PAGE / slots,
			   .units = units };

	REQUIRE_EQ(setsockopt(raw.sock, SOL_PACKET, PACKET_VERSION, &version,
			      sizeof(version)),
		   0);
	REQUIRE_EQ(setsockopt(raw.sock, SOL_PACKET, PACKET_RX_RING, &req,
			      version == TPACKET_V2 ?
				      sizeof(struct tpacket_req) :
				      sizeof(req)),
		   0, "%s", strerror(errno));
	raw.map = mmap(NULL, raw.unit * units, PROT_READ | PROT_WRITE,
		       MAP_SHARED, raw.sock, 0);
	REQUIRE(raw.map != MAP_FAILED);
	REQUIRE_EQ(raw_bind(raw.sock), 0);
	return raw;
}

static void raw_close(struct raw *raw)
{
	munmap(raw->map, raw->unit * raw->units);
	close(raw->sock);
}

static uint32_t raw_status(const struct raw *raw, unsigned unit)
{
	size_t at = raw->version == TPACKET_V2 ?
			    0 :
			    offsetof(struct tpacket_block_desc,
				     hdr.bh1.block_status);

	return __atomic_load_n(
		(uint32_t *)(void *)(raw->map + unit * raw->unit + at),
		__ATOMIC_ACQUIRE);
}

static void raw_give_back(const struct raw *raw, unsigned unit)
{
	size_t at = raw->version == TPACKET_V2 ?
			    0 :
			    offsetof(struct tpacket_block_desc,
				     hdr.bh1.block_status);

	__atomic_store_n((uint32_t *)(void *)(raw->map + unit * raw->unit + at),
			 TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

/* One frame each into so many units. */
static void raw_fill(int sock, unsigned units)
{
	for (unsigned i = 0; i < units; i++) {
		net_send_numbers(sock, i, 1);
		sleep_ms(5); /* the block's timeout is over by then */
	}
}

static int raw_poll(const struct raw *raw)
{
	struct pollfd fd = { .fd = raw->sock, .events = POLLIN };

	REQUIRE_GE(poll(&fd, 1, 0), 0);
	return fd.revents;
}

static struct tpacket_stats_v3 raw_stats(int sock, socklen_t *size)
{
	struct tpacket_stats_v3 stats = { .tp_freeze_q_cnt = 77 };

	*size = sizeof(stats);
	REQUIRE_EQ(getsockopt(sock, SOL_PACKET, PACKET_STATISTICS, &stats,
			      size),
		   0);
	return stats;
}

static const int versions[] = { TPACKET_V2, TPACKET_V3 };

/* ---- Whose a unit is ---------------------------------------------------- */

Test(af_packet_kernel, poll_checks_only_the_block_before_the_next)
{
	for (int v = 0; v < 2; v++) {
		struct raw raw = raw_open(versions[v], 4);
		int sock = net_socket(NET_A);

		EXPECT_EQ(raw_poll(&raw), 0);
		raw_fill(sock, 2);
		for (int i = 0; i < 3; i++)
			EXPECT_EQ(raw_poll(&raw), POLLIN, "held: again");
		/* The newer is given back, the older was not read yet. */
		raw_give_back(&raw, 1);
		EXPECT_EQ(raw_poll(&raw), 0);
		EXPECT(raw_status(&raw, 0) & TP_STATUS_USER);
		raw_close(&raw);
		close(sock);
	}
}

Test(af_packet_kernel,
     one_unit_that_is_held_stops_the_ring_though_others_are_free)
{
	for (int v = 0; v < 2; v++) {
		struct raw raw = raw_open(versions[v], 8);
		int sock = net_socket(NET_A);
		struct tpacket_stats_v3 stats;
		socklen_t size;

		raw_fill(sock, 8);
		for (unsigned i = 1; i < raw.units; i++)
			raw_give_back(&raw, i);
		net_send_numbers(sock, 8, 100);
		sleep_ms(10);
		for (unsigned i = 1; i < raw.units; i++)
			EXPECT_EQ(raw_status(&raw, i), TP_STATUS_KERNEL);
		/* Frames that were dropped count as packets, too. */
		stats = raw_stats(raw.sock, &size);
		EXPECT_EQ(stats.tp_packets, 108);
		EXPECT_EQ(stats.tp_drops, 100);
		if (versions[v] == TPACKET_V2) {
			EXPECT_EQ(size, sizeof(struct tpacket_stats));
			EXPECT_EQ(stats.tp_freeze_q_cnt, 77, "not counted");
		} else {
			EXPECT_EQ(stats.tp_freeze_q_cnt, 1,
				  "times, not frames");
		}
		raw_close(&raw);
		close(sock);
	}
}

Test(af_packet_kernel,
     a_ring_of_more_than_65536_blocks_is_never_filled_to_its_end)
{
	struct raw raw = raw_open(TPACKET_V3, 65540);
	int sock = net_socket(NET_A);
	uint8_t frame[1514];
	uint32_t seen = 0;
	socklen_t size;

	/* Two of these fit in a block of a page. */
	numbered_frame(frame, sizeof(frame), 0);
	for (unsigned i = 0; i < 2 * raw.units + 100; i++)
		net_send(sock, frame, sizeof(frame));
	sleep_ms(20);
	for (unsigned i = 0; i < raw.units; i++)
		seen += raw_status(&raw, i) & TP_STATUS_USER;
	EXPECT_EQ(seen, 65536);
	EXPECT_EQ(raw_status(&raw, 65536), TP_STATUS_KERNEL);
	EXPECT_GE(raw_stats(raw.sock, &size).tp_drops, 100);
	raw_close(&raw);
}

Test(af_packet_kernel,
     a_block_is_handed_over_with_one_frame_when_its_time_is_over)
{
	struct raw raw = raw_open(TPACKET_V3, 4);
	int sock = net_socket(NET_A);
	struct pollfd fd = { .fd = raw.sock, .events = POLLIN };
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t begin = now_ns();
		uint64_t took;

		net_send_numbers(sock, 0, 1);
		REQUIRE_EQ(poll(&fd, 1, 1000), 1);
		took = now_ns() - begin;
		best = took < best ? took : best;
		EXPECT(raw_status(&raw, i % 4) & TP_STATUS_BLK_TMO,
		       "with more bits than TP_STATUS_USER");
		raw_give_back(&raw, i % 4);
	}
	/* 1 ms is up to two jiffies before Linux 6.18, of 10 ms at most. */
	EXPECT_LT(best, 25 * MS);
	/* An empty block is not handed over. */
	EXPECT_EQ(poll(&fd, 1, 100), 0);
	raw_close(&raw);
}

/* ---- What is counted ---------------------------------------------------- */

Test(af_packet_kernel, a_frame_longer_than_a_block_is_truncated_and_not_counted)
{
	struct pktio_error error = { 0 };
	struct raw raw = raw_open(TPACKET_V3, 4);
	int sock = net_socket(NET_A);
	const struct tpacket_block_desc *block = (const void *)raw.map;
	const struct tpacket3_hdr *h;
	uint8_t frame[8000];
	socklen_t size;

	REQUIRE_EQ(netns_set_mtu(NET_A, 9000, &error), 0, "%s", error.text);
	REQUIRE_EQ(netns_set_mtu(NET_B, 9000, &error), 0, "%s", error.text);
	numbered_frame(frame, sizeof(frame), 0);
	net_send(sock, frame, sizeof(frame));
	sleep_ms(10);
	/* It fits by a hair, but not by the kernel's reckoning: the block is
	 * handed over with nothing in it, and the frame is in the next. */
	EXPECT(raw_status(&raw, 0) & TP_STATUS_USER);
	EXPECT_EQ(block->hdr.bh1.num_pkts, 0);
	REQUIRE(raw_status(&raw, 1) & TP_STATUS_USER);
	block = (const void *)(raw.map + PAGE);
	EXPECT_EQ(block->hdr.bh1.num_pkts, 1);
	h = (const void *)(raw.map + PAGE + block->hdr.bh1.offset_to_first_pkt);
	EXPECT_EQ(h->tp_len, 8000);
	EXPECT_EQ(h->tp_snaplen, PAGE - 48 - 82);
	EXPECT_EQ(raw_stats(raw.sock, &size).tp_drops, 0);
	raw_close(&raw);
}

Test(af_packet_kernel, a_ring_whose_mtu_grew_flags_and_counts_what_is_cut)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = ring_open("af_packet:" NET_B
					    "?block-size=4K&ring-size=64K"
					    "&block-timeout=1ms",
					    NULL);
	int sock = net_socket(NET_A);
	struct pktio_frame f = { 0 };
	uint8_t frame[8000];

	REQUIRE_EQ(netns_set_mtu(NET_A, 9000, &error), 0, "%s", error.text);
	REQUIRE_EQ(netns_set_mtu(NET_B, 9000, &error), 0, "%s", error.text);
	numbered_frame(frame, sizeof(frame), 0);
	net_send(sock, frame, sizeof(frame));
	/* There is an empty block before it. */
	while (pktio_wait(ring, 1000) == 1 && pktio_recv(ring, &f, 1) == 0)
		;
	EXPECT_EQ(f.wirelen, 8000);
	EXPECT_EQ(f.caplen, PAGE - 48 - 82);
	EXPECT(f.flags & PKTIO_F_TRUNCATED);
	EXPECT_EQ(ring_stats(ring).truncated, 1);
	EXPECT_EQ(ring_stats(ring).dropped, 0);
	pktio_close(ring);
}

Test(af_packet_kernel, frames_refused_by_the_kernel_filter_are_not_counted)
{
	/* Numbers that are odd. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 17),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog odd = { 4, code };
	struct raw raw = raw_open(TPACKET_V3, 8);
	struct tpacket_stats_v3 stats;
	socklen_t size;

	REQUIRE_EQ(setsockopt(raw.sock, SOL_SOCKET, SO_ATTACH_FILTER, &odd,
			      sizeof(odd)),
		   0);
	net_send_numbers(net_socket(NET_A), 0, 40);
	sleep_ms(10);
	stats = raw_stats(raw.sock, &size);
	EXPECT_EQ(stats.tp_packets, 20);
	EXPECT_EQ(stats.tp_drops, 0);
	raw_close(&raw);
}

Test(af_packet_kernel, a_loss_stays_marked_until_the_statistics_are_read)
{
	struct raw raw = raw_open(TPACKET_V3, 4);
	int sock = net_socket(NET_A);
	socklen_t size;

	raw_fill(sock, 4);
	net_send_numbers(sock, 0, 10);
	for (unsigned i = 0; i < 4; i++)
		raw_give_back(&raw, i);
	raw_fill(sock, 2);
	EXPECT(raw_status(&raw, 0) & TP_STATUS_LOSING);
	EXPECT(raw_status(&raw, 1) & TP_STATUS_LOSING, "still");
	EXPECT_EQ(raw_stats(raw.sock, &size).tp_drops, 10);
	raw_fill(sock, 1);
	EXPECT(raw_status(&raw, 2) & TP_STATUS_USER);
	EXPECT_EQ(raw_status(&raw, 2) & TP_STATUS_LOSING, 0);
	raw_close(&raw);
}

/* The one that pktio cannot help: its socket is also somebody else's. */
Test(af_packet_kernel, a_shared_socket_gives_the_counts_to_the_first_reader)
{
	int given = raw_socket();
	struct pktio_ring *ring;
	struct pktio_ring *other;
	socklen_t size;
	char uri[128];

	snprintf(uri, sizeof(uri),
		 "af_packet:" NET_B "?fd=%d&block-size=4K&ring-size=8K"
		 "&block-timeout=1ms",
		 given);
	ring = ring_open(uri, NULL);
	other = ring_open("af_packet:" NET_B "?block-size=4K&ring-size=8K"
			  "&block-timeout=1ms",
			  NULL);
	net_send_numbers(net_socket(NET_A), 0, 500);
	sleep_ms(10);
	EXPECT_GT(raw_stats(given, &size).tp_drops, 0);
	EXPECT_EQ(ring_stats(ring).dropped, 0, "they are gone");
	/* Rings on sockets of their own take nothing from each other. */
	EXPECT_GT(ring_stats(other).dropped, 0);
	EXPECT_EQ(ring_stats(other).dropped + ring_drain(other, 20, NULL, 0),
		  500);
	pktio_close(ring);
	pktio_close(other);
	close(given);
}

/* ---- Interfaces --------------------------------------------------------- */

Test(af_packet_kernel, an_interface_that_went_down_is_an_error_until_it_is_read)
{
	struct raw raw = raw_open(TPACKET_V3, 4);
	int error = 0;
	socklen_t size = sizeof(error);

	net_set_up(NET_B, false);
	for (int i = 0; i < 3; i++)
		EXPECT(raw_poll(&raw) & POLLERR, "again and again");
	REQUIRE_EQ(getsockopt(raw.sock, SOL_SOCKET, SO_ERROR, &error, &size),
		   0);
	EXPECT_EQ(error, ENETDOWN);
	EXPECT_EQ(raw_poll(&raw), 0);
	net_set_up(NET_B, true);
	raw_fill(net_socket(NET_A), 1);
	EXPECT_EQ(raw_poll(&raw), POLLIN, "it goes on by itself");
	raw_close(&raw);
}

/* ---- Busy polling -------------------------------------------------------- */

static void feature(const char *interface, uint32_t command, uint32_t on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq request = { .ifr_data = (void *)&value };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	REQUIRE_EQ(ioctl(sock, SIOCETHTOOL, &request), 0);
	close(sock);
}

/* Of UDP to port 5000 of 10.9.0.1, which NET_B gets. */
static int datagrams(uint8_t *frame)
{
	static const uint8_t rest[] = {
		2,  0, 0, 0, 0,  0xa, 8,    0,    0x45, 0,  0, 46,
		0,  1, 0, 0, 64, 17,  0x66, 0xaa, 10,   9,  0, 2,
		10, 9, 0, 1, 15, 160, 0x13, 0x88, 0,    26, 0, 0
	};
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(5000),
				  .sin_addr = { htonl(0x0a090001) } };
	struct ifreq request = { .ifr_name = NET_B };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	REQUIRE_EQ(ioctl(sock, SIOCGIFHWADDR, &request), 0);
	memcpy(frame, request.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 6, rest, sizeof(rest));
	memcpy(&request.ifr_addr, &to, sizeof(to));
	REQUIRE_EQ(ioctl(sock, SIOCSIFADDR, &request), 0);
	REQUIRE_EQ(bind(sock, (const void *)&to, sizeof(to)), 0);
	return sock;
}

static unsigned napi_of(int sock)
{
	unsigned id = 0;
	socklen_t size = sizeof(id);

	REQUIRE_EQ(getsockopt(sock, SOL_SOCKET, SO_INCOMING_NAPI_ID, &id,
			      &size),
		   0);
	return id;
}

/* So that SO_BUSY_POLL has nothing to poll. */
Test(af_packet_kernel, a_packet_socket_does_not_record_the_napi_of_its_frames)
{
	uint8_t frame[60] = { 0 };
	uint64_t end = now_ns() + 1000 * MS;
	struct raw raw = raw_open(TPACKET_V2, 8);
	int udp = datagrams(frame);

	/* A veth has NAPI for what it may merge. */
	feature(NET_A, ETHTOOL_STSO, 0);
	feature(NET_B, ETHTOOL_SGRO, 1);
	net_send(net_socket(NET_A), frame, sizeof(frame));
	while (recv(udp, frame, sizeof(frame), 0) < 0 && now_ns() < end)
		sleep_ms(1);
	if (napi_of(udp) == 0)
		cr_skip("this kernel's veth has no NAPI of its own");
	EXPECT(raw_status(&raw, 0) & TP_STATUS_USER);
	EXPECT_EQ(napi_of(raw.sock), 0);
	raw_close(&raw);
	close(udp);
}

Test(af_packet_kernel, only_a_socket_in_no_group_can_be_bound_again)
{
	struct pktio_error error = { 0 };
	struct raw alone = raw_open(TPACKET_V3, 4);
	struct raw member = raw_open(TPACKET_V3, 4);
	struct sockaddr_ll at = { 0 };
	socklen_t size = sizeof(at);
	int group = 77 | PACKET_FANOUT_HASH << 16;

	REQUIRE_EQ(setsockopt(member.sock, SOL_PACKET, PACKET_FANOUT, &group,
			      sizeof(group)),
		   0);
	REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
	REQUIRE_EQ(getsockname(alone.sock, (void *)&at, &size), 0);
	EXPECT_EQ(at.sll_ifindex, -1);
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s", error.text);
	EXPECT_EQ(raw_bind(alone.sock), 0);
	EXPECT_EQ(raw_bind(member.sock), -1);
	EXPECT_EQ(errno, EINVAL);
	/* With the ring that it has. */
	raw_fill(net_socket(NET_A), 1);
	EXPECT(raw_status(&alone, 0) & TP_STATUS_USER);
	raw_close(&alone);
	raw_close(&member);
}
