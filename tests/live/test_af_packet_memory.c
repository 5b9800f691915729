/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory, privilege and time stamps: what a machine may lack, or its NIC have.
 * Four functions of libc are replaced here, so that memory can be short, be on
 * another node, and a NIC take time stamps, without any of it being so.
 */
#include <net/if.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/mempolicy.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define URI "af_packet:" NET_B
#define MIB (UINT64_C(1) << 20)
#define MS UINT64_C(1000000)

TestSuite(af_packet_memory, .init = net_create);

/* ---- What is replaced --------------------------------------------------- */

static struct {
	/* A ring of more is too much; 0: it is not. */
	uint64_t memory;
	unsigned rings; /* times that one was asked for */
	int policy;     /* of the thread that did */
	/* What move_pages(2) says of pages, odd and even. */
	bool placed;
	int nodes[2];
	/* An option that the kernel does not know. */
	int unknown;
	/* A socket for whose filters there is no memory, so many times. */
	int filtered;
	unsigned unfiltered;
	/* Fanout groups that are told to have the number 0. */
	unsigned unnumbered;
	int stamps; /* the last PACKET_TIMESTAMP */
} fake;

/* A NIC that has time stamps. */
static struct {
	bool there;
	struct hwtstamp_config config;
	int error;   /* of setting */
	int instead; /* the filter that it sets in place of all */
	unsigned asked, set;
} nic;

#define REPLACED __attribute__((visibility("default")))

static long real_syscall(long number, long a, long b, long c, long d, long e,
			 long f)
{
	static long (*real)(long, ...);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a, b, c, d, e, f);
}

static int policy_of_thread(void)
{
	int mode = -1;

	real_syscall(SYS_get_mempolicy, (long)&mode, 0, 0, 0, 0, 0);
	return mode;
}

/* Takes six arguments, as libc's does, also where there are fewer. */
/* libc's own names of the arguments are not ours to use. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
REPLACED __attribute__((no_sanitize("address"))) long syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_move_pages && fake.placed) {
		for (long i = 0; i < a[1]; i++)
			((int *)a[4])[i] = fake.nodes[i % 2];
		return 0;
	}
	return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
REPLACED int setsockopt(int fd, int level, int option, const void *value,
			socklen_t size)
{
	if (level == SOL_PACKET && option == PACKET_RX_RING) {
		const struct tpacket_req *req = value;

		fake.rings++;
		fake.policy = policy_of_thread();
		if (fake.memory &&
		    (uint64_t)req->tp_block_size * req->tp_block_nr >
			    fake.memory) {
			errno = ENOMEM;
			return -1;
		}
	}
	if (level == SOL_PACKET && option == PACKET_TIMESTAMP)
		fake.stamps = *(const int *)value;
	if (level == SOL_SOCKET && option == SO_DETACH_FILTER &&
	    fd == fake.filtered && fake.unfiltered > 0) {
		fake.unfiltered--;
		errno = ENOMEM;
		return -1;
	}
	if (level == SOL_PACKET && option == fake.unknown && option) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return (int)real_syscall(SYS_setsockopt, fd, level, option, (long)value,
				 size, 0);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
REPLACED int getsockopt(int fd, int level, int option, void *value,
			socklen_t *size)
{
	if (level == SOL_PACKET && option == PACKET_FANOUT &&
	    fake.unnumbered > 0) {
		fake.unnumbered--;
		memset(value, 0, *size);
		return 0;
	}
	return (int)real_syscall(SYS_getsockopt, fd, level, option, (long)value,
				 (long)size, 0);
}

static int set_nic(struct hwtstamp_config *config)
{
	nic.set++;
	if (nic.error) {
		errno = nic.error;
		return -1;
	}
	if (nic.instead && config->rx_filter == HWTSTAMP_FILTER_ALL)
		config->rx_filter = nic.instead;
	nic.config = *config;
	return 0;
}

REPLACED int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	if (request == SIOCGHWTSTAMP || request == SIOCSHWTSTAMP) {
		struct ifreq *r = (void *)arg;

		nic.asked++;
		if (nic.there && request == SIOCSHWTSTAMP)
			return set_nic((void *)r->ifr_data);
		if (nic.there) {
			memcpy(r->ifr_data, &nic.config, sizeof(nic.config));
			return 0;
		}
	}
	return (int)real_syscall(SYS_ioctl, fd, (long)request, arg, 0, 0, 0);
}

/* ---- A number for a group ------------------------------------------------ */

