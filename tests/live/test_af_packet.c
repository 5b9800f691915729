/* SPDX-License-Identifier: BSD-3-Clause */
/* What is particular to af_packet; the contract suite has the rest. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <pktio/pktio.h>

#include "lab.h"
#include "netns.h"

#define URI "af_packet:" LAB_B
#define MS UINT64_C(1000000)
/* Of a core, in the second that the tests wait. */
#define ONE_PERCENT (10 * MS)

TestSuite(af_packet, .init = lab_enter);

static void nap(unsigned ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

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
		{ "ring-size=1M", "nearest is 2097152", "ring-size=2097152" },
		{ "ring-size=2500K", "nearest is 2097152",
		  "ring-size=2097152" },
		{ "ring-size=9M&block-size=4M", "nearest is 8388608",
		  "ring-size=8388608&block-size=4M" },
		{ "ring-size=512M&block-size=4K", "nearest is block-size=8192",
		  "ring-size=512M&block-size=8192" },
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
		cr_expect_eq(pktio_open(&ring, uri, NULL, &error), -EINVAL,
			     "%s", uri);
		cr_expect_null(ring);
		cr_expect(strstr(error.text, cases[i].words), "%s: %s", uri,
			  error.text);
		snprintf(uri, sizeof(uri), URI "?%s", cases[i].good);
		pktio_close(lab_open(uri, NULL));
	}
}

Test(af_packet, a_block_must_hold_a_frame_of_the_interface)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	cr_assert_eq(netns_set_mtu(LAB_B, 9000, &error), 0, "%s", error.text);
	cr_expect_eq(pktio_open(&ring, URI "?block-size=8K&ring-size=1M", NULL,
				&error),
		     -EINVAL);
	cr_expect(strstr(error.text, "MTU is 9000; the nearest is 12288"), "%s",
		  error.text);
}

Test(af_packet, the_ring_goes_round_at_65536_blocks)
{
	struct pktio_ring *ring = lab_open(
		URI "?block-size=4K&ring-size=256M&block-timeout=1ms", NULL);
	struct pktio_info info = lab_info(ring);
	int sock = lab_socket(LAB_A);
	uint64_t got = 0;

	cr_assert_eq(info.blocks, 65536);
	/* About 19 frames of this size to a block: more than one round. */
	for (int i = 0; i < 15; i++) {
		lab_send_numbers(sock, 0, 100000);
		got += lab_drain(ring, 50, NULL, 0);
	}
	cr_assert_eq(got + lab_stats(ring).dropped, 1500000);
	cr_assert_eq(lab_stats(ring).dropped, 0);
	pktio_close(ring);
}

Test(af_packet, the_info_is_what_was_asked_for)
{
	struct pktio_ring *ring = lab_open(
		URI "?block-size=64K&ring-size=1M&block-timeout=20ms", NULL);
	struct pktio_info info = lab_info(ring);

	cr_expect_eq(info.ring_size, 1 << 20);
	cr_expect_eq(info.block_size, 64 << 10);
	cr_expect_eq(info.blocks, 16);
	cr_expect_eq(info.block_timeout, 20 * MS);
	cr_expect_eq(info.max_held, 15);
	cr_expect_eq(info.max_hold, 300 * MS);
	cr_expect_eq(info.linktype, 1);
	cr_expect_eq(info.link, PKTIO_LINK_UP);
	cr_expect_eq(info.ifindex, if_nametoindex(LAB_B));
	pktio_close(ring);
}

/* ---- Open --------------------------------------------------------------- */

Test(af_packet, an_interface_that_is_not_there_is_told_with_those_that_are)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	cr_expect_eq(pktio_open(&ring, "af_packet:etho0", NULL, &error),
		     -ENODEV);
	cr_expect(strstr(error.text, "'etho0'") && strstr(error.text, LAB_B),
		  "%s", error.text);
	cr_expect_eq(pktio_open(&ring, "af_packet:", NULL, &error), -EINVAL);
	cr_expect_eq(pktio_open(&ring, "af_packet:a-name-of-sixteen-or-more",
				NULL, &error),
		     -ENODEV);
}

