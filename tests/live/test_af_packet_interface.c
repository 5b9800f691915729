/* SPDX-License-Identifier: BSD-3-Clause */
/* Link types: of kinds of interfaces, asked for, and of `any`. */
/* Before those of the kernel, which know how to live with it. */
#include <net/if.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW 101
#define LINKTYPE_LINUX_SLL 113
#define LINKTYPE_NETLINK 253
#define LINKTYPE_LINUX_SLL2 276
#define SLL2 20U

/* Both kinds of rings. */
static const char *const kinds[] = { "ring-size=1M&block-timeout=1ms",
				     "profile=latency&frame-size=2K" };

TestSuite(af_packet_interface, .init = net_create);

static struct pktio_ring *open_kind(const char *target, unsigned kind,
				    const char *more,
				    const struct pktio_open_args *args)
{
	char uri[160];

	snprintf(uri, sizeof(uri), "af_packet:%s?%s%s", target, kinds[kind],
		 more);
	return ring_open(uri, args);
}

static void take(struct pktio_ring *ring, struct pktio_frame *ret, unsigned n)
{
	unsigned got = 0;

	while (got < n) {
		int r;

		REQUIRE_EQ(pktio_wait(ring, 2000), 1, "%u of %u", got, n);
		r = pktio_recv(ring, ret + got, n - got);
		REQUIRE_GE(r, 0, "%s", pktio_last_error(ring));
		got += (unsigned)r;
	}
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* ---- Kinds of interfaces ------------------------------------------------ */

/* A tun device of its own, up; frames written to it are received. */
static int make_tun(const char *name, int hardware)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		cr_skip("no /dev/net/tun: %s", strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	REQUIRE_EQ(ioctl(fd, TUNSETIFF, &request), 0, "%s", strerror(errno));
	if (hardware)
		REQUIRE_EQ(ioctl(fd, TUNSETLINK, (unsigned long)hardware), 0,
			   "%s", strerror(errno));
	net_set_up(name, true);
	return fd;
}

/* UDP over IPv4 from 10.0.0.1 to 10.0.0.2, with `number` as its port. */
static size_t make_ip(uint8_t *out, uint16_t number)
{
	static const uint8_t ip[] = { 0x45, 0, 0,  32, 0, 0, 0x40, 0, 64, 17,
				      0,    0, 10, 0,  0, 1, 10,   0, 0,  2 };

	memcpy(out, ip, sizeof(ip));
	memset(out + sizeof(ip), 0, 12);
	out[20] = (uint8_t)(number >> 8);
	out[21] = (uint8_t)number;
	out[25] = 12;
	return sizeof(ip) + 12;
}

Test(af_packet_interface, a_ring_that_waited_says_so_if_it_is_not_for_what_came)
{
	struct pktio_ring *ring =
		ring_open("af_packet:tun0?wait-for-interface=yes", NULL);
	struct pktio_frame f;

	/* Frames of this kind have a header that is made here. */
	make_tun("tun0", ARPHRD_CAN);
	EXPECT_EQ(pktio_wait(ring, 1000), 1);
	EXPECT_EQ(pktio_recv(ring, &f, 1), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "another hardware type");
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	EXPECT_EQ(pktio_wait(ring, 200), 0, "it is said once");
	pktio_close(ring);
}

Test(af_packet_interface, frames_of_a_tun_device_begin_with_the_ip_header)
{
	int tun = make_tun("tun0", 0);

	for (unsigned kind = 0; kind < 2; kind++) {
		struct pktio_ring *ring = open_kind("tun0", kind, "", NULL);
		uint8_t packet[64];
		size_t size = make_ip(packet, 7);
		struct pktio_frame f;

		EXPECT_EQ(ring_info(ring).linktype, LINKTYPE_RAW);
		REQUIRE_EQ(write(tun, packet, size), (ssize_t)size);
		take(ring, &f, 1);
		EXPECT_EQ(f.linktype, LINKTYPE_RAW);
		EXPECT_EQ(f.caplen, size);
		EXPECT_BYTES(f.data, packet, size);
		pktio_release(ring, &f, 1);
		pktio_close(ring);
	}
}

/* A tun device is as fast as it is told to be, in Mb/s. */
static void set_speed(const char *name, uint16_t speed)
{
	struct ethtool_cmd command = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { .ifr_data = (void *)&command };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	REQUIRE_EQ(ioctl(sock, SIOCETHTOOL, &request), 0, "%s",
		   strerror(errno));
	command.cmd = ETHTOOL_SSET;
	command.speed = speed;
	command.speed_hi = 0;
	REQUIRE_EQ(ioctl(sock, SIOCETHTOOL, &request), 0, "%s",
		   strerror(errno));
	close(sock);
}

Test(af_packet_interface, a_slow_link_has_a_smaller_ring)
{
	int tun = make_tun("tun0", 0);
	struct pktio_ring *ring;

	set_speed("tun0", 1000);
	ring = ring_open("af_packet:tun0", NULL);
	EXPECT_EQ(ring_info(ring).ring_size, 32 << 20);
	EXPECT_EQ(ring_info(ring).block_size, 512 << 10);
	pktio_close(ring);
	/* A faster one has a larger. */
	set_speed("tun0", 25000);
	ring = ring_open("af_packet:tun0", NULL);
	EXPECT_EQ(ring_info(ring).ring_size, 256 << 20);
	EXPECT_EQ(ring_info(ring).block_size, 4 << 20);
	pktio_close(ring);
	close(tun);
}

Test(af_packet_interface, frames_of_an_unknown_kind_have_a_cooked_header)
{
	/* ARPHRD_DLCI, of which drivers do not agree what frames are. */
	int tun = make_tun("tun0", ARPHRD_DLCI);
	struct pktio_ring *ring = open_kind("tun0", 0, "", NULL);
	uint8_t packet[64];
	size_t size = make_ip(packet, 7);
	struct pktio_frame f;

	EXPECT_EQ(ring_info(ring).linktype, LINKTYPE_LINUX_SLL2);
	REQUIRE_EQ(write(tun, packet, size), (ssize_t)size);
	take(ring, &f, 1);
	EXPECT_EQ(f.caplen, size + SLL2);
	EXPECT_EQ(get16(f.data), ETH_P_IP);
	EXPECT_EQ(get16(f.data + 8), ARPHRD_DLCI);
	EXPECT_BYTES(f.data + SLL2, packet, size);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

Test(af_packet_interface, messages_of_netlink_have_their_header)
{
	/* The bytes are not netlink's here; the header is what counts. */
	int tun = make_tun("tun0", ARPHRD_NETLINK);
	struct pktio_ring *ring = open_kind("tun0", 0, "", NULL);
	uint8_t packet[64];
	size_t size = make_ip(packet, 7);
	struct pktio_frame f;

	EXPECT_EQ(ring_info(ring).linktype, LINKTYPE_NETLINK);
	REQUIRE_EQ(write(tun, packet, size), (ssize_t)size);
	take(ring, &f, 1);
	EXPECT_EQ(f.caplen, size + 16);
	EXPECT_EQ(get16(f.data + 2), ARPHRD_NETLINK);
	EXPECT_EQ(get16(f.data + 14), ETH_P_IP);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

static void send_on_loopback(size_t size)
{
	static uint8_t payload[65000];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = 9 };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE_EQ(sendto(sock, payload, size, 0, (void *)&to, sizeof(to)),
		   (ssize_t)size, "%s", strerror(errno));
	close(sock);
}

Test(af_packet_interface, loopback_is_ethernet_and_shows_each_frame_twice)
{
	struct pktio_ring *ring;
	struct pktio_frame f[4];

	net_set_up("lo", true);
	ring = ring_open("af_packet:lo?ring-size=4M&block-timeout=1ms", NULL);
	EXPECT_EQ(ring_info(ring).linktype, LINKTYPE_ETHERNET);
	send_on_loopback(60000);
	take(ring, f, 2);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(f[i].caplen, 60000 + 8 + 20 + 14);
		EXPECT_EQ(f[i].flags & PKTIO_F_TRUNCATED, 0);
	}
	EXPECT_EQ(f[0].pkttype, PKTIO_PKT_OUTGOING);
	EXPECT_EQ(f[1].pkttype, PKTIO_PKT_HOST);
	pktio_release(ring, f, 2);
	pktio_close(ring);
	ring = ring_open("af_packet:lo?direction=in&block-timeout=1ms", NULL);
	send_on_loopback(100);
	take(ring, f, 1);
	EXPECT_EQ(f[0].pkttype, PKTIO_PKT_HOST);
	/* The kernel answers that nobody listens. */
	take(ring, f + 1, 1);
	pktio_release(ring, f, 2);
	EXPECT_EQ(ring_drain(ring, 30, NULL, 0), 0);
	pktio_close(ring);
}

/* ---- Asked for ---------------------------------------------------------- */

static uint32_t linktype_of(const char *link_type)
{
	char uri[128];
	struct pktio_ring *ring;
	struct pktio_info info;

	snprintf(uri, sizeof(uri),
		 "af_packet:" NET_B "?ring-size=1M&linktype=%s", link_type);
	ring = ring_open(uri, NULL);
	info = ring_info(ring);
	pktio_close(ring);
	return info.linktype;
}

Test(af_packet_interface, a_link_type_is_taken_by_name_or_number)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(linktype_of("auto"), LINKTYPE_ETHERNET);
	EXPECT_EQ(linktype_of("DOCSIS"), 143);
	EXPECT_EQ(linktype_of("docsis"), 143);
	EXPECT_EQ(linktype_of("0"), 0);
	EXPECT_EQ(linktype_of("147"), 147);
	EXPECT_EQ(linktype_of("LINUX_SLL"), LINKTYPE_LINUX_SLL);
	EXPECT_EQ(pktio_open(&ring, "af_packet:" NET_B "?linktype=EN10GB", NULL,
			     &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "unknown linktype 'EN10GB'");
	EXPECT_EQ(pktio_open(&ring, "af_packet:" NET_B "?linktype=70000", NULL,
			     &error),
		  -EINVAL);
}

Test(af_packet_interface, what_cannot_be_of_cooked_frames_is_refused)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int raw = socket(AF_PACKET, SOCK_RAW, 0);
	char uri[64];

	EXPECT_EQ(pktio_open(&ring, "af_packet:any", &args, &error), -ENOTSUP);
	EXPECT_CONTAINS(error.text, "cannot send on 'any'");
	EXPECT_EQ(pktio_open(&ring, "af_packet:any?linktype=RAW", NULL, &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "LINUX_SLL2");
	EXPECT_EQ(pktio_open(&ring, "af_packet:any?timestamp=hardware", NULL,
			     &error),
		  -EINVAL);
	EXPECT_CONTAINS(error.text, "is no NIC");
	snprintf(uri, sizeof(uri), "af_packet:any?fd=%d", raw);
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -EINVAL);
	EXPECT_CONTAINS(error.text, "SOCK_DGRAM");
}

