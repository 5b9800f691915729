/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_FLOW_H
#define PKTIO_UTIL_FLOW_H

/*
 * The flow of a frame: finds the innermost IP packet, through tags, labels and
 * tunnels, and hashes its addresses and ports so that both directions of a flow
 * have the same hash.
 *
 * This file is the only parser of tunnels. Three programs are compiled from it:
 * the steering program, which runs in the kernel, the flow functions of
 * libpktio-filter, and the code that cuts merged frames. So all of them agree
 * on every frame. The file uses neither libc nor functions of the kernel. The
 * including file defines two macros first:
 *
 *      FLOW_CONTEXT   the type from which bytes are loaded; functions take a
 *                     pointer to it
 *      FLOW_LOAD(context, offset, to, size)
 *                     copies `size` bytes from `offset`; returns a negative
 *                     value if the frame is shorter
 *
 * The parser reads one header at a time. Each header names the next one. The
 * parser stops at a header that it does not know, and the flow is what it found
 * until there. In a tunnel that is the pair of the tunnel's ends.
 */

#include <linux/types.h>

#define FLOW_INLINE static inline __attribute__((always_inline))

/* More headers than this in one frame are not read. */
#define FLOW_HEADERS 24

/* A hash modulo this number selects a bucket, and the bucket selects a ring. */
#define FLOW_BUCKETS 16384U

/* The next header: an EtherType, FLOW_IP() of an IP protocol, or one of these.
 */
#define FLOW_IP(protocol) (0x10000 | (protocol))
enum flow_next {
	FLOW_NOTHING = 0,
	FLOW_ETHERNET = 0x20000,
	FLOW_VXLAN,
	FLOW_GENEVE,
	FLOW_GTP,
	FLOW_GTP_EXTENSION,
	FLOW_INNER_IP, /* IPv4 or IPv6: the first byte tells which */
	FLOW_PSEUDO_WIRE,
};

enum flow_ethertype {
	FLOW_TYPE_IPV4 = 0x0800,
	FLOW_TYPE_TEB = 0x6558, /* an Ethernet frame, in a tunnel */
	FLOW_TYPE_VLAN = 0x8100,
	FLOW_TYPE_IPV6 = 0x86dd,
	FLOW_TYPE_MPLS = 0x8847,
	FLOW_TYPE_MPLS_MULTICAST = 0x8848,
	FLOW_TYPE_PPPOE = 0x8864,
	FLOW_TYPE_QINQ = 0x88a8,
	FLOW_TYPE_ERSPAN2 = 0x88be, /* types I and II */
	FLOW_TYPE_ERSPAN3 = 0x22eb,
	FLOW_TYPE_QINQ_OLD = 0x9100,
};

enum flow_protocol {
	FLOW_IP_HOP_BY_HOP = 0,
	FLOW_IP_IPV4 = 4,
	FLOW_IP_TCP = 6,
	FLOW_IP_UDP = 17,
	FLOW_IP_DCCP = 33,
	FLOW_IP_IPV6 = 41,
	FLOW_IP_ROUTING = 43,
	FLOW_IP_FRAGMENT = 44,
	FLOW_IP_GRE = 47,
	FLOW_IP_AUTHENTICATION = 51,
	FLOW_IP_DESTINATION = 60,
	FLOW_IP_SCTP = 132,
	FLOW_IP_MOBILITY = 135,
	FLOW_IP_UDPLITE = 136,
	FLOW_IP_MPLS = 137,
};

/* Destination ports of tunnels over UDP. */
enum flow_port {
	FLOW_PORT_GTP = 2152,
	FLOW_PORT_VXLAN = 4789,
	FLOW_PORT_GENEVE = 6081,
	FLOW_PORT_VXLAN_OLD = 8472, /* Linux used it before 4789 was assigned */
};

/* Bits of the first 16 bits of a GRE header; each adds 4 bytes to it. */
enum flow_gre {
	FLOW_GRE_CHECKSUM = 0x8000,
	FLOW_GRE_KEY = 0x2000,
	FLOW_GRE_SEQUENCE = 0x1000,
	/* Source routes and another version: the parser stops. */
	FLOW_GRE_UNKNOWN = 0x4007,
};