struct flood {
	int sock;
	uint32_t sent;
	int stop;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		lab_send_numbers(f->sock, f->sent, 1);
		__atomic_store_n(&f->sent, f->sent + 1, __ATOMIC_RELEASE);
		if (f->sent % 64 == 0)
			sched_yield();
	}
	return NULL;
}

Test(af_packet, no_frame_of_another_interface_is_seen_while_opening)
{
	struct pktio_error error = { 0 };
	struct flood f = { 0 };
	pthread_t thread;

	cr_assert_eq(netns_veth("other-a", "other-b", &error), 0, "%s",
		     error.text);
	f.sock = lab_socket("other-a");
	pthread_create(&thread, NULL, flood, &f);
	for (int i = 0; i < 10; i++) {
		struct pktio_ring *ring = lab_open(URI, NULL);

		cr_expect_eq(lab_drain(ring, 30, NULL, 0), 0);
		pktio_close(ring);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	cr_assert_gt(f.sent, 1000);
}

static uint32_t promiscuity(void)
{
	struct netns_counters counters = { 0 };
	struct pktio_error error = { 0 };

	cr_expect_eq(netns_get_counters(LAB_B, &counters, &error), 0, "%s",
		     error.text);
	return counters.promiscuity;
}

Test(af_packet, promiscuous_mode_is_a_membership_that_ends_with_the_ring)
{
	struct ifreq request = { .ifr_name = LAB_B };
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);

	cr_expect_eq(promiscuity(), 1);
	cr_expect_eq(ioctl(sock, SIOCGIFFLAGS, &request), 0);
	cr_expect_eq(request.ifr_flags & IFF_PROMISC, 0,
		     "the interface's own flag was touched");
	pktio_close(ring);
	cr_expect_eq(promiscuity(), 0);
	ring = lab_open(URI "?promisc=no", NULL);
	cr_expect_eq(promiscuity(), 0);
	pktio_close(ring);
}

Test(af_packet, without_privilege_the_error_says_what_it_takes)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct caps[2];

	cr_assert_eq(syscall(SYS_capget, &header, caps), 0);
	caps[0].effective &= ~(1U << CAP_NET_RAW);
	cr_assert_eq(syscall(SYS_capset, &header, caps), 0);
	cr_expect_eq(pktio_open(&ring, URI, NULL, &error), -EPERM);
	cr_expect(strstr(error.text, "CAP_NET_RAW"), "%s", error.text);
}

/* ---- Frames ------------------------------------------------------------- */

