/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which ring gets which flow, in every mode of fanout: with frames of scapy's
 * making, several senders, several rings, and each frame counted. Suite `steer`
 * runs anywhere, `ebpf` where programs of that kind may be loaded.
 */
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <pktio/packet.h>

#include "ebpf_table.h"
#include "netns/netns.h"
#include "support/expect.h"
#include "support/flows.h"
#include "support/ring.h"
#include "support/test_network.h"
#include "support/timing.h"

#define RINGS 3
#define SENDERS 2

/* A million frames in all, in eight modes; programs that are slow by far get
 * by with fewer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FRAMES 8000U
#elif defined(__OPTIMIZE__)
#define FRAMES (1000000U / 8 / SENDERS)
#else
#define FRAMES 20000U
#endif

TestSuite(steer, .init = net_create);
TestSuite(ebpf, .init = net_create);

/* ---- Rings --------------------------------------------------------------- */

static struct pktio_ring *open_one(const char *interface, const char *query,
				   unsigned index, unsigned count)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	char uri[600];

	snprintf(
		uri, sizeof(uri),
		"af_packet:%s?ring-size=8M&block-size=256K&block-timeout=2ms&%s",
		interface, query);
	return ring_open(uri, &args);
}

static void open_all(struct pktio_ring **rings, const char *interface,
		     const char *query, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		rings[i] = open_one(interface, query, i, count);
}

static void close_all(struct pktio_ring **rings, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		rings[i] = pktio_close(rings[i]);
}

struct receiver {
	struct flows_seen *seen;
	struct pktio_ring *ring;
	unsigned index;
	int stop;
};

static void *receive(void *arg)
{
	struct receiver *r = arg;

	/* Once more after all has been sent. */
	for (bool last = false; !last;) {
		last = __atomic_load_n(&r->stop, __ATOMIC_ACQUIRE);
		pktio_wait(r->ring, last ? 30 : 10);
		flows_receive(r->seen, r->ring, r->index);
	}
	return NULL;
}

/* UDP over IPv4, each port another flow. */
static void send_flows(unsigned n)
{
	uint8_t frame[60] = { 2, 0, 0,    0, 0, 0xb, 2,  0, 0, 0, 0,  0xa,
			      8, 0, 0x45, 0, 0, 46,  0,  1, 0, 0, 64, 17,
			      0, 0, 10,   0, 0, 1,   10, 0, 0, 2 };
	int sock = net_socket(NET_A);

	for (unsigned i = 0; i < n; i++) {
		frame[34] = (uint8_t)(i >> 8);
		frame[35] = (uint8_t)i;
		net_send(sock, frame, sizeof(frame));
	}
	close(sock);
}

/* ---- Exactly once -------------------------------------------------------- */

static void start_receivers(struct receiver *r, pthread_t *threads,
			    struct flows_seen *seen, struct pktio_ring **rings)
{
	for (unsigned i = 0; i < RINGS; i++) {
		r[i] = (struct receiver){ .seen = seen,
					  .ring = rings[i],
					  .index = i };
		pthread_create(&threads[i], NULL, receive, &r[i]);
	}
}

static void stop_receivers(struct receiver *r, pthread_t *threads)
{
	for (unsigned i = 0; i < RINGS; i++) {
		__atomic_store_n(&r[i].stop, 1, __ATOMIC_RELEASE);
		pthread_join(threads[i], NULL);
	}
}

/* Lost between the interfaces, before any ring. */
static uint64_t lost_on_the_way(void)
{
	struct netns_counters a = { 0 };
	struct netns_counters b = { 0 };
	struct pktio_error error;

	REQUIRE_EQ(netns_get_counters(NET_A, &a, &error), 0);
	REQUIRE_EQ(netns_get_counters(NET_B, &b, &error), 0);
	return a.tx_packets - b.rx_packets;
}

/* Several senders and several rings at once: each frame once, or counted. */
static void send_and_receive(struct flows_seen *seen, const char *from,
			     const char *to, const char *query)
{
	struct pktio_ring *rings[RINGS];
	struct receiver receivers[RINGS];
	pthread_t receiving[RINGS];
	pthread_t sending[SENDERS];
	struct flows_sender senders[SENDERS];
	uint64_t dropped = lost_on_the_way();

	flows_seen_init(seen, FRAMES * SENDERS);
	open_all(rings, to, query, RINGS);
	start_receivers(receivers, receiving, seen, rings);
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct flows_sender){ .interface = from,
						    .first = i * FRAMES,
						    .count = FRAMES };
		pthread_create(&sending[i], NULL, flows_send, &senders[i]);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(sending[i], NULL);
	stop_receivers(receivers, receiving);
	dropped = lost_on_the_way() - dropped;
	for (unsigned i = 0; i < SENDERS; i++)
		dropped += senders[i].refused;
	for (unsigned i = 0; i < RINGS; i++)
		dropped += ring_stats(rings[i]).dropped;
	EXPECT_EQ(flows_duplicates(seen), 0);
	EXPECT_EQ(seen->received + dropped, FRAMES * SENDERS);
	EXPECT_EQ(flows_missing(seen, 0, seen->size), dropped);
	close_all(rings, RINGS);
}