/* A datagram that was sent in fragments. Fragments after the first have no
 * ports, so they are matched by this key to the first. */
struct flow_datagram {
	__u64 from, to; /* hashes of the addresses */
	__u32 id, protocol;
};

struct flow_walk {
	__u32 next, offset; /* of the next header */
	__u32 is_ip;        /* an IP header was found */
	__u32 by_addresses; /* leave the ports out of the hash */
	__u32 protocol;
	__u32 first, later;   /* a fragment of `datagram` */
	__u64 seed, from, to; /* hashes of the addresses */
	__u16 ports[2];       /* network order; 0: none */
	struct flow_datagram datagram;
};

FLOW_INLINE __u16 flow_swap16(__u16 value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap16(value);
#else
	return value;
#endif
}

/* ---- The hash ------------------------------------------------------------ */

FLOW_INLINE __u64 flow_mix(__u64 h)
{
	h ^= h >> 32;
	h *= 0x9fb21c651e98df25ULL;
	h ^= h >> 29;
	h *= 0xd6e8feb86659fd93ULL;
	return h ^ h >> 32;
}

/* Addresses are words of the frame, loaded as they are. */
FLOW_INLINE __u64 flow_mix_ipv4(__u64 seed, __u32 address)
{
	return flow_mix(seed + address);
}

FLOW_INLINE __u64 flow_mix_ipv6(__u64 seed, const __u32 *address)
{
	__u64 high = (__u64)address[0] << 32 | address[1];
	__u64 low = (__u64)address[2] << 32 | address[3];

	return flow_mix(flow_mix(seed + high) + low);
}

FLOW_INLINE __u64 flow_mix_mac(__u64 seed, const __u16 *address)
{
	return flow_mix(seed + ((__u64)address[0] << 32 |
				(__u64)address[1] << 16 | address[2]));
}

FLOW_INLINE __u32 flow_hash(const struct flow_walk *w)
{
	if (w->by_addresses)
		return (__u32)flow_mix(w->from + w->to);
	/* The sum of two mixed values: with an exclusive or, all flows between
	 * equal ends would have the same hash. */
	return (__u32)flow_mix(flow_mix(w->from ^ w->ports[0]) +
			       flow_mix(w->to ^ w->ports[1]) + w->protocol);
}

/* ---- IP ------------------------------------------------------------------ */

FLOW_INLINE void flow_fragment(struct flow_walk *w, __u32 id, __u32 protocol,
			       __u32 offset)
{
	/* If a fragment is inside another one, the outer one counts. */
	if (w->first && offset == 0)
		return;
	w->datagram.from = w->from;
	w->datagram.to = w->to;
	w->datagram.id = id;
	w->datagram.protocol = protocol;
	w->first = offset == 0;
	w->later = offset != 0;
}

struct flow_ipv4 {
	__u8 version, tos;
	__be16 length, id, offset;
	__u8 ttl, protocol;
	__be16 checksum;
	__be32 from, to;
};

FLOW_INLINE __u32 flow_step_ipv4(FLOW_CONTEXT *context, struct flow_walk *w)
{
	struct flow_ipv4 ip;
	__u32 offset;

	if (FLOW_LOAD(context, w->offset, &ip, sizeof(ip)) < 0 ||
	    ip.version >> 4 != 4 || (ip.version & 15) < 5)
		return FLOW_NOTHING;
	w->is_ip = 1;
	w->from = flow_mix_ipv4(w->seed, ip.from);
	w->to = flow_mix_ipv4(w->seed, ip.to);
	w->protocol = ip.protocol;
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->offset += (ip.version & 15) * 4;
	offset = flow_swap16(ip.offset);
	if (offset & 0x3fff) {
		flow_fragment(w, ip.id, ip.protocol, offset & 0x1fff);
		if (offset & 0x1fff)
			return FLOW_NOTHING;
	}
	return FLOW_IP(ip.protocol);
}

