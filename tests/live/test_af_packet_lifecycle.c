/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces that are deleted, made again, renamed, or elsewhere. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

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

TestSuite(af_packet_lifecycle, .init = net_create);

static void expect_state(struct pktio_ring *ring, enum pktio_state state)
{
	struct pktio_info info = ring_info(ring);

	EXPECT_STR(pktio_state_name(info.state), pktio_state_name(state));
}

/* ---- Down and up -------------------------------------------------------- */

Test(af_packet_lifecycle, a_ring_survives_its_interface_going_down_and_up)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	for (int i = 1; i <= 3; i++) {
		net_set_up(NET_B, false);
		expect_idle(ring);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_DOWN);
		expect_state(ring, PKTIO_STATE_LINK_DOWN);
		EXPECT_EQ(ring_stats(ring).link_downs, (unsigned)i);
		net_set_up(NET_B, true);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UP);
		net_send_numbers(sock, 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
		expect_state(ring, PKTIO_STATE_RUNNING);
	}
	pktio_close(ring);
}

/* Like flood(), on a link that may be down: counts what could be sent. */
static void *flood_if_up(void *arg)
{
	struct net_flood *f = arg;
	uint8_t frame[60];

	numbered_frame(frame, sizeof(frame), 0);
	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		if (send(f->sock, frame, sizeof(frame), 0) < 0)
			sleep_ms(1);
		else
			__atomic_add_fetch(&f->sent, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

Test(af_packet_lifecycle,
     a_ring_resumes_under_traffic_and_costs_nothing_while_down)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	struct net_flood f = { .sock = net_socket(NET_A) };
	struct pktio_frame frames[64];
	pthread_t sender;

	pthread_create(&sender, NULL, flood_if_up, &f);
	for (int i = 0; i < 3; i++) {
		uint64_t end = now_ns() + 200 * MS;
		uint64_t got = 0;

		while (now_ns() < end && pktio_wait(ring, 100) == 1) {
			int n = pktio_recv(ring, frames, 64);

			REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
			pktio_release(ring, frames, (unsigned)n);
			got += (unsigned)n;
		}
		EXPECT_GT(got, 1000, "round %d", i);
		net_set_up(NET_B, false);
		ring_drain(ring, 30, NULL, 0);
		expect_idle(ring);
		net_set_up(NET_B, true);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	EXPECT_EQ(ring_stats(ring).link_downs, 3);
	pktio_close(ring);
}

Test(af_packet_lifecycle,
     a_poller_of_the_descriptor_does_not_spin_while_it_is_down)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	unsigned received;

	net_set_up(NET_B, false);
	sleep_ms(10);
	ring_poll_events(ring, 100,
			 &received); /* takes the error away, a while later */
	expect_idle_polls(ring, 0);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	pktio_close(ring);
}

Test(af_packet_lifecycle, a_ring_may_open_before_its_interface_is_up)
{
	struct pktio_ring *ring;
	int sock = net_socket(NET_A);

	net_set_up(NET_B, false);
	ring = ring_open(URI, NULL);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_DOWN);
	expect_state(ring, PKTIO_STATE_LINK_DOWN);
	expect_idle(ring);
	net_set_up(NET_B, true);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet_lifecycle, a_ring_that_waits_for_the_rest_of_its_group_sleeps)
{
	struct pktio_open_args args = { .size = sizeof(args), .count = 2 };
	struct pktio_ring *ring =
		ring_open(URI "?fanout=hash&fanout-wait=3600s", &args);
	struct net_flood f = { .sock = net_socket(NET_A) };
	pthread_t sender;

	expect_idle(ring);
	expect_state(ring, PKTIO_STATE_WAITING_GROUP);
	/* Nor do frames wake it that it refuses. It looks fifty times a second
	 * how many there are, and may be woken a few times for each. */
	pthread_create(&sender, NULL, net_flood, &f);
	expect_idle_polls(ring, 1000);
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	pktio_close(ring);
}

Test(af_packet_lifecycle,
     a_ring_whose_interface_is_gone_says_so_and_stays_quiet)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = ring_open(URI, NULL);
	int sock = net_socket(NET_A);

	net_send_numbers(sock, 0, 100);
	REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100,
		  "what came before is still there");
	expect_idle(ring);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	expect_state(ring, PKTIO_STATE_ABSENT);
	pktio_close(ring);
}

