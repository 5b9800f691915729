/* SPDX-License-Identifier: BSD-3-Clause */
/* How rings share an interface, mode by mode. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define URI "af_packet:" NET_B
#define SMALL "ring-size=256K&block-size=64K"
#define RINGS 4
#define FRAMES 4000U

TestSuite(af_packet_fanout, .init = net_create);

static void open_rings(struct pktio_ring **rings, unsigned n, const char *query)
{
	char uri[200];

	snprintf(uri, sizeof(uri), URI "?%s", query);
	for (unsigned i = 0; i < n; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = n };

		rings[i] = ring_open(uri, &args);
	}
}

/* How many frames each ring has got; each of them came exactly once. */
static void drain_rings(struct pktio_ring **rings, unsigned n, uint64_t *got)
{
	static uint8_t seen[FRAMES];
	unsigned once = 0;

	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < n; i++)
		got[i] = ring_drain(rings[i], 50, seen, FRAMES);
	for (unsigned i = 0; i < FRAMES; i++)
		once += seen[i] == 1;
	EXPECT_EQ(once, FRAMES, "%u of %u exactly once", once, FRAMES);
}

static void close_rings(struct pktio_ring **rings, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pktio_close(rings[i]);
}

static void share(const char *query, uint64_t *got)
{
	struct pktio_ring *rings[RINGS];

	open_rings(rings, RINGS, query);
	net_send_numbers(net_socket(NET_A), 0, FRAMES);
	drain_rings(rings, RINGS, got);
	close_rings(rings, RINGS);
}

Test(af_packet_fanout, lb_gives_each_ring_the_same_share)
{
	uint64_t got[RINGS];

	share("fanout=lb", got);
	for (unsigned i = 0; i < RINGS; i++)
		EXPECT_EQ(got[i], FRAMES / RINGS);
}

Test(af_packet_fanout, rnd_gives_each_ring_about_the_same_share)
{
	uint64_t got[RINGS];

	share("fanout=rnd", got);
	for (unsigned i = 0; i < RINGS; i++)
		EXPECT(got[i] > FRAMES / RINGS / 2 &&
			       got[i] < 2 * FRAMES / RINGS,
		       "%lu", got[i]);
}

Test(af_packet_fanout, cpu_gives_a_ring_what_came_in_on_its_cpu)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

	for (int cpu = 0; cpu < cpus && cpu < RINGS; cpu++) {
		uint64_t got[RINGS];
		cpu_set_t set;

		/* On a veth a frame arrives on the CPU that sends it. */
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set) < 0)
			continue;
		share("fanout=cpu", got);
		for (int i = 0; i < RINGS; i++)
			EXPECT_EQ(got[i], i == cpu ? FRAMES : 0);
	}
}

Test(af_packet_fanout, qm_gives_frames_of_no_queue_to_the_first_ring)
{
	uint64_t got[RINGS];

	/* A NIC's queue q would be the kernel's q + 1, and so ring q + 1's; a
	 * veth says nothing. */
	share("fanout=qm", got);
	for (int i = 0; i < RINGS; i++)
		EXPECT_EQ(got[i], i == 0 ? FRAMES : 0);
}

Test(af_packet_fanout, rollover_fills_one_ring_and_then_the_next)
{
	uint64_t got[RINGS];
	unsigned used = 0;

	share("fanout=rollover&" SMALL, got);
	for (int i = 0; i < RINGS; i++)
		used += got[i] > 0;
	EXPECT_GE(used, 2);
	/* And not by hash, which has one ring for frames without flow. */
	share("fanout=rollover", got);
	EXPECT_EQ(got[0], FRAMES, "one is large enough");
}

Test(af_packet_fanout, the_rollover_flag_saves_frames_from_a_full_ring)
{
	/* All frames are one flow, so hash has one ring for them, too small. */
	uint64_t got[RINGS];
	unsigned used = 0;

	share("fanout=hash&fanout-flags=rollover&" SMALL, got);
	for (int i = 0; i < RINGS; i++)
		used += got[i] > 0;
	EXPECT_GE(used, 2);
}

