/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames that the kernel merged, or leaves to the NIC to cut: on a veth pair
 * what a host sends in one piece arrives in one piece.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
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
#include "support/timing.h"

#define URI "af_packet:" NET_B
#define SPLIT URI "?gro=split"
#define BURST 64U
#define MTU 1500U
#define LONGEST (MTU + 14U)
#define SYN 0x02U
#define VXLAN 4789U
#define VXLAN_HEADERS 50U
#define PSH 0x08U

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* Linux 4.18 */
#endif

TestSuite(af_packet_gro, .init = net_create, .fini = scratch_remove);

/* ---- Two hosts ---------------------------------------------------------- */

/* NET_A is in a namespace of its own, so that packets take the wire. */
struct hosts {
	int a, b;
	const char *address; /* of B, in IPv4 */
	unsigned mtu;
};

static int this_namespace(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0, "%s", strerror(errno));
	return fd;
}

static void go(int namespace)
{
	REQUIRE(setns(namespace, CLONE_NEWNET) == 0, "%s", strerror(errno));
}

static void configure(const char *name, unsigned number)
{
	char line[128];
	int fd;

	snprintf(line, sizeof(line), "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 name);
	fd = open(line, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		EXPECT_EQ(write(fd, "0", 1), 1);
		close(fd);
	}
	snprintf(line, sizeof(line), "ip link set %s arp on up", name);
	wire_run(line);
	snprintf(line, sizeof(line), "ip addr add 198.18.0.%u/24 dev %s",
		 number, name);
	wire_run(line);
	snprintf(line, sizeof(line), "ip addr add 2001:2::%u/64 dev %s nodad",
		 number, name);
	wire_run(line);
}

static struct hosts make_hosts(void)
{
	struct hosts hosts = { .b = this_namespace(),
			       .address = "198.18.0.2",
			       .mtu = MTU };
	char line[128];

	REQUIRE(unshare(CLONE_NEWNET) == 0, "%s", strerror(errno));
	hosts.a = this_namespace();
	go(hosts.b);
	snprintf(line, sizeof(line),
		 "ip link set " NET_A " netns /proc/%d/fd/%d", (int)getpid(),
		 hosts.a);
	wire_run(line);
	configure(NET_B, 2);
	go(hosts.a);
	configure(NET_A, 1);
	go(hosts.b);
	return hosts;
}

/* The address of host B. */
static socklen_t address_of(const struct hosts *hosts, bool ipv6,
			    struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *six = (void *)ret;
	struct sockaddr_in *four = (void *)ret;

	*ret = (struct sockaddr_storage){ 0 };
	if (ipv6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(WIRE_PORT);
		inet_pton(AF_INET6, "2001:2::2", &six->sin6_addr);
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(WIRE_PORT);
	inet_pton(AF_INET, hosts->address, &four->sin_addr);
	return sizeof(*four);
}

/* From host A to host B: *client sends, *server receives. */
static void connect_hosts(const struct hosts *hosts, int type, bool ipv6,
			  int *client, int *server)
{
	struct sockaddr_storage to;
	socklen_t size = address_of(hosts, ipv6, &to);
	int one = 1;
	int sock = socket(to.ss_family, type, 0);

	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	REQUIRE(bind(sock, (void *)&to, size) == 0, "%s", strerror(errno));
	if (type == SOCK_STREAM)
		REQUIRE_EQ(listen(sock, 1), 0);
	go(hosts->a);
	*client = socket(to.ss_family, type, 0);
	REQUIRE(connect(*client, (void *)&to, size) == 0, "%s",
		strerror(errno));
	go(hosts->b);
	*server = sock;
	if (type == SOCK_STREAM) {
		*server = accept(sock, NULL, NULL);
		REQUIRE(*server >= 0, "%s", strerror(errno));
		close(sock);
	}
}

/* ---- What came ---------------------------------------------------------- */

struct seen {
	unsigned frames, synthetic, merged, tunnelled;
	uint32_t longest; /* payload */
	uint32_t start;   /* sequence number of the first byte */
	uint8_t *bytes;   /* how often each came */
	size_t size;
	unsigned wrong;
	struct pktio_ring *file;
};

static void look_at(struct seen *seen, const struct pktio_frame *f)
{
	struct pktio_frame inner = *f;
	struct wire_parts parts;
	uint32_t at;

	if (!wire_parse(&parts, f))
		return;
	seen->frames++;
	if (parts.udp && parts.port == VXLAN) {
		seen->tunnelled++;
		inner.data += VXLAN_HEADERS;
		inner.caplen -= VXLAN_HEADERS;
		inner.wirelen -= VXLAN_HEADERS;
		wire_parse(&parts, &inner);
	}
	seen->synthetic += (f->flags & PKTIO_F_SYNTHETIC) != 0;
	seen->merged += (f->flags & PKTIO_F_GRO) != 0;
	if (seen->file)
		EXPECT_EQ(pktio_inject(seen->file, f, 1), 1);
	if (parts.port != WIRE_PORT)
		return;
	if (parts.flags & SYN)
		seen->start = parts.sequence + 1;
	/* Frames may be padded, but not short. */
	EXPECT(parts.linked_length <= inner.wirelen, "%u in %u",
	       parts.linked_length, inner.wirelen);
	if (parts.len > seen->longest)
		seen->longest = parts.len;
	at = parts.sequence - seen->start;
	if (parts.len == 0 || parts.udp || !seen->bytes)
		return;
	for (uint32_t i = 0; i < parts.len; i++) {
		if (at + i >= seen->size ||
		    inner.data[parts.payload + i] != wire_byte(at + i))
			seen->wrong++;
		else
			seen->bytes[at + i] = 1;
	}
}

static void drain(struct pktio_ring *ring, struct seen *seen, int quiet_ms)
{
	struct pktio_frame frames[BURST];

	while (pktio_wait(ring, quiet_ms) == 1) {
		int n = pktio_recv(ring, frames, BURST);

		REQUIRE(n >= 0, "%s", pktio_last_error(ring));
		for (int i = 0; i < n; i++)
			look_at(seen, &frames[i]);
		pktio_release(ring, frames, (unsigned)n);
	}
}

/* ---- Real connections --------------------------------------------------- */

#define STREAM 300000U

static void stream(const struct hosts *hosts, bool ipv6,
		   struct pktio_ring *ring, struct seen *seen)
{
	static uint8_t bytes[STREAM], buffer[65536];
	size_t sent = 0;
	size_t received = 0;
	int client, server;

	for (size_t i = 0; i < STREAM; i++)
		bytes[i] = wire_byte(i);
	connect_hosts(hosts, SOCK_STREAM, ipv6, &client, &server);
	while (received < STREAM) {
		ssize_t n =
			send(client, bytes + sent, STREAM - sent, MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
		n = recv(server, buffer, sizeof(buffer), MSG_DONTWAIT);
		received += n > 0 ? (size_t)n : 0;
		drain(ring, seen, 0);
	}
	close(client);
	close(server);
	drain(ring, seen, 50);
}

static void expect_stream(const struct hosts *hosts, bool ipv6,
			  struct pktio_ring *ring, struct seen *seen)
{
	unsigned synthetic = seen->synthetic;

	seen->longest = 0;
	seen->size = STREAM;
	seen->bytes = calloc(STREAM, 1);
	REQUIRE(seen->bytes, "out of memory");
	stream(hosts, ipv6, ring, seen);
	EXPECT_EQ(seen->wrong, 0);
	EXPECT(!memchr(seen->bytes, 0, STREAM), "bytes are missing");
	/* Not without the time stamps that Linux has in its TCP. */
	EXPECT_EQ(seen->longest, hosts->mtu - (ipv6 ? 40 : 20) - 32);
	EXPECT(seen->synthetic > synthetic + 50, "%u",
	       seen->synthetic - synthetic);
	free(seen->bytes);
	seen->bytes = NULL;
}

#define DATAGRAM 1200

/* Three times 40 datagrams, of 1200 bytes but for the last. */
static void send_datagrams(const struct hosts *hosts, bool ipv6)
{
	static uint8_t bytes[39 * DATAGRAM + 77];
	int size = DATAGRAM;
	int client, server;

	connect_hosts(hosts, SOCK_DGRAM, ipv6, &client, &server);
	REQUIRE(setsockopt(client, IPPROTO_UDP, UDP_SEGMENT, &size,
			   sizeof(size)) == 0,
		"%s", strerror(errno));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = wire_byte(i);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(send(client, bytes, sizeof(bytes), 0), sizeof(bytes));
	close(client);
	close(server);
}

static void expect_datagrams(const struct hosts *hosts, bool ipv6,
			     struct pktio_ring *ring, struct seen *seen)
{
	struct pktio_frame frames[BURST];
	unsigned n = 0;

	send_datagrams(hosts, ipv6);
	while (pktio_wait(ring, 250) == 1) {
		int got = pktio_recv(ring, frames, BURST);

		REQUIRE(got >= 0, "%s", pktio_last_error(ring));
		for (int i = 0; i < got; i++) {
			struct wire_parts parts;

			look_at(seen, &frames[i]);
			if (!wire_parse(&parts, &frames[i]) || !parts.udp)
				continue;
			EXPECT_EQ(parts.len, n % 40 < 39 ? DATAGRAM : 77);
			EXPECT_EQ(frames[i].data[parts.payload],
				  wire_byte(n % 40 * (size_t)DATAGRAM));
			n++;
		}
		pktio_release(ring, frames, (unsigned)got);
	}
	EXPECT_EQ(n, 120);
}

Test(af_packet_gro, super_frames_of_real_traffic_come_as_on_the_wire)
{
	struct hosts hosts = make_hosts();
	struct pktio_ring *kept = ring_open(URI, NULL);
	struct pktio_ring *ring = ring_open(SPLIT, NULL);
	const char *path = scratch("real.pcap");
	struct seen whole = { 0 };
	struct seen seen = { .file = wire_file(path) };

	expect_stream(&hosts, false, ring, &seen);
	expect_stream(&hosts, true, ring, &seen);
	expect_datagrams(&hosts, false, ring, &seen);
	expect_datagrams(&hosts, true, ring, &seen);
	drain(kept, &whole, 0);
	/* There was something to be cut, and nothing of it came uncut. */
	EXPECT(whole.merged > 20, "%u", whole.merged);
	EXPECT(whole.longest > 10000, "%u", whole.longest);
	EXPECT_EQ(seen.merged, 0);
	pktio_close(seen.file);
	wire_expect_valid(path, seen.frames);
	pktio_close(kept);
	pktio_close(ring);
}

/* Host `number` of two that are joined by a tunnel as well. */
static bool add_tunnel(const char *name, unsigned number)
{
	char id[128];
	char to[128];
	const char *const argv[] = { "sh", "-c", id, NULL };

	snprintf(id, sizeof(id),
		 "ip link add tunnel type vxlan id 5 dev %s dstport 4789 "
		 "udpcsum local 198.18.0.%u remote 198.18.0.%u",
		 name, number, 3 - number);
	if (run_tool(NULL, argv) != 0)
		return false;
	snprintf(to, sizeof(to), "ip addr add 198.18.2.%u/24 dev tunnel",
		 number);
	wire_run(to);
	wire_run("ip link set tunnel up");
	return true;
}

Test(af_packet_gro, super_frames_in_a_tunnel_come_as_on_the_wire)
{
	struct hosts hosts = make_hosts();
	struct pktio_ring *ring = ring_open(SPLIT, NULL);
	const char *path = scratch("tunnel.pcap");
	struct seen seen = { .file = wire_file(path) };

	if (!add_tunnel(NET_B, 2))
		skip("this kernel has no VXLAN");
	go(hosts.a);
	EXPECT(add_tunnel(NET_A, 1), "no tunnel at the other end");
	go(hosts.b);
	hosts.address = "198.18.2.2";
	hosts.mtu = MTU - VXLAN_HEADERS;
	expect_stream(&hosts, false, ring, &seen);
	EXPECT(seen.tunnelled > STREAM / MTU, "%u", seen.tunnelled);
	EXPECT_EQ(seen.merged, 0);
	pktio_close(seen.file);
	wire_expect_valid(path, seen.frames);
	pktio_close(ring);
}

/* ---- Merged frames, one by one ------------------------------------------ */

/* The sender has the kernel cut at this. */
#define SIZE 1000U
#define PIECES 20U

static struct pktio_ring *open_sender(void)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };

	return ring_open("af_packet:" NET_A "?gso=yes&gso-size=1000", &args);
}

static void send_frame(struct pktio_ring *from, const struct wire *w)
{
	static uint8_t bytes[WIRE_ROOM];
	const struct pktio_frame f = { .data = bytes,
				       .caplen = wire_make(bytes, w),
				       .linktype = 1,
				       .csum = PKTIO_CSUM_PARTIAL };

	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT(pktio_flush(from) == 0, "%s", pktio_last_error(from));
}

/* Receives exactly n frames. */
static void take(struct pktio_ring *ring, struct pktio_frame *frames,
		 unsigned n, unsigned burst)
{
	for (unsigned got = 0; got < n;) {
		unsigned left = n - got < burst ? n - got : burst;
		int r;

		REQUIRE_EQ(pktio_wait(ring, 1000), 1);
		r = pktio_recv(ring, frames + got, left);
		REQUIRE(r >= 0, "%s", pktio_last_error(ring));
		got += (unsigned)r;
	}
}

/* That these are the segments of a frame with so much payload from `from` on.
 */
static void expect_segments(const struct pktio_frame *frames, unsigned n,
			    uint32_t from, bool udp)
{
	for (unsigned i = 0; i < n; i++) {
		const struct pktio_frame *f = &frames[i];
		struct wire_parts parts;
		unsigned wrong = 0;

		REQUIRE(wire_parse(&parts, f), "segment %u", i);
		EXPECT_EQ(parts.len, SIZE);
		EXPECT_EQ(f->caplen, parts.payload + SIZE);
		EXPECT_EQ(f->wirelen, f->caplen);
		EXPECT_EQ(f->flags & PKTIO_F_SYNTHETIC, PKTIO_F_SYNTHETIC);
		EXPECT_EQ(f->flags & PKTIO_F_GRO, 0);
		EXPECT_EQ(f->csum, PKTIO_CSUM_VALID);
		EXPECT_EQ(f->ts, frames[0].ts);
		if (!udp) {
			EXPECT_EQ(parts.sequence, 1000 + from + i * SIZE);
			EXPECT_EQ(parts.flags & PSH, i + 1 == n ? PSH : 0);
		}
		for (uint32_t j = 0; j < SIZE; j++)
			wrong += f->data[parts.payload + j] !=
				 wire_byte(from + i * SIZE + j);
		EXPECT_EQ(wrong, 0);
	}
}

Test(af_packet_gro, merged_frames_of_every_kind_are_cut)
{
	static struct pktio_frame frames[PIECES];
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, NULL);
	struct pktio_ring *inserted = ring_open(SPLIT "&vlan-strip=none", NULL);
	const char *path = scratch("kinds.pcap");
	struct pktio_ring *file = wire_file(path);
	unsigned n = 0;

	for (unsigned i = 0; i < 12; i++) {
		const struct wire w = { .ipv6 = i % 2,
					.udp = i / 2 % 2,
					.tags = i / 4,
					.payload = PIECES * SIZE };

		send_frame(from, &w);
		take(ring, frames, PIECES, BURST);
		expect_segments(frames, PIECES, 0, w.udp);
		EXPECT_EQ(frames[0].nvlan, w.tags > 0);
		n += PIECES;
		EXPECT_EQ(pktio_inject(file, frames, PIECES), PIECES);
		pktio_release(ring, frames, PIECES);
		take(inserted, frames, PIECES, BURST);
		expect_segments(frames, PIECES, 0, w.udp);
		EXPECT_EQ(frames[0].nvlan, 0);
		EXPECT_EQ(frames[0].data[12] << 8 | frames[0].data[13],
			  w.tags == 2 ? 0x88a8 :
			  w.tags      ? 0x8100 :
			  w.ipv6      ? 0x86dd :
					0x0800);
		pktio_release(inserted, frames, PIECES);
	}
	EXPECT_EQ(ring_stats(ring).received, n);
	EXPECT_EQ(ring_stats(ring).dropped, 0);
	pktio_close(file);
	wire_expect_valid(path, n);
	pktio_close(from);
	pktio_close(ring);
	pktio_close(inserted);
}