Test(af_packet_lifecycle, a_ring_that_spins_finds_frames_and_then_sleeps)
{
	struct pktio_ring *ring = ring_open(URI "?busy-wait=5ms", NULL);
	int sock = net_socket(NET_A);
	uint64_t cpu = thread_cpu_ns();

	EXPECT_EQ(pktio_wait(ring, 500), 0);
	cpu = thread_cpu_ns() - cpu;
	EXPECT(cpu >= 4 * MS && cpu < 50 * MS, "%lu us", cpu / 1000);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

struct waker {
	struct pktio_ring *ring;
	uint64_t at;
};

static void *wake_soon(void *arg)
{
	struct waker *w = arg;

	sleep_ms(1);
	w->at = now_ns();
	pktio_wake(w->ring);
	return NULL;
}

Test(af_packet_lifecycle, a_ring_that_spins_can_be_woken)
{
	struct waker w = { .ring = ring_open(URI "?busy-wait=10ms", NULL) };
	unsigned soon = 0;

	for (int i = 0; i < 20; i++) {
		pthread_t waker;
		uint64_t end;

		pthread_create(&waker, NULL, wake_soon, &w);
		EXPECT_EQ(pktio_wait(w.ring, 1000), -EINTR);
		end = now_ns();
		pthread_join(waker, NULL);
		soon += end - w.at < 4 * MS;
	}
	/* Other programs may keep one thread or the other from it, at times. */
	EXPECT_GT(soon, 10);
	pktio_close(w.ring);
}

/* Sends a frame whenever it is asked for one. */
struct answer {
	int sock;
	unsigned asked;
	int stop;
};

static void *answer(void *arg)
{
	struct answer *a = arg;
	unsigned sent = 0;

	while (!__atomic_load_n(&a->stop, __ATOMIC_ACQUIRE))
		if (sent != __atomic_load_n(&a->asked, __ATOMIC_ACQUIRE))
			net_send_numbers(a->sock, sent++, 1);
	return NULL;
}

/* Asks for a frame, and looks for it a little later each time: until it is
 * there, or as an event loop does, the first time there is none. */
static bool look(struct pktio_ring *ring, struct answer *a, unsigned round)
{
	struct pollfd fd = { .fd = pktio_fd(ring), .events = POLLIN };
	uint64_t at = now_ns() + UINT64_C(50) * (round % 128);
	struct pktio_frame f;

	__atomic_add_fetch(&a->asked, 1, __ATOMIC_RELEASE);
	while (now_ns() < at)
		;
	while (pktio_recv(ring, &f, 1) == 0)
		if (poll(&fd, 1, 500) == 0)
			return pktio_recv(ring, &f, 1) == 0;
	pktio_release(ring, &f, 1);
	return true;
}

Test(af_packet_lifecycle,
     a_poller_misses_no_frame_that_comes_as_the_ring_runs_dry)
{
	struct pktio_ring *ring =
		ring_open(URI "?profile=latency&frame-size=2K", NULL);
	struct answer a = { .sock = net_socket(NET_A) };
	uint64_t end = now_ns() + 1000 * MS;
	unsigned round = 0;
	pthread_t sender;

	pthread_create(&sender, NULL, answer, &a);
	while (now_ns() < end && look(ring, &a, round))
		round++;
	EXPECT_GE(now_ns(), end,
		  "the frame of round %u was there, and nobody told", round);
	__atomic_store_n(&a.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	pktio_close(ring);
}

Test(af_packet_lifecycle, an_idle_ring_costs_next_to_nothing)
{
	struct pktio_ring *ring = ring_open(URI, NULL);

	expect_idle(ring);
	pktio_close(ring);
}

/* ---- Gone and back ------------------------------------------------------ */

static void delete_pair(void)
{
	struct pktio_error error = { 0 };

	REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
}

static void make_pair(void)
{
	struct pktio_error error = { 0 };

	REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s", error.text);
}

/* Lets rings see what happened, until all of them are on an interface. */
static void settle(struct pktio_ring **rings, unsigned n)
{
	uint64_t end = now_ns() + 3000 * MS;
	unsigned there = 0;

	while (there < n && now_ns() < end) {
		there = 0;
		for (unsigned i = 0; i < n; i++) {
			struct pktio_info info;

			pktio_wait(rings[i], 5);
			info = ring_info(rings[i]);
			/* A group starts when all of its rings have joined. */
			there += info.link == PKTIO_LINK_UP &&
				 info.state == PKTIO_STATE_RUNNING;
		}
	}
	REQUIRE_EQ(there, n, "%u of %u rings are back", there, n);
}

Test(af_packet_lifecycle, a_ring_goes_on_on_an_interface_that_was_made_anew)
{
	struct pktio_ring *ring = ring_open(URI, NULL);

	for (unsigned i = 1; i <= 3; i++) {
		int sock = net_socket(NET_A);

		net_send_numbers(sock, 0, 100);
		delete_pair();
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100,
			  "what came before is not lost");
		expect_idle(ring);
		EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
		make_pair();
		settle(&ring, 1);
		EXPECT_EQ(ring_stats(ring).reattached, i);
		expect_state(ring, PKTIO_STATE_RUNNING);
		EXPECT_EQ(ring_info(ring).ifindex, if_nametoindex(NET_B));
		close(sock);
		sock = net_socket(NET_A);
		net_send_numbers(sock, 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
		close(sock);
	}
	EXPECT_EQ(ring_stats(ring).link_downs, 3);
	EXPECT_EQ(ring_stats(ring).received, 600);
	pktio_close(ring);
}

static void share_anew(const char *uri)
{
	struct pktio_ring *rings[3];
	uint8_t seen[300] = { 0 };
	unsigned once = 0;

	for (unsigned i = 0; i < 3; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = 3 };

		rings[i] = ring_open(uri, &args);
	}
	delete_pair();
	make_pair();
	settle(rings, 3);
	net_send_numbers(net_socket(NET_A), 0, 300);
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQ(ring_info(rings[i]).fanout_id,
			  ring_info(rings[0]).fanout_id);
		ring_drain(rings[i], 50, seen, sizeof(seen));
		EXPECT_EQ(ring_stats(rings[i]).reattached, 1);
	}
	for (unsigned i = 0; i < sizeof(seen); i++)
		once += seen[i] == 1;
	EXPECT_EQ(once, 300, "%u of 300 exactly once", once);
	for (unsigned i = 0; i < 3; i++)
		pktio_close(rings[i]);
}

