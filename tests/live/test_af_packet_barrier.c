/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When the rings of a group begin, while traffic is running, in one process and
 * in several; and what may be in their way. Suite `start` has the modes that
 * take no privilege, `ebpf` that one.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_packet.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define RINGS 4U
#define FLOWS 64U
#define MOST 4000000U

TestSuite(barrier, .init = net_create);
TestSuite(ebpf, .init = net_create);

/* ---- Traffic ------------------------------------------------------------- */

#define SOURCE_PORT 34
#define NUMBER 42

/* UDP over IPv4 with a number in it, each port another flow. */
static void send_number(int sock, uint32_t number)
{
	uint8_t frame[60] = { 2, 0, 0,    0, 0, 0xb, 2,  0, 0, 0, 0,  0xa,
			      8, 0, 0x45, 0, 0, 46,  0,  1, 0, 0, 64, 17,
			      0, 0, 10,   0, 0, 1,   10, 0, 0, 2 };

	frame[SOURCE_PORT] = 0x10;
	frame[SOURCE_PORT + 1] = (uint8_t)(number % FLOWS);
	memcpy(frame + NUMBER, &number, sizeof(number));
	net_send(sock, frame, sizeof(frame));
}

static void send_numbers(uint32_t first, uint32_t n)
{
	int sock = net_socket(NET_A);

	for (uint32_t i = 0; i < n; i++)
		send_number(sock, first + i);
	close(sock);
}

struct flood {
	uint32_t sent;
	int stop;
};

static void *flood(void *arg)
{
	struct flood *f = arg;
	int sock = net_socket(NET_A);

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE) && f->sent < MOST) {
		send_number(sock, f->sent);
		__atomic_store_n(&f->sent, f->sent + 1, __ATOMIC_RELEASE);
		if (f->sent % 32 == 0)
			usleep(200);
	}
	close(sock);
	return NULL;
}

/* ---- What came ----------------------------------------------------------- */

/* Of all rings, in memory that processes have in common. */
struct seen {
	int stop;
	int begun;             /* rings that had a frame */
	uint32_t rings[FLOWS]; /* that had any of a flow, a bit each */
	uint64_t received[RINGS];
	uint64_t dropped;
	uint8_t times[MOST]; /* that a number came */
};

static struct seen *new_seen(void)
{
	struct seen *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(s != MAP_FAILED, "no memory");
	return s;
}

static void take(struct seen *s, struct pktio_ring *ring, unsigned index)
{
	struct pktio_frame f[64];
	int n;

	while ((n = pktio_recv(ring, f, 64)) > 0) {
		for (int i = 0; i < n; i++) {
			uint32_t number;

			if (f[i].caplen < 60)
				continue;
			memcpy(&number, f[i].data + NUMBER, sizeof(number));
			__atomic_add_fetch(&s->times[number % MOST], 1,
					   __ATOMIC_RELAXED);
			__atomic_or_fetch(&s->rings[number % FLOWS],
					  1U << index, __ATOMIC_RELAXED);
		}
		pktio_release(ring, f, (unsigned)n);
		if (s->received[index] == 0)
			__atomic_add_fetch(&s->begun, 1, __ATOMIC_RELAXED);
		s->received[index] += (unsigned)n;
	}
	EXPECT_EQ(n, 0);
}

/* Until nothing comes any more: the last block has to be handed over. */
static void take_rest(struct seen *s, struct pktio_ring *ring, unsigned index)
{
	while (pktio_wait(ring, 100) == 1)
		take(s, ring, index);
}

/* Each number from `from` on once, none twice, each flow on one ring, and all
 * rings in use. */
static void judge(const struct seen *s, uint32_t from, uint32_t to)
{
	uint32_t missing = 0;
	uint32_t twice = 0;
	unsigned scattered = 0;
	unsigned idle = 0;

	for (uint32_t i = 0; i < to; i++) {
		missing += i >= from && s->times[i] == 0;
		twice += s->times[i] > 1;
	}
	for (unsigned i = 0; i < FLOWS; i++)
		scattered += __builtin_popcount(s->rings[i]) > 1;
	for (unsigned i = 0; i < RINGS; i++)
		idle += s->received[i] == 0;
	EXPECT(to - from > 1000, "only %u frames", to - from);
	EXPECT_EQ(twice, 0);
	EXPECT_EQ(scattered, 0);
	EXPECT_EQ(idle, 0);
	EXPECT_EQ(missing, s->dropped);
}

/* ---- Rings --------------------------------------------------------------- */