Test(af_packet, what_is_sent_arrives_as_it_was_sent)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);
	struct pktio_frame f;
	uint8_t frame[1514];

	for (size_t size = 60; size <= sizeof(frame); size += 727) {
		lab_frame(frame, size, (uint32_t)size);
		lab_send(sock, frame, size);
		cr_assert_eq(pktio_wait(ring, 1000), 1);
		cr_assert_eq(pktio_recv(ring, &f, 1), 1);
		cr_expect_eq(f.caplen, size);
		cr_expect_eq(f.wirelen, size);
		cr_expect_arr_eq(f.data, frame, size);
		cr_expect_eq(f.nvlan, 0);
		cr_expect_eq(f.pkttype, PKTIO_PKT_OTHERHOST);
		cr_expect_eq(f.ifindex, if_nametoindex(LAB_B));
		cr_expect_eq(f.flags, PKTIO_F_WRITABLE);
		/* Earlier, if any socket of the machine asks for that. */
		cr_expect(f.clock == PKTIO_CLOCK_RING ||
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
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct pktio_frame f;
		uint8_t frame[100];
		size_t size = 64;

		lab_frame(frame, size, 1);
		if (tags[i][2])
			tag(frame, &size, tags[i][2], tags[i][3]);
		tag(frame, &size, tags[i][0], tags[i][1]);
		lab_send(sock, frame, size);
		cr_assert_eq(pktio_wait(ring, 1000), 1);
		cr_assert_eq(pktio_recv(ring, &f, 1), 1);
		cr_expect_eq(f.nvlan, 1);
		cr_expect_eq(f.vlan[0].tpid, tags[i][0]);
		cr_expect_eq(f.vlan[0].tci, tags[i][1]);
		cr_expect_eq(f.caplen, size - 4);
		cr_expect_arr_eq(f.data, frame, 12);
		cr_expect_arr_eq(f.data + 12, frame + 16, size - 16);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}

Test(af_packet, the_hash_comes_only_when_asked_for)
{
	struct pktio_ring *ring = lab_open(URI "?rxhash=yes", NULL);
	int sock = lab_socket(LAB_A);
	struct pktio_frame f;

	lab_send_numbers(sock, 0, 1);
	cr_assert_eq(pktio_wait(ring, 1000), 1);
	cr_assert_eq(pktio_recv(ring, &f, 1), 1);
	cr_expect(f.flags & PKTIO_F_HASH);
	cr_expect_neq(f.hash, 0);
	pktio_close(ring);
}

/* ---- Holding and loss --------------------------------------------------- */

Test(af_packet, one_held_frame_stops_the_ring_and_its_release_restarts_it)
{
	struct pktio_ring *ring = lab_open(
		URI "?block-size=4K&ring-size=32K&block-timeout=1ms", NULL);
	int sock = lab_socket(LAB_A);
	struct pktio_frame held;
	struct pktio_frame frames[64];
	struct pktio_stats stats;
	uint64_t got = 1;
	int n;

	lab_send_numbers(sock, 0, 1000);
	cr_assert_eq(pktio_wait(ring, 1000), 1);
	cr_assert_eq(pktio_recv(ring, &held, 1), 1);
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	/* All blocks but one are the kernel's again, and it uses none. */
	lab_send_numbers(sock, 1000, 100);
	nap(5);
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		pktio_release(ring, frames, (unsigned)n);
		got += (unsigned)n;
	}
	cr_expect_eq(n, -ENOBUFS);
	cr_expect(strstr(pktio_strerror(ring), "release"), "%s",
		  pktio_strerror(ring));
	cr_expect_eq(lab_number(&held), 0, "the held frame is intact");
	stats = lab_stats(ring);
	cr_expect_eq(stats.stalls, 1);
	cr_expect_geq(stats.freezes, 1);
	cr_expect_gt(stats.dropped, 0);
	pktio_release(ring, &held, 1);
	lab_send_numbers(sock, 1100, 10);
	got += lab_drain(ring, 50, NULL, 0);
	stats = lab_stats(ring);
	cr_expect_eq(stats.received, got);
	cr_expect_eq(stats.received + stats.dropped, 1110);
	cr_expect_eq(lab_drain(ring, 20, NULL, 0), 0);
	pktio_close(ring);
}

Test(af_packet, a_loss_is_marked_once_and_counted_exactly)
{
	struct pktio_ring *ring = lab_open(
		URI "?block-size=4K&ring-size=8K&block-timeout=1ms", NULL);
	int sock = lab_socket(LAB_A);
	unsigned marked = 0;
	uint64_t got = 0;

	for (int round = 0; round < 3; round++) {
		struct pktio_frame f;

		lab_send_numbers(sock, 0, 1000);
		nap(5);
		for (int i = 0; i < 3; i++) {
			lab_send_numbers(sock, 0, 1);
			nap(5);
			while (pktio_recv(ring, &f, 1) == 1) {
				marked += (f.flags & PKTIO_F_LOSS) != 0;
				pktio_release(ring, &f, 1);
				got++;
			}
		}
	}
	cr_expect_eq(got + lab_stats(ring).dropped, 3UL * 1003);
	cr_expect_geq(marked, 3);
	cr_expect_leq(marked, 6);
	pktio_close(ring);
}