Test(af_packet_gro, a_kept_super_frame_of_tcp_is_flagged_and_one_of_udp_is_long)
{
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(URI, NULL);
	struct pktio_frame frames[2];

	send_frame(from, &(struct wire){ .payload = 20000 });
	send_frame(from, &(struct wire){ .payload = 20000, .udp = true });
	take(ring, frames, 2, BURST);
	EXPECT_EQ(frames[0].flags & PKTIO_F_GRO, PKTIO_F_GRO);
	EXPECT_EQ(frames[1].flags & PKTIO_F_GRO, 0);
	for (int i = 0; i < 2; i++) {
		EXPECT(frames[i].wirelen > 20000, "%u", frames[i].wirelen);
		EXPECT_EQ(frames[i].flags & PKTIO_F_SYNTHETIC, 0);
	}
	pktio_release(ring, frames, 2);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, checksums_that_are_left_to_the_nic_are_filled_in)
{
	struct hosts hosts = make_hosts();
	struct pktio_ring *kept = ring_open(URI, NULL);
	struct pktio_ring *ring = ring_open(SPLIT, NULL);
	const char *path = scratch("small.pcap");
	struct pktio_ring *file = wire_file(path);
	int client, server;
	unsigned n = 0;
	unsigned partial = 0;

	connect_hosts(&hosts, SOCK_DGRAM, false, &client, &server);
	for (unsigned i = 0; i < 100; i++)
		EXPECT_EQ(send(client, "a few odd bytes", i % 16, 0), i % 16);
	while (pktio_wait(ring, 250) == 1) {
		struct pktio_frame f;
		struct wire_parts parts;

		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		if (wire_parse(&parts, &f) && parts.udp) {
			EXPECT_EQ(f.csum, PKTIO_CSUM_VALID);
			EXPECT_EQ(f.flags & PKTIO_F_SYNTHETIC, 0);
			EXPECT_EQ(pktio_inject(file, &f, 1), 1);
			n++;
		}
		pktio_release(ring, &f, 1);
	}
	while (pktio_wait(kept, 0) == 1) {
		struct pktio_frame f;

		REQUIRE_EQ(pktio_recv(kept, &f, 1), 1);
		partial += f.csum == PKTIO_CSUM_PARTIAL;
		pktio_release(kept, &f, 1);
	}
	EXPECT_EQ(n, 100);
	EXPECT(partial >= 100, "%u", partial);
	pktio_close(file);
	wire_expect_valid(path, n);
	close(client);
	close(server);
	pktio_close(kept);
	pktio_close(ring);
}