static struct pktio_ring *open_ring(const char *query, unsigned index,
				    unsigned count)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	const char *wait = strstr(query, "fanout-wait") ? "" :
							  "&fanout-wait=3600s";
	char uri[300];

	snprintf(uri, sizeof(uri),
		 "af_packet:" NET_B
		 "?ring-size=8M&block-size=64K&block-timeout=2ms&%s%s",
		 query, wait);
	return ring_open(uri, &args);
}

/* Opens a ring after a while, and receives until all is over. */
static void be_member(struct seen *s, const char *query, unsigned index)
{
	struct pktio_ring *ring;

	sleep_ms(10 + 30 * index);
	ring = open_ring(query, index, RINGS);
	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE)) {
		pktio_wait(ring, 10);
		take(s, ring, index);
	}
	take_rest(s, ring, index);
	__atomic_add_fetch(&s->dropped, ring_stats(ring).dropped,
			   __ATOMIC_RELAXED);
	pktio_close(ring);
}

struct member {
	struct seen *seen;
	const char *query;
	pthread_t thread;
	unsigned index;
	pid_t pid;
};

static void *member_thread(void *arg)
{
	const struct member *m = arg;

	be_member(m->seen, m->query, m->index);
	return NULL;
}

static void start_member(struct member *m, bool processes)
{
	if (!processes) {
		pthread_create(&m->thread, NULL, member_thread, m);
		return;
	}
	m->pid = fork();
	REQUIRE(m->pid >= 0, "no process");
	if (m->pid == 0) {
		be_member(m->seen, m->query, m->index);
		_exit(0);
	}
}

static void end_member(struct member *m, bool processes)
{
	int status = 0;

	if (!processes) {
		pthread_join(m->thread, NULL);
		return;
	}
	REQUIRE_EQ(waitpid(m->pid, &status, 0), m->pid);
	EXPECT_EQ(status, 0);
}

/* Until all rings have frames, though not for ever. */
static void wait_for_all(struct seen *s)
{
	for (unsigned i = 0; i < 1000; i++) {
		if (__atomic_load_n(&s->begun, __ATOMIC_RELAXED) == (int)RINGS)
			return;
		sleep_ms(10);
	}
	EXPECT(false, "%d of %u rings began", s->begun, RINGS);
}

/* Rings come one after the other while flows are running. */
static void join_while_it_runs(const char *query, bool processes)
{
	struct member members[RINGS];
	struct flood f = { 0 };
	struct seen *s = new_seen();
	pthread_t sender;
	uint32_t from;

	for (unsigned i = 0; i < RINGS; i++) {
		members[i] = (struct member){ .seen = s,
					      .query = query,
					      .index = i };
		start_member(&members[i], processes);
	}
	/* The processes have no part in this thread. */
	pthread_create(&sender, NULL, flood, &f);
	wait_for_all(s);
	from = __atomic_load_n(&f.sent, __ATOMIC_ACQUIRE) + 2;
	sleep_ms(200);
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	sleep_ms(50);
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < RINGS; i++)
		end_member(&members[i], processes);
	judge(s, from, f.sent);
	EXPECT_EQ(s->times[0], 0);
	munmap(s, sizeof(*s));
}

Test(barrier, hash_moves_no_flow_while_rings_join_in_one_process)
{
	join_while_it_runs("fanout=hash", false);
}

Test(barrier, hash_moves_no_flow_while_rings_join_in_several_processes)
{
	join_while_it_runs("fanout=hash", true);
}

Test(barrier, cbpf_moves_no_flow_while_rings_join_in_one_process)
{
	join_while_it_runs("fanout=cbpf", false);
}

Test(barrier, cbpf_moves_no_flow_while_rings_join_in_several_processes)
{
	join_while_it_runs("fanout=cbpf", true);
}

Test(ebpf, no_flow_moves_while_rings_join_in_one_process)
{
	join_while_it_runs("fanout=ebpf", false);
}

Test(ebpf, no_flow_moves_while_rings_join_in_several_processes)
{
	join_while_it_runs("fanout=ebpf", true);
}

/* ---- The last one -------------------------------------------------------- */

/* When the last ring is open all have begun, without a look at any. */
static void the_last_begins_for_all(const char *query)
{
	struct pktio_ring *rings[RINGS];
	struct seen *s = new_seen();

	for (unsigned i = 0; i < RINGS; i++) {
		send_numbers(0, 1000);
		rings[i] = open_ring(query, i, RINGS);
	}
	send_numbers(1000, 4000);
	for (unsigned i = 0; i < RINGS; i++) {
		take_rest(s, rings[i], i);
		EXPECT_EQ(ring_stats(rings[i]).dropped, 0);
		rings[i] = pktio_close(rings[i]);
	}
	judge(s, 1000, 5000);
	for (unsigned i = 0; i < 1000; i++)
		EXPECT_EQ(s->times[i], 0);
	munmap(s, sizeof(*s));
}