struct flow_ipv6 {
	__u8 version, flow[3];
	__be16 length;
	__u8 protocol, hops;
	__u32 from[4], to[4];
};

FLOW_INLINE __u32 flow_step_ipv6(FLOW_CONTEXT *context, struct flow_walk *w)
{
	struct flow_ipv6 ip;

	if (FLOW_LOAD(context, w->offset, &ip, sizeof(ip)) < 0 ||
	    ip.version >> 4 != 6)
		return FLOW_NOTHING;
	w->is_ip = 1;
	w->from = flow_mix_ipv6(w->seed, ip.from);
	w->to = flow_mix_ipv6(w->seed, ip.to);
	w->protocol = ip.protocol;
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->offset += sizeof(ip);
	return FLOW_IP(ip.protocol);
}

struct flow_extension {
	__u8 protocol, length;
	__be16 offset;
	__be32 id;
};

/* The extension headers of IPv6, and the authentication header of IPsec, which
 * follows IPv4 as well. */
FLOW_INLINE __u32 flow_step_extension(FLOW_CONTEXT *context,
				      struct flow_walk *w, __u32 kind)
{
	struct flow_extension e;
	__u32 offset;

	if (FLOW_LOAD(context, w->offset, &e, sizeof(e)) < 0)
		return FLOW_NOTHING;
	w->protocol = e.protocol;
	if (kind == FLOW_IP(FLOW_IP_FRAGMENT)) {
		w->offset += sizeof(e);
		offset = flow_swap16(e.offset);
		flow_fragment(w, e.id, e.protocol, offset >> 3);
		return offset >> 3 ? FLOW_NOTHING : FLOW_IP(e.protocol);
	}
	w->offset += kind == FLOW_IP(FLOW_IP_AUTHENTICATION) ?
			     (e.length + 2) * 4 :
			     (e.length + 1) * 8;
	return FLOW_IP(e.protocol);
}

FLOW_INLINE __u32 flow_step_ports(FLOW_CONTEXT *context, struct flow_walk *w,
				  __u32 kind)
{
	__be16 ports[2];

	if (FLOW_LOAD(context, w->offset, ports, sizeof(ports)) < 0)
		return FLOW_NOTHING;
	w->ports[0] = ports[0];
	w->ports[1] = ports[1];
	if (kind != FLOW_IP(FLOW_IP_UDP))
		return FLOW_NOTHING;
	w->offset += 8;
	switch (flow_swap16(ports[1])) {
	case FLOW_PORT_VXLAN:
	case FLOW_PORT_VXLAN_OLD:
		return FLOW_VXLAN;
	case FLOW_PORT_GENEVE:
		return FLOW_GENEVE;
	case FLOW_PORT_GTP:
		return FLOW_GTP;
	}
	return FLOW_NOTHING;
}

/* ---- Tunnels ------------------------------------------------------------- */

/* All frames of a tunnel have its two ends in common. Ports differ between
 * flows, and may differ between directions. */
FLOW_INLINE void flow_enter_tunnel(struct flow_walk *w)
{
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->protocol = 0;
}

FLOW_INLINE __u32 flow_step_vxlan(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 h[8];

	/* The I bit, perhaps the bit of group policies, and no others. */
	if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0 ||
	    (h[0] & 0x7f) != 0x08 || h[7] != 0)
		return FLOW_NOTHING;
	flow_enter_tunnel(w);
	w->offset += sizeof(h);
	return FLOW_ETHERNET;
}

FLOW_INLINE __u32 flow_step_geneve(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 h[8];

	if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0 || h[0] >> 6 != 0 ||
	    h[7] != 0)
		return FLOW_NOTHING;
	flow_enter_tunnel(w);
	w->offset += (__u32)sizeof(h) + (h[0] & 63U) * 4;
	return h[2] << 8 | h[3];
}