/* ---- Flows --------------------------------------------------------------- */

static bool is_among(const char *kind, const char *const *kinds)
{
	while (*kinds && strcmp(*kinds, kind) != 0)
		kinds++;
	return *kinds;
}

static unsigned bits(uint32_t mask)
{
	return (unsigned)__builtin_popcount(mask);
}

/* Flows of a kind that came to more than one ring. */
static unsigned scattered(const struct flows_seen *seen, unsigned kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FLOWS_EACH; i++)
		n += bits(seen->rings[kind * FLOWS_EACH + i]) > 1;
	return n;
}

/* Rings that had a flow of the kind. */
static unsigned used(const struct flows_seen *seen, unsigned kind)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < FLOWS_EACH; i++)
		mask |= seen->rings[kind * FLOWS_EACH + i];
	return bits(mask);
}

/* Each flow of these kinds, and both of its directions, on one ring; and not
 * all flows on the same. */
static void expect_balanced(const struct flows_seen *seen,
			    const char *const *except)
{
	for (unsigned k = 0; k < FLOWS_KINDS; k++) {
		if (is_among(flows_kinds[k], except))
			continue;
		EXPECT(scattered(seen, k) == 0,
		       "%u of %u flows of %s are on several rings",
		       scattered(seen, k), FLOWS_EACH, flows_kinds[k]);
		EXPECT(used(seen, k) > 1, "all flows of %s are on one ring",
		       flows_kinds[k]);
	}
}

static void exactly_once(const char *query)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B, query);
	flows_seen_free(&seen);
}

/* ---- The kernel's modes -------------------------------------------------- */

/* What Linux 6.18's hash does not see into. */
static const char *const opaque[] = { "mpls4",
				      "mpls6",
				      "pseudowire",
				      "pseudowire-bare",
				      "erspan2",
				      "erspan3",
				      "vxlan",
				      "vxlan6-vlan",
				      "geneve",
				      "gtpu",
				      "gtpu-extended",
				      "nested",
				      "fragments4",
				      "fragments6",
				      "tunnel-fragments",
				      NULL };

Test(steer, hash_gives_each_frame_once_and_each_flow_it_sees_to_one_ring)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B, "fanout=hash");
	expect_balanced(&seen, opaque);
	/* Why there is more than the kernel's hash. */
	EXPECT_EQ(used(&seen, flows_kind("mpls4")), 1);
	EXPECT(scattered(&seen, flows_kind("vxlan")) > 0, "by outer ports");
	EXPECT(scattered(&seen, flows_kind("fragments4")) > 0, "no ports");
	EXPECT(scattered(&seen, flows_kind("fragments6")) > 0, "no ports");
	flows_seen_free(&seen);
}

Test(steer, qm_gives_each_frame_once_and_each_flow_to_one_ring)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B, "fanout=qm");
	for (unsigned k = 0; k < FLOWS_KINDS; k++)
		EXPECT_EQ(scattered(&seen, k), 0);
	flows_seen_free(&seen);
}

Test(steer, lb_gives_each_frame_once)
{
	exactly_once("fanout=lb");
}

Test(steer, cpu_gives_each_frame_once)
{
	exactly_once("fanout=cpu");
}

Test(steer, rollover_gives_each_frame_once)
{
	exactly_once("fanout=rollover");
}

Test(steer, rnd_gives_each_frame_once)
{
	exactly_once("fanout=rnd");
}

/* ---- Classic BPF --------------------------------------------------------- */

/* More than one tunnel, and what takes a memory. */
static const char *const too_deep[] = { "nested", "fragments4", "fragments6",
					"tunnel-fragments", NULL };

Test(steer, cbpf_gives_each_frame_once_and_each_flow_to_one_ring)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B, "fanout=cbpf");
	expect_balanced(&seen, too_deep);
	flows_seen_free(&seen);
}