Test(barrier, nothing_is_let_in_before_all_rings_are_there)
{
	the_last_begins_for_all("fanout=hash");
	the_last_begins_for_all("fanout=cbpf");
}

Test(ebpf, nothing_is_let_in_before_all_rings_are_there)
{
	the_last_begins_for_all("fanout=ebpf");
}

static void a_ring_returns_at_once(const char *query)
{
	struct pktio_ring *rings[RINGS];
	struct seen *s = new_seen();

	for (unsigned i = 0; i < RINGS; i++)
		rings[i] = open_ring(query, i, RINGS);
	/* Two, so that there are not as many as there are to be. */
	rings[1] = pktio_close(rings[1]);
	rings[2] = pktio_close(rings[2]);
	rings[1] = open_ring(query, 1, RINGS);
	send_numbers(0, 4000);
	for (unsigned i = 0; i < RINGS; i++) {
		if (!rings[i])
			continue;
		pktio_wait(rings[i], 100);
		take(s, rings[i], i);
	}
	for (unsigned i = 0; i < RINGS; i++) {
		EXPECT(i == 2 || s->received[i] > 0, "%s: ring %u has nothing",
		       query, i);
		pktio_close(rings[i]);
	}
	munmap(s, sizeof(*s));
}

Test(barrier, a_ring_that_rejoins_a_running_group_starts_at_once)
{
	a_ring_returns_at_once("fanout=hash");
	a_ring_returns_at_once("fanout=cbpf");
}

Test(ebpf, a_ring_that_rejoins_a_running_group_starts_at_once)
{
	a_ring_returns_at_once("fanout=ebpf");
}

/* ---- Not for ever -------------------------------------------------------- */

/* What comes in the time given; a ring that waits looks meanwhile. */
static uint64_t receive_for(struct pktio_ring *ring, unsigned ms)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000);
	uint64_t n = 0;

	while (now_ns() < end)
		n += ring_drain(ring, 5, NULL, 0);
	return n;
}

static void begin_without_the_others(const char *query)
{
	struct pktio_ring *first = open_ring(query, 0, RINGS);
	struct pktio_ring *second = open_ring(query, 1, RINGS);
	const char *notice;

	send_numbers(0, 100);
	EXPECT_EQ(receive_for(first, 20), 0);
	EXPECT(!pktio_next_notice(first), "a notice");
	EXPECT_EQ(receive_for(first, 250), 0);
	notice = pktio_next_notice(first);
	REQUIRE(notice, "no notice");
	EXPECT_CONTAINS(
		notice,
		"started with 2 of its 4 rings, because fanout-wait ended");
	send_numbers(0, 400);
	EXPECT_EQ(receive_for(first, 50) + receive_for(second, 50), 400);
	pktio_close(first);
	pktio_close(second);
}

Test(barrier, a_ring_waits_for_the_others_no_longer_than_it_was_told)
{
	begin_without_the_others("fanout=hash&fanout-wait=150ms");
	begin_without_the_others("fanout=cbpf&fanout-wait=150ms");
}

Test(ebpf, a_ring_waits_for_the_others_no_longer_than_it_was_told)
{
	begin_without_the_others("fanout=ebpf&fanout-wait=150ms");
}

