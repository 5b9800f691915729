/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The flow, the checksums and the time of a frame. The frames are built from
 * the inside out. test_af_packet_steer.c compares the same functions with the
 * steering program in the kernel.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>

#include <pktio/packet.h>

#include "support/expect.h"

#define ETHERNET 1
#define RAW 101
#define LINUX_SLL 113
#define LINUX_SLL2 276
#define ROOM 512U

/* A frame that grows towards its start. */
struct maker {
	uint8_t room[ROOM];
	uint8_t *data;
	bool back; /* the other direction */
};

static void begin(struct maker *m, bool back)
{
	memset(m->room, 0, sizeof(m->room));
	m->data = m->room + ROOM;
	m->back = back;
}

static uint32_t length(const struct maker *m)
{
	return (uint32_t)(m->room + ROOM - m->data);
}

static uint8_t *push(struct maker *m, uint32_t size)
{
	m->data -= size;
	memset(m->data, 0, size);
	return m->data;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void push_bytes(struct maker *m, const void *bytes, uint32_t size)
{
	memcpy(push(m, size), bytes, size);
}

/* Ports, and a payload if there is none yet. */
static void push_ports(struct maker *m, unsigned source, unsigned destination,
		       bool tcp)
{
	uint32_t size = tcp ? 20 : 8;
	uint8_t *at;

	if (length(m) == 0)
		push_bytes(m, "payload", 7);
	at = push(m, size);
	put16(at, m->back ? destination : source);
	put16(at + 2, m->back ? source : destination);
	if (tcp)
		at[12] = 0x50;
	else
		put16(at + 4, length(m));
}

/* The port of the tunnel is the destination port in both directions. */
static void push_tunnel(struct maker *m, unsigned source, unsigned port)
{
	uint8_t *at = push(m, 8);

	put16(at, source + m->back);
	put16(at + 2, port);
	put16(at + 4, length(m));
}

static void push_ipv4(struct maker *m, unsigned network, uint8_t protocol)
{
	uint8_t *ip = push(m, 20);
	uint8_t *source = ip + (m->back ? 16 : 12);
	uint8_t *destination = ip + (m->back ? 12 : 16);

	ip[0] = 0x45;
	put16(ip + 2, length(m));
	put16(ip + 4, 0x1234);
	ip[8] = 64;
	ip[9] = protocol;
	source[0] = destination[0] = 10;
	source[1] = destination[1] = (uint8_t)network;
	source[3] = 1;
	destination[3] = 2;
}

static void push_ipv6(struct maker *m, unsigned network, uint8_t protocol)
{
	uint32_t len = length(m);
	uint8_t *ip = push(m, 40);
	uint8_t *source = ip + (m->back ? 24 : 8);
	uint8_t *destination = ip + (m->back ? 8 : 24);

	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = protocol;
	ip[7] = 64;
	source[0] = destination[0] = 0x20;
	source[3] = destination[3] = (uint8_t)network;
	source[15] = 1;
	destination[15] = 2;
}

static void push_ethernet(struct maker *m, unsigned type)
{
	uint8_t *at = push(m, 14);

	at[0] = at[6] = 2;
	at[5] = m->back ? 0xa : 0xb;
	at[11] = m->back ? 0xb : 0xa;
	put16(at + 12, type);
}

static void push_tag(struct maker *m, unsigned tci, unsigned type)
{
	uint8_t *at = push(m, 4);

	put16(at, tci);
	put16(at + 2, type);
}

/* Another label in each direction. */
static void push_label(struct maker *m, unsigned label, bool last)
{
	uint8_t *at = push(m, 4);

	put16(at, label + m->back);
	at[2] = last;
	at[3] = 64;
}

static struct pktio_frame frame_of(const struct maker *m, uint16_t linktype)
{
	return (struct pktio_frame){ .data = m->data,
				     .caplen = length(m),
				     .wirelen = length(m),
				     .flags = PKTIO_F_WRITABLE,
				     .linktype = linktype };
}

static struct pktio_flow parse(const struct pktio_frame *f, int result)
{
	struct pktio_flow flow;

	memset(&flow, 0xff, sizeof(flow));
	EXPECT_EQ(pktio_flow_parse(&flow, f), result);
	return flow;
}

/* ---- Kinds of frames ---------------------------------------------------- */

static void inner4(struct maker *m)
{
	push_ports(m, 40000, 443, true);
	push_ipv4(m, 1, 6);
}

static void inner6(struct maker *m)
{
	push_ports(m, 40000, 443, true);
	push_ipv6(m, 1, 6);
}

static void inner_ethernet(struct maker *m)
{
	inner4(m);
	push_ethernet(m, 0x0800);
}

static void in_gre(struct maker *m, unsigned flags, unsigned type,
		   uint32_t message)
{
	uint8_t *gre;

	push(m, message * 4);
	gre = push(m, 4);
	put16(gre, flags);
	put16(gre + 2, type);
	push_ipv4(m, 99, 47);
	push_ethernet(m, 0x0800);
}

static void in_udp(struct maker *m, unsigned port)
{
	push_tunnel(m, 50000, port);
	push_ipv4(m, 99, 17);
	push_ethernet(m, 0x0800);
}

static void make_plain4(struct maker *m)
{
	inner_ethernet(m);
}

static void make_plain6(struct maker *m)
{
	inner6(m);
	push_ethernet(m, 0x86dd);
}

static void make_qinq(struct maker *m)
{
	inner4(m);
	push_tag(m, 0x6007, 0x0800);
	push_tag(m, 5, 0x8100);
	push_ethernet(m, 0x88a8);
}

static void make_mpls(struct maker *m)
{
	inner6(m);
	push_label(m, 7, true);
	push_label(m, 100, false);
	push_ethernet(m, 0x8847);
}

static void make_pseudo_wire(struct maker *m)
{
	inner_ethernet(m);
	push(m, 4);
	push_label(m, 7, true);
	push_ethernet(m, 0x8847);
}

static void make_pppoe(struct maker *m)
{
	inner4(m);
	push_bytes(m, "\x11\0\0\x09\0\0\0\x21", 8);
	push_ethernet(m, 0x8864);
}

static void make_gre(struct maker *m)
{
	inner6(m);
	in_gre(m, 0xb000, 0x86dd, 3);
}

static void make_nvgre(struct maker *m)
{
	inner_ethernet(m);
	in_gre(m, 0x2000, 0x6558, 1);
}

static void make_erspan3(struct maker *m)
{
	inner_ethernet(m);
	push(m, 8);
	push(m, 12)[11] = 1;
	in_gre(m, 0x1000, 0x22eb, 1);
}

static void make_ipip(struct maker *m)
{
	inner4(m);
	push_ipv6(m, 99, 4);
	push_ethernet(m, 0x86dd);
}

static void make_vxlan(struct maker *m)
{
	inner_ethernet(m);
	push_bytes(m, "\x08\0\0\0\0\0\x2a\0", 8);
	in_udp(m, 4789);
}

static void make_geneve(struct maker *m)
{
	inner_ethernet(m);
	push_bytes(m, "\x01\0\x65\x58\0\0\x2a\0\1\2\x80\0", 12);
	in_udp(m, 6081);
}

static void make_gtp(struct maker *m)
{
	inner6(m);
	push_bytes(m, "\x01\x11\x09\0", 4);
	push_bytes(m, "\x34\xff\0\0\0\0\0\1\0\0\0\x85", 12);
	in_udp(m, 2152);
}

static void make_nested(struct maker *m)
{
	inner4(m);
	in_gre(m, 0, 0x0800, 0);
	push_bytes(m, "\x08\0\0\0\0\0\x2a\0", 8);
	in_udp(m, 4789);
}

static void make_extensions(struct maker *m)
{
	push_ports(m, 40000, 443, true);
	push_bytes(m, "\x06\0\0\0\0\0\0\0", 8);            /* destination */
	push_bytes(m, "\x3c\x01\0\0\0\0\0\0\0\0\0\0", 12); /* authentication */
	push_bytes(m, "\x33\0\0\0\0\0\0\0", 8);            /* hop by hop */
	push_ipv6(m, 1, 0);
	push_ethernet(m, 0x86dd);
}

static const struct kind {
	const char *name;
	void (*make)(struct maker *m);
	uint8_t version, tunnels, nvlan;
} kinds[] = {
	{ "IPv4", make_plain4, 4, 0, 0 },
	{ "IPv6", make_plain6, 6, 0, 0 },
	{ "QinQ", make_qinq, 4, 0, 2 },
	{ "MPLS", make_mpls, 6, 0, 0 },
	{ "pseudo wire", make_pseudo_wire, 4, 0, 0 },
	{ "PPPoE", make_pppoe, 4, 0, 0 },
	{ "GRE", make_gre, 6, 1, 0 },
	{ "NVGRE", make_nvgre, 4, 1, 0 },
	{ "ERSPAN III", make_erspan3, 4, 1, 0 },
	{ "IP in IP", make_ipip, 4, 1, 0 },
	{ "VXLAN", make_vxlan, 4, 1, 0 },
	{ "Geneve", make_geneve, 4, 1, 0 },
	{ "GTP-U", make_gtp, 6, 1, 0 },
	{ "GRE in VXLAN", make_nested, 4, 2, 0 },
	{ "extension headers", make_extensions, 6, 0, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void expect_kind(const struct kind *k)
{
	struct maker there;
	struct maker back;
	struct pktio_frame f;
	struct pktio_flow a;
	struct pktio_flow b;

	begin(&there, false);
	begin(&back, true);
	k->make(&there);
	k->make(&back);
	f = frame_of(&there, ETHERNET);
	a = parse(&f, 1);
	f = frame_of(&back, ETHERNET);
	b = parse(&f, 1);
	EXPECT(a.version == k->version, "%s: %u", k->name, a.version);
	EXPECT(a.tunnels == k->tunnels, "%s: %u", k->name, a.tunnels);
	EXPECT(a.nvlan == k->nvlan, "%s: %u", k->name, a.nvlan);
	EXPECT(a.protocol == 6, "%s: %u", k->name, a.protocol);
	EXPECT(a.source_port == 40000, "%s: %u", k->name, a.source_port);
	EXPECT(a.destination_port == 443, "%s: %u", k->name,
	       a.destination_port);
	EXPECT(a.source[a.version == 4 ? 3 : 15] == 1, "%s", k->name);
	EXPECT(a.source[a.version == 4 ? 1 : 3] == 1, "%s", k->name);
	EXPECT(a.transport == length(&there) - 27, "%s: at %u", k->name,
	       a.transport);
	EXPECT(memcmp(a.source, b.destination, 16) == 0, "%s", k->name);
	EXPECT(memcmp(a.destination, b.source, 16) == 0, "%s", k->name);
	for (uint32_t seed = 0; seed < 3; seed++) {
		EXPECT(pktio_flow_hash(&a, seed, 0) ==
			       pktio_flow_hash(&b, seed, 0),
		       "%s: directions differ", k->name);
		EXPECT(pktio_flow_hash(&a, seed, 1) ==
			       pktio_flow_hash(&b, seed, 1),
		       "%s: directions differ by addresses", k->name);
	}
	EXPECT(pktio_flow_hash(&a, 1, 0) != pktio_flow_hash(&a, 2, 0), "%s",
	       k->name);
}

Test(packet, the_innermost_flow_is_found_in_every_kind_of_frame)
{
	for (size_t i = 0; i < KINDS; i++)
		expect_kind(&kinds[i]);
}

Test(packet, a_flow_has_the_same_hash_in_every_kind_of_frame)
{
	uint32_t hash[2] = { 0, 0 };

	for (size_t i = 0; i < KINDS; i++) {
		struct maker m;
		struct pktio_frame f;
		struct pktio_flow flow;
		uint32_t *expected = &hash[kinds[i].version == 6];

		begin(&m, false);
		kinds[i].make(&m);
		f = frame_of(&m, ETHERNET);
		flow = parse(&f, 1);
		if (*expected == 0)
			*expected = pktio_flow_hash(&flow, 7, 0);
		EXPECT(*expected == pktio_flow_hash(&flow, 7, 0), "%s",
		       kinds[i].name);
	}
}

Test(packet, tags_come_from_the_bytes_and_from_beside_them)
{
	struct maker m;
	struct pktio_frame f;
	struct pktio_flow flow;

	begin(&m, false);
	make_qinq(&m);
	f = frame_of(&m, ETHERNET);
	flow = parse(&f, 1);
	EXPECT_EQ(flow.vlan[0], 5);
	EXPECT_EQ(flow.vlan[1], 7);
	f.nvlan = 1;
	f.vlan[0] = (struct pktio_vlan){ 0x88a8, 0xa123 };
	flow = parse(&f, 1);
	EXPECT_EQ(flow.nvlan, 3);
	EXPECT_EQ(flow.vlan[0], 0x123);
	EXPECT_EQ(flow.vlan[1], 5);
}

Test(packet, frames_of_other_link_types_have_the_same_flow)
{
	struct maker m;
	struct pktio_frame f;
	struct pktio_flow raw;
	struct pktio_flow cooked;

	begin(&m, false);
	inner4(&m);
	f = frame_of(&m, RAW);
	raw = parse(&f, 1);
	EXPECT_EQ(raw.ip, 0);
	put16(push(&m, 16) + 14, 0x0800);
	f = frame_of(&m, LINUX_SLL);
	cooked = parse(&f, 1);
	EXPECT_EQ(cooked.ip, 16);
	EXPECT_EQ(pktio_flow_hash(&cooked, 3, 0), pktio_flow_hash(&raw, 3, 0));
	begin(&m, false);
	inner4(&m);
	put16(push(&m, 20), 0x0800);
	f = frame_of(&m, LINUX_SLL2);
	cooked = parse(&f, 1);
	EXPECT_EQ(pktio_flow_hash(&cooked, 3, 0), pktio_flow_hash(&raw, 3, 0));
	f.linktype = 105;
	EXPECT_EQ(pktio_flow_parse(&cooked, &f), -ENOTSUP);
	EXPECT_EQ(cooked.ip, 20);
}

Test(packet, a_frame_without_ip_is_hashed_by_its_mac_addresses)
{
	struct maker m;
	struct pktio_frame f;
	struct pktio_flow a;
	struct pktio_flow b;

	begin(&m, false);
	push(&m, 46);
	push_ethernet(&m, 0x0806);
	f = frame_of(&m, ETHERNET);
	a = parse(&f, 0);
	begin(&m, true);
	push(&m, 46);
	push_ethernet(&m, 0x0806);
	f = frame_of(&m, ETHERNET);
	b = parse(&f, 0);
	EXPECT_EQ(a.flags, PKTIO_FLOW_MAC);
	EXPECT_EQ(a.destination[5], 0xb);
	EXPECT_EQ(a.source[5], 0xa);
	EXPECT_EQ(pktio_flow_hash(&a, 5, 0), pktio_flow_hash(&b, 5, 0));
	f.linktype = RAW;
	a = parse(&f, 0);
	EXPECT_EQ(a.flags, 0);
}

/* ---- Fragments ---------------------------------------------------------- */

static struct pktio_flow fragment4(unsigned id, unsigned offset)
{
	struct maker m;
	struct pktio_frame f;

	begin(&m, false);
	push_ports(&m, 40000, 53, false);
	push_ipv4(&m, 1, 17);
	put16(m.data + 4, id);
	put16(m.data + 6, offset);
	push_ethernet(&m, 0x0800);
	f = frame_of(&m, ETHERNET);
	return parse(&f, 1);
}

static struct pktio_flow fragment6(unsigned id, unsigned offset)
{
	struct maker m;
	struct pktio_frame f;
	uint8_t *header;

	begin(&m, false);
	push_ports(&m, 40000, 53, false);
	header = push(&m, 8);
	header[0] = 17;
	put16(header + 2, offset << 3 | 1);
	put16(header + 6, id);
	push_ipv6(&m, 1, 44);
	push_ethernet(&m, 0x86dd);
	f = frame_of(&m, ETHERNET);
	return parse(&f, 1);
}

static void expect_fragments(struct pktio_flow (*make)(unsigned, unsigned),
			     unsigned more)
{
	struct pktio_flow first = make(7, more);
	struct pktio_flow later = make(7, 100);
	struct pktio_flow other = make(8, 100);

	EXPECT_EQ(first.flags, PKTIO_FLOW_FRAGMENT);
	EXPECT_EQ(first.destination_port, 53);
	EXPECT_EQ(later.flags, PKTIO_FLOW_FRAGMENT | PKTIO_FLOW_LATER);
	EXPECT_EQ(later.destination_port, 0);
	EXPECT_EQ(later.transport, 0);
	EXPECT_EQ(later.protocol, 17);
	EXPECT(first.datagram != 0, "no key");
	EXPECT(first.datagram == later.datagram, "one datagram");
	EXPECT(first.datagram != other.datagram, "another datagram");
	EXPECT_EQ(pktio_flow_hash(&later, 1, 0), pktio_flow_hash(&later, 1, 1));
	EXPECT_EQ(pktio_flow_hash(&later, 1, 0), pktio_flow_hash(&first, 1, 1));
}

Test(packet, fragments_have_the_key_of_their_datagram)
{
	expect_fragments(fragment4, 0x2000);
	expect_fragments(fragment6, 0);
	EXPECT_EQ(fragment4(7, 0x4000).flags, 0);
}

/* ---- Damaged frames ----------------------------------------------------- */

/*
 * In memory of exactly the captured size, so that a sanitizer detects
 * overreads.
 */
Test(packet, truncated_frames_have_the_captured_part_of_the_key)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct maker m;
		struct pktio_frame f;

		begin(&m, false);
		kinds[i].make(&m);
		f = frame_of(&m, ETHERNET);
		for (uint32_t len = 0; len < f.wirelen; len++) {
			uint8_t *copy = malloc(len ? len : 1);
			struct pktio_flow flow;
			int r;

			memcpy(copy, m.data, len);
			f.data = copy;
			f.caplen = len;
			r = pktio_flow_parse(&flow, &f);
			EXPECT(r == (flow.version != 0), "%s at %u",
			       kinds[i].name, len);
			EXPECT(flow.ip <= len && flow.transport <= len,
			       "%s at %u", kinds[i].name, len);
			EXPECT_EQ(pktio_checksum_verify(&f),
				  PKTIO_CSUM_UNKNOWN);
			EXPECT(pktio_checksum_fill(&f) < 0, "%s at %u",
			       kinds[i].name, len);
			free(copy);
		}
	}
}

Test(packet, frames_of_any_content_are_read_within_their_bytes)
{
	unsigned state = 1;

	for (unsigned i = 0; i < 20000; i++) {
		const struct kind *k = &kinds[i % KINDS];
		struct maker m;
		struct pktio_frame f;
		struct pktio_flow flow;
		uint8_t *copy;

		begin(&m, i & 1);
		k->make(&m);
		f = frame_of(&m, ETHERNET);
		for (unsigned n = 0; n < 4; n++) {
			state = state * 1103515245 + 12345;
			m.data[(state >> 16) % f.caplen] = (uint8_t)state;
		}
		copy = malloc(f.caplen);
		memcpy(copy, m.data, f.caplen);
		f.data = copy;
		EXPECT(pktio_flow_parse(&flow, &f) >= 0, "%s", k->name);
		pktio_checksum_verify(&f);
		pktio_checksum_fill(&f);
		free(copy);
	}
}

/* ---- Rings -------------------------------------------------------------- */

Test(packet, hashes_are_divided_between_rings_by_weight)
{
	static const uint32_t weights[] = { 6, 1, 1 };
	unsigned shares[3] = { 0 };
	unsigned equal[4] = { 0 };

	for (uint32_t hash = 0; hash < 16384; hash++) {
		shares[pktio_flow_ring(hash, 3, weights) % 3]++;
		equal[pktio_flow_ring(hash, 4, NULL) % 4]++;
	}
	EXPECT_EQ(shares[0], 12288);
	EXPECT_EQ(shares[1], 2048);
	EXPECT_EQ(shares[2], 2048);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(equal[i], 4096);
	EXPECT_EQ(pktio_flow_ring(UINT32_MAX, 1, NULL), 0);
}

/* ---- Checksums ---------------------------------------------------------- */

Test(packet, the_checksum_of_rfc_1071s_example_is_right)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4,
					 0xf5, 0xf6, 0xf7, 0x22, 0x0d };

	EXPECT_EQ(pktio_checksum(bytes, 8), 0x220d);
	EXPECT_EQ(pktio_checksum(bytes, 10), 0);
	EXPECT_EQ(pktio_checksum(bytes, 3), 0xffff ^ (0x0001 + 0xf200));
	EXPECT_EQ(pktio_checksum(NULL, 0), 0xffff);
}