/* ---- Held, counted, cut short ------------------------------------------- */

Test(af_packet_gro, bursts_of_one_give_the_same_and_held_segments_stay_intact)
{
	static struct pktio_frame frames[10 * PIECES];
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, NULL);

	for (unsigned i = 0; i < 10; i++)
		send_frame(from, &(struct wire){ .payload = PIECES * SIZE,
						 .from = i * 77 });
	for (unsigned i = 0; i < 10; i++)
		take(ring, frames + (size_t)i * PIECES, PIECES, 1 + i);
	for (unsigned i = 0; i < 10; i++)
		expect_segments(frames + (size_t)i * PIECES, PIECES, i * 77,
				false);
	EXPECT_EQ(ring_stats(ring).received, 10 * PIECES);
	EXPECT_EQ(ring_stats(ring).received_bytes, 10 * PIECES * (54 + SIZE));
	for (unsigned i = 10 * PIECES; i > 0; i--)
		pktio_release(ring, &frames[i - 1], 1);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, with_all_slots_held_a_ring_waits_for_their_release)
{
	enum { WHOLE = 30, SLOTS = 1024, ALL = WHOLE * 60 };
	static struct pktio_frame frames[ALL];
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, NULL);

	for (unsigned i = 0; i < WHOLE; i++)
		send_frame(from, &(struct wire){ .payload = 60 * SIZE });
	take(ring, frames, SLOTS, BURST);
	EXPECT_EQ(pktio_wait(ring, 100), 1);
	EXPECT_EQ(pktio_recv(ring, frames + SLOTS, 1), -ENOBUFS);
	EXPECT_EQ(pktio_recv(ring, frames + SLOTS, 1), -ENOBUFS);
	EXPECT_CONTAINS(pktio_last_error(ring), "all 1024 buffers");
	EXPECT_EQ(ring_stats(ring).stalls, 1);
	pktio_release(ring, frames, SLOTS);
	take(ring, frames + SLOTS, ALL - SLOTS, BURST);
	for (unsigned i = SLOTS / 60 + 1; i < WHOLE; i++)
		expect_segments(frames + (size_t)i * 60, 60, 0, false);
	pktio_release(ring, frames + SLOTS, ALL - SLOTS);
	EXPECT_EQ(ring_stats(ring).received, ALL);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro,
     a_truncated_merged_frame_delivers_the_headers_of_all_segments)
{
	static struct sock_filter keep =
		BPF_STMT(BPF_RET | BPF_K, 54 + 2 * SIZE + 500);
	const struct sock_fprog filter = { 1, &keep };
	const struct pktio_open_args args = { .size = sizeof(args),
					      .filter = &filter };
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, &args);
	struct pktio_frame frames[5];

	send_frame(from, &(struct wire){ .payload = 5 * SIZE });
	take(ring, frames, 5, BURST);
	for (unsigned i = 0; i < 5; i++) {
		const struct pktio_frame *f = &frames[i];
		struct wire_parts parts;

		EXPECT_EQ(f->caplen, 54 + (i < 2 ? SIZE : i == 2 ? 500 : 0));
		EXPECT_EQ(f->wirelen, 54 + SIZE);
		EXPECT_EQ((f->flags & PKTIO_F_TRUNCATED) != 0, i >= 2);
		EXPECT_EQ(f->csum,
			  i >= 2 ? PKTIO_CSUM_PARTIAL : PKTIO_CSUM_VALID);
		REQUIRE(wire_parse(&parts, f), "segment %u", i);
		EXPECT_EQ(parts.sequence, 1000 + i * SIZE);
		EXPECT_EQ(parts.len, SIZE);
		if (f->caplen > 54)
			EXPECT_EQ(f->data[f->caplen - 1],
				  wire_byte(i * SIZE + f->caplen - 55));
	}
	EXPECT_EQ(ring_stats(ring).truncated, 3);
	EXPECT_EQ(ring_stats(ring).received_bytes, 5 * 54 + 2 * SIZE + 500);
	pktio_release(ring, frames, 5);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, without_its_headers_a_super_frame_stays_whole_and_flagged)
{
	static struct sock_filter keep = BPF_STMT(BPF_RET | BPF_K, 40);
	const struct sock_fprog filter = { 1, &keep };
	const struct pktio_open_args args = { .size = sizeof(args),
					      .filter = &filter };
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, &args);
	struct pktio_frame f;

	send_frame(from, &(struct wire){ .payload = 5 * SIZE, .udp = true });
	take(ring, &f, 1, BURST);
	EXPECT_EQ(f.caplen, 40);
	EXPECT_EQ(f.wirelen, 42 + 5 * SIZE);
	EXPECT_EQ(f.flags & PKTIO_F_GRO, PKTIO_F_GRO);
	EXPECT_EQ(f.flags & PKTIO_F_SYNTHETIC, 0);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
	pktio_release(ring, &f, 1);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, a_filter_that_is_exchanged_judges_what_was_fetched_before)
{
	static struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog nothing = { 1, &refuse };
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring = ring_open(SPLIT, NULL);
	struct pktio_frame frames[PIECES];

	send_frame(from, &(struct wire){ .payload = PIECES * SIZE });
	take(ring, frames, 5, 5);
	EXPECT_EQ(pktio_set_filter(ring, &nothing), 0);
	EXPECT_EQ(pktio_recv(ring, frames + 5, 10), 0);
	EXPECT_EQ(ring_stats(ring).received, 5);
	EXPECT_EQ(ring_stats(ring).filtered, PIECES - 5);
	pktio_release(ring, frames, 5);
	EXPECT_EQ(pktio_set_filter(ring, NULL), 0);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, frames_of_before_and_after_a_new_filter_may_come_at_once)
{
	static struct sock_filter long_ones[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 100, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { 4, long_ones };
	struct pktio_ring *ring = ring_open(SPLIT "&block-timeout=1ms", NULL);
	static struct pktio_frame frames[256];
	uint8_t bytes[200] = { 2 };
	int sock = net_socket(NET_A);
	int n;

	/* So that there are the blocks in which a filter before is judged. */
	net_send_numbers(sock, 0, 10);
	sleep_ms(20);
	EXPECT_EQ(pktio_set_filter(ring, &filter), 0);
	for (unsigned i = 0; i < 4; i++) {
		net_send(sock, bytes, sizeof(bytes));
		sleep_ms(20);
	}
	n = pktio_recv(ring, frames, 256);
	EXPECT_EQ(n, 4);
	for (int i = 0; i < n; i++)
		EXPECT_EQ(frames[i].caplen, sizeof(bytes));
	pktio_release(ring, frames, (unsigned)n);
	EXPECT_EQ(ring_stats(ring).filtered, 10);
	close(sock);
	pktio_close(ring);
}

Test(af_packet_gro, frames_that_are_released_make_room_at_once)
{
	struct pktio_ring *ring = ring_open(
		SPLIT "&ring-size=8K&block-size=4K&block-timeout=1ms", NULL);
	static struct pktio_frame frames[200];
	int sock = net_socket(NET_A);
	int n;

	net_send_numbers(sock, 0, 200);
	sleep_ms(5);
	n = pktio_recv(ring, frames, 200);
	EXPECT(n > 0 && n < 200, "%d", n);
	pktio_release(ring, frames, n > 0 ? (unsigned)n : 0);
	net_send_numbers(sock, 0, 1);
	EXPECT_EQ(pktio_wait(ring, 1000), 1);
	EXPECT(pktio_recv(ring, frames, 200) == 1, "%s",
	       pktio_last_error(ring));
	close(sock);
	pktio_close(ring);
}

/* ---- What the kernel cannot describe ------------------------------------ */

/* A tap device of its own, up; what is written to it has a virtio_net_hdr. */
static int make_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI |
					      IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		skip("no /dev/net/tun");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	REQUIRE(ioctl(fd, TUNSETIFF, &request) == 0, "%s", strerror(errno));
	net_set_up(name, true);
	return fd;
}