Test(barrier, a_ring_alone_and_one_of_a_unique_group_wait_for_nobody)
{
	static const struct {
		const char *query;
		unsigned count;
	} cases[] = { { "fanout=hash", 1 },
		      { "fanout=none", RINGS },
		      { "fanout=lb&fanout-wait=0", RINGS },
		      { "fanout=hash&fanout-unique=yes", RINGS } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pktio_ring *ring =
			open_ring(cases[i].query, 0, cases[i].count);

		send_numbers(0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
		pktio_close(ring);
	}
}

Test(barrier, rings_that_wait_can_be_closed_in_any_order)
{
	struct pktio_ring *rings[RINGS];

	for (unsigned i = 0; i < RINGS - 1; i++)
		rings[i] = open_ring("fanout=hash", i, RINGS);
	rings[1] = pktio_close(rings[1]);
	rings[2] = pktio_close(rings[2]);
	rings[1] = open_ring("fanout=hash", 1, RINGS);
	send_numbers(0, 100);
	EXPECT_EQ(receive_for(rings[0], 50) + receive_for(rings[1], 50), 0);
	rings[2] = open_ring("fanout=hash", 2, RINGS);
	rings[3] = open_ring("fanout=hash", 3, RINGS);
	send_numbers(0, 100);
	for (unsigned i = 0; i < RINGS; i++) {
		EXPECT(ring_drain(rings[i], 20, NULL, 0) > 0, "ring %u", i);
		pktio_close(rings[i]);
	}
}

Test(barrier, a_socket_that_is_handed_in_waits_whatever_was_set_on_it)
{
	struct pktio_ring *rings[2];

	for (unsigned i = 0; i < 2; i++) {
		int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		int one = 1;
		char query[60];

		/* The mark of a ring that has begun. */
		REQUIRE_EQ(setsockopt(sock, SOL_PACKET, PACKET_AUXDATA, &one,
				      sizeof(one)),
			   0);
		snprintf(query, sizeof(query), "fanout=hash&fd=%d", sock);
		rings[i] = open_ring(query, i, 2);
		close(sock);
		send_numbers(0, 100);
		EXPECT_EQ(ring_drain(rings[0], 30, NULL, 0) > 0, i == 1);
	}
	EXPECT(ring_drain(rings[1], 30, NULL, 0) > 0, "the other has nothing");
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

Test(barrier, a_filter_set_while_waiting_is_in_force_from_the_first_frame_on)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SOURCE_PORT + 1),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog odd = { 5, code };
	struct pktio_ring *rings[2];
	struct seen *s = new_seen();

	rings[0] = open_ring("fanout=hash", 0, 2);
	EXPECT_EQ(pktio_set_filter(rings[0], &odd), 0);
	send_numbers(0, 1000);
	EXPECT_EQ(receive_for(rings[0], 50), 0);
	rings[1] = open_ring("fanout=hash", 1, 2);
	send_numbers(0, 1000);
	for (unsigned i = 0; i < 2; i++) {
		pktio_wait(rings[i], 100);
		take(s, rings[i], i);
		pktio_close(rings[i]);
	}
	EXPECT(s->received[0] > 0, "ring 0 has nothing");
	for (unsigned i = 0; i < FLOWS; i += 2)
		EXPECT(!(s->rings[i] & 1), "flow %u is even", i);
	munmap(s, sizeof(*s));
}

/* ---- Another interface --------------------------------------------------- */

static void replace_interface(void)
{
	struct pktio_error error = { 0 };

	REQUIRE_EQ(netns_delete(NET_A, &error), 0);
	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0);
}

/* Until all rings are on an interface, and take what comes meanwhile. */
static void wait_until_back(struct seen *s, struct pktio_ring **rings,
			    uint64_t times)
{
	uint64_t end = now_ns() + UINT64_C(10000000000);
	unsigned back = 0;

	while (back < RINGS && now_ns() < end) {
		back = 0;
		for (unsigned i = 0; i < RINGS; i++) {
			pktio_wait(rings[i], 5);
			take(s, rings[i], i);
			back += ring_stats(rings[i]).reattached == times;
		}
	}
	EXPECT_EQ(back, RINGS);
}

static void take_from_all(struct seen *s, struct pktio_ring **rings,
			  unsigned ms)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000);

	while (now_ns() < end) {
		for (unsigned i = 0; i < RINGS; i++)
			take(s, rings[i], i);
		sleep_ms(1);
	}
}

/* With all members gone and come again, once in a group that had to be made
 * anew and once more in that. */
static void a_group_goes_on(const char *query)
{
	struct pktio_ring *rings[RINGS];

	for (unsigned i = 0; i < RINGS; i++)
		rings[i] = open_ring(query, i, RINGS);
	for (uint64_t times = 1; times <= 2; times++) {
		struct flood f = { 0 };
		struct seen *s = new_seen();
		uint32_t from;
		pthread_t sender;

		replace_interface();
		pthread_create(&sender, NULL, flood, &f);
		wait_until_back(s, rings, times);
		from = __atomic_load_n(&f.sent, __ATOMIC_ACQUIRE) + 2;
		take_from_all(s, rings, 100);
		__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
		pthread_join(sender, NULL);
		take_from_all(s, rings, 30);
		for (unsigned i = 0; i < RINGS; i++) {
			EXPECT_EQ(ring_stats(rings[i]).dropped, 0);
		}
		judge(s, from, f.sent);
		munmap(s, sizeof(*s));
	}
	for (unsigned i = 0; i < RINGS; i++)
		pktio_close(rings[i]);
}