Test(steer, cbpf_finds_flows_in_outgoing_frames_as_well)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_B, NET_B, "fanout=cbpf");
	expect_balanced(&seen, too_deep);
	flows_seen_free(&seen);
}

static void note_cooked_ports(struct pktio_ring *ring, uint8_t *times)
{
	/* Of the header that is made, and UDP's in IPv4. */
	enum { SOURCE_PORT = 20 + 20 };
	struct pktio_frame f;

	while (pktio_wait(ring, 250) == 1) {
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
		if (f.caplen > SOURCE_PORT + 1 && f.data[1] == 0 &&
		    f.data[0] == 8)
			times[f.data[SOURCE_PORT + 1]]++;
		pktio_release(ring, &f, 1);
	}
}

Test(steer, cbpf_on_all_interfaces_finds_a_flow_as_it_leaves_and_as_it_comes)
{
	enum { N = 200 };
	struct pktio_ring *rings[2];
	uint8_t times[2][256] = { { 0 } };

	open_all(rings, "any", "fanout=cbpf", 2);
	send_flows(N);
	for (unsigned i = 0; i < 2; i++) {
		note_cooked_ports(rings[i], times[i]);
		EXPECT_EQ(ring_stats(rings[i]).dropped, 0);
	}
	for (unsigned i = 0; i < N; i++) {
		EXPECT_EQ(times[0][i] + times[1][i], 2);
		EXPECT(times[0][i] != 1, "flow %u is on both rings", i);
	}
	close_all(rings, 2);
}

Test(steer, cbpf_by_addresses_keeps_fragments_with_their_flow)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B,
			 "fanout=cbpf&fanout-key=addresses");
	for (unsigned k = 0; k < FLOWS_KINDS; k++)
		if (strcmp(flows_kinds[k], "tunnel-fragments") != 0)
			EXPECT(scattered(&seen, k) == 0, "%s", flows_kinds[k]);
	flows_seen_free(&seen);
}

/* ---- eBPF ---------------------------------------------------------------- */

static const char *const none[] = { NULL };

Test(ebpf, each_frame_comes_once_and_each_flow_to_one_ring)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_A, NET_B, "fanout=ebpf");
	expect_balanced(&seen, none);
	flows_seen_free(&seen);
}

Test(ebpf, flows_are_found_in_outgoing_frames_as_well)
{
	struct flows_seen seen;

	flows_load();
	send_and_receive(&seen, NET_B, NET_B, "fanout=ebpf");
	expect_balanced(&seen, none);
	flows_seen_free(&seen);
}

/* ---- The flow functions of the library ----------------------------------- */

/* A group whose rings are compared with pktio_flow_ring(). */
struct prediction {
	const char *query;
	uint32_t seed;
	int addresses;
	const uint32_t *weights;
	/* The hash of the first fragment of each datagram. */
	struct {
		uint64_t key;
		uint32_t hash;
	} datagrams[4096];
	unsigned compared;
};

static uint32_t predict_hash(struct prediction *p,
			     const struct pktio_flow *flow)
{
	uint32_t hash = pktio_flow_hash(flow, p->seed, p->addresses);
	unsigned i = (unsigned)(flow->datagram % 4096);

	if (!(flow->flags & PKTIO_FLOW_FRAGMENT))
		return hash;
	if (!(flow->flags & PKTIO_FLOW_LATER)) {
		p->datagrams[i].key = flow->datagram;
		p->datagrams[i].hash = hash;
	}
	return p->datagrams[i].key == flow->datagram ? p->datagrams[i].hash :
						       hash;
}

/* `damaged`: frames are not in the order of their datagrams. */
static void compare_ring(struct prediction *p, struct pktio_ring *ring,
			 unsigned index, bool damaged)
{
	struct pktio_frame f;

	while (pktio_wait(ring, 20) == 1) {
		struct pktio_flow flow;
		unsigned expected;

		if (pktio_recv(ring, &f, 1) != 1)
			continue;
		EXPECT(pktio_flow_parse(&flow, &f) >= 0, "not parsed");
		expected = pktio_flow_ring(predict_hash(p, &flow), RINGS,
					   p->weights);
		if (!damaged || !(flow.flags & PKTIO_FLOW_LATER))
			EXPECT(expected == index,
			       "%s: %u bytes of protocol %u, flags %u, on ring %u, expected on %u",
			       p->query, f.caplen, flow.protocol, flow.flags,
			       index, expected);
		p->compared++;
		pktio_release(ring, &f, 1);
	}
}