Test(packet, checksums_that_are_filled_in_are_valid_and_changed_ones_are_not)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct maker m;
		struct pktio_frame f;
		struct pktio_flow flow;

		begin(&m, false);
		kinds[i].make(&m);
		f = frame_of(&m, ETHERNET);
		flow = parse(&f, 1);
		EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_BAD);
		EXPECT_EQ(pktio_checksum_fill(&f), 0);
		EXPECT_EQ(f.csum, PKTIO_CSUM_VALID);
		EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_VALID);
		if (flow.version == 4)
			EXPECT_EQ(pktio_checksum(m.data + flow.ip, 20), 0);
		m.room[ROOM - 1] ^= 1;
		EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_BAD);
		f.flags = 0;
		EXPECT_EQ(pktio_checksum_fill(&f), -EACCES);
	}
}

Test(packet, a_checksum_left_to_the_nic_is_partial)
{
	/* The sum of the pseudo header: addresses, protocol 17, length 15. */
	const unsigned sum = 0x0a01 + 1 + 0x0a01 + 2 + 17 + 15;
	struct maker m;
	struct pktio_frame f;

	begin(&m, false);
	push_ports(&m, 40000, 53, false);
	push_ipv4(&m, 1, 17);
	push_ethernet(&m, 0x0800);
	f = frame_of(&m, ETHERNET);
	EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_UNKNOWN);
	put16(m.data + 40, sum);
	EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_PARTIAL);
	/* The checksum excludes padding and bytes after UDP. */
	EXPECT_EQ(pktio_checksum_fill(&f), 0);
	f.caplen -= 1;
	EXPECT_EQ(pktio_checksum_verify(&f), PKTIO_CSUM_UNKNOWN);
}

