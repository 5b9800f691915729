/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames generated from a seed, and the sink. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/files.h"
#include <pktio/pktio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BURST 64U

static struct pktio_error error;

static struct pktio_ring *open_ring(const char *uri, unsigned index,
				    unsigned count)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	struct pktio_ring *ring = NULL;

	REQUIRE(!pktio_open(&ring, uri, &args, &error), "%s", error.text);
	return ring;
}

/* The next frame, which stays held. */
static struct pktio_frame next(struct pktio_ring *ring)
{
	struct pktio_frame f = { 0 };

	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	return f;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* All fields except the address of the bytes. */
static bool is_same(const struct pktio_frame *a, const struct pktio_frame *b)
{
	struct pktio_frame moved = *a;

	moved.data = b->data;
	return !memcmp(&moved, b, sizeof(moved)) &&
	       !memcmp(a->data, b->data, a->caplen);
}

/* ---- The same from the same --------------------------------------------- */

#define VARIED                                                          \
	"gen:?ip=both&proto=both&sizes=imix&flows=7&vlan=qinq&snaplen=" \
	"200&seed=99"

Test(gen, rings_with_the_same_options_generate_the_same_frames)
{
	struct pktio_ring *a = open_ring(VARIED, 0, 1);
	struct pktio_ring *b = open_ring(VARIED, 0, 1);

	for (unsigned i = 0; i < 2000; i++) {
		struct pktio_frame fa = next(a);
		struct pktio_frame fb = next(b);

		EXPECT(is_same(&fa, &fb), "frame %u differs", i);
	}
	pktio_close(a);
	pktio_close(b);
}

Test(gen, bursts_of_any_length_have_the_same_frames)
{
	static const unsigned lengths[] = { 64, 1, 17, 2, 63 };
	struct pktio_ring *singly = open_ring(VARIED, 0, 1);
	struct pktio_ring *bursts = open_ring(VARIED, 0, 1);
	struct pktio_frame got[BURST];

	for (unsigned i = 0; i < 100; i++) {
		unsigned n = lengths[i % COUNT(lengths)];

		REQUIRE_EQ(pktio_recv(bursts, got, n), n);
		for (unsigned j = 0; j < n; j++) {
			struct pktio_frame f = next(singly);

			EXPECT(is_same(&got[j], &f), "burst %u, frame %u", i,
			       j);
		}
		pktio_release(bursts, got, n);
	}
	pktio_close(singly);
	pktio_close(bursts);
}

Test(gen, another_seed_generates_other_frames)
{
	struct pktio_ring *a = open_ring("gen:?seed=1", 0, 1);
	struct pktio_ring *b = open_ring("gen:?seed=2", 0, 1);

	for (unsigned i = 0; i < 128; i++) {
		struct pktio_frame fa = next(a);
		struct pktio_frame fb = next(b);

		EXPECT(memcmp(fa.data + 42, fb.data + 42, 18), "payload %u", i);
	}
	pktio_close(a);
	pktio_close(b);
}

Test(gen, held_frames_do_not_change)
{
	enum { HELD = 500 };
	struct pktio_ring *ring = open_ring(VARIED, 0, 1);
	struct pktio_ring *again = open_ring(VARIED, 0, 1);
	static struct pktio_frame held[HELD];
	struct pktio_info info = { .size = sizeof(info) };

	for (unsigned i = 0; i < HELD; i++)
		held[i] = next(ring);
	for (unsigned i = 0; i < 10000; i++)
		next(ring);
	for (unsigned i = 0; i < HELD; i++) {
		struct pktio_frame f = next(again);

		EXPECT(is_same(&held[i], &f), "frame %u", i);
	}
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.max_held, 0);
	EXPECT_EQ(info.max_hold, 0);
	EXPECT_EQ(info.linktype, 1);
	EXPECT_EQ(info.snaplen, 200);
	pktio_close(ring);
	pktio_close(again);
}

/* ---- Flows -------------------------------------------------------------- */

/* Addresses and ports of an IPv4 frame. */
static uint64_t key_of(const struct pktio_frame *f, bool back)
{
	const uint8_t *ip = f->data + 14;
	const uint8_t *l4 = ip + 20;
	uint64_t a = (uint64_t)get16(ip + 14) << 16 | get16(l4);
	uint64_t b = (uint64_t)get16(ip + 18) << 16 | get16(l4 + 2);

	return back ? b << 32 | a : a << 32 | b;
}