/* Some bytes of the headers are replaced. */
static void damage(uint8_t *data, uint32_t size, unsigned *state)
{
	uint32_t most = size < 120 ? size : 120;

	for (unsigned n = 0; n < 3; n++) {
		*state = *state * 1103515245 + 12345;
		data[12 + (*state >> 16) % (most - 12)] = (uint8_t)*state;
	}
}

static void compare_all(struct prediction *p, bool damaged)
{
	enum { BATCH = 512 };
	struct pktio_ring *rings[RINGS];
	int sock = net_socket(NET_A);
	const uint8_t *data;
	unsigned state = 1;
	uint32_t size;

	open_all(rings, NET_B, p->query, RINGS);
	for (uint32_t i = 0; (data = flows_frame(i, &size)); i++) {
		uint8_t copy[2048];

		memcpy(copy, data, size);
		if (damaged)
			damage(copy, size, &state);
		net_send(sock, copy, size);
		if (i % BATCH < BATCH - 1 && flows_frame(i + 1, &size))
			continue;
		for (unsigned ring = 0; ring < RINGS; ring++)
			compare_ring(p, rings[ring], ring, damaged);
	}
	close(sock);
	close_all(rings, RINGS);
}

Test(ebpf, the_library_predicts_the_ring_of_every_frame)
{
	static const uint32_t weights[] = { 5, 1, 2 };
	static struct prediction predictions[] = {
		{ .query = "fanout=ebpf" },
		{ .query = "fanout=ebpf&fanout-seed=4000000007",
		  .seed = 4000000007 },
		{ .query = "fanout=ebpf&fanout-key=addresses", .addresses = 1 },
		{ .query = "fanout=ebpf&fanout-seed=5&fanout-weights=5:1:2",
		  .seed = 5,
		  .weights = weights },
	};

	flows_load();
	for (unsigned i = 0; i < 4; i++) {
		compare_all(&predictions[i], false);
		compare_all(&predictions[i], true);
		EXPECT(predictions[i].compared > 4000, "only %u frames",
		       predictions[i].compared);
	}
}

/* ---- Rings that come and go ---------------------------------------------- */

#define FOUR 4
#define MOST 2000000U

/* A scene: traffic that goes on, and rings on which it is watched. */
struct scene {
	bool kinds[FLOWS_KINDS];
	struct flows_sender sender;
	pthread_t sending;
	struct flows_seen seen;
	struct pktio_ring *rings[FOUR]; /* NULL: elsewhere, or nowhere */
	/* The rings of each flow, when all were there. */
	uint32_t homes[FLOWS];
};

static void watch(struct scene *s, unsigned ms)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000);

	while (now_ns() < end) {
		for (unsigned i = 0; i < FOUR; i++)
			if (s->rings[i])
				flows_receive(&s->seen, s->rings[i], i);
		sleep_ms(1);
	}
}

/* What was seen so far is of no account: only what comes from now on. */
static void watch_anew(struct scene *s, unsigned ms)
{
	watch(s, 50);
	memset(s->seen.rings, 0, sizeof(s->seen.rings));
	watch(s, ms);
}

static void begin_scene(struct scene *s)
{
	static const char *const kinds[] = { "plain4", "plain6", "vlan",
					     "vxlan",  "gre",    "mpls4",
					     NULL };

	for (unsigned k = 0; k < FLOWS_KINDS; k++)
		s->kinds[k] = is_among(flows_kinds[k], kinds);
	flows_seen_init(&s->seen, MOST);
	s->sender = (struct flows_sender){ .interface = NET_A,
					   .kinds = s->kinds,
					   .count = MOST,
					   .pause_us = 500 };
	pthread_create(&s->sending, NULL, flows_send, &s->sender);
	watch_anew(s, 150);
	memcpy(s->homes, s->seen.rings, sizeof(s->homes));
}

static void end_scene(struct scene *s)
{
	__atomic_store_n(&s->sender.stop, 1, __ATOMIC_RELEASE);
	pthread_join(s->sending, NULL);
	watch(s, 50);
}

static void free_scene(struct scene *s)
{
	close_all(s->rings, FOUR);
	flows_seen_free(&s->seen);
}

/* Flows whose rings are not the ones that they had; of `of` (a mask), or with
 * `others` of all the rest. */
static unsigned moved(const struct scene *s, uint32_t of, bool others)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FLOWS; i++)
		if (!(s->homes[i] & of) == others)
			n += s->seen.rings[i] != s->homes[i];
	return n;
}

/* Flows that were at home on these rings, of the kinds that are sent. */
static unsigned flows_of(const struct scene *s, uint32_t of)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FLOWS; i++)
		n += s->kinds[i / FLOWS_EACH] && s->homes[i] == of;
	return n;
}