Test(af_packet_fanout, outgoing_frames_are_ignored_alone_and_in_a_group)
{
	static const struct {
		const char *query;
		uint64_t frames;
	} cases[] = {
		{ "fanout=none", 100 },
		{ "fanout=none&direction=in", 0 },
		{ "fanout=hash", 100 },
		{ "fanout=hash&direction=in", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pktio_ring *ring;

		open_rings(&ring, 1, cases[i].query);
		/* Out of the interface that the ring is on. */
		net_send_numbers(net_socket(NET_B), 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), cases[i].frames, "%s",
			  cases[i].query);
		/* And into it. */
		net_send_numbers(net_socket(NET_A), 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100, "%s",
			  cases[i].query);
		pktio_close(ring);
	}
}

/* A frame with one of the two fragments of an IPv4 datagram. */
static size_t fragment(uint8_t *frame, bool last)
{
	static const uint8_t head[] = { 2, 0, 0,    0,  0,  0xb,  2, 0, 0,
					0, 0, 0xa,  8,  0,  0x45, 0, 0, 60,
					0, 7, 0x20, 0,  64, 17,   0, 0, 10,
					0, 0, 1,    10, 0,  0,    2 };
	uint32_t sum = 0;

	memset(frame, 0x55, 74);
	memcpy(frame, head, sizeof(head));
	if (last) {
		frame[20] = 0;
		frame[21] = 5; /* 40 bytes into it */
	} else {
		frame[34] = 0x10;
		frame[38] = 0;
		frame[39] = 80; /* UDP over both */
	}
	for (int i = 14; i < 34; i += 2)
		sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	frame[24] = (uint8_t)(sum >> 8);
	frame[25] = (uint8_t)sum;
	return 74;
}

Test(af_packet_fanout, defrag_delivers_fragments_as_one_datagram)
{
	struct pktio_ring *ring;
	struct pktio_frame f;
	int sock = net_socket(NET_A);
	uint8_t frame[100];

	open_rings(&ring, 1, "fanout=hash&fanout-flags=defrag");
	net_send(sock, frame, fragment(frame, false));
	net_send(sock, frame, fragment(frame, true));
	REQUIRE_EQ(pktio_wait(ring, 1000), 1);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.caplen, 14 + 20 + 80);
	pktio_release(ring, &f, 1);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 0);
	pktio_close(ring);
}

Test(af_packet_fanout, a_unique_group_is_nobodys_and_others_join_by_its_number)
{
	struct pktio_ring *first;
	struct pktio_ring *other;
	struct pktio_ring *second;
	char query[60];
	uint32_t id;

	open_rings(&first, 1, "fanout=lb&fanout-unique=yes");
	open_rings(&other, 1, "fanout=lb&fanout-unique=yes");
	id = ring_info(first).fanout_id;
	EXPECT_NE(id, 0);
	EXPECT_NE(ring_info(other).fanout_id, 0);
	EXPECT_NE(ring_info(other).fanout_id, id);
	snprintf(query, sizeof(query), "fanout=lb&fanout-id=%u", id);
	open_rings(&second, 1, query);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(first, 50, NULL, 0), 50);
	EXPECT_EQ(ring_drain(second, 50, NULL, 0), 50);
	EXPECT_EQ(ring_drain(other, 50, NULL, 0), 100);
	pktio_close(first);
	pktio_close(second);
	pktio_close(other);
}

Test(af_packet_fanout, a_clash_names_the_owner_and_its_mode)
{
	static const char *const clashes[] = {
		URI "?fanout=lb&fanout-id=5",
		URI "?fanout=hash&fanout-id=5&fanout-flags=defrag",
		"af_packet:" NET_A "?fanout=hash&fanout-id=5",
	};
	struct pktio_ring *owner;
	char process[40];

	open_rings(&owner, 1, "fanout=hash&fanout-id=5");
	snprintf(process, sizeof(process), "process %d of uid %u",
		 (int)getpid(), getuid());
	for (size_t i = 0; i < sizeof(clashes) / sizeof(clashes[0]); i++) {
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;

		EXPECT_EQ(pktio_open(&ring, clashes[i], NULL, &error), -EINVAL);
		EXPECT(strstr(error.text,
			      "group 5 is taken: mode hash on " NET_B) &&
			       strstr(error.text, process),
		       "%s", error.text);
	}
	pktio_close(owner);
}