/* As an interface of an unknown kind, whose socket is another than the first
 * that is made. */
static int make_tun(void)
{
	struct ifreq request = { .ifr_name = "tun0",
				 .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		cr_skip("no tun device here");
	REQUIRE_EQ(ioctl(fd, TUNSETLINK, (unsigned long)ARPHRD_DLCI), 0);
	net_set_up("tun0", true);
	return fd;
}

Test(af_packet_memory, a_unique_group_that_is_number_0_is_given_another)
{
	int tun = make_tun();
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	for (unsigned i = 0; i < 2; i++) {
		struct pktio_ring *ring;
		char uri[80];

		snprintf(uri, sizeof(uri),
			 "af_packet:%s?fanout=hash&fanout-unique=yes&fd=%d",
			 i == 0 ? "tun0" : NET_B, i == 0 ? 0 : sock);
		fake.unnumbered = 1;
		ring = ring_open(uri, NULL);
		EXPECT_EQ(fake.unnumbered, 0);
		EXPECT_NE(ring_info(ring).fanout_id, 0);
		pktio_close(ring);
	}
	close(sock);
	close(tun);
}

/* ---- Short of memory ---------------------------------------------------- */

static void expect_less(const char *uri)
{
	struct pktio_ring *ring;
	struct pktio_info info;
	const char *notice;
	uint64_t received;

	fake.memory = 3 * MIB;
	fake.rings = 0;
	ring = ring_open(uri, NULL);
	info = ring_info(ring);
	EXPECT_EQ(info.ring_wanted, 16 * MIB);
	EXPECT_EQ(info.ring_size, 2 * MIB);
	EXPECT_EQ(info.ring_size, info.block_size * info.blocks);
	EXPECT_EQ(info.max_held, info.blocks - 1);
	EXPECT_EQ(fake.rings, 4);
	notice = pktio_next_notice(ring);
	REQUIRE(notice);
	EXPECT_CONTAINS(notice,
			"the ring has only 2097152 bytes, because there is "
			"no memory for 16777216 bytes");
	EXPECT_STR(pktio_last_error(ring), "");
	net_send_numbers(net_socket(NET_A), 0, 1000);
	/* Two blocks of a millisecond each: a sender that is kept fills both.
	 */
	received = ring_drain(ring, 50, NULL, 0);
	EXPECT_GT(received, 0);
	EXPECT_EQ(received + ring_stats(ring).dropped, 1000);
	pktio_close(ring);
}

Test(af_packet_memory, short_of_memory_a_ring_is_smaller_and_says_so)
{
	expect_less(URI "?ring-size=16M&block-timeout=1ms");
	expect_less(URI "?ring-size=16M&profile=latency&frame-size=2K");
}

Test(af_packet_memory, a_ring_without_memory_to_start_starts_later)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .count = 2 };
	const char *uri = URI "?fanout=lb&ring-size=1M&block-timeout=1ms";
	struct pktio_ring *first = ring_open(uri, &args);
	uint64_t end = now_ns() + 1000 * MS;
	struct pktio_ring *second;
	unsigned told = 0;

	/* Not when the other begins, nor when it looks for itself. */
	fake.filtered = ring_info(first).socket;
	fake.unfiltered = 2;
	second = ring_open(uri, &args);
	while (told == 0 && now_ns() < end) {
		struct pktio_frame f;

		pktio_wait(first, 50);
		told = pktio_recv(first, &f, 1) == -ENOMEM;
	}
	EXPECT_EQ(told, 1);
	ring_drain(first, 50, NULL, 0);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(first, 50, NULL, 0), 50);
	EXPECT_EQ(ring_drain(second, 50, NULL, 0), 50);
	pktio_close(second);
	pktio_close(first);
}