/* How often poll() says in this time that there is something. */
static unsigned polls(struct pktio_ring *ring, unsigned ms, unsigned *received)
{
	uint64_t end = lab_now_ns() + ms * MS;
	unsigned n = 0;

	*received = 0;
	while (lab_now_ns() < end) {
		struct pollfd fd = { .fd = pktio_fd(ring), .events = POLLIN };
		struct pktio_frame frames[64];
		int got;

		if (poll(&fd, 1, 10) > 0)
			n++;
		got = pktio_recv(ring, frames, 64);
		if (got > 0)
			*received += (unsigned)got;
	}
	return n;
}

Test(af_packet, holding_the_newest_block_does_not_make_a_poller_spin)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);
	uint64_t cpu;
	unsigned received;
	unsigned n;

	lab_send_numbers(sock, 0, 10);
	polls(ring, 100, &received);
	cr_expect_eq(received, 10);
	/* The edge may still be seen until the next look, in milliseconds. */
	cpu = lab_cpu_ns();
	n = polls(ring, 1000, &received);
	cr_expect_lt(n, 3, "%u", n);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	cpu = lab_cpu_ns();
	cr_expect_eq(pktio_wait(ring, 1000), 0);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	pktio_close(ring);
}

/* ---- Rings that share --------------------------------------------------- */

#define RINGS 4
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

	s->got = lab_drain(s->ring, 300, s->seen, s->size);
	return NULL;
}

Test(af_packet, after_the_last_ring_opened_every_frame_arrives_exactly_once)
{
	struct sharer sharers[RINGS] = { 0 };
	pthread_t threads[RINGS];
	struct flood f = { .sock = lab_socket(LAB_A) };
	pthread_t sender;
	uint64_t dropped = 0;
	uint64_t twice = 0;
	uint64_t once = 0;
	uint32_t from;

	pthread_create(&sender, NULL, flood, &f);
	for (unsigned i = 0; i < RINGS; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = RINGS };

		sharers[i].ring = lab_open(URI, &args);
		sharers[i].size = MOST;
		sharers[i].seen = calloc(1, MOST);
		pthread_create(&threads[i], NULL, drain, &sharers[i]);
	}
	/* The one under way when we look may have been sent before. */
	from = __atomic_load_n(&f.sent, __ATOMIC_ACQUIRE) + 2;
	nap(500);
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	for (unsigned i = 0; i < RINGS; i++) {
		pthread_join(threads[i], NULL);
		dropped += lab_stats(sharers[i].ring).dropped;
	}
	cr_assert_lt(f.sent, MOST);
	for (uint32_t number = from; number < f.sent; number++) {
		unsigned n = 0;

		for (unsigned i = 0; i < RINGS; i++)
			n += sharers[i].seen[number];
		once += n == 1;
		twice += n > 1;
	}
	cr_expect_eq(twice, 0);
	cr_expect_eq(dropped, 0);
	cr_expect_eq(once, f.sent - from, "%lu of %u", once, f.sent - from);
	cr_expect_gt(f.sent - from, 10000);
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

Test(af_packet, both_directions_of_a_flow_come_to_one_ring)
{
	struct pktio_ring *rings[RINGS];
	int sock = lab_socket(LAB_A);
	uint8_t at[256][RINGS] = { 0 };
	uint8_t frame[60];
	unsigned used[RINGS] = { 0 };

	for (unsigned i = 0; i < RINGS; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.index = i,
						.count = RINGS };

		rings[i] = lab_open(URI "?ring-size=4M", &args);
	}
	for (unsigned flow = 0; flow < 256; flow++) {
		for (unsigned i = 0; i < 4; i++) {
			udp_frame(frame, flow, i % 2);
			lab_send(sock, frame, sizeof(frame));
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
		cr_expect_eq(places, 1, "flow %u", flow);
	}
	for (unsigned i = 0; i < RINGS; i++)
		cr_expect_gt(used[i], 20, "ring %u has %u flows", i, used[i]);
}

