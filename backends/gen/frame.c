/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes of a frame: Ethernet, VLAN tags, IP, UDP or TCP, and a random
 * payload. The first four bytes of the payload differ for each flow and
 * direction.
 *
 * Each flow is one client and one server with their own addresses, from the
 * ranges for benchmarks: 198.18.0.0/15 and 2001:2::/48. The seed determines
 * ports, ids and payload.
 */
#include "frame.h"

#include <string.h>

#include "util/vlan.h"

#define ETHERNET 14U
#define IPV4 20U
#define IPV6 40U
#define UDP 8U
#define TCP 20U
#define TOKEN 4U /* the minimum payload, which identifies the flow */

#define PROTO_TCP 6
#define PROTO_UDP 17
#define HOPS 64

/* The purpose of a random value: values for different purposes differ. */
enum draw { DRAW_PORTS, DRAW_HASH, DRAW_ID, DRAW_SEQUENCE, DRAW_PAYLOAD };

/* The finaliser of SplitMix64: each bit of x changes half of the bits. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t draw(const struct gen_spec *spec, enum draw what, uint32_t more)
{
	uint64_t x = mix(spec->seed + UINT64_C(0x9e3779b97f4a7c15));

	x = mix(x ^ ((uint64_t)what << 32 | spec->flow));
	return mix(x + more);
}

uint32_t gen_flow_hash(const struct gen_spec *spec)
{
	return (uint32_t)draw(spec, DRAW_HASH, 0);
}

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

/* ---- Checksums ---------------------------------------------------------- */

/* The sum of big-endian 16-bit words; an odd byte at the end counts as high. */
static uint32_t sum(uint32_t start, const uint8_t *bytes, uint32_t n)
{
	uint32_t total = start;

	for (uint32_t i = 0; i + 1 < n; i += 2)
		total += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (n % 2)
		total += (uint32_t)bytes[n - 1] << 8;
	return total;
}

static uint32_t checksum(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total & 0xffff;
}

/* ---- Headers, from the inside out --------------------------------------- */

static uint32_t l3_len(const struct gen_spec *spec)
{
	return spec->ipv6 ? IPV6 : IPV4;
}

static uint32_t l4_len(const struct gen_spec *spec)
{
	return spec->tcp ? TCP : UDP;
}

uint32_t gen_frame_len(const struct gen_spec *spec)
{
	uint32_t least = ETHERNET + l3_len(spec) + l4_len(spec) + TOKEN;

	return (spec->size > least ? spec->size : least) +
	       spec->ntags * VLAN_TAG;
}

static void put_payload(const struct gen_spec *spec, uint8_t *out, uint32_t n)
{
	uint32_t token = (spec->flow << 1 | spec->back) * 2654435761U;

	/* A bijection: each flow and direction has a different token. */
	put32(out,
	      token ^ (uint32_t)draw(&(struct gen_spec){ .seed = spec->seed },
				     DRAW_PAYLOAD, 0));
	for (uint32_t i = TOKEN; i < n; i += 8) {
		uint64_t noise = draw(spec, DRAW_PAYLOAD, i << 1 | spec->back);

		for (uint32_t j = i; j < i + 8 && j < n; j++, noise >>= 8)
			out[j] = (uint8_t)noise;
	}
}

/* `start`: the sum of the addresses in the pseudo header. */
static void put_l4(const struct gen_spec *spec, uint8_t *out, uint32_t n,
		   uint32_t start)
{
	uint64_t ports = draw(spec, DRAW_PORTS, 0);
	uint32_t client = 1024 + (uint32_t)(ports % (65536 - 1024));
	uint32_t server = 1024 + (uint32_t)((ports >> 32) % (49152 - 1024));
	uint8_t *at = put16(out, spec->back ? server : client);
	uint8_t *check;
	uint32_t value;

	at = put16(at, spec->back ? client : server);
	if (spec->tcp) {
		uint64_t numbers = draw(spec, DRAW_SEQUENCE, 0);
		uint32_t here = (uint32_t)numbers;
		uint32_t there = (uint32_t)(numbers >> 32);

		at = put32(at, spec->back ? there : here);
		at = put32(at, spec->back ? here : there);
		at = put16(at, TCP / 4 << 12 | 0x18); /* PSH, ACK */
		at = put16(at, 65535);
		check = at;
		at = put16(at, 0);
		put16(at, 0);
	} else {
		at = put16(at, n);
		check = at;
		put16(at, 0);
	}
	put_payload(spec, out + l4_len(spec), n - l4_len(spec));
	start += (spec->tcp ? PROTO_TCP : PROTO_UDP) + n;
	value = checksum(sum(start, out, n));
	/* In UDP zero means that there is no checksum. */
	put16(check, value == 0 && !spec->tcp ? 0xffff : value);
}

/* Clients and servers have one half of the range each; a server has 65536
 * flows. */
static void put_ipv4_address(const struct gen_spec *spec, uint8_t *out,
			     bool server)
{
	uint32_t low = server ? spec->flow >> 16 : spec->flow & 0xffff;

	put32(out, (server ? 0xc6130000 : 0xc6120000) | low);
}

static void put_ipv6_address(const struct gen_spec *spec, uint8_t *out,
			     bool server)
{
	memset(out, 0, 16);
	put32(out, 0x20010002);
	out[7] = server;
	put32(out + 12, spec->flow);
}

static void put_ipv4(const struct gen_spec *spec, uint8_t *out, uint32_t n)
{
	uint32_t id = (uint32_t)draw(spec, DRAW_ID, spec->back) & 0xffff;

	put16(out, 0x4500);
	put16(out + 2, n);
	put16(out + 4, id);
	put16(out + 6, 0x4000); /* don't fragment */
	out[8] = HOPS;
	out[9] = spec->tcp ? PROTO_TCP : PROTO_UDP;
	put16(out + 10, 0);
	put_ipv4_address(spec, out + 12, spec->back);
	put_ipv4_address(spec, out + 16, !spec->back);
	put16(out + 10, checksum(sum(0, out, IPV4)));
	put_l4(spec, out + IPV4, n - IPV4, sum(0, out + 12, 8));
}

static void put_ipv6(const struct gen_spec *spec, uint8_t *out, uint32_t n)
{
	put32(out, 0x60000000 | ((uint32_t)draw(spec, DRAW_ID, 0) & 0xfffff));
	put16(out + 4, n - IPV6);
	out[6] = spec->tcp ? PROTO_TCP : PROTO_UDP;
	out[7] = HOPS;
	put_ipv6_address(spec, out + 8, spec->back);
	put_ipv6_address(spec, out + 24, !spec->back);
	put_l4(spec, out + IPV6, n - IPV6, sum(0, out + 8, 32));
}

void gen_frame_build(const struct gen_spec *spec, uint8_t *out)
{
	/* Locally administered: ...:01 is the client, ...:02 the server. */
	const uint8_t macs[] = { 2, 0, 0, 0, 0, spec->back ? 1 : 2,
				 2, 0, 0, 0, 0, spec->back ? 2 : 1 };
	uint32_t n = gen_frame_len(spec) - ETHERNET - spec->ntags * VLAN_TAG;
	uint8_t *at = out + sizeof(macs);

	memcpy(out, macs, sizeof(macs));
	at = vlan_write(at, spec->tags, spec->ntags);
	at = put16(at, spec->ipv6 ? 0x86dd : 0x0800);
	if (spec->ipv6)
		put_ipv6(spec, at, n);
	else
		put_ipv4(spec, at, n);
}