Test(af_packet_memory, with_ring_strict_a_ring_has_the_requested_size_or_fails)
{
	struct pktio_ring *ring;

	fake.memory = 3 * MIB;
	expect_open_fails(URI "?ring-size=16M&ring-strict=yes", NULL, -ENOMEM,
			  "no memory for a ring of 16777216 bytes; set a "
			  "smaller ring-size, or ring-strict=no");
	EXPECT_EQ(fake.rings, 1);
	ring = ring_open(URI "?ring-size=2M&ring-strict=yes", NULL);
	EXPECT_EQ(ring_info(ring).ring_size, 2 * MIB);
	EXPECT(!pktio_next_notice(ring));
	pktio_close(ring);
}

Test(af_packet_memory, a_ring_of_next_to_nothing_is_not_worth_having)
{
	fake.memory = 1;
	expect_open_fails(URI "?ring-size=16M", NULL, -ENOMEM,
			  "set a smaller ring-size");
	EXPECT_LE(fake.rings, 7);
}

/* ---- Nodes -------------------------------------------------------------- */

static void need_numa(void)
{
	if (policy_of_thread() < 0)
		cr_skip("the kernel has no NUMA policies");
}

Test(af_packet_memory, where_the_ring_is_was_asked_of_its_pages)
{
	struct pktio_ring *ring;

	need_numa();
	ring = ring_open(URI "?numa=0", NULL);
	EXPECT_EQ(ring_info(ring).numa_node, 0);
	pktio_close(ring);
	fake.placed = true;
	fake.nodes[0] = fake.nodes[1] = 3;
	ring = ring_open(URI, NULL);
	EXPECT_EQ(ring_info(ring).numa_node, 3);
	pktio_close(ring);
	fake.nodes[1] = 2;
	ring = ring_open(URI, NULL);
	EXPECT_EQ(ring_info(ring).numa_node, -1, "it is on two");
	pktio_close(ring);
	fake.nodes[1] = -ENOENT;
	fake.nodes[0] = -ENOENT;
	ring = ring_open(URI, NULL);
	EXPECT_EQ(ring_info(ring).numa_node, -1, "nobody knows");
	pktio_close(ring);
}

Test(af_packet_memory, a_node_is_preferred_for_as_long_as_the_ring_is_made)
{
	unsigned long node0 = 1;

	need_numa();
	REQUIRE_EQ(real_syscall(SYS_set_mempolicy, MPOL_BIND, (long)&node0, 64,
				0, 0, 0),
		   0);
	pktio_close(ring_open(URI "?numa=0", NULL));
	EXPECT_EQ(fake.policy, MPOL_PREFERRED);
	EXPECT_EQ(policy_of_thread(), MPOL_BIND);
	pktio_close(ring_open(URI "?numa=none", NULL));
	EXPECT_EQ(fake.policy, MPOL_BIND);
	/* veth is on no bus, so that there is nothing to prefer. */
	pktio_close(ring_open(URI, NULL));
	EXPECT_EQ(fake.policy, MPOL_BIND);
	/* Also when it was not made. */
	fake.memory = 1;
	expect_open_fails(URI "?numa=0", NULL, -ENOMEM, "no memory");
	EXPECT_EQ(policy_of_thread(), MPOL_BIND);
}

Test(af_packet_memory, a_node_that_is_not_to_be_had_is_told)
{
	need_numa();
	expect_open_fails(URI "?numa=1000", NULL, -EINVAL,
			  "there is no such node");
	expect_open_fails(URI "?numa=first", NULL, -EINVAL,
			  "'first' is not a node");
	expect_open_fails(URI "?numa=99999", NULL, -EINVAL, "not a node");
	fake.placed = true;
	fake.nodes[0] = fake.nodes[1] = 1;
	expect_open_fails(URI "?numa=0&ring-strict=yes", NULL, -ENOMEM,
			  "was to be on NUMA node 0 and is on 1");
	pktio_close(ring_open(URI "?numa=0", NULL));
}

/* ---- Privilege ---------------------------------------------------------- */

static void keep_capabilities(uint32_t bits)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct sets[2] = { { .effective = bits,
						    .permitted = bits } };

	REQUIRE_EQ(real_syscall(SYS_capset, (long)&header, (long)sets, 0, 0, 0,
				0),
		   0);
}

