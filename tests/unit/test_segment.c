/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segmentation of merged frames. The test builds the frames of the wire and the
 * frame that results from merging them. Segmentation of that frame must give
 * the same bytes.
 */
#include "offload/segment.h"

#include <string.h>

#include <netinet/in.h>

#include "support/expect.h"

#define ETHERNET 1
#define RAW 101
#define ROOM 70000U
#define MOST_TAGS 2U

#define FIN 0x01U
#define PSH 0x08U
#define ACK 0x10U
#define CWR 0x80U

#define SCTP_OFFSET 8
#define ROUTE 56U   /* bytes of a segment routing header of three addresses */
#define OPTIONS 12U /* bytes, a time stamp */

/* The kind of frames. */
struct shape {
	const char *name;
	uint16_t linktype;
	unsigned tags;
	bool ipv6, udp, unchecked, options;
	unsigned extensions; /* of IPv6; the second is a routing header */
	uint16_t id, fragment;
	bool same_id;
	unsigned first,
		last; /* TCP flags of the first and the last segment only */
	unsigned total,
		size; /* of the payload, and of the payload of a segment */
};

static const struct shape shapes[] = {
	{ .name = "TCP",
	  .linktype = ETHERNET,
	  .id = 7,
	  .total = 14480,
	  .size = 1448,
	  .options = true },
	{ .name = "TCP with a rest, PSH and FIN",
	  .linktype = ETHERNET,
	  .id = 65534,
	  .fragment = 0x4000,
	  .last = PSH | FIN,
	  .total = 4001,
	  .size = 1000 },
	{ .name = "TCP that tells of congestion",
	  .linktype = ETHERNET,
	  .id = 1,
	  .first = CWR,
	  .last = PSH,
	  .total = 3000,
	  .size = 999 },
	{ .name = "TCP of an odd size",
	  .linktype = ETHERNET,
	  .id = 1,
	  .tags = 1,
	  .total = 9,
	  .size = 1 },
	{ .name = "TCP, all of them number 0",
	  .linktype = ETHERNET,
	  .fragment = 0x4000,
	  .same_id = true,
	  .total = 5000,
	  .size = 1460 },
	{ .name = "TCP in QinQ",
	  .linktype = ETHERNET,
	  .tags = 2,
	  .id = 9,
	  .total = 60000,
	  .size = 1440 },
	{ .name = "TCP without a link",
	  .linktype = RAW,
	  .id = 3,
	  .total = 3000,
	  .size = 1400 },
	{ .name = "TCP over IPv6",
	  .linktype = ETHERNET,
	  .ipv6 = true,
	  .last = PSH,
	  .total = 64000,
	  .size = 1428,
	  .options = true },
	{ .name = "TCP over IPv6, first and last are one",
	  .ipv6 = true,
	  .linktype = RAW,
	  .first = CWR,
	  .last = FIN,
	  .total = 10,
	  .size = 1000 },
	{ .name = "TCP over IPv6 with options",
	  .linktype = ETHERNET,
	  .ipv6 = true,
	  .extensions = 1,
	  .total = 8000,
	  .size = 1300 },
	{ .name = "TCP on a chosen route",
	  .linktype = ETHERNET,
	  .ipv6 = true,
	  .tags = 1,
	  .extensions = 2,
	  .total = 8000,
	  .size = 1300 },
	{ .name = "UDP",
	  .linktype = ETHERNET,
	  .udp = true,
	  .id = 100,
	  .total = 12000,
	  .size = 1200 },
	{ .name = "UDP without checksums",
	  .linktype = ETHERNET,
	  .udp = true,
	  .unchecked = true,
	  .id = 100,
	  .total = 1201,
	  .size = 400 },
	{ .name = "UDP over IPv6",
	  .linktype = ETHERNET,
	  .udp = true,
	  .ipv6 = true,
	  .tags = 2,
	  .total = 9001,
	  .size = 1000 },
	{ .name = "UDP over IPv6 with options",
	  .linktype = ETHERNET,
	  .udp = true,
	  .ipv6 = true,
	  .extensions = 1,
	  .total = 9001,
	  .size = 1000 },
	{ .name = NULL },
};

/* ---- Frames ------------------------------------------------------------- */

static uint8_t *put16(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return out + 2;
}

static uint8_t *put32(uint8_t *out, uint32_t value)
{
	return put16(put16(out, value >> 16), value & 0xffff);
}