/* Frames that did not come though their flow's ring was there all the time. */
static unsigned lost_of_others(const struct scene *s, uint32_t of,
			       uint32_t from)
{
	unsigned n = 0;

	for (uint32_t i = from; i < s->sender.sent; i++) {
		if (s->seen.times[i])
			continue;
		n += !(s->homes[flows_at(s->kinds, i)] & of);
	}
	return n;
}

Test(ebpf, a_ring_that_leaves_and_rejoins_moves_only_its_own_flows)
{
	/* Not the last: the kernel puts that one in its place. */
	enum { GOES = 1, OF = 1U << GOES };
	struct scene s = { 0 };
	uint64_t dropped = 0;

	flows_load();
	open_all(s.rings, NET_B, "fanout=ebpf", FOUR);
	begin_scene(&s);
	for (unsigned i = 0; i < FOUR; i++)
		EXPECT(flows_of(&s, 1U << i) > 6, "ring %u has %u flows", i,
		       flows_of(&s, 1U << i));

	s.rings[GOES] = pktio_close(s.rings[GOES]);
	watch(&s, 80);
	EXPECT_EQ(moved(&s, OF, true), 0);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, OF, true), 0);
	EXPECT_EQ(moved(&s, OF, false), flows_of(&s, OF));

	memset(s.seen.rings, 0, sizeof(s.seen.rings));
	s.rings[GOES] = open_one(NET_B, "fanout=ebpf", GOES, FOUR);
	watch(&s, 80);
	EXPECT_EQ(moved(&s, OF, true), 0);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, OF, true), 0);
	EXPECT_EQ(moved(&s, OF, false), 0);

	end_scene(&s);
	for (unsigned i = 0; i < FOUR; i++)
		dropped += ring_stats(s.rings[i]).dropped;
	EXPECT_EQ(dropped, 0);
	EXPECT_EQ(flows_duplicates(&s.seen), 0);
	EXPECT_EQ(lost_of_others(&s, OF, 0), 0);
	free_scene(&s);
}

/* The same with the kernel's hash, to show why there are buckets. */
Test(steer, hash_moves_flows_of_other_rings_when_one_goes)
{
	enum { GOES = 1, OF = 1U << GOES };
	struct scene s = { 0 };

	flows_load();
	open_all(s.rings, NET_B, "fanout=hash", FOUR);
	begin_scene(&s);
	s.rings[GOES] = pktio_close(s.rings[GOES]);
	watch_anew(&s, 120);
	EXPECT(moved(&s, OF, true) > 10, "%u", moved(&s, OF, true));
	end_scene(&s);
	free_scene(&s);
}

/* ---- Other processes ----------------------------------------------------- */

/* A process with one ring of the group, and no hand in its end. */
struct other {
	pid_t pid;
	int go, ready;
};

static void be_other(int go, int ready, unsigned index)
{
	struct pktio_ring *ring;
	char byte = 0;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	ring = open_one(NET_B, "fanout=ebpf&fanout-wait=0", index, FOUR);
	if (write(ready, &byte, 1) != 1)
		_exit(1);
	for (;;) {
		struct pktio_frame f[64];
		int n;

		pktio_wait(ring, -1);
		n = pktio_recv(ring, f, 64);
		if (n > 0)
			pktio_release(ring, f, (unsigned)n);
	}
}

/* Before any ring is open here, or the process would have a part in it. */
static void prepare_other(struct other *o, unsigned index)
{
	int go[2];
	int ready[2];

	REQUIRE_EQ(pipe(go), 0);
	REQUIRE_EQ(pipe(ready), 0);
	o->go = go[1];
	o->ready = ready[0];
	o->pid = fork();
	if (o->pid == 0) {
		close(go[1]);
		close(ready[0]);
		be_other(go[0], ready[1], index);
	}
	close(go[0]);
	close(ready[1]);
}

static void start_other(const struct other *o)
{
	char byte = 0;

	REQUIRE_EQ(write(o->go, &byte, 1), 1);
	REQUIRE_EQ(read(o->ready, &byte, 1), 1);
}

static void kill_other(const struct other *o)
{
	kill(o->pid, SIGKILL);
	waitpid(o->pid, NULL, 0);
	close(o->go);
	close(o->ready);
}