Test(af_packet_memory, cap_net_raw_and_no_locked_memory_are_enough)
{
	struct pktio_open_args args = { .size = sizeof(args), .count = 2 };
	struct rlimit none = { 0, 0 };
	struct pktio_ring *other;
	struct pktio_ring *ring;
	int sock = net_socket(NET_A);

	REQUIRE_EQ(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	keep_capabilities(1U << CAP_NET_RAW);
	ring = ring_open(URI "?direction=in&vlan-strip=none&timestamp=software",
			 &args);
	args.index = 1;
	other = ring_open(
		URI "?direction=in&vlan-strip=none&timestamp=software", &args);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0) +
			  ring_drain(other, 50, NULL, 0),
		  100);
	pktio_close(ring);
	pktio_close(other);
	ring = ring_open(URI "?profile=latency", NULL);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet_memory, a_latency_ring_on_a_socket_handed_in_needs_nothing)
{
	struct rlimit none = { 0, 0 };
	struct pktio_ring *ring;
	int sock = net_socket(NET_A);
	int given = socket(AF_PACKET, SOCK_RAW, 0);
	char uri[80];

	REQUIRE_EQ(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	keep_capabilities(0);
	snprintf(uri, sizeof(uri), URI "?profile=latency&fd=%d", given);
	ring = ring_open(uri, NULL);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

/* ---- Errors with their causes ------------------------------------------- */

Test(af_packet_memory, a_socket_that_has_a_ring_already_is_told_as_such)
{
	struct tpacket_req req = { 4096, 2, 2048, 4 };
	int given = socket(AF_PACKET, SOCK_RAW, 0);
	char uri[80];

	REQUIRE_EQ(setsockopt(given, SOL_PACKET, PACKET_RX_RING, &req,
			      sizeof(req)),
		   0);
	snprintf(uri, sizeof(uri), URI "?fd=%d", given);
	expect_open_fails(uri, NULL, -EBUSY, "already has a ring");
}

Test(af_packet_memory, a_filter_that_was_locked_is_told_as_such)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog prog = { 1, &code };
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int given = socket(AF_PACKET, SOCK_RAW, 0);
	int on = 1;
	char uri[80];

	REQUIRE_EQ(setsockopt(given, SOL_SOCKET, SO_LOCK_FILTER, &on,
			      sizeof(on)),
		   0);
	snprintf(uri, sizeof(uri), URI "?fd=%d", given);
	EXPECT_EQ(pktio_open(&ring, uri, &args, &error), -EPERM);
	EXPECT_CONTAINS(error.text, "SO_LOCK_FILTER");
}

Test(af_packet_memory,
     an_option_that_an_old_kernel_lacks_is_told_with_its_version)
{
	fake.unknown = PACKET_IGNORE_OUTGOING;
	expect_open_fails(URI "?direction=in", NULL, -ENOPROTOOPT,
			  "it takes Linux 4.20");
}

/* ---- Time stamps -------------------------------------------------------- */

static void use_a_ring(const char *uri)
{
	struct pktio_ring *ring = ring_open(uri, NULL);

	net_send_numbers(net_socket(NET_A), 0, 10);
	EXPECT_EQ(ring_drain(ring, 30, NULL, 0), 10);
	pktio_close(ring);
}

Test(af_packet_memory, a_ring_that_was_not_asked_to_leaves_the_nic_alone)
{
	nic.there = true;
	fake.stamps = -1;
	use_a_ring(URI);
	use_a_ring(URI "?profile=latency");
	use_a_ring(URI "?timestamp=software");
	EXPECT_EQ(nic.asked, 0);
	EXPECT_EQ(fake.stamps, -1);
}

Test(af_packet_memory, a_nic_is_set_to_stamp_all_frames_and_set_back)
{
	struct pktio_ring *ring;

	nic.there = true;
	nic.config.tx_type = HWTSTAMP_TX_ON;
	nic.config.rx_filter = HWTSTAMP_FILTER_PTP_V2_EVENT;
	ring = ring_open(URI "?timestamp=hardware", NULL);
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_ALL);
	EXPECT_EQ(nic.config.tx_type, HWTSTAMP_TX_ON, "that of others");
	EXPECT_EQ(fake.stamps, SOF_TIMESTAMPING_RAW_HARDWARE);
	pktio_close(ring);
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_PTP_V2_EVENT);
	EXPECT_EQ(nic.config.tx_type, HWTSTAMP_TX_ON);
	EXPECT_EQ(nic.set, 2);
}