FLOW_INLINE __u32 flow_step_gtp(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 h[12];

	/* Version 1, GTP and not GTP', and a packet of a user. */
	if (FLOW_LOAD(context, w->offset, h, 8) < 0 || h[0] >> 4 != 3 ||
	    h[1] != 255)
		return FLOW_NOTHING;
	if (!(h[0] & 7)) {
		flow_enter_tunnel(w);
		w->offset += 8;
		return FLOW_INNER_IP;
	}
	if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0)
		return FLOW_NOTHING;
	flow_enter_tunnel(w);
	w->offset += sizeof(h);
	return h[0] & 4 && h[11] ? FLOW_GTP_EXTENSION : FLOW_INNER_IP;
}

FLOW_INLINE __u32 flow_step_gtp_extension(FLOW_CONTEXT *context,
					  struct flow_walk *w)
{
	__u8 length;
	__u8 next;

	if (FLOW_LOAD(context, w->offset, &length, 1) < 0 || length == 0)
		return FLOW_NOTHING;
	w->offset += length * 4;
	if (FLOW_LOAD(context, w->offset - 1, &next, 1) < 0)
		return FLOW_NOTHING;
	return next ? FLOW_GTP_EXTENSION : FLOW_INNER_IP;
}

FLOW_INLINE __u32 flow_step_inner_ip(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 version;

	if (FLOW_LOAD(context, w->offset, &version, 1) < 0)
		return FLOW_NOTHING;
	version >>= 4;
	return version == 4 ? FLOW_TYPE_IPV4 :
	       version == 6 ? FLOW_TYPE_IPV6 :
			      FLOW_NOTHING;
}

FLOW_INLINE __u32 flow_step_gre(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 h[12];
	__u32 flags;
	__u32 next;

	if (FLOW_LOAD(context, w->offset, h, 4) < 0)
		return FLOW_NOTHING;
	flags = h[0] << 8 | h[1];
	next = h[2] << 8 | h[3];
	if (flags & FLOW_GRE_UNKNOWN)
		return FLOW_NOTHING;
	w->offset += 4;
	if (flags & FLOW_GRE_CHECKSUM)
		w->offset += 4;
	if (flags & FLOW_GRE_KEY)
		w->offset += 4;
	if (flags & FLOW_GRE_SEQUENCE)
		w->offset += 4;
	flow_enter_tunnel(w);
	/* ERSPAN type I has neither a header nor a sequence number. */
	if (next == FLOW_TYPE_ERSPAN2) {
		w->offset += flags & FLOW_GRE_SEQUENCE ? 8 : 0;
		return FLOW_ETHERNET;
	}
	/* In type III the last bit announces 8 more bytes. */
	if (next == FLOW_TYPE_ERSPAN3) {
		if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0)
			return FLOW_NOTHING;
		w->offset += h[11] & 1 ? 20 : 12;
		return FLOW_ETHERNET;
	}
	return next;
}

/* ---- The link layer ------------------------------------------------------ */

FLOW_INLINE __u32 flow_step_ethernet(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__be16 type;

	if (FLOW_LOAD(context, w->offset + 12, &type, sizeof(type)) < 0)
		return FLOW_NOTHING;
	w->offset += 14;
	return flow_swap16(type);
}

FLOW_INLINE __u32 flow_step_tag(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__be16 type;

	if (FLOW_LOAD(context, w->offset + 2, &type, sizeof(type)) < 0)
		return FLOW_NOTHING;
	w->offset += 4;
	return flow_swap16(type);
}

FLOW_INLINE __u32 flow_step_mpls(FLOW_CONTEXT *context, struct flow_walk *w,
				 __u32 kind)
{
	__u8 h[5];

	if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0)
		return FLOW_NOTHING;
	w->offset += 4;
	if (!(h[2] & 1))
		return kind;
	/* No field names what follows the last label: its first bits tell. */
	h[4] >>= 4;
	return h[4] == 4 ? FLOW_TYPE_IPV4 :
	       h[4] == 6 ? FLOW_TYPE_IPV6 :
			   FLOW_PSEUDO_WIRE;
}

FLOW_INLINE int flow_is_known(__u32 type)
{
	return type == FLOW_TYPE_IPV4 || type == FLOW_TYPE_IPV6 ||
	       type == FLOW_TYPE_VLAN || type == FLOW_TYPE_QINQ ||
	       type == FLOW_TYPE_MPLS;
}