Test(af_packet_lifecycle, a_group_comes_together_again_on_a_new_interface)
{
	share_anew(URI "?ring-size=4M&fanout=lb");
}

Test(af_packet_lifecycle, a_group_with_a_number_comes_together_again)
{
	share_anew(URI "?ring-size=4M&fanout=lb&fanout-id=77");
}

/* Receives until the ring is on its new interface; how many frames. */
static unsigned receive_until_back(struct pktio_ring *ring)
{
	uint64_t end = now_ns() + 3000 * MS;
	struct pktio_frame frames[64];
	unsigned got = 0;

	while (ring_stats(ring).reattached == 0 && now_ns() < end) {
		int n = pktio_wait(ring, 5) == 1 ?
				pktio_recv(ring, frames, 64) :
				0;

		REQUIRE_GE(n, 0, "%s", pktio_last_error(ring));
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	return got;
}

Test(af_packet_lifecycle,
     the_ring_waits_for_the_last_frames_of_the_old_interface)
{
	struct pktio_ring *ring =
		ring_open(URI "?fanout=hash&block-timeout=500ms", NULL);

	net_send_numbers(net_socket(NET_A), 0, 100);
	delete_pair();
	pktio_wait(ring, 5);
	make_pair();
	EXPECT_EQ(receive_until_back(ring), 100);
	EXPECT_EQ(ring_stats(ring).reattached, 1);
	pktio_close(ring);
}

Test(af_packet_lifecycle,
     an_interface_that_is_deleted_while_it_is_down_is_missed)
{
	struct pktio_ring *ring = ring_open(URI, NULL);

	net_set_up(NET_B, false);
	pktio_wait(ring, 20);
	EXPECT_EQ(ring_stats(ring).link_downs, 1);
	delete_pair();
	pktio_wait(ring, 20);
	make_pair();
	settle(&ring, 1);
	EXPECT_EQ(ring_stats(ring).reattached, 1);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet_lifecycle,
     a_ring_that_cannot_be_recreated_reports_once_and_retries)
{
	struct pktio_ring *ring = ring_open(URI "?fanout=hash", NULL);
	struct rlimit before;
	struct rlimit none;
	struct pktio_frame f;

	delete_pair();
	pktio_wait(ring, 20);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	make_pair();
	REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	/* Without a wait: poll(2) has the same limit. */
	for (int i = 0; i < 100 && pktio_recv(ring, &f, 1) == 0; i++)
		sleep_ms(5);
	EXPECT_CONTAINS(pktio_last_error(ring), "cannot open a packet socket");
	for (int i = 0; i < 30; i++) {
		EXPECT_EQ(pktio_recv(ring, &f, 1), 0);
		sleep_ms(5);
	}
	EXPECT_EQ(pktio_set_filter(ring, NULL), 0);
	EXPECT_EQ(ring_stats(ring).reattached, 0);
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	settle(&ring, 1);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet_lifecycle, frames_held_over_a_new_interface_stay_intact)
{
	struct pktio_ring *ring = ring_open(URI "?fanout=hash", NULL);
	struct pktio_frame held[20] = { 0 };
	uint8_t frame[60];
	int n = 0;

	net_send_numbers(net_socket(NET_A), 0, 20);
	while (n < 20 && pktio_wait(ring, 1000) == 1)
		n += pktio_recv(ring, held + n, 20 - (unsigned)n);
	REQUIRE_EQ(n, 20);
	delete_pair();
	make_pair();
	settle(&ring, 1);
	net_send_numbers(net_socket(NET_A), 1000, 500);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 500);
	for (int i = 19; i >= 0; i--) {
		numbered_frame(frame, sizeof(frame), (uint32_t)i);
		EXPECT_EQ(held[i].caplen, sizeof(frame));
		EXPECT_BYTES(held[i].data, frame, sizeof(frame));
		pktio_release(ring, &held[i], 1);
	}
	net_send_numbers(net_socket(NET_A), 0, 20);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 20);
	pktio_close(ring);
}