Test(ebpf, a_process_that_is_killed_and_started_again_moves_only_its_own_flows)
{
	enum { GOES = 1, HERE = 1 << 0 | 1 << 2 | 1 << 3 };
	struct scene s = { 0 };
	struct other first;
	struct other again;

	flows_load();
	prepare_other(&first, GOES);
	prepare_other(&again, GOES);
	s.rings[0] = open_one(NET_B, "fanout=ebpf&fanout-wait=0", 0, FOUR);
	start_other(&first);
	s.rings[2] = open_one(NET_B, "fanout=ebpf&fanout-wait=0", 2, FOUR);
	s.rings[3] = open_one(NET_B, "fanout=ebpf&fanout-wait=0", 3, FOUR);
	begin_scene(&s);
	EXPECT(flows_of(&s, 0) > 6, "%u flows are the other process's",
	       flows_of(&s, 0));

	kill_other(&first);
	/* It takes a look at the group, four times a second. */
	watch(&s, 350);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, HERE, false), 0);
	EXPECT_EQ(moved(&s, HERE, true), flows_of(&s, 0));
	for (unsigned k = 0; k < FLOWS_KINDS; k++)
		EXPECT_EQ(scattered(&s.seen, k), 0);

	start_other(&again);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, HERE, false), 0);
	EXPECT_EQ(moved(&s, HERE, true), 0);
	end_scene(&s);
	EXPECT_EQ(flows_duplicates(&s.seen), 0);
	kill_other(&again);
	free_scene(&s);
}

Test(ebpf, an_interface_that_was_down_has_its_flows_where_they_were)
{
	struct scene s = { 0 };

	/* Not in the order of their sockets any more, as the kernel sorts
	 * them. */
	flows_load();
	open_all(s.rings, NET_B, "fanout=ebpf", FOUR);
	s.rings[0] = pktio_close(s.rings[0]);
	s.rings[0] = open_one(NET_B, "fanout=ebpf", 0, FOUR);
	s.rings[2] = pktio_close(s.rings[2]);
	s.rings[2] = open_one(NET_B, "fanout=ebpf", 2, FOUR);
	begin_scene(&s);
	net_set_up(NET_B, false);
	watch(&s, 100);
	net_set_up(NET_B, true);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, 0, true), 0);
	end_scene(&s);
	free_scene(&s);
}

Test(ebpf,
     a_ring_that_leaves_while_the_interface_is_down_moves_only_its_own_flows)
{
	enum { GOES = 0, OF = 1U << GOES };
	struct scene s = { 0 };

	flows_load();
	open_all(s.rings, NET_B, "fanout=ebpf", FOUR);
	begin_scene(&s);
	net_set_up(NET_B, false);
	watch(&s, 50);
	s.rings[GOES] = pktio_close(s.rings[GOES]);
	watch(&s, 50);
	net_set_up(NET_B, true);
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, OF, true), 0);
	EXPECT_EQ(moved(&s, OF, false), flows_of(&s, OF));
	end_scene(&s);
	free_scene(&s);
}

#ifdef PKTIO_TEST_EBPF
static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static struct steer_table *map_table(int fd)
{
	struct bpf_map_info info = { 0 };
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd,
					  .info_len = sizeof(info),
					  .info = (uintptr_t)&info } };
	struct steer_table *t = MAP_FAILED;

	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 &&
	    !strcmp(info.name, STEER_MAP_NAME))
		t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	close(fd);
	return t == MAP_FAILED ? NULL : t;
}

static void lock_table(struct steer_table *t)
{
	while (t && pthread_mutex_trylock((void *)t->lock) != 0)
		sleep_ms(1);
}

static void unlock_table(struct steer_table *t)
{
	if (t)
		pthread_mutex_unlock((void *)t->lock);
}

/* The table of the group that has this seed, of whatever process. */
static struct steer_table *find_table(uint32_t seed)
{
	union bpf_attr attr = { .start_id = 0 };

	while (bpf(BPF_MAP_GET_NEXT_ID, &attr) == 0) {
		union bpf_attr id = { .map_id = attr.next_id };
		long fd = bpf(BPF_MAP_GET_FD_BY_ID, &id);
		struct steer_table *t = fd < 0 ? NULL : map_table((int)fd);

		if (t && t->state != STEER_FREE && t->seed == seed)
			return t;
		if (t)
			munmap(t, sizeof(*t));
		attr.start_id = attr.next_id;
	}
	return NULL;
}