Test(gen, every_flow_has_both_directions_and_its_own_payload)
{
	enum { FLOWS = 300 };
	struct pktio_ring *ring = open_ring("gen:?flows=300", 0, 1);
	static struct pktio_frame f[2 * FLOWS];
	struct pktio_frame again;

	for (unsigned i = 0; i < 2 * FLOWS; i++)
		f[i] = next(ring);
	for (unsigned i = 0; i < FLOWS; i++) {
		EXPECT(key_of(&f[i], false) == key_of(&f[i + FLOWS], true),
		       "flow %u has no reverse direction", i);
		EXPECT(f[i].hash == f[i + FLOWS].hash, "flow %u has two hashes",
		       i);
		EXPECT(f[i].flags & PKTIO_F_HASH, "flow %u has no hash", i);
	}
	for (unsigned i = 0; i < 2 * FLOWS; i++) {
		for (unsigned j = 0; j < i; j++) {
			EXPECT(key_of(&f[i], false) != key_of(&f[j], false),
			       "%u and %u are one flow", i, j);
			EXPECT(memcmp(f[i].data + 42, f[j].data + 42, 18),
			       "%u and %u have the same payload", i, j);
		}
	}
	again = next(ring);
	EXPECT(again.data == f[0].data, "flow 0 is not repeated");
	pktio_close(ring);
}

Test(gen, several_rings_divide_the_flows_of_one_ring)
{
	enum { FLOWS = 50, RINGS = 3 };
	const char *uri = "gen:?flows=50&ip=both&proto=both";
	struct pktio_ring *whole = open_ring(uri, 0, 1);
	struct pktio_ring *rings[RINGS];
	static struct pktio_frame all[FLOWS];

	for (unsigned i = 0; i < FLOWS; i++)
		all[i] = next(whole);
	for (unsigned i = 0; i < RINGS; i++) {
		rings[i] = open_ring(uri, i, RINGS);
		for (unsigned flow = i; flow < FLOWS; flow += RINGS) {
			struct pktio_frame f = next(rings[i]);

			f.ts = all[flow].ts;
			EXPECT(is_same(&f, &all[flow]), "flow %u", flow);
		}
		/* The next frame starts the other direction. */
		EXPECT_EQ(next(rings[i]).data[5], 1);
		pktio_close(rings[i]);
	}
	pktio_close(whole);
}

Test(gen, tcp_and_udp_are_half_of_the_flows_of_each_ring)
{
	for (unsigned count = 1; count <= 4; count++) {
		struct pktio_ring *ring = open_ring(
			"gen:?flows=1024&ip=both&proto=both", count - 1, count);
		unsigned kinds[4] = { 0 };
		unsigned flows = 1024 / count;

		for (unsigned i = 0; i < flows; i++) {
			struct pktio_frame f = next(ring);
			bool ipv6 = get16(f.data + 12) == 0x86dd;
			bool tcp = f.data[ipv6 ? 20 : 23] == 6;

			kinds[ipv6 * 2 + tcp]++;
		}
		for (unsigned i = 0; i < 4; i++)
			EXPECT(kinds[i] > flows / 6 && kinds[i] < flows / 3,
			       "%u rings: %u of %u are kind %u", count,
			       kinds[i], flows, i);
		pktio_close(ring);
	}
}

/* ---- Sizes -------------------------------------------------------------- */