/* Numbers that are odd. */
static const struct sock_filter odd_code[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 17),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0xffff),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static const struct sock_fprog odd = { 4, (struct sock_filter *)odd_code };

Test(af_packet_lifecycle, the_filter_comes_along_to_a_new_interface)
{
	static const char *const uris[] = { URI, URI "?fanout=hash" };

	for (int i = 0; i < 2; i++) {
		struct pktio_ring *ring = ring_open(uris[i], NULL);

		REQUIRE_EQ(pktio_set_filter(ring, &odd), 0);
		delete_pair();
		make_pair();
		settle(&ring, 1);
		net_send_numbers(net_socket(NET_A), 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 50);
		pktio_close(ring);
	}
}

Test(af_packet_lifecycle, a_ring_waits_for_an_interface_that_is_not_there_yet)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	delete_pair();
	EXPECT_EQ(pktio_open(&ring, URI, NULL, &error), -ENODEV);
	ring = ring_open(URI "?wait-for-interface=yes", NULL);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	expect_idle(ring);
	make_pair();
	settle(&ring, 1);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet_lifecycle,
     a_waiting_ring_of_a_group_joins_when_the_interface_comes)
{
	struct pktio_ring *rings[2];

	delete_pair();
	for (unsigned i = 0; i < 2; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = 2 };

		rings[i] = ring_open(URI "?wait-for-interface=yes&fanout=lb",
				     &args);
	}
	make_pair();
	settle(rings, 2);
	net_send_numbers(net_socket(NET_A), 0, 100);
	EXPECT_EQ(ring_drain(rings[0], 50, NULL, 0), 50);
	EXPECT_EQ(ring_drain(rings[1], 50, NULL, 0), 50);
	pktio_close(rings[0]);
	pktio_close(rings[1]);
}

Test(af_packet_lifecycle, a_poller_does_not_spin_while_the_interface_is_gone)
{
	struct pktio_ring *ring = ring_open(URI, NULL);

	delete_pair();
	/* It tries now and then whether there is one again. */
	expect_idle_polls(ring, 100);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_GONE);
	pktio_close(ring);
}