/* An Ethernet frame, with or without a control word before it. The parser
 * accepts the place at which it finds an EtherType that it knows. */
FLOW_INLINE __u32 flow_step_pseudo_wire(FLOW_CONTEXT *context,
					struct flow_walk *w)
{
	__be16 type;

	if (FLOW_LOAD(context, w->offset + 16, &type, sizeof(type)) == 0 &&
	    flow_is_known(flow_swap16(type))) {
		w->offset += 4;
		return FLOW_ETHERNET;
	}
	if (FLOW_LOAD(context, w->offset + 12, &type, sizeof(type)) == 0 &&
	    flow_is_known(flow_swap16(type)))
		return FLOW_ETHERNET;
	return FLOW_NOTHING;
}

FLOW_INLINE __u32 flow_step_pppoe(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u8 h[8];

	if (FLOW_LOAD(context, w->offset, h, sizeof(h)) < 0)
		return FLOW_NOTHING;
	w->offset += sizeof(h);
	if (h[6] != 0)
		return FLOW_NOTHING;
	return h[7] == 0x21 ? FLOW_TYPE_IPV4 :
	       h[7] == 0x57 ? FLOW_TYPE_IPV6 :
			      FLOW_NOTHING;
}

/* ---- All headers --------------------------------------------------------- */

/* Reads the header w->next at w->offset. Returns the header after it, or
 * FLOW_NOTHING, and moves w->offset there. */
FLOW_INLINE __u32 flow_step(FLOW_CONTEXT *context, struct flow_walk *w)
{
	__u32 kind = w->next;

	switch (kind) {
	case FLOW_TYPE_IPV4:
	case FLOW_IP(FLOW_IP_IPV4):
		return flow_step_ipv4(context, w);
	case FLOW_TYPE_IPV6:
	case FLOW_IP(FLOW_IP_IPV6):
		return flow_step_ipv6(context, w);
	case FLOW_IP(FLOW_IP_TCP):
	case FLOW_IP(FLOW_IP_UDP):
	case FLOW_IP(FLOW_IP_DCCP):
	case FLOW_IP(FLOW_IP_SCTP):
	case FLOW_IP(FLOW_IP_UDPLITE):
		return flow_step_ports(context, w, kind);
	case FLOW_IP(FLOW_IP_HOP_BY_HOP):
	case FLOW_IP(FLOW_IP_ROUTING):
	case FLOW_IP(FLOW_IP_FRAGMENT):
	case FLOW_IP(FLOW_IP_AUTHENTICATION):
	case FLOW_IP(FLOW_IP_DESTINATION):
	case FLOW_IP(FLOW_IP_MOBILITY):
		return flow_step_extension(context, w, kind);
	case FLOW_IP(FLOW_IP_GRE):
		return flow_step_gre(context, w);
	case FLOW_TYPE_VLAN:
	case FLOW_TYPE_QINQ:
	case FLOW_TYPE_QINQ_OLD:
		return flow_step_tag(context, w);
	case FLOW_TYPE_MPLS:
	case FLOW_TYPE_MPLS_MULTICAST:
	case FLOW_IP(FLOW_IP_MPLS):
		return flow_step_mpls(context, w, kind);
	case FLOW_TYPE_TEB:
	case FLOW_ETHERNET:
		return flow_step_ethernet(context, w);
	case FLOW_VXLAN:
		return flow_step_vxlan(context, w);
	case FLOW_GENEVE:
		return flow_step_geneve(context, w);
	case FLOW_GTP:
		return flow_step_gtp(context, w);
	case FLOW_GTP_EXTENSION:
		return flow_step_gtp_extension(context, w);
	case FLOW_INNER_IP:
		return flow_step_inner_ip(context, w);
	case FLOW_PSEUDO_WIRE:
		return flow_step_pseudo_wire(context, w);
	case FLOW_TYPE_PPPOE:
		return flow_step_pppoe(context, w);
	}
	return FLOW_NOTHING;
}

#endif