Test(gen, frames_have_the_length_of_the_option_or_of_their_headers)
{
	static const struct {
		const char *options;
		uint32_t len;
	} cases[] = {
		{ "size=60", 60 },
		{ "size=61", 61 },
		{ "size=1514&proto=tcp", 1514 },
		{ "size=9018&ip=6", 9018 },
		{ "size=65535", 65535 },
		{ "size=60&proto=tcp", 60 },
		{ "size=60&ip=6", 66 },
		{ "size=60&ip=6&proto=tcp", 78 },
		{ "size=78&ip=6&proto=tcp", 78 },
		{ "size=100&vlan=802.1q", 104 },
		{ "size=100&vlan=qinq", 108 },
		{ "size=100&vlan=qinq&vlan-strip=outer", 104 },
		{ "size=100&vlan=qinq&vlan-strip=all", 100 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char uri[128];
		struct pktio_ring *ring;
		struct pktio_frame f;

		snprintf(uri, sizeof(uri), "gen:?%s", cases[i].options);
		ring = open_ring(uri, 0, 1);
		f = next(ring);
		EXPECT(f.wirelen == cases[i].len, "%s: %u", uri, f.wirelen);
		EXPECT(f.caplen == cases[i].len, "%s: %u", uri, f.caplen);
		pktio_close(ring);
	}
}

Test(gen, imix_is_7_to_4_to_1_in_total_and_for_each_flow)
{
	enum { FLOWS = 64, ROUNDS = 12 };
	struct pktio_ring *ring = open_ring("gen:?sizes=imix", 0, 1);
	unsigned sizes[3] = { 0 };
	unsigned of_one_flow[3] = { 0 };

	for (unsigned i = 0; i < 2 * FLOWS * ROUNDS; i++) {
		struct pktio_frame f = next(ring);
		unsigned kind = f.wirelen == 60 ? 0 : f.wirelen == 590 ? 1 : 2;

		EXPECT(kind < 2 || f.wirelen == 1514, "%u", f.wirelen);
		sizes[kind]++;
		of_one_flow[kind] += i % (2 * FLOWS) == 5;
	}
	EXPECT_EQ(sizes[0], 7 * 2 * FLOWS);
	EXPECT_EQ(sizes[1], 4 * 2 * FLOWS);
	EXPECT_EQ(sizes[2], 2 * FLOWS);
	EXPECT_EQ(of_one_flow[0], 7);
	EXPECT_EQ(of_one_flow[1], 4);
	EXPECT_EQ(of_one_flow[2], 1);
	pktio_close(ring);
}

Test(gen, a_snaplen_truncates_and_marks_frames)
{
	struct pktio_ring *ring = open_ring("gen:?size=100&snaplen=64", 0, 1);
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame f = next(ring);

	EXPECT_EQ(f.caplen, 64);
	EXPECT_EQ(f.wirelen, 100);
	EXPECT(f.flags & PKTIO_F_TRUNCATED, "it is not marked as truncated");
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.received, 1);
	EXPECT_EQ(stats.received_bytes, 64);
	EXPECT_EQ(stats.truncated, 1);
	pktio_close(ring);
	ring = open_ring("gen:?size=100&snaplen=100", 0, 1);
	f = next(ring);
	EXPECT_EQ(f.caplen, 100);
	EXPECT(!(f.flags & PKTIO_F_TRUNCATED), "it is marked as truncated");
	pktio_close(ring);
}

/* ---- Tags --------------------------------------------------------------- */

static void expect_words(const char *uri, const unsigned *message, unsigned n)
{
	struct pktio_ring *ring = open_ring(uri, 0, 1);
	struct pktio_frame f = next(ring);

	for (unsigned i = 0; i < n; i++)
		EXPECT(get16(f.data + 12 + (size_t)2 * i) == message[i],
		       "%s: %#x, not %#x", uri,
		       get16(f.data + 12 + (size_t)2 * i), message[i]);
	EXPECT_EQ(f.nvlan, 0);
	pktio_close(ring);
}

Test(gen, tags_are_in_the_bytes_in_their_order)
{
	expect_words("gen:?vlan=none", (unsigned[]){ 0x0800 }, 1);
	expect_words("gen:?vlan=802.1q", (unsigned[]){ 0x8100, 100, 0x0800 },
		     3);
	expect_words("gen:?vlan=802.1q&vlan-id=4094&vlan-priority=5",
		     (unsigned[]){ 0x8100, 0xaffe, 0x0800 }, 3);
	expect_words("gen:?vlan=qinq&ip=6",
		     (unsigned[]){ 0x88a8, 200, 0x8100, 100, 0x86dd }, 5);
	expect_words("gen:?vlan=priority", (unsigned[]){ 0x8100, 0, 0x0800 },
		     3);
	expect_words("gen:?vlan=priority&vlan-priority=7",
		     (unsigned[]){ 0x8100, 0xe000, 0x0800 }, 3);
}

/*
 * Inserts the stripped tags, as a ring that does not strip generates the frame.
 */