/* ---- Any ---------------------------------------------------------------- */

#define MAC_A_TO_B "\x02\x00\x00\x00\x00\x0a"

static void expect_sll2(const struct pktio_frame *f, const char *interface,
			uint8_t pkttype, uint32_t number)
{
	uint8_t frame[64];

	numbered_frame(frame, sizeof(frame), number);
	EXPECT_EQ(f->linktype, LINKTYPE_LINUX_SLL2);
	REQUIRE_EQ(f->caplen, sizeof(frame) - 14 + SLL2);
	EXPECT_EQ(f->wirelen, f->caplen);
	EXPECT_EQ(f->ifindex, if_nametoindex(interface));
	EXPECT_EQ(get16(f->data), TEST_ETHERTYPE);
	EXPECT_EQ(get16(f->data + 2), 0);
	EXPECT_EQ(get32(f->data + 4), if_nametoindex(interface));
	EXPECT_EQ(get16(f->data + 8), ARPHRD_ETHER);
	EXPECT_EQ(f->data[10], pkttype);
	EXPECT_EQ(f->data[11], 6);
	EXPECT_BYTES(f->data + 12, MAC_A_TO_B, 6);
	EXPECT_EQ(get16(f->data + 18), 0);
	EXPECT_BYTES(f->data + SLL2, frame + 14, sizeof(frame) - 14);
}