/* A large datagram, of which its sender wants fragments made: the kernel has
 * no word for that any more. */
static void write_datagram(int tap)
{
	static uint8_t bytes[sizeof(struct virtio_net_hdr) + WIRE_ROOM];
	const struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP,
		.hdr_len = 42,
		.gso_size = 1000,
		.csum_start = 34,
		.csum_offset = 6,
	};
	const struct wire w = { .udp = true, .payload = 5000 };
	size_t size;

	memcpy(bytes, &h, sizeof(h));
	size = sizeof(h) + wire_make(bytes + sizeof(h), &w);
	REQUIRE(write(tap, bytes, size) == (ssize_t)size, "%s",
		strerror(errno));
}

static void write_number(int tap, uint32_t number)
{
	uint8_t bytes[sizeof(struct virtio_net_hdr) + 60] = { 0 };

	numbered_frame(bytes + sizeof(struct virtio_net_hdr), 60, number);
	REQUIRE_EQ(write(tap, bytes, sizeof(bytes)), sizeof(bytes));
}

/* Three rounds and more of a small ring; every third frame is a datagram. */
static void expect_numbers_only(const char *uri)
{
	int tap = make_tap("tap0");
	struct pktio_ring *ring = ring_open(uri, NULL);
	struct pktio_frame frames[BURST];
	uint32_t datagrams = 0;
	uint32_t next = 0;
	uint32_t got = 0;

	for (uint32_t i = 0; i < 600; i++) {
		if (i >= 300 && i % 3 == 0)
			write_datagram(tap);
		else
			write_number(tap, next++);
		datagrams += i >= 300 && i % 3 == 0;
		if (i % 10 != 9)
			continue;
		while (got < next && pktio_wait(ring, 2000) == 1) {
			int n = pktio_recv(ring, frames, BURST);

			REQUIRE(n >= 0, "%s", pktio_last_error(ring));
			for (int j = 0; j < n; j++)
				EXPECT_EQ(frame_number(&frames[j]), got++);
			pktio_release(ring, frames, (unsigned)n);
		}
		REQUIRE_EQ(got, next);
	}
	EXPECT_EQ(ring_stats(ring).dropped, datagrams);
	pktio_close(ring);
	close(tap);
}