static void expect_stripped(const char *vlan, const char *strip, unsigned nvlan)
{
	char uri[128];
	struct pktio_ring *with;
	struct pktio_ring *without;

	snprintf(uri, sizeof(uri), "gen:?ip=both&vlan=%s", vlan);
	with = open_ring(uri, 0, 1);
	snprintf(uri, sizeof(uri), "gen:?ip=both&vlan=%s&vlan-strip=%s", vlan,
		 strip);
	without = open_ring(uri, 0, 1);
	for (unsigned i = 0; i < 128; i++) {
		struct pktio_frame a = next(with);
		struct pktio_frame b = next(without);
		const uint8_t *at = a.data + 12;

		EXPECT(b.nvlan == nvlan, "%s: %u tags", uri, b.nvlan);
		EXPECT_EQ(a.wirelen, b.wirelen + 4 * nvlan);
		EXPECT_BYTES(a.data, b.data, 12, "%s: addresses", uri);
		for (unsigned j = 0; j < nvlan; j++, at += 4) {
			EXPECT_EQ(b.vlan[j].tpid, get16(at));
			EXPECT_EQ(b.vlan[j].tci, get16(at + 2));
		}
		EXPECT_BYTES(at, b.data + 12, b.caplen - 12, "%s: bytes", uri);
	}
	pktio_close(with);
	pktio_close(without);
}

Test(gen, tags_can_be_stripped_as_a_nic_does)
{
	expect_stripped("none", "outer", 0);
	expect_stripped("802.1q", "none", 0);
	expect_stripped("802.1q", "outer", 1);
	expect_stripped("802.1q", "all", 1);
	expect_stripped("qinq", "outer", 1);
	expect_stripped("qinq", "all", 2);
	expect_stripped("priority", "outer", 1);
}

/* ---- Time and end ------------------------------------------------------- */

Test(gen, times_start_and_advance_as_configured)
{
	struct pktio_ring *ring = open_ring(
		"gen:?first-time=1700000000s&interval=250ns&flows=3", 0, 1);

	for (unsigned i = 0; i < 100; i++) {
		struct pktio_frame f = next(ring);

		EXPECT_EQ(f.ts,
			  UINT64_C(1700000000000000000) + (uint64_t)i * 250);
		EXPECT_EQ(f.clock, PKTIO_CLOCK_FILE);
	}
	pktio_close(ring);
	ring = open_ring("gen:", 0, 1);
	EXPECT_EQ(next(ring).ts, UINT64_C(1000000000000000000));
	EXPECT_EQ(next(ring).ts, UINT64_C(1000000000000001000));
	pktio_close(ring);
}

Test(gen, recv_returns_eof_after_count_frames)
{
	struct pktio_ring *ring = open_ring("gen:?count=100", 0, 1);
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_frame got[BURST];

	EXPECT_EQ(pktio_recv(ring, got, BURST), 64);
	EXPECT_EQ(pktio_recv(ring, got, 0), 0);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT_EQ(pktio_recv(ring, got, BURST), 36);
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQ(pktio_wait(ring, -1), 1);
		EXPECT_EQ(pktio_recv(ring, got, BURST), PKTIO_EOF);
	}
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.received, 100);
	EXPECT_EQ(stats.received_bytes, 6000);
	EXPECT_EQ(pktio_fd(ring), -ENOTSUP);
	pktio_close(ring);
}

/* ---- What does not go --------------------------------------------------- */

static void expect_failure(const char *uri, unsigned index, unsigned count,
			   int code, const char *message)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, uri, &args, &error), code);
	EXPECT_STR(error.text, message);
	EXPECT(!ring, "it was opened");
}

Test(gen, invalid_options_fail_with_an_error_text)
{
	expect_failure(
		"gen:eth0", 0, 1, -EINVAL,
		"gen: invalid target 'eth0': gen has no targets; write gen:?option=value");
	expect_failure(
		"gen:?flows=2", 2, 4, -EINVAL,
		"gen: 2 flows leave none for ring 2 of 4; use flows=4 or more");
	expect_failure(
		"gen:?flows=100000&size=9018", 0, 1, -E2BIG,
		"gen: 200000 different frames need more than 1 GiB; lower flows or size");
	expect_failure(
		"gen:?size=59", 0, 1, -ERANGE,
		"gen: option 'size': '59' is out of range; the range is 60 to 65535");
}

/* ---- The sink ----------------------------------------------------------- */