static void send_number(const char *interface, uint32_t number)
{
	uint8_t frame[64];
	int sock = net_socket(interface);

	numbered_frame(frame, sizeof(frame), number);
	net_send(sock, frame, sizeof(frame));
	close(sock);
}

Test(af_packet_interface,
     any_has_the_frames_of_all_interfaces_and_says_of_which)
{
	struct pktio_error error = { 0 };

	REQUIRE_EQ(netns_veth("other-a", "other-b", &error), 0, "%s",
		   error.text);
	for (unsigned kind = 0; kind < 2; kind++) {
		struct pktio_ring *ring = open_kind("any", kind, "", NULL);
		struct pktio_frame f[4];

		EXPECT_EQ(ring_info(ring).linktype, LINKTYPE_LINUX_SLL2);
		EXPECT_EQ(ring_info(ring).ifindex, 0);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UP);
		send_number(NET_A, 1);
		send_number("other-a", 2);
		take(ring, f, 4);
		expect_sll2(&f[0], NET_A, PACKET_OUTGOING, 1);
		expect_sll2(&f[1], NET_B, PACKET_OTHERHOST, 1);
		expect_sll2(&f[2], "other-a", PACKET_OUTGOING, 2);
		expect_sll2(&f[3], "other-b", PACKET_OTHERHOST, 2);
		pktio_release(ring, f, 4);
		EXPECT_EQ(ring_stats(ring).received_bytes,
			  UINT64_C(4) * (64 - 14 + SLL2));
		pktio_close(ring);
	}
}