Test(af_packet, rings_without_fanout_see_every_frame)
{
	struct pktio_ring *a = lab_open(URI, NULL);
	struct pktio_ring *b = lab_open(URI, NULL);

	lab_send_numbers(lab_socket(LAB_A), 0, 100);
	cr_expect_eq(lab_drain(a, 50, NULL, 0), 100);
	cr_expect_eq(lab_drain(b, 50, NULL, 0), 100);
	pktio_close(a);
	pktio_close(b);
}

Test(af_packet, a_group_of_another_interface_is_refused_with_words)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *a = lab_open(URI "?fanout=hash&fanout-id=7", NULL);
	struct pktio_ring *b = NULL;

	cr_expect_eq(lab_info(a).fanout_id, 7);
	cr_expect_eq(pktio_open(&b,
				"af_packet:" LAB_A "?fanout=hash&fanout-id=7",
				NULL, &error),
		     -EINVAL);
	cr_expect(strstr(error.text, "fanout group 7") &&
			  strstr(error.text, "fanout-id"),
		  "%s", error.text);
	pktio_close(a);
}

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
	struct flood f = { .sock = lab_socket(LAB_A) };
	pthread_t sender;
	uint8_t *seen = calloc(1, MOST);
	uint64_t even = 0;
	uint64_t total = 0;

	pthread_create(&sender, NULL, flood, &f);
	for (unsigned i = 0; i < 6; i++) {
		struct pktio_open_args args = { .size = sizeof(args),
						.count = 1 + i % 2,
						.filter = &odd };
		struct pktio_ring *ring = lab_open(URI "?ring-size=8M", &args);

		nap(30);
		__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
		pthread_join(sender, NULL);
		total += lab_drain(ring, 50, seen, MOST);
		pktio_close(ring);
		f.stop = 0;
		pthread_create(&sender, NULL, flood, &f);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	for (uint32_t i = 0; i < MOST; i += 2)
		even += seen[i];
	cr_expect_gt(total, 1000);
	cr_expect_eq(even, 0);
	free(seen);
}

/* ---- The interface comes and goes --------------------------------------- */

Test(af_packet, a_ring_survives_its_interface_going_down_and_up)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);
	uint64_t cpu;

	lab_send_numbers(sock, 0, 100);
	cr_expect_eq(lab_drain(ring, 50, NULL, 0), 100);
	for (int i = 1; i <= 3; i++) {
		lab_set_up(LAB_B, false);
		cpu = lab_cpu_ns();
		cr_expect_eq(pktio_wait(ring, 1000), 0, "it is down");
		cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
		cr_expect_eq(lab_info(ring).link, PKTIO_LINK_DOWN);
		cr_expect_eq(lab_stats(ring).link_downs, (unsigned)i);
		lab_set_up(LAB_B, true);
		cr_expect_eq(lab_info(ring).link, PKTIO_LINK_UP);
		lab_send_numbers(sock, 0, 100);
		cr_expect_eq(lab_drain(ring, 50, NULL, 0), 100);
	}
	pktio_close(ring);
}