Test(af_packet_fanout, groups_of_several_interfaces_do_not_meet)
{
	struct pktio_ring *a[2];
	struct pktio_ring *b;
	struct pktio_open_args args = { .size = sizeof(args), .count = 2 };

	open_rings(a, 2, "fanout=auto");
	b = ring_open("af_packet:" NET_A, &args);
	EXPECT_EQ(ring_info(a[0]).fanout_id, ring_info(a[1]).fanout_id);
	EXPECT_NE(ring_info(b).fanout_id, ring_info(a[0]).fanout_id);
	close_rings(a, 2);
	pktio_close(b);
}

/* ---- Rings that share --------------------------------------------------- */

#define MOST 4000000U

struct sharer {
	struct pktio_ring *ring;
	uint8_t *seen;
	uint32_t size;
	uint64_t got;
};

static void *drain(void *arg)
{
	struct sharer *s = arg;

	s->got = ring_drain(s->ring, 300, s->seen, s->size);
	return NULL;
}

Test(af_packet_fanout,
     after_the_last_ring_opened_every_frame_arrives_exactly_once)
{
	struct sharer sharers[RINGS] = { 0 };
	pthread_t threads[RINGS];
	struct net_flood f = { .sock = net_socket(NET_A) };
	pthread_t sender;
	uint64_t dropped = 0;
	uint64_t twice = 0;
	uint64_t once = 0;
	uint32_t from;

	pthread_create(&sender, NULL, net_flood, &f);
	for (unsigned i = 0; i < RINGS; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = RINGS };

		sharers[i].ring = ring_open(URI, &args);
		sharers[i].size = MOST;
		sharers[i].seen = calloc(1, MOST);
		pthread_create(&threads[i], NULL, drain, &sharers[i]);
	}
	/* The one under way when we look may have been sent before. */
	from = __atomic_load_n(&f.sent, __ATOMIC_ACQUIRE) + 2;
	sleep_ms(500);
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	for (unsigned i = 0; i < RINGS; i++) {
		pthread_join(threads[i], NULL);
		dropped += ring_stats(sharers[i].ring).dropped;
	}
	REQUIRE_LT(f.sent, MOST);
	for (uint32_t number = from; number < f.sent; number++) {
		unsigned n = 0;

		for (unsigned i = 0; i < RINGS; i++)
			n += sharers[i].seen[number];
		once += n == 1;
		twice += n > 1;
	}
	EXPECT_EQ(twice, 0);
	EXPECT_EQ(dropped, 0);
	EXPECT_EQ(once, f.sent - from, "%lu of %u", once, f.sent - from);
	EXPECT_GT(f.sent - from, 10000);
	for (unsigned i = 0; i < RINGS; i++) {
		sharers[i].ring = pktio_close(sharers[i].ring);
		free(sharers[i].seen);
	}
}

/* An IPv4 UDP frame of flow `flow`, in one direction or the other. */
static void udp_frame(uint8_t *frame, unsigned flow, bool back)
{
	static const uint8_t start[] = { 2, 0, 0,   0, 0,  0xb,  2, 0, 0,
					 0, 0, 0xa, 8, 0,  0x45, 0, 0, 46,
					 0, 1, 0,   0, 64, 17,   0, 0 };
	uint8_t a[] = { 10, 0, (uint8_t)(flow >> 8), (uint8_t)flow };
	uint8_t b[] = { 10, 1, 0, 1 };
	uint8_t ports[] = { 0x10, 0x00, 0x00, 0x35 };

	memset(frame, 0, 60);
	memcpy(frame, start, sizeof(start));
	memcpy(frame + 26, back ? b : a, 4);
	memcpy(frame + 30, back ? a : b, 4);
	memcpy(frame + 34, back ? ports + 2 : ports, 2);
	memcpy(frame + 36, back ? ports : ports + 2, 2);
	frame[39] = 26;
}