Test(af_packet_gro, what_the_kernel_cannot_describe_is_lost_but_counted)
{
	expect_numbers_only(
		"af_packet:tap0?gro=split&direction=in&ring-size=64K&block-size=16K");
}

/* Takes a merged frame of 60 segments; whether it is marked as after a loss. */
static bool take_whole(struct pktio_ring *ring)
{
	struct pktio_frame frames[60];
	bool marked;

	take(ring, frames, 60, BURST);
	expect_segments(frames, 60, 0, false);
	marked = frames[0].flags & PKTIO_F_LOSS;
	for (unsigned i = 1; i < 60; i++)
		EXPECT_EQ(frames[i].flags & PKTIO_F_LOSS, 0);
	pktio_release(ring, frames, 60);
	return marked;
}

Test(af_packet_gro, a_small_ring_goes_round_and_marks_a_loss_once)
{
	enum { AT_ONCE = 8, ONE_BY_ONE = 40 };
	const struct wire w = { .payload = 60 * SIZE };
	struct pktio_ring *from = open_sender();
	struct pktio_ring *ring =
		ring_open(SPLIT "&ring-size=256K&block-size=128K", NULL);
	struct pktio_stats stats;
	unsigned marked = 0;
	unsigned n = 0;

	/* There is room for four, if the blocks are filled before they are
	 * handed over. */
	for (unsigned i = 0; i < AT_ONCE; i++)
		send_frame(from, &w);
	for (; pktio_wait(ring, 250) == 1; n++)
		marked += take_whole(ring);
	EXPECT(n <= 4, "%u", n);
	for (unsigned i = 0; i < ONE_BY_ONE; i++) {
		send_frame(from, &w);
		marked += take_whole(ring);
	}
	stats = ring_stats(ring);
	EXPECT_EQ(marked, 1);
	EXPECT_EQ(stats.dropped, AT_ONCE - n);
	EXPECT_EQ(stats.received, (n + ONE_BY_ONE) * 60);
	pktio_close(from);
	pktio_close(ring);
}