/* Like flood(), on a link that may be down: counts what could be sent. */
static void *flood_if_up(void *arg)
{
	struct flood *f = arg;
	uint8_t frame[60];

	lab_frame(frame, sizeof(frame), 0);
	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		if (send(f->sock, frame, sizeof(frame), 0) < 0)
			nap(1);
		else
			__atomic_add_fetch(&f->sent, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

Test(af_packet, a_ring_resumes_under_traffic_and_costs_nothing_while_down)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	struct flood f = { .sock = lab_socket(LAB_A) };
	struct pktio_frame frames[64];
	pthread_t sender;
	uint64_t cpu;

	pthread_create(&sender, NULL, flood_if_up, &f);
	for (int i = 0; i < 3; i++) {
		uint64_t end = lab_now_ns() + 200 * MS;
		uint64_t got = 0;

		while (lab_now_ns() < end && pktio_wait(ring, 100) == 1) {
			int n = pktio_recv(ring, frames, 64);

			cr_assert_geq(n, 0, "%s", pktio_strerror(ring));
			pktio_release(ring, frames, (unsigned)n);
			got += (unsigned)n;
		}
		cr_expect_gt(got, 1000, "round %d", i);
		lab_set_up(LAB_B, false);
		lab_drain(ring, 30, NULL, 0);
		cpu = lab_cpu_ns();
		cr_expect_eq(pktio_wait(ring, 1000), 0);
		cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
		lab_set_up(LAB_B, true);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	cr_expect_eq(lab_stats(ring).link_downs, 3);
	pktio_close(ring);
}

Test(af_packet, a_poller_of_the_descriptor_does_not_spin_while_it_is_down)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	uint64_t cpu;
	unsigned received;
	unsigned n;

	lab_set_up(LAB_B, false);
	nap(10);
	polls(ring, 100, &received); /* takes the error away, a while later */
	cpu = lab_cpu_ns();
	n = polls(ring, 1000, &received);
	cr_expect_eq(n, 0, "%u", n);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	cr_expect_eq(lab_stats(ring).link_downs, 1);
	pktio_close(ring);
}

Test(af_packet, a_ring_may_open_before_its_interface_is_up)
{
	struct pktio_ring *ring;
	int sock = lab_socket(LAB_A);
	uint64_t cpu;

	lab_set_up(LAB_B, false);
	ring = lab_open(URI, NULL);
	cr_expect_eq(lab_info(ring).link, PKTIO_LINK_DOWN);
	cpu = lab_cpu_ns();
	cr_expect_eq(pktio_wait(ring, 1000), 0);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	lab_set_up(LAB_B, true);
	lab_send_numbers(sock, 0, 100);
	cr_expect_eq(lab_drain(ring, 50, NULL, 0), 100);
	pktio_close(ring);
}

Test(af_packet, a_ring_whose_interface_is_gone_says_so_and_stays_quiet)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = lab_open(URI, NULL);
	int sock = lab_socket(LAB_A);
	uint64_t cpu;

	lab_send_numbers(sock, 0, 100);
	cr_assert_eq(netns_delete(LAB_A, &error), 0, "%s", error.text);
	cr_expect_eq(lab_drain(ring, 50, NULL, 0), 100,
		     "what came before is still there");
	cpu = lab_cpu_ns();
	cr_expect_eq(pktio_wait(ring, 1000), 0);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	cr_expect_eq(lab_info(ring).link, PKTIO_LINK_GONE);
	pktio_close(ring);
}

Test(af_packet, an_idle_ring_costs_next_to_nothing)
{
	struct pktio_ring *ring = lab_open(URI, NULL);
	uint64_t cpu = lab_cpu_ns();

	cr_expect_eq(pktio_wait(ring, 1000), 0);
	cr_expect_lt(lab_cpu_ns() - cpu, ONE_PERCENT);
	pktio_close(ring);
}

/* ---- Send --------------------------------------------------------------- */

static struct pktio_ring *open_sender(const char *uri)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };

	return lab_open(uri, &args);
}

static void send_numbers(struct pktio_ring *ring, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct pktio_frame f;

		cr_assert_eq(pktio_alloc(ring, &f, 1), 1);
		lab_frame(pktio_frame_wdata(&f), 60, i);
		f.caplen = 60;
		cr_assert_eq(pktio_send(ring, &f, 1), 1);
	}
	cr_assert_eq(pktio_flush(ring), 0, "%s", pktio_strerror(ring));
}