Test(af_packet_interface, any_goes_on_when_interfaces_go_and_come)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = open_kind("any", 0, "&direction=in", NULL);

	for (int i = 0; i < 2; i++) {
		send_number(NET_A, 1);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 1);
		REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
		EXPECT_EQ(pktio_wait(ring, 50), 0);
		REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s",
			   error.text);
	}
	EXPECT_EQ(ring_stats(ring).link_downs, 0);
	pktio_close(ring);
}

/* A frame with a tag of VLAN 100; returns its size. */
static size_t make_tagged(uint8_t *frame, uint32_t number)
{
	static const uint8_t tag[] = { 0x81, 0x00, 0x60, 0x64 };

	numbered_frame(frame, 64, number);
	memmove(frame + 16, frame + 12, 52);
	memcpy(frame + 12, tag, sizeof(tag));
	return 68;
}

Test(af_packet_interface,
     a_tag_of_a_cooked_frame_is_between_protocol_and_payload)
{
	uint8_t frame[68];
	size_t size = make_tagged(frame, 9);

	for (unsigned kind = 0; kind < 2; kind++) {
		struct pktio_ring *ring = open_kind("any", kind, "", NULL);
		int sock = net_socket(NET_A);
		struct pktio_frame f[2];

		/* It leaves with the tag in its bytes, and comes with it
		 * beside them. */
		net_send(sock, frame, size);
		take(ring, f, 2);
		for (int i = 0; i < 2; i++) {
			EXPECT_EQ(f[i].nvlan, 0);
			EXPECT_EQ(f[i].caplen, size - 14 + SLL2);
			EXPECT_EQ(f[i].wirelen, f[i].caplen);
			EXPECT_EQ(get16(f[i].data), 0x8100);
			EXPECT_BYTES(f[i].data + SLL2, frame + 14, size - 14);
		}
		pktio_release(ring, f, 2);
		pktio_close(ring);
		close(sock);
	}
}

#define ABS(size) (BPF_LD | BPF_##size | BPF_ABS)
#define IS(k, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, no)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)

/* Sends 10 numbers with a tag and 20 without; `want` of all that comes pass,
 * those that the kernel refused and the library had not to among the others. */
static void expect_passing(unsigned kind, const struct sock_filter *code,
			   size_t n, unsigned want, unsigned filtered)
{
	struct sock_fprog prog = { (unsigned short)n,
				   (struct sock_filter *)code };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_ring *ring = open_kind("any", kind, "", &args);
	int sock = net_socket(NET_A);
	uint8_t frame[68];

	for (uint32_t i = 0; i < 10; i++)
		net_send(sock, frame, make_tagged(frame, i));
	net_send_numbers(sock, 0, 20);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), want);
	EXPECT_EQ(ring_stats(ring).filtered, filtered);
	/* The other way round, and in place of another. */
	EXPECT_EQ(pktio_set_filter(ring, NULL), 0);
	net_send_numbers(sock, 0, 20);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 40);
	EXPECT_EQ(pktio_set_filter(ring, &prog), 0);
	for (uint32_t i = 0; i < 10; i++)
		net_send(sock, frame, make_tagged(frame, i));
	net_send_numbers(sock, 0, 20);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), want);
	EXPECT_EQ(ring_stats(ring).filtered, UINT64_C(2) * filtered);
	pktio_close(ring);
	close(sock);
}