Test(ebpf, a_ring_does_not_wait_for_the_lock_to_sort_its_group)
{
	struct scene s = { 0 };
	struct steer_table *t;
	uint64_t start;

	flows_load();
	open_all(s.rings, NET_B, "fanout=ebpf&fanout-seed=778899", FOUR);
	s.rings[0] = pktio_close(s.rings[0]);
	s.rings[0] = open_one(NET_B, "fanout=ebpf&fanout-seed=778899", 0, FOUR);
	s.rings[2] = pktio_close(s.rings[2]);
	s.rings[2] = open_one(NET_B, "fanout=ebpf&fanout-seed=778899", 2, FOUR);
	begin_scene(&s);
	t = find_table(778899);
	REQUIRE(t, "the group has no table");
	lock_table(t);
	net_set_up(NET_B, false);
	start = now_ns();
	watch(&s, 50);
	EXPECT(now_ns() - start < UINT64_C(1000000000), "%lu ms",
	       (now_ns() - start) / 1000000);
	net_set_up(NET_B, true);
	unlock_table(t);
	munmap(t, sizeof(*t));
	watch_anew(&s, 120);
	EXPECT_EQ(moved(&s, 0, true), 0);
	end_scene(&s);
	free_scene(&s);
}

/* A process that takes the lock and ends without giving it back. */
Test(ebpf, a_lock_whose_owner_died_is_free)
{
	struct pktio_ring *rings[2];
	struct steer_table *t;
	pid_t child;

	open_all(rings, NET_B, "fanout=ebpf&fanout-seed=998877", 2);
	t = find_table(998877);
	REQUIRE(t, "the group has no table");
	child = fork();
	if (child == 0) {
		lock_table(t);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	munmap(t, sizeof(*t));
	rings[1] = pktio_close(rings[1]);
	rings[1] = open_one(NET_B, "fanout=ebpf&fanout-seed=998877", 1, 2);
	close_all(rings, 2);
}

/* The kernel sorts the members when the interface comes up. A ring that learns
 * of it late must not sort them again after others have changed places. */
Test(ebpf, a_late_report_that_the_interface_was_down_moves_no_flow)
{
	enum { GOES = 1, OF = 1U << GOES };
	struct scene s = { 0 };

	flows_load();
	open_all(s.rings, NET_B, "fanout=ebpf", FOUR);
	begin_scene(&s);
	net_set_up(NET_B, false);
	net_set_up(NET_B, true);
	s.rings[GOES] = pktio_close(s.rings[GOES]);
	watch_anew(&s, 300);
	EXPECT_EQ(moved(&s, OF, true), 0);
	EXPECT_EQ(moved(&s, OF, false), flows_of(&s, OF));
	end_scene(&s);
	free_scene(&s);
}
#endif

/* ---- Shares -------------------------------------------------------------- */

static void expect_shares(const char *query, const unsigned *shares)
{
	enum { N = 8000 };
	struct pktio_ring *rings[RINGS];
	unsigned all = 0;

	open_all(rings, NET_B, query, RINGS);
	send_flows(N);
	for (unsigned i = 0; i < RINGS; i++)
		all += shares[i];
	for (unsigned i = 0; i < RINGS; i++) {
		uint64_t n = ring_drain(rings[i], 50, NULL, 0);
		uint64_t due = N * shares[i] / all;

		EXPECT(n > due * 9 / 10 && n < due * 11 / 10,
		       "%s: ring %u has %lu of %lu flows", query, i, n, due);
	}
	close_all(rings, RINGS);
}

Test(steer, cbpf_gives_each_ring_the_same_share)
{
	expect_shares("fanout=cbpf", (const unsigned[]){ 1, 1, 1 });
}

Test(ebpf, each_ring_has_the_share_that_its_weight_says)
{
	expect_shares("fanout=ebpf", (const unsigned[]){ 1, 1, 1 });
	expect_shares("fanout=ebpf&fanout-weights=6:1:1",
		      (const unsigned[]){ 6, 1, 1 });
	expect_shares("fanout=ebpf&fanout-weights=1:3",
		      (const unsigned[]){ 1, 3, 1 });
}

/* ---- Programs of the user's ---------------------------------------------- */

static const char *objects(void)
{
	static char path[300];
	const char *build = getenv("PKTIO_TEST_BUILD_DIR");

	snprintf(path, sizeof(path), "%s/tests/live/programs.o",
		 build ? build : ".");
	return path;
}

static void expect_refused(const char *query, unsigned index, unsigned count,
			   int code, const char *words)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	char uri[500];

	snprintf(uri, sizeof(uri), "af_packet:" NET_B "?%s", query);
	expect_open_fails(uri, &args, code, words);
}

Test(ebpf, a_program_of_the_users_own_chooses_the_ring)
{
	struct pktio_ring *rings[2];
	char query[400];

	snprintf(query, sizeof(query), "fanout=ebpf&fanout-program=%s:fanout",
		 objects());
	open_all(rings, NET_B, query, 2);
	net_send_numbers(net_socket(NET_A), 0, 10);
	EXPECT_EQ(ring_drain(rings[0], 50, NULL, 0), 0);
	EXPECT_EQ(ring_drain(rings[1], 50, NULL, 0), 10);
	close_all(rings, 2);
}