Test(af_packet_memory, a_nic_that_stamps_all_frames_is_not_touched)
{
	nic.there = true;
	nic.config.rx_filter = HWTSTAMP_FILTER_ALL;
	use_a_ring(URI "?timestamp=hardware");
	EXPECT_EQ(nic.set, 0);
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_ALL);
}

Test(af_packet_memory, a_nic_in_place_of_one_that_was_set_is_left_as_it_was)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring;

	nic.there = true;
	ring = ring_open(URI "?timestamp=hardware&block-timeout=1ms", NULL);
	EXPECT_EQ(nic.set, 1);
	REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
	ring_drain(ring, 20, NULL, 0);
	/* As somebody else has made it. */
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_ALL);
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s", error.text);
	ring_drain(ring, 100, NULL, 0);
	EXPECT_EQ(ring_stats(ring).reattached, 1);
	pktio_close(ring);
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_ALL);
	EXPECT_EQ(nic.set, 1);
}

Test(af_packet_memory, what_others_set_on_the_nic_meanwhile_stays)
{
	struct pktio_ring *ring;

	nic.there = true;
	ring = ring_open(URI "?timestamp=hardware", NULL);
	nic.config.rx_filter = HWTSTAMP_FILTER_PTP_V2_EVENT;
	pktio_close(ring);
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_PTP_V2_EVENT);
	EXPECT_EQ(nic.set, 1);
}

Test(af_packet_memory, a_failed_open_sets_the_nic_back)
{
	nic.there = true;
	fake.unknown = PACKET_TIMESTAMP;
	expect_open_fails(URI "?timestamp=hardware", NULL, -ENOPROTOOPT,
			  "cannot request the timestamps of the NIC");
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_NONE);
	EXPECT_EQ(nic.set, 2);
}

Test(af_packet_memory, a_nic_that_cannot_stamp_is_told_with_what_can_be_had)
{
	expect_open_fails(
		URI "?timestamp=hardware", NULL, -ENOTSUP,
		"no hardware timestamps, or its driver does not report them; "
		"use timestamp=software");
	nic.there = true;
	nic.error = ERANGE;
	expect_open_fails(URI "?timestamp=hardware", NULL, -ENOTSUP,
			  "cannot stamp all frames");
	nic.error = EPERM;
	expect_open_fails(URI "?timestamp=hardware", NULL, -EPERM,
			  "CAP_NET_ADMIN");
	/* It does something less, and says so. */
	nic.error = 0;
	nic.instead = HWTSTAMP_FILTER_PTP_V2_EVENT;
	expect_open_fails(URI "?timestamp=hardware", NULL, -ENOTSUP,
			  "cannot stamp all frames");
	EXPECT_EQ(nic.config.rx_filter, HWTSTAMP_FILTER_NONE);
}

Test(af_packet_memory,
     with_software_frames_are_stamped_as_they_reach_the_kernel)
{
	static const char *const uris[] = {
		URI "?timestamp=software&block-timeout=1ms",
		URI "?timestamp=software&profile=latency",
	};

	for (unsigned i = 0; i < 2; i++) {
		struct pktio_ring *ring = ring_open(uris[i], NULL);
		uint64_t end = now_ns() + 2000 * MS;
		int sock = net_socket(NET_A);
		struct pktio_frame f = { 0 };

		/* The kernel turns it on a moment later, by itself. */
		while (f.clock != PKTIO_CLOCK_SOFTWARE && now_ns() < end) {
			net_send_numbers(sock, 0, 1);
			REQUIRE_EQ(pktio_wait(ring, 1000), 1);
			REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
			pktio_release(ring, &f, 1);
		}
		EXPECT_EQ(f.clock, PKTIO_CLOCK_SOFTWARE);
		pktio_close(ring);
		close(sock);
	}
}