Test(gen, sent_frames_are_counted_and_their_buffers_reused)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_ring *ring = NULL;
	struct pktio_frame f[8];

	REQUIRE_EQ(pktio_open(&ring, "gen:?tx-buffers=8&tx-buffer-size=100",
			      &args, &error),
		   0);
	for (unsigned round = 0; round < 5; round++) {
		REQUIRE_EQ(pktio_alloc(ring, f, 8), 8);
		EXPECT_EQ(pktio_alloc(ring, f + 7, 1), 0);
		for (unsigned i = 0; i < 8; i++) {
			EXPECT_EQ(f[i].tailroom, 100);
			EXPECT_EQ(f[i].caplen, 0);
			memset(pktio_frame_wdata(&f[i]), (int)i, 100);
			f[i].caplen = 100 - i;
		}
		EXPECT_EQ(pktio_send(ring, f, 5), 5);
		pktio_release(ring, f + 5, 3);
	}
	EXPECT_EQ(pktio_flush(ring), 0);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.sent, 25);
	EXPECT_EQ(stats.sent_bytes, UINT64_C(5) * (500 - 10));
	EXPECT_EQ(stats.send_failed, 0);
	pktio_close(ring);
}

Test(gen, generated_frames_can_be_injected)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_ring *ring = NULL;
	struct pktio_frame f[BURST];

	REQUIRE_EQ(pktio_open(&ring, "gen:?sizes=imix", &args, &error), 0);
	for (unsigned i = 0; i < 100; i++) {
		EXPECT_EQ(pktio_recv(ring, f, BURST), BURST);
		EXPECT_EQ(pktio_inject(ring, f, BURST), BURST);
		pktio_release(ring, f, BURST);
	}
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.sent, 100 * BURST);
	EXPECT_EQ(stats.sent_bytes, stats.received_bytes);
	pktio_close(ring);
}

/* ---- Checksums, judged by tshark ---------------------------------------- */

static const char *write_pcap(const char *uri)
{
	const struct layout layout = { .nanoseconds = true };
	struct pktio_ring *ring = open_ring(uri, 0, 1);
	struct bytes b = { 0 };
	struct pktio_frame f;
	const char *path;

	bytes_header(&b, layout, 262144, 1);
	while (pktio_recv(ring, &f, 1) == 1) {
		bytes_u32(&b, false, (uint32_t)(f.ts / 1000000000));
		bytes_u32(&b, false, (uint32_t)(f.ts % 1000000000));
		bytes_u32(&b, false, f.caplen);
		bytes_u32(&b, false, f.wirelen);
		bytes_add(&b, f.data, f.caplen);
	}
	path = scratch_file("made.pcap", b.data, b.size);
	bytes_free(&b);
	pktio_close(ring);
	return path;
}

/* 1 means valid; IPv6 has no header checksum. */
static bool is_expected(const char *line)
{
	static const char *const right[] = { "1,1,,4,", "1,,1,4,", ",1,,6,",
					     ",,1,6," };

	for (size_t i = 0; i < COUNT(right); i++)
		if (!strncmp(line, right[i], strlen(right[i])))
			return line[strlen(line) - 1] == ',';
	return false;
}

/* The output of tshark, one line for each frame. */
static void check_with_tshark(const char *uri, unsigned expected)
{
	const char *const argv[] = {
		"tshark", "-n", "-r", write_pcap(uri),
		/* tshark does not check all of them by default. */
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
		"-o", "tcp.check_checksum:TRUE", "-T", "fields", "-E",
		"separator=,", "-e", "ip.checksum.status", "-e",
		"udp.checksum.status", "-e", "tcp.checksum.status", "-e",
		"ip.version", "-e", "frame.len", "-e", "_ws.malformed", NULL
	};
	const char *found = scratch("found");
	static char text[1 << 20];
	unsigned lines = 0;

	REQUIRE_EQ(run_tool(found, argv), 0);
	read_text(found, text, sizeof(text));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		lines++;
		EXPECT(is_expected(line), "%s: frame %u: %s", uri, lines, line);
	}
	EXPECT(lines == expected, "%s: %u frames", uri, lines);
}

Test(gen, tshark_finds_checksums_and_lengths_valid, .fini = scratch_remove)
{
	check_with_tshark(
		"gen:?ip=both&proto=both&sizes=imix&flows=100&count=2400",
		2400);
	check_with_tshark(
		"gen:?ip=both&proto=both&size=333&seed=7&count=500&vlan=qinq",
		500);
	check_with_tshark("gen:?ip=both&proto=both&vlan=802.1q&count=100", 100);
	check_with_tshark(
		"gen:?ip=6&proto=tcp&size=9018&count=20&vlan=priority", 20);
}