Test(af_packet_fanout, both_directions_of_a_flow_come_to_one_ring)
{
	struct pktio_ring *rings[RINGS];
	int sock = net_socket(NET_A);
	uint8_t at[256][RINGS] = { 0 };
	uint8_t frame[60];
	unsigned used[RINGS] = { 0 };

	for (unsigned i = 0; i < RINGS; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = RINGS };

		rings[i] = ring_open(URI "?ring-size=4M", &args);
	}
	for (unsigned flow = 0; flow < 256; flow++) {
		for (unsigned i = 0; i < 4; i++) {
			udp_frame(frame, flow, i % 2);
			net_send(sock, frame, sizeof(frame));
		}
	}
	for (unsigned i = 0; i < RINGS; i++) {
		struct pktio_frame f;

		while (pktio_wait(rings[i], 50) == 1 &&
		       pktio_recv(rings[i], &f, 1) == 1) {
			uint8_t flow = f.data[26 + 1] == 0 ? f.data[29] :
							     f.data[33];

			at[flow][i]++;
			pktio_release(rings[i], &f, 1);
		}
		rings[i] = pktio_close(rings[i]);
	}
	for (unsigned flow = 0; flow < 256; flow++) {
		unsigned places = 0;

		for (unsigned i = 0; i < RINGS; i++) {
			places += at[flow][i] == 4;
			used[i] += at[flow][i] == 4;
		}
		EXPECT_EQ(places, 1, "flow %u", flow);
	}
	for (unsigned i = 0; i < RINGS; i++)
		EXPECT_GT(used[i], 20, "ring %u has %u flows", i, used[i]);
}

Test(af_packet_fanout, rings_without_fanout_see_every_frame)
{
	struct pktio_ring *a = ring_open(URI, NULL);
	struct pktio_ring *b = ring_open(URI, NULL);

	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(a, 50, NULL, 0), 100);
	EXPECT_EQ(ring_drain(b, 50, NULL, 0), 100);
	pktio_close(a);
	pktio_close(b);
}

Test(af_packet_fanout, a_group_of_another_interface_is_refused_with_words)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *a = ring_open(URI "?fanout=hash&fanout-id=7", NULL);
	struct pktio_ring *b = NULL;

	EXPECT_EQ(ring_info(a).fanout_id, 7);
	EXPECT_EQ(pktio_open(&b, "af_packet:" NET_A "?fanout=hash&fanout-id=7",
			     NULL, &error),
		  -EINVAL);
	EXPECT(strstr(error.text, "fanout group 7") &&
		       strstr(error.text, "fanout-id"),
	       "%s", error.text);
	pktio_close(a);
}

/* ---- What the kernel does, without pktio --------------------------------- */

#define GROUP 77

static int bound_socket(int protocol)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons((uint16_t)protocol),
				  .sll_ifindex = (int)if_nametoindex(NET_B) };
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	REQUIRE_GE(sock, 0);
	REQUIRE_EQ(bind(sock, (const void *)&to, sizeof(to)), 0);
	return sock;
}

/* 0, or an errno value. */
static int join_group(int sock, int mode, int id)
{
	int request = mode << 16 | id;

	return setsockopt(sock, SOL_PACKET, PACKET_FANOUT, &request,
			  sizeof(request)) == 0 ?
		       0 :
		       errno;
}

static int member(int mode)
{
	int sock = bound_socket(ETH_P_ALL);

	REQUIRE_EQ(join_group(sock, mode, GROUP), 0);
	return sock;
}

#define CLOSERS 16

/* Closing one takes some milliseconds, but not of any CPU: so several at once.
 * The first of its sockets, of which it has each sixteenth; -1 ends them. */
static void *close_some(void *arg)
{
	for (const int *sock = arg; *sock >= 0; sock += CLOSERS)
		close(*sock);
	return NULL;
}