Test(af_packet_lifecycle, a_sender_goes_on_on_an_interface_that_was_made_anew)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct pktio_ring *from = ring_open("af_packet:" NET_A, &args);
	struct pktio_ring *to;
	struct pktio_frame f;
	uint8_t bytes[60];

	numbered_frame(bytes, sizeof(bytes), 1);
	f = (struct pktio_frame){ .data = bytes, .caplen = 60, .wirelen = 60 };
	delete_pair();
	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), -ENXIO);
	EXPECT_CONTAINS(pktio_last_error(from), "no longer exists");
	make_pair();
	to = ring_open(URI, NULL);
	EXPECT_EQ(pktio_inject(from, &f, 1), 1);
	EXPECT_EQ(pktio_flush(from), 0, "%s", pktio_last_error(from));
	EXPECT_EQ(ring_drain(to, 50, NULL, 0), 1);
	EXPECT_EQ(ring_stats(from).reattached, 1);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_lifecycle, a_new_name_changes_nothing)
{
	struct pktio_ring *ring = ring_open(URI, NULL);
	struct ifreq request = { .ifr_name = NET_B, .ifr_newname = "renamed" };
	int sock = net_socket(NET_A);

	net_set_up(NET_B, false);
	REQUIRE_EQ(ioctl(sock, SIOCSIFNAME, &request), 0);
	net_set_up("renamed", true);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UP);
	net_send_numbers(sock, 0, 100);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
	EXPECT_EQ(ring_stats(ring).reattached, 0);
	pktio_close(ring);
}

Test(af_packet_lifecycle, another_name_of_an_interface_will_do)
{
	static const char *const names[] = {
		"short-name", "a-name-of-more-than-sixteen-characters"
	};
	struct pktio_error error = { 0 };

	for (int i = 0; i < 2; i++) {
		struct pktio_ring *ring;
		char uri[100];

		REQUIRE_EQ(netns_add_altname(NET_B, names[i], &error), 0, "%s",
			   error.text);
		snprintf(uri, sizeof(uri), "af_packet:%s", names[i]);
		ring = ring_open(uri, NULL);
		EXPECT_EQ(ring_info(ring).ifindex, if_nametoindex(NET_B));
		net_send_numbers(net_socket(NET_A), 0, 100);
		EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 100);
		pktio_close(ring);
	}
}

/* In a namespace of its own: a veth pair, and frames when told to. */
static void be_elsewhere(int told, int tell)
{
	struct pktio_error error;
	char byte = 0;
	int sock;

	if (netns_enter(&error) < 0 || netns_veth("far-a", "far-b", &error) < 0)
		_exit(1);
	sock = net_socket("far-a");
	if (write(tell, &byte, 1) != 1)
		_exit(1);
	while (read(told, &byte, 1) == 1)
		net_send_numbers(sock, 0, 100);
	_exit(0);
}

Test(af_packet_lifecycle, a_ring_may_be_in_another_network_namespace)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int to[2];
	int from[2];
	char byte = 0;
	char uri[100];
	int status;
	pid_t pid;

	REQUIRE_EQ(pipe(to), 0);
	REQUIRE_EQ(pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		close(to[1]);
		be_elsewhere(to[0], from[1]);
	}
	REQUIRE_EQ(read(from[0], &byte, 1), 1);
	snprintf(uri, sizeof(uri), "af_packet:far-b?netns=/proc/%d/ns/net",
		 (int)pid);
	EXPECT_EQ(pktio_open(&ring, "af_packet:far-b", NULL, &error), -ENODEV);
	ring = ring_open(uri, NULL);
	EXPECT_EQ(ring_info(ring).link, PKTIO_LINK_UP);
	REQUIRE_EQ(write(to[1], &byte, 1), 1);
	EXPECT_EQ(ring_drain(ring, 100, NULL, 0), 100);
	pktio_close(ring);
	EXPECT_EQ(pktio_open(&ring, "af_packet:far-b?netns=nowhere", NULL,
			     &error),
		  -ENOENT);
	EXPECT_CONTAINS(error.text, "namespace 'nowhere'");
	close(to[1]);
	waitpid(pid, &status, 0);
	EXPECT_EQ(status, 0);
}