Test(af_packet, frames_sent_with_and_without_the_qdisc_all_arrive)
{
	static const char *const uris[] = { "af_packet:" LAB_A,
					    "af_packet:" LAB_A
					    "?qdisc-bypass=yes" };

	for (int i = 0; i < 2; i++) {
		struct pktio_ring *from = open_sender(uris[i]);
		struct pktio_ring *to = lab_open(URI, NULL);
		uint8_t seen[1000] = { 0 };

		cr_expect_eq(pktio_fd(from), -ENOTSUP);
		send_numbers(from, 1000);
		cr_expect_eq(lab_drain(to, 50, seen, 1000), 1000);
		for (int j = 0; j < 1000; j++)
			cr_expect_eq(seen[j], 1);
		cr_expect_eq(lab_stats(from).sent, 1000);
		cr_expect_eq(lab_stats(from).sent_bytes, 60000);
		pktio_close(from);
		pktio_close(to);
	}
}

Test(af_packet, a_frame_that_is_too_long_is_told_and_the_others_leave)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_ring *to = lab_open(URI, NULL);
	struct pktio_frame frames[3];

	cr_assert_eq(pktio_alloc(from, frames, 3), 3);
	for (unsigned i = 0; i < 3; i++) {
		frames[i].caplen = i == 1 ? 1900 : 60;
		lab_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen, i);
	}
	cr_assert_eq(pktio_send(from, frames, 3), 3);
	cr_expect_eq(pktio_flush(from), -EMSGSIZE);
	cr_expect(strstr(pktio_strerror(from), "1 of 3") &&
			  strstr(pktio_strerror(from), "MTU"),
		  "%s", pktio_strerror(from));
	cr_expect_eq(lab_drain(to, 50, NULL, 0), 2);
	cr_expect_eq(lab_stats(from).sent, 2);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	cr_expect_eq(pktio_flush(from), 0);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet, sending_on_an_interface_that_is_down_is_an_error_with_words)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_frame f;

	lab_set_up(LAB_A, false);
	cr_assert_eq(pktio_alloc(from, &f, 1), 1);
	lab_frame(pktio_frame_wdata(&f), 60, 0);
	f.caplen = 60;
	cr_assert_eq(pktio_send(from, &f, 1), 1);
	cr_expect_eq(pktio_flush(from), -ENETDOWN);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	lab_set_up(LAB_A, true);
	send_numbers(from, 10);
	cr_expect_eq(lab_stats(from).sent, 10);
	pktio_close(from);
}

Test(af_packet, an_error_in_the_middle_of_a_burst_is_told_by_the_next_call)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_frame frames[200];
	uint64_t taken = 0;
	unsigned failures = 0;

	cr_assert_eq(pktio_alloc(from, frames, 200), 200);
	for (unsigned i = 0; i < 200; i++) {
		frames[i].caplen = i == 5 ? 1900 : 60;
		lab_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen, i);
	}
	while (taken < 200) {
		int n = pktio_send(from, frames + taken, 200 - (unsigned)taken);

		cr_assert_neq(n, 0);
		if (n < 0)
			failures++;
		else
			taken += (unsigned)n;
	}
	cr_expect_eq(failures, 1);
	cr_expect_eq(pktio_flush(from), 0);
	cr_expect_eq(lab_stats(from).sent, 199);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	pktio_close(from);
}

Test(af_packet, one_ring_may_receive_and_send)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_ring *a = lab_open("af_packet:" LAB_A, &args);
	struct pktio_ring *b = lab_open(URI, &args);

	send_numbers(a, 100);
	cr_expect_eq(lab_drain(b, 50, NULL, 0), 100);
	send_numbers(b, 100);
	cr_expect_geq(lab_drain(a, 50, NULL, 0), 100);
	pktio_close(a);
	pktio_close(b);
}