/* ---- Times -------------------------------------------------------------- */

static void expect_time(uint64_t ts, unsigned digits, int local,
			const char *text)
{
	char buffer[36];

	EXPECT_EQ(pktio_time_format(buffer, sizeof(buffer), ts, digits, local),
		  strlen(text));
	EXPECT_STR(buffer, text);
}

Test(packet, times_are_written_in_utc_and_in_the_local_zone)
{
	const uint64_t ts = UINT64_C(1769862896789999999);
	char buffer[36] = "x";

	expect_time(0, 0, 0, "1970-01-01T00:00:00Z");
	expect_time(ts, 0, 0, "2026-01-31T12:34:56Z");
	expect_time(ts, 3, 0, "2026-01-31T12:34:56.789Z");
	expect_time(ts, 9, 0, "2026-01-31T12:34:56.789999999Z");
	setenv("TZ", "XXX-5:30", 1);
	tzset();
	expect_time(ts, 6, 1, "2026-01-31T18:04:56.789999+05:30");
	setenv("TZ", "XXX8", 1);
	tzset();
	expect_time(ts, 9, 1, "2026-01-31T04:34:56.789999999-08:00");
	expect_time(UINT64_MAX, 9, 1, "2554-07-21T15:34:33.709551615-08:00");
	EXPECT_EQ(pktio_time_format(buffer, 36, ts, 10, 0), -EINVAL);
	EXPECT_STR(buffer, "x");
	EXPECT_EQ(pktio_time_format(buffer, 20, ts, 0, 0), -ENOSPC);
	EXPECT_EQ(pktio_time_format(buffer, 21, ts, 0, 0), 20);
}