/* The checksum of RFC 1071, byte by byte. */
static uint32_t sum(uint32_t total, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		total += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static uint8_t *put_link(uint8_t *out, const struct shape *s)
{
	if (s->linktype == RAW)
		return out;
	memset(out, 0x22, 12);
	out += 12;
	for (unsigned i = 0; i < s->tags; i++)
		out = put32(out,
			    i == 0 && s->tags == 2 ? 0x88a80064 : 0x810000c8);
	return put16(out, s->ipv6 ? 0x86dd : 0x0800);
}

static unsigned extensions_len(const struct shape *s)
{
	return s->extensions == 0 ? 0 : s->extensions == 1 ? 8 : 8 + ROUTE;
}

/* `n`: number of bytes after the IP headers. */
static uint8_t *put_ipv6(uint8_t *out, const struct shape *s, uint32_t n)
{
	uint8_t protocol = s->udp ? IPPROTO_UDP : IPPROTO_TCP;

	out = put32(out, 0x60012345);
	out = put16(out, n + extensions_len(s));
	*out++ = s->extensions ? IPPROTO_DSTOPTS : protocol;
	*out++ = 64;
	memset(out, 0x11, 16);
	memset(out + 16, 0x99, 16);
	out += 32;
	if (s->extensions == 0)
		return out;
	memcpy(out, (uint8_t[8]){ 0, 0, 1, 4 }, 8);
	*out = s->extensions == 2 ? IPPROTO_ROUTING : protocol;
	out += 8;
	if (s->extensions == 1)
		return out;
	/* Two more addresses; the list starts with the last one. */
	memcpy(out, (uint8_t[8]){ protocol, ROUTE / 8 - 1, 4, 2, 2 }, 8);
	for (unsigned i = 0; i < 3; i++)
		memset(out + 8 + (size_t)i * 16, (int)(0x55 + i), 16);
	return out + ROUTE;
}

static uint8_t *put_ipv4(uint8_t *out, const struct shape *s, uint32_t n,
			 unsigned number)
{
	uint8_t *start = out;

	out = put16(out, 0x4502);
	out = put16(out, 20 + n);
	out = put16(out, s->id + (s->same_id ? 0 : number));
	out = put16(out, s->fragment);
	*out++ = 64;
	*out++ = s->udp ? IPPROTO_UDP : IPPROTO_TCP;
	out = put16(out, 0);
	out = put32(out, 0xc6120001);
	out = put32(out, 0xc6130102);
	put16(start + 10, ~sum(0, start, 20));
	return out;
}

static unsigned l4_len(const struct shape *s)
{
	return s->udp ? 8 : 20 + (s->options ? OPTIONS : 0);
}

static uint8_t *put_l4(uint8_t *out, const struct shape *s, unsigned from,
		       unsigned n, unsigned flags)
{
	out = put16(out, 4321);
	out = put16(out, 443);
	if (s->udp)
		return put16(put16(out, 8 + n), 0);
	out = put32(out, 0xfffff000 + from); /* which wraps */
	out = put32(out, 0x01020304);
	*out++ = (uint8_t)(l4_len(s) / 4 << 4);
	*out++ = (uint8_t)flags;
	out = put16(out, 1000);
	out = put32(out, 0);
	if (s->options) {
		memcpy(out, "\x01\x01\x08\x0a\x00\x01\x02\x03\x04\x05\x06",
		       OPTIONS);
		out += OPTIONS;
	}
	return out;
}

static uint32_t pseudo(const struct shape *s, const uint8_t *ip, uint32_t n)
{
	const uint8_t *to = ip + (s->ipv6 ? 24 : 16);
	uint32_t size = s->ipv6 ? 16 : 4;
	uint32_t total = sum(n, ip + (s->ipv6 ? 8 : 12), size);

	if (s->extensions == 2)
		to = ip + 40 + 8 + 8;
	total = sum(total, to, size);
	return sum(total + (s->udp ? IPPROTO_UDP : IPPROTO_TCP), NULL, 0);
}

/* Builds the frame with payload[from..from + n); returns its length. */
static uint32_t make(uint8_t *out, const struct shape *s, unsigned from,
		     unsigned n, unsigned flags)
{
	uint32_t rest = l4_len(s) + n;
	uint8_t *ip = put_link(out, s);
	uint8_t *l4 = s->ipv6 ? put_ipv6(ip, s, rest) :
				put_ipv4(ip, s, rest, from / s->size);
	uint8_t *payload = put_l4(l4, s, from, n, flags);
	uint8_t *check = l4 + (s->udp ? 6 : 16);
	uint32_t value;

	for (unsigned i = 0; i < n; i++)
		payload[i] = (uint8_t)((from + i) * 31 + (from + i) / 251);
	if (!s->unchecked) {
		value = ~sum(pseudo(s, ip, rest), l4, rest) & 0xffff;
		put16(check, value || !s->udp ? value : 0xffff);
	}
	return (uint32_t)(payload + n - out);
}

/* The whole payload in one frame, as GRO builds it. */
static uint32_t make_merged(uint8_t *out, const struct shape *s)
{
	return make(out, s, 0, s->total, ACK | s->first | s->last);
}

static struct virtio_net_hdr header_of(const struct shape *s)
{
	struct virtio_net_hdr h = { .gso_size = (uint16_t)s->size };

	h.gso_type = s->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
			       VIRTIO_NET_HDR_GSO_TCPV4;
	if (s->udp)
		h.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
	if (s->first & CWR)
		h.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	return h;
}

static uint8_t merged[ROOM], segment[SEGMENT_MOST], wire[ROOM];

/* Builds the frame of the wire that has payload[from..]. */
static uint32_t make_wire(const struct shape *s, unsigned from, unsigned *n)
{
	unsigned left = s->total - from;
	unsigned flags = ACK | (from == 0 ? s->first : 0) |
			 (left <= s->size ? s->last : 0);

	*n = left < s->size ? left : s->size;
	return make(wire, s, from, *n, flags);
}

static void expect_segments(const struct shape *s)
{
	struct virtio_net_hdr h = header_of(s);
	uint32_t len = make_merged(merged, s);
	struct segmenter cut;
	unsigned n;

	REQUIRE(segment_begin(&cut, merged, len, len, s->linktype, &h), "%s",
		s->name);
	for (unsigned from = 0; from < s->total; from += n) {
		uint32_t expected = make_wire(s, from, &n);
		uint32_t wirelen;

		REQUIRE(segment_left(&cut), "%s at %u", s->name, from);
		EXPECT_EQ(segment_next(&cut, segment, &wirelen), expected);
		EXPECT_EQ(wirelen, expected);
		EXPECT_BYTES(segment, wire, expected, "%s at %u", s->name,
			     from);
	}
	EXPECT(!segment_left(&cut), "%s", s->name);
}

Test(segment, segmentation_restores_the_merged_frames)
{
	for (const struct shape *s = shapes; s->name; s++)
		expect_segments(s);
}

Test(segment, segments_of_a_truncated_frame_lack_only_its_end)
{
	static const struct shape s = {
		.linktype = ETHERNET, .id = 1, .total = 5000, .size = 1000
	};
	const struct virtio_net_hdr h = header_of(&s);
	const uint32_t headers = 14 + 20 + 20;
	uint32_t len = make_merged(merged, &s);
	struct segmenter cut;
	uint32_t wirelen, expected;
	unsigned n;

	/* 500 bytes of the payload of the third segment were captured. */
	REQUIRE_EQ(segment_begin(&cut, merged, headers + 2500, len, ETHERNET,
				 &h),
		   true);
	for (unsigned from = 0; from < 2000; from += n) {
		expected = make_wire(&s, from, &n);
		EXPECT_EQ(segment_next(&cut, segment, &wirelen), expected);
		EXPECT_BYTES(segment, wire, expected, "at %u", from);
	}
	expected = make_wire(&s, 2000, &n);
	EXPECT_EQ(segment_next(&cut, segment, &wirelen), headers + 500);
	EXPECT_EQ(wirelen, expected);
	EXPECT_BYTES(segment, wire, 14 + 20 + 16, "headers");
	EXPECT_BYTES(segment + headers, wire + headers, 500, "payload");
	/* The checksum stays partial, because bytes are missing. */
	memcpy(segment + headers + 500, wire + headers + 500, 500);
	EXPECT_EQ(segment_complete(segment, expected, 34, 16), true);
	EXPECT_EQ(memcmp(segment, wire, expected) == 0, true);
	for (unsigned from = 3000; from < 5000; from += n) {
		expected = make_wire(&s, from, &n);
		EXPECT_EQ(segment_next(&cut, segment, &wirelen), headers);
		EXPECT_EQ(wirelen, expected);
	}
	EXPECT_EQ(!segment_left(&cut), true);
}

Test(segment, the_jumbo_option_of_the_kernel_is_removed)
{
	static const struct shape s = { .linktype = ETHERNET,
					.ipv6 = true,
					.tags = 1,
					.total = 66000,
					.size = 1400 };
	const struct virtio_net_hdr h = header_of(&s);
	uint32_t len = make_merged(merged, &s);
	struct segmenter cut;
	unsigned n;

	memmove(merged + 18 + 48, merged + 18 + 40, len - 18 - 40);
	memcpy(merged + 18 + 40, (uint8_t[4]){ IPPROTO_TCP, 0, 0xc2, 4 }, 4);
	put32(merged + 18 + 44, 66000 + 20 + 8);
	put16(merged + 18 + 4, 0);
	merged[18 + 6] = IPPROTO_HOPOPTS;
	len += 8;
	REQUIRE_EQ(segment_begin(&cut, merged, len, len, ETHERNET, &h), true);
	for (unsigned from = 0; from < s.total; from += n) {
		uint32_t expected = make_wire(&s, from, &n);
		uint32_t wirelen;

		EXPECT_EQ(segment_next(&cut, segment, &wirelen), expected);
		EXPECT_BYTES(segment, wire, expected, "at %u", from);
	}
	EXPECT_EQ(!segment_left(&cut), true);
}

/* ---- Tunnels ------------------------------------------------------------ */

#define GRE 47
#define VXLAN 4789
#define GENEVE 6081
#define OUTSIDE 200U /* room for the outer headers */

struct tunnel {
	const char *name;
	bool ipv6, checked;
	uint16_t linktype; /* of the inner frame: RAW is IP only */
	uint16_t port;     /* of UDP; 0: none */
	bool gre;
};

static const struct tunnel tunnels[] = {
	{ .name = "VXLAN", .linktype = ETHERNET, .port = VXLAN },
	{ .name = "VXLAN with a checksum",
	  .linktype = ETHERNET,
	  .port = VXLAN,
	  .checked = true },
	{ .name = "Geneve over IPv6",
	  .linktype = ETHERNET,
	  .port = GENEVE,
	  .ipv6 = true,
	  .checked = true },
	{ .name = "GRE", .linktype = RAW, .gre = true },
	{ .name = "Ethernet in GRE over IPv6",
	  .linktype = ETHERNET,
	  .gre = true,
	  .ipv6 = true },
	{ .name = "IP in IP", .linktype = RAW },
	{ .name = "IP in IPv6", .linktype = RAW, .ipv6 = true },
	{ .name = NULL },
};

static uint16_t type_inside(const struct shape *s)
{
	if (s->linktype == ETHERNET)
		return 0x6558;
	return s->ipv6 ? 0x86dd : 0x0800;
}

/* Writes the headers between outer IP and inner frame; returns the protocol. */
static uint8_t put_tunnel(uint8_t **out, const struct tunnel *t,
			  const struct shape *s, uint32_t len)
{
	uint8_t *at = *out;

	if (t->gre) {
		at = put16(at, 0x2000);
		at = put16(at, type_inside(s));
		*out = put32(at, 0x12345678);
		return GRE;
	}
	if (t->port == 0)
		return s->ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	at = put16(put16(at, 50000), t->port);
	at = put16(put16(at, len + (t->port == GENEVE ? 24 : 16)), 0);
	if (t->port == GENEVE) {
		at = put16(put16(at, 0x0200), type_inside(s));
		at = put32(at, 0x00abcd00);
		at = put32(put32(at, 0x01020001), 0xdeadbeef);
	} else {
		at = put32(put32(at, 0x08000000), 0x00abcd00);
	}
	*out = at;
	return IPPROTO_UDP;
}

/*
 * Encapsulates a frame of `len` bytes as packet `number`; returns the new
 * length.
 */
static uint32_t wrap(uint8_t *out, const struct tunnel *t,
		     const struct shape *s, const uint8_t *inside, uint32_t len,
		     unsigned number)
{
	const struct shape outer = {
		.linktype = ETHERNET, .ipv6 = t->ipv6, .udp = true, .id = 300
	};
	uint8_t head[64];
	uint8_t *end = head;
	uint8_t protocol = put_tunnel(&end, t, s, len);
	uint32_t rest = (uint32_t)(end - head) + len;
	uint8_t *ip = put_link(out, &outer);
	uint8_t *l4 = t->ipv6 ? put_ipv6(ip, &outer, rest) :
				put_ipv4(ip, &outer, rest, number);

	ip[t->ipv6 ? 6 : 9] = protocol;
	if (!t->ipv6) {
		put16(ip + 10, 0);
		put16(ip + 10, ~sum(0, ip, 20));
	}
	memcpy(l4, head, (size_t)(end - head));
	memcpy(l4 + (end - head), inside, len);
	if (t->checked)
		put16(l4 + 6, ~sum(pseudo(&outer, ip, rest), l4, rest));
	return (uint32_t)(l4 - out) + rest;
}

static void expect_tunnelled(const struct tunnel *t, const struct shape *s)
{
	static uint8_t whole[ROOM + OUTSIDE], expected[ROOM + OUTSIDE];
	struct virtio_net_hdr h = header_of(s);
	uint32_t inside = make_merged(merged, s);
	uint32_t len = wrap(whole, t, s, merged, inside, 0);
	struct segment_parts parts;
	struct segmenter cut;
	unsigned n;

	REQUIRE(segment_parse(&parts, merged, inside, s->linktype), "%s",
		s->name);
	h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h.csum_start = (uint16_t)(len - inside + parts.ip.l4);
	REQUIRE(segment_begin(&cut, whole, len, len, ETHERNET, &h), "%s in %s",
		s->name, t->name);
	for (unsigned from = 0; from < s->total; from += n) {
		uint32_t frame = make_wire(s, from, &n);
		uint32_t wirelen;

		frame = wrap(expected, t, s, wire, frame, from / s->size);
		EXPECT_EQ(segment_next(&cut, segment, &wirelen), frame);
		EXPECT_EQ(wirelen, frame);
		EXPECT_BYTES(segment, expected, frame, "%s in %s at %u",
			     s->name, t->name, from);
	}
	EXPECT(!segment_left(&cut), "%s in %s", s->name, t->name);
}

Test(segment, outer_headers_of_a_tunnel_are_corrected_too)
{
	for (const struct tunnel *t = tunnels; t->name; t++)
		for (const struct shape *s = shapes; s->name; s++)
			if (s->linktype == t->linktype && !s->unchecked &&
			    s->total < 65000 - OUTSIDE)
				expect_tunnelled(t, s);
}

Test(segment, a_tunnel_with_sequence_numbers_or_checksums_is_not_segmented)
{
	const struct tunnel *gre = &tunnels[3];
	const struct shape *s = &shapes[6];
	static uint8_t whole[ROOM + OUTSIDE];
	struct virtio_net_hdr h = header_of(s);
	uint32_t inside = make_merged(merged, s);
	uint32_t len = wrap(whole, gre, s, merged, inside, 0);
	struct segmenter cut;

	REQUIRE_EQ(s->linktype, RAW);
	h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h.csum_start = (uint16_t)(len - inside + 20);
	EXPECT_EQ(segment_begin(&cut, whole, len, len, ETHERNET, &h), true);
	for (unsigned flag = 0x8000; flag > 0; flag >>= 1) {
		if (flag == 0x2000)
			continue;
		put16(whole + 34, 0x2000 | flag);
		EXPECT(!segment_begin(&cut, whole, len, len, ETHERNET, &h),
		       "flag %x", flag);
	}
	/* The outer packet is not a merged one. */
	put16(whole + 34, 0x2000);
	h.flags = 0;
	EXPECT_EQ(segment_begin(&cut, whole, len, len, ETHERNET, &h), false);
}

/* ---- What is none of ours ----------------------------------------------- */

static bool headers_fit(uint32_t caplen, uint32_t wirelen, uint16_t linktype,
			struct virtio_net_hdr h)
{
	struct segmenter cut;

	return segment_begin(&cut, merged, caplen, wirelen, linktype, &h);
}

Test(segment, frames_that_cannot_be_segmented_are_refused)
{
	static const struct shape s = {
		.linktype = ETHERNET, .id = 1, .total = 5000, .size = 1000
	};
	static const struct shape udp = {
		.linktype = ETHERNET, .udp = true, .total = 5000, .size = 1000
	};
	struct virtio_net_hdr h = header_of(&s);
	struct virtio_net_hdr other = h;
	uint32_t len = make_merged(merged, &s);

	EXPECT_EQ(headers_fit(len, len, ETHERNET, h), true);
	EXPECT(headers_fit(54, len, ETHERNET, h), "the headers are complete");
	for (uint32_t i = 0; i < 54; i++)
		EXPECT(!headers_fit(i, len, ETHERNET, h), "%u bytes", i);
	EXPECT(!headers_fit(54, 54, ETHERNET, h), "no payload");
	EXPECT(!headers_fit(len, len, RAW, h), "another link type");
	EXPECT(!headers_fit(len, len, 276, h), "an unknown link type");
	other.gso_size = 0;
	EXPECT(!headers_fit(len, len, ETHERNET, other), "no size");
	other = h;
	other.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	EXPECT(!headers_fit(len, len, ETHERNET, other), "IPv4 is not IPv6");
	other.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	EXPECT(!headers_fit(len, len, ETHERNET, other),
	       "fragments are not segmented");
	merged[20] = 0x20;
	EXPECT(!headers_fit(len, len, ETHERNET, h), "a fragment");
	make_merged(merged, &udp);
	EXPECT(!headers_fit(len, len, ETHERNET, h),
	       "TCP inside of UDP: a tunnel");
}

Test(segment, headers_of_any_length_are_segmented_or_refused)
{
	static const struct shape s = {
		.linktype = RAW, .ipv6 = true, .total = 4000, .size = 100
	};
	const struct virtio_net_hdr h = header_of(&s);
	uint32_t len = make_merged(merged, &s);

	/* Options of the maximum length before TCP. */
	memmove(merged + 40 + 2048, merged + 40, len - 40);
	memset(merged + 40, 0, 2048);
	merged[6] = IPPROTO_DSTOPTS;
	merged[40] = IPPROTO_TCP;
	merged[41] = 255;
	EXPECT_EQ(!headers_fit(len + 2048, len + 2048, RAW, h), true);
}

/* ---- Checksums ---------------------------------------------------------- */

Test(segment, a_partial_checksum_is_completed)
{
	for (const struct shape *s = shapes; s->name; s++) {
		struct segment_parts parts;
		uint32_t start;
		uint32_t len;
		unsigned n;

		if (s->unchecked)
			continue;
		len = make_wire(s, 0, &n);
		REQUIRE(segment_parse(&parts, wire, len, s->linktype), "%s",
			s->name);
		memcpy(segment, wire, len);
		start = parts.ip.l4 + (s->udp ? 6U : 16U);
		put16(segment + start, 0xdead);
		segment_checksum(segment, len, &parts, false);
		EXPECT_BYTES(segment, wire, len, "%s", s->name);
		/*
		 * As for a NIC: the sum of the addresses first, the rest later.
		 */
		segment_checksum(segment, len, &parts, true);
		EXPECT(memcmp(segment + start, wire + start, 2) != 0, "%s",
		       s->name);
		EXPECT(segment_complete(segment, len, parts.ip.l4,
					s->udp ? 6 : 16),
		       "%s", s->name);
		EXPECT_BYTES(segment, wire, len, "%s", s->name);
	}
}

Test(segment, bytes_after_a_short_packet_are_not_summed)
{
	static const struct shape s = { .linktype = ETHERNET,
					.total = 2,
					.size = 2 };
	struct segment_parts parts;
	unsigned n;
	uint32_t len = make_wire(&s, 0, &n);

	memcpy(segment, wire, len);
	memset(segment + len, 0xee, 4);
	put16(segment + 50, 0);
	REQUIRE_EQ(segment_parse(&parts, segment, len + 4, ETHERNET), true);
	EXPECT_EQ(segment_end(&parts, segment, len + 4), len);
	segment_checksum(segment, len + 4, &parts, false);
	EXPECT_EQ(memcmp(segment, wire, len) == 0, true);
}

Test(segment, a_zero_checksum_is_written_as_ones_for_udp_only)
{
	uint8_t bytes[40] = { 0 };

	memset(bytes + 20, 0xff, 2);
	EXPECT_EQ(segment_complete(bytes, 40, 20, 6), true);
	EXPECT_EQ(bytes[26] << 8 | bytes[27], 0xffff);
	memset(bytes, 0, sizeof(bytes));
	memset(bytes + 20, 0xff, 2);
	EXPECT_EQ(segment_complete(bytes, 40, 20, 16), true);
	EXPECT_EQ(bytes[36] << 8 | bytes[37], 0);
}

Test(segment, a_checksum_outside_of_the_frame_or_of_sctp_is_unchanged)
{
	uint8_t bytes[40];
	uint8_t before[40];

	memset(bytes, 0x5a, sizeof(bytes));
	memcpy(before, bytes, sizeof(bytes));
	EXPECT_EQ(!segment_complete(bytes, 40, 20, SCTP_OFFSET), true);
	EXPECT_EQ(!segment_complete(bytes, 40, 33, 6), true);
	EXPECT_EQ(!segment_complete(bytes, 40, 65535, 65535), true);
	EXPECT_EQ(memcmp(bytes, before, 40) == 0, true);
	EXPECT_EQ(segment_complete(bytes, 40, 32, 6), true);
}