/* With room for CLOSERS more. */
static void close_many(int *socks, unsigned n)
{
	pthread_t threads[CLOSERS];

	for (unsigned i = 0; i < CLOSERS; i++)
		socks[n + i] = -1;
	for (unsigned i = 0; i < CLOSERS; i++)
		pthread_create(&threads[i], NULL, close_some, &socks[i]);
	for (unsigned i = 0; i < CLOSERS; i++)
		pthread_join(threads[i], NULL);
}

/* All but the first and the last of them are sockets without a ring. */
static void fill_group(unsigned n)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *rings[3] = { NULL };
	int socks[300 + CLOSERS];
	unsigned others = n - 2;
	char uri[100];

	snprintf(uri, sizeof(uri), URI "?fanout=lb&fanout-id=9&fanout-max=%u",
		 n);
	rings[0] = ring_open(uri, NULL);
	for (unsigned i = 0; i < others; i++) {
		socks[i] = bound_socket(ETH_P_ALL);
		REQUIRE_EQ(join_group(socks[i], PACKET_FANOUT_LB, 9), 0);
	}
	rings[1] = ring_open(URI "?fanout=lb&fanout-id=9", NULL);
	EXPECT_EQ(pktio_open(&rings[2], URI "?fanout=lb&fanout-id=9", NULL,
			     &error),
		  -ENOSPC);
	EXPECT_CONTAINS(error.text, "group 9 is full");
	close_rings(rings, 2);
	close_many(socks, others);
}

Test(af_packet_fanout, a_group_has_the_size_that_the_first_ring_says)
{
	fill_group(2);
	fill_group(257);
}

static void run_program(int sock, struct sock_filter *code, unsigned n)
{
	struct sock_fprog program = { (unsigned short)n, code };

	REQUIRE_EQ(setsockopt(sock, SOL_PACKET, PACKET_FANOUT_DATA, &program,
			      sizeof(program)),
		   0);
}