Test(af_packet_interface, a_filter_sees_cooked_frames_as_they_are_delivered)
{
	/* Odd numbers on an interface, by all that the header has. */
	const struct sock_filter odd[] = {
		BPF_STMT(ABS(W), 4),
		IS(if_nametoindex(NET_B), 9),
		BPF_STMT(ABS(H), 0),
		IS(TEST_ETHERTYPE, 7),
		BPF_STMT(ABS(H), 8),
		IS(ARPHRD_ETHER, 5),
		BPF_STMT(ABS(B), 10),
		IS(PACKET_OTHERHOST, 3),
		BPF_STMT(ABS(B), SLL2 + 3),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		RET(0xffff),
		RET(0),
	};
	/* The tags, which only we put there. */
	const struct sock_filter tagged[] = {
		BPF_STMT(ABS(H), 0), IS(0x8100, 3), BPF_STMT(ABS(H), SLL2),
		IS(0x6064, 1),       RET(0xffff),   RET(0),
	};
	/* Of the length, which the kernel has another idea of. */
	const struct sock_filter longer[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 68 - 14 + SLL2, 0, 1),
		RET(0xffff),
		RET(0),
	};
	/* By the sender's address, of which the kernel knows nothing. */
	const struct sock_filter from[] = {
		BPF_STMT(ABS(W), 12),
		IS(0x02000000, 1),
		RET(0xffff),
		RET(0),
	};

	for (unsigned kind = 0; kind < 2; kind++) {
		/* Tagged frames are let in for us to judge: 20 of them. */
		expect_passing(kind, odd, 12, 10, 20);
		expect_passing(kind, tagged, 6, 20, 0);
		expect_passing(kind, longer, 4, 20, 40);
		expect_passing(kind, from, 4, 60, 0);
	}
}

Test(af_packet_interface,
     a_filter_of_cooked_frames_says_how_much_of_the_whole_is_kept)
{
	const struct sock_filter code[] = { RET(SLL2 + 5) };
	struct sock_fprog prog = { 1, (struct sock_filter *)code };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_ring *ring = open_kind("any", 0, "&direction=in", &args);
	struct pktio_frame f;

	send_number(NET_A, 1);
	take(ring, &f, 1);
	EXPECT_EQ(f.caplen, SLL2 + 5);
	EXPECT_EQ(f.wirelen, SLL2 + 50);
	EXPECT(f.flags & PKTIO_F_TRUNCATED);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

/* ---- What others make of it --------------------------------------------- */

/* Writes all that comes to a file, in which `any` is as it was received. */
static void record(struct pktio_ring *ring, const char *path, unsigned n)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_frame f[8];
	struct pktio_ring *file;
	char uri[96];

	take(ring, f, n);
	snprintf(uri, sizeof(uri), "pcap_file:%s?linktype=%u", path,
		 f[0].linktype);
	file = ring_open(uri, &args);
	REQUIRE_EQ(pktio_inject(file, f, n), (int)n, "%s",
		   pktio_last_error(file));
	REQUIRE_EQ(pktio_flush(file), 0, "%s", pktio_last_error(file));
	pktio_close(file);
	pktio_release(ring, f, n);
}

static void run(const char *command, char *ret, size_t size)
{
	FILE *out = popen(command, "re"); /* NOLINT(cert-env33-c): own words */
	size_t n;
	int status;

	REQUIRE(out);
	n = fread(ret, 1, size - 1, out);
	ret[n] = '\0';
	status = pclose(out);
	REQUIRE_EQ(status, 0, "'%s' ends with %d: %s", command, status, ret);
}

Test(af_packet_interface,
     tcpdump_and_tshark_understand_what_was_recorded_of_any)
{
	static const char *const types[] = { "LINUX_SLL2", "LINUX_SLL" };
	char path[] = "/tmp/pktio-any-XXXXXX";
	int tun = make_tun("tun0", 0);
	char command[256];
	char text[2048];
	uint8_t packet[64];
	size_t size = make_ip(packet, 4321);

	close(mkstemp(path));
	for (unsigned i = 0; i < 2; i++) {
		char more[64];
		struct pktio_ring *ring;

		snprintf(more, sizeof(more), "&linktype=%s", types[i]);
		ring = open_kind("any", i, more, NULL);
		send_number(NET_A, 1);
		REQUIRE_EQ(write(tun, packet, size), (ssize_t)size);
		record(ring, path, 3);
		pktio_close(ring);
		/* As root it would become another user, whom there is not. */
		snprintf(command, sizeof(command),
			 "unshare -U tcpdump -nn -e -r %s 2>/dev/null", path);
		run(command, text, sizeof(text));
		EXPECT_CONTAINS(text, "10.0.0.1.4321 > 10.0.0.2.0: UDP");
		EXPECT_CONTAINS(text, "0x88b5");
		EXPECT_CONTAINS(text, "02:00:00:00:00:0a");
		snprintf(command, sizeof(command),
			 "tshark -r %s -T fields -e sll.etype -e sll.pkttype "
			 "-e sll.ifindex -e udp.srcport 2>/dev/null",
			 path);
		run(command, text, sizeof(text));
		EXPECT_CONTAINS(text, "0x88b5\t4\t");
		EXPECT_CONTAINS(text, "0x0800\t0\t");
		EXPECT_CONTAINS(text, "\t4321\n");
	}
	unlink(path);
}