Test(ebpf, a_program_of_the_users_own_filters_from_the_first_frame_on)
{
	struct pktio_ring *ring;
	struct pktio_frame f;
	uint8_t seen[10] = { 0 };
	char query[400];

	snprintf(query, sizeof(query), "filter-program=%s:even_ones",
		 objects());
	ring = open_one(NET_B, query, 0, 1);
	net_send_numbers(net_socket(NET_A), 0, 10);
	EXPECT_EQ(ring_drain(ring, 50, seen, 10), 5);
	for (unsigned i = 0; i < 10; i++)
		EXPECT_EQ(seen[i], !(i % 2));
	net_send_numbers(net_socket(NET_A), 0, 1);
	pktio_wait(ring, 1000);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(f.caplen, 42);
	EXPECT(f.flags & PKTIO_F_TRUNCATED, "to what the program returned");
	pktio_release(ring, &f, 1);
	/* And makes place for another. */
	EXPECT_EQ(pktio_set_filter(ring, NULL), 0);
	net_send_numbers(net_socket(NET_A), 0, 10);
	EXPECT_EQ(ring_drain(ring, 50, NULL, 0), 10);
	pktio_close(ring);
}

Test(ebpf, a_program_that_is_no_good_is_refused_with_the_verifiers_words)
{
	char query[400];

	snprintf(query, sizeof(query), "filter-program=%s:bad", objects());
	expect_refused(query, 0, 1, -EACCES, "invalid mem access");
	snprintf(query, sizeof(query), "filter-program=%s:none", objects());
	expect_refused(query, 0, 1, -ENOENT, "'none'");
	expect_refused("filter-program=/nowhere.o", 0, 1, -ENOENT,
		       "'/nowhere.o': No such file");
	expect_refused("filter-program=/etc/passwd", 0, 1, -EINVAL,
		       "not an eBPF object file");
	expect_refused("fanout=hash&fanout-program=x.o", 0, 1, -EINVAL,
		       "fanout=ebpf");
}

/* ---- Mistakes ------------------------------------------------------------ */

Test(ebpf, rings_with_the_same_index_or_another_count_are_refused)
{
	struct pktio_ring *ring =
		open_one(NET_B, "fanout=ebpf&fanout-id=9", 0, 2);

	expect_refused("fanout=ebpf&fanout-id=9", 0, 2, -EEXIST,
		       "ring 0 of fanout group 9 is open already");
	expect_refused("fanout=ebpf&fanout-id=9", 1, 3, -EINVAL,
		       "group 9 is for 2 rings, and this one is of 3");
	expect_refused("fanout=ebpf&fanout-id=9&fanout-seed=7", 1, 2, -EINVAL,
		       "group 9 has another fanout-key, fanout-seed or");
	expect_refused("fanout=ebpf&fanout-id=9&fanout-weights=1:2", 1, 2,
		       -EINVAL, "fanout-weights");
	expect_refused("fanout=ebpf&fanout-id=9&fanout-key=addresses", 1, 2,
		       -EINVAL, "fanout-key");
	pktio_close(open_one(
		NET_B, "fanout=ebpf&fanout-id=9&fanout-weights=1:1", 1, 2));
	expect_refused("fanout=ebpf&fanout-weights=1:2:3", 0, 2, -EINVAL,
		       "fanout-weights '1:2:3'");
	expect_refused("fanout=ebpf&fanout-weights=0:2", 0, 2, -EINVAL,
		       "fanout-weights '0:2'");
	pktio_close(ring);
}

/* Where there is no user namespace to be had, --live tests are root's. */
static bool may_load(void)
{
	char line[80] = "";
	FILE *map = fopen("/proc/self/uid_map", "r");
	char *read = map ? fgets(line, sizeof(line), map) : NULL;

	if (map)
		fclose(map);
	return read && strstr(line, " 4294967295");
}

Test(steer, ebpf_without_the_privilege_says_what_it_takes)
{
#ifndef PKTIO_TEST_EBPF
	cr_skip("this was built without eBPF");
#endif
	if (may_load())
		cr_skip("this root may load eBPF programs");
	expect_refused("fanout=ebpf", 0, 2, -EPERM, "CAP_BPF");
	expect_refused("fanout=ebpf", 0, 2, -EPERM, "fanout=cbpf");
}