Test(barrier, a_group_whose_interface_is_replaced_moves_no_flow)
{
	a_group_goes_on("fanout=hash");
	a_group_goes_on("fanout=cbpf&fanout-id=7");
}

Test(ebpf, a_group_whose_interface_is_replaced_moves_no_flow)
{
	a_group_goes_on("fanout=ebpf");
	a_group_goes_on("fanout=ebpf&fanout-id=7");
}

/* ---- Another namespace --------------------------------------------------- */

static void expect_refused(const char *query, int code, const char *words)
{
	struct pktio_open_args args = { .size = sizeof(args), .count = 2 };
	char uri[300];

	snprintf(uri, sizeof(uri), "af_packet:" NET_B "?%s", query);
	expect_open_fails(uri, &args, code, words);
}

/* A socket whose namespace is not that of this process any more. */
static int socket_from_elsewhere(int *sender)
{
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	REQUIRE(sock >= 0, "no socket");
	*sender = net_socket(NET_A);
	net_create();
	return sock;
}

Test(barrier, a_ring_that_cannot_check_members_continues_to_wait)
{
	struct pktio_ring *rings[2] = { open_ring("fanout=hash", 0, 2) };
	struct rlimit before;
	struct rlimit none;

	REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3; /* enough for poll(2) */
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	EXPECT_EQ(receive_for(rings[0], 60), 0);
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	send_numbers(0, 100);
	EXPECT_EQ(receive_for(rings[0], 60), 0);
	rings[1] = open_ring("fanout=hash", 1, 2);
	send_numbers(0, 100);
	EXPECT_EQ(ring_drain(rings[0], 30, NULL, 0) +
			  ring_drain(rings[1], 30, NULL, 0),
		  100);
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

Test(barrier, a_ring_that_cannot_see_its_group_waits_for_nobody)
{
	int sender;
	char query[60];
	struct pktio_ring *ring;

	snprintf(query, sizeof(query), "fanout=hash&fd=%d",
		 socket_from_elsewhere(&sender));
	ring = open_ring(query, 0, 2);
	net_send_numbers(sender, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(ebpf, a_socket_of_another_namespace_is_refused_without_its_name)
{
	int sender;
	char query[60];

	snprintf(query, sizeof(query), "fanout=ebpf&fd=%d",
		 socket_from_elsewhere(&sender));
	expect_refused(query, -ENOTSUP, "name its namespace with netns");
}

/* ---- Without the module -------------------------------------------------- */

#ifdef PKTIO_TEST_EBPF
/* Nobody else sees it. */
static void hide_modules(void)
{
	const char *build = getenv("PKTIO_TEST_BUILD_DIR");
	char path[300];

	snprintf(path, sizeof(path), "%s/lib/pktio/af_packet",
		 build ? build : ".");
	REQUIRE_EQ(unshare(CLONE_NEWNS), 0);
	REQUIRE_EQ(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	REQUIRE_EQ(mount("none", path, "tmpfs", 0, NULL), 0);
}
#endif

/* A directory of modules with one that is none. */
static void make_bad_module(char *directory)
{
	char path[300];
	FILE *file;

	REQUIRE(mkdtemp(directory), "no directory");
	snprintf(path, sizeof(path), "%s/af_packet", directory);
	REQUIRE_EQ(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/af_packet/bpf.so", directory);
	file = fopen(path, "w");
	REQUIRE(file, "no file");
	fputs("not a module", file);
	fclose(file);
}

static void remove_bad_module(const char *directory)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/af_packet/bpf.so", directory);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(directory);
}

Test(barrier, ebpf_without_the_module_is_refused_with_a_reason)
{
	char directory[] = "/tmp/pktio-modules-XXXXXX";

#ifdef PKTIO_TEST_EBPF
	hide_modules();
#endif
	unsetenv("PKTIO_BACKEND_PATH");
	expect_refused("fanout=ebpf", -ENOTSUP,
		       "eBPF needs module pktio/af_packet/bpf.so");
	expect_refused("fanout=ebpf", -ENOTSUP,
		       "building it takes clang, bpftool and libbpf-dev");
	expect_refused("filter-program=x.o", -ENOTSUP,
		       "building it takes clang, bpftool and libbpf-dev");
	make_bad_module(directory);
	setenv("PKTIO_BACKEND_PATH", directory, 1);
	expect_refused("fanout=ebpf", -ENOTSUP, "bpf.so: ");
	remove_bad_module(directory);
}