/* Frames that wait in a socket; takes them. */
static unsigned taken(int sock)
{
	uint8_t frame[2000];
	unsigned n = 0;

	while (recv(sock, frame, sizeof(frame), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* Which of the sockets is at a position of its group; it stands in order[]. */
static void find_order(const int *socks, unsigned n, unsigned *order)
{
	int from = net_socket(NET_A);

	for (unsigned i = 0; i < n; i++)
		taken(socks[i]);
	for (unsigned position = 0; position < n; position++) {
		struct sock_filter choose = BPF_STMT(BPF_RET | BPF_K, position);

		run_program(socks[0], &choose, 1);
		net_send_numbers(from, 0, 1);
		order[position] = n;
		for (unsigned i = 0; i < n; i++)
			if (taken(socks[i]))
				order[position] = i;
	}
	close(from);
}

static void expect_order(const int *socks, unsigned n, const char *expected)
{
	unsigned order[8];
	char text[9] = "";

	find_order(socks, n, order);
	for (unsigned i = 0; i < n; i++)
		text[i] = (char)('a' + order[i]);
	EXPECT_STR(text, expected);
}

static void close_sockets(const int *socks, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(socks[i]);
}

Test(af_packet_fanout, who_leaves_a_group_is_replaced_by_its_last_member)
{
	int socks[4];

	for (int i = 0; i < 4; i++)
		socks[i] = member(PACKET_FANOUT_CBPF);
	expect_order(socks, 4, "abcd");
	close(socks[1]);
	socks[1] = socks[2];
	socks[2] = socks[3];
	/* These are a, c and d, and so now b is c. */
	expect_order(socks, 3, "acb");
	close_sockets(socks, 3);
}

Test(af_packet_fanout, an_interface_that_comes_up_sorts_members_by_age)
{
	static const int joining[] = { 2, 0, 3, 1 };
	int socks[4];

	for (int i = 0; i < 4; i++)
		socks[i] = bound_socket(ETH_P_ALL);
	for (int i = 0; i < 4; i++)
		REQUIRE_EQ(join_group(socks[joining[i]], PACKET_FANOUT_CBPF,
				      GROUP),
			   0);
	expect_order(socks, 4, "cadb");
	net_set_up(NET_B, false);
	net_set_up(NET_B, true);
	for (int i = 0; i < 4; i++) {
		socklen_t size = sizeof(int);
		int error;

		getsockopt(socks[i], SOL_SOCKET, SO_ERROR, &error, &size);
	}
	expect_order(socks, 4, "abcd");
	close_sockets(socks, 4);
}

Test(af_packet_fanout, without_a_program_the_first_member_gets_everything)
{
	int from = net_socket(NET_A);

	for (int mode = PACKET_FANOUT_CBPF; mode <= PACKET_FANOUT_EBPF;
	     mode++) {
		int first = member(mode);
		int second = member(mode);

		net_send_numbers(from, 0, 10);
		EXPECT_EQ(taken(first), 10);
		EXPECT_EQ(taken(second), 0);
		close(first);
		close(second);
	}
}

Test(af_packet_fanout, a_program_finds_the_link_header_in_sent_frames_only)
{
	/* 1 for the first byte of IPv4, 0 for that of a MAC address. */
	struct sock_filter look[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int socks[] = { member(PACKET_FANOUT_CBPF),
			member(PACKET_FANOUT_CBPF) };
	uint8_t frame[60];

	run_program(socks[0], look, 4);
	udp_frame(frame, 1, false);
	net_send(net_socket(NET_A), frame, sizeof(frame));
	EXPECT_EQ(taken(socks[0]), 0);
	EXPECT_EQ(taken(socks[1]), 1, "received: the network header");
	net_send(net_socket(NET_B), frame, sizeof(frame));
	EXPECT_EQ(taken(socks[0]), 1, "sent: the link header");
	EXPECT_EQ(taken(socks[1]), 0);
	close_sockets(socks, 2);
}

Test(af_packet_fanout, a_member_can_neither_join_again_nor_be_bound_again)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(NET_A) };
	int sock = member(PACKET_FANOUT_HASH);

	EXPECT_EQ(join_group(sock, PACKET_FANOUT_HASH, GROUP), EALREADY);
	EXPECT_EQ(bind(sock, (const void *)&to, sizeof(to)), -1);
	EXPECT_EQ(errno, EINVAL);
	close(sock);
}

Test(af_packet_fanout, a_group_is_of_one_protocol_and_one_namespace)
{
	int sock = member(PACKET_FANOUT_HASH);
	int other = bound_socket(ETH_P_IP);

	EXPECT_EQ(join_group(other, PACKET_FANOUT_HASH, GROUP), EINVAL);
	close(other);
	net_create();
	other = bound_socket(ETH_P_IP);
	EXPECT_EQ(join_group(other, PACKET_FANOUT_LB, GROUP), 0);
	close(other);
	close(sock);
}

Test(af_packet_fanout, a_unique_group_is_asked_for_by_0_and_joined_without)
{
	int mode = PACKET_FANOUT_LB | PACKET_FANOUT_FLAG_UNIQUEID;
	int first = bound_socket(ETH_P_ALL);
	int second = bound_socket(ETH_P_ALL);
	socklen_t size = sizeof(int);
	int group = 0;

	EXPECT_EQ(join_group(first, mode, GROUP), EINVAL);
	EXPECT_EQ(join_group(first, mode, 0), 0);
	REQUIRE_EQ(getsockopt(first, SOL_PACKET, PACKET_FANOUT, &group, &size),
		   0);
	EXPECT_EQ(group >> 16, PACKET_FANOUT_LB, "the flag is gone");
	EXPECT_EQ(join_group(second, PACKET_FANOUT_LB, group & 0xffff), 0);
	close(first);
	close(second);
}

Test(af_packet_fanout, a_group_on_an_interface_that_is_down_works_when_it_is_up)
{
	int sock;
	int error;

	net_set_up(NET_B, false);
	sock = bound_socket(ETH_P_ALL);
	error = join_group(sock, PACKET_FANOUT_HASH, GROUP);
	net_set_up(NET_B, true);
	if (error == EINVAL)
		cr_skip("before Linux 6.13 that is refused");
	EXPECT_EQ(error, 0);
	taken(sock); /* ENETDOWN, of before */
	net_send_numbers(net_socket(NET_A), 0, 10);
	EXPECT_EQ(taken(sock), 10);
	close(sock);
}