static void survive(const char *uri)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = ring_open(uri, NULL);
	struct pktio_ring *from = open_sender();
	struct pktio_frame frames[2 * PIECES];

	send_frame(from, &(struct wire){ .payload = PIECES * SIZE });
	take(ring, frames, PIECES - 5, BURST);
	EXPECT_EQ(netns_delete(NET_A, &error), 0);
	take(ring, frames + PIECES - 5, 5, 1);
	EXPECT_EQ(netns_veth(NET_A, NET_B, &error), 0);
	for (int i = 0; i < 500 && ring_stats(ring).reattached == 0; i++)
		EXPECT_EQ(pktio_wait(ring, 5), 0);
	EXPECT_EQ(ring_stats(ring).reattached, 1);
	expect_segments(frames, PIECES, 0, false);
	send_frame(from, &(struct wire){ .payload = PIECES * SIZE });
	take(ring, frames + PIECES, PIECES, BURST);
	expect_segments(frames + PIECES, PIECES, 0, false);
	expect_segments(frames, PIECES, 0, false);
	pktio_release(ring, frames, 2 * PIECES);
	pktio_close(from);
	pktio_close(ring);
}

Test(af_packet_gro, held_segments_survive_an_interface_that_is_made_anew)
{
	survive(SPLIT);
	/* There the ring is another one afterwards. */
	survive(SPLIT "&fanout=hash");
}

Test(af_packet_gro, frames_without_a_link_header_cannot_be_cut)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "af_packet:any?gro=split", NULL, &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "link header");
}

Test(af_packet_gro, a_ring_that_cuts_may_send_as_well)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_ring *a =
		ring_open("af_packet:" NET_A "?gro=split", &args);
	struct pktio_ring *b = ring_open(SPLIT, &args);
	struct pktio_frame f;

	for (uint32_t i = 0; i < 100; i++) {
		EXPECT_EQ(pktio_alloc(a, &f, 1), 1);
		numbered_frame(pktio_frame_wdata(&f), 60, i);
		f.caplen = 60;
		EXPECT_EQ(pktio_send(a, &f, 1), 1);
	}
	EXPECT_EQ(pktio_flush(a), 0);
	EXPECT_EQ(ring_stats(a).sent_bytes, 6000);
	for (uint32_t i = 0; i < 100; i++) {
		take(b, &f, 1, 1);
		EXPECT_EQ(f.caplen, 60);
		EXPECT_EQ(frame_number(&f), i);
		pktio_release(b, &f, 1);
	}
	pktio_close(a);
	pktio_close(b);
}
