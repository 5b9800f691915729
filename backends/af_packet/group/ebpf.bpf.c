/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which ring a frame goes to. Runs in the kernel, for each frame of a fanout
 * group: finds the innermost flow, hashes it so that both directions come to
 * the same number, and looks up the rest in the table that the rings keep.
 *
 * Headers are taken one after the other, each saying which is next, up to a
 * number of them: what is not understood ends the walk, and what was found so
 * far counts. In a tunnel that is the pair of its ends.
 *
 * A fragment without ports follows the first of its datagram, which is
 * remembered; by its addresses if that was not seen.
 *
 * A received frame's data begin at the network header, a sent one's at the link
 * header (seen on Linux 6.18). bpf_skb_load_bytes() counts from there and finds
 * bytes in all of a frame, where bpf_skb_load_bytes_relative() has but the
 * linear part.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "group/ebpf_table.h"

#define HEADERS 24      /* looked at in one frame, at most */
#define DATAGRAMS 16384 /* fragmented ones under way */

/* What comes next: an EtherType, a protocol of IP, or one of these. */
#define IP(protocol) (0x10000 | (protocol))
enum {
	NOTHING = 0,
	ETHERNET = 0x20000,
	VXLAN,
	GENEVE,
	GTP,
	GTP_EXTENSION,
	INNER_IP, /* its version says which */
	INNER_PPP,
	PSEUDO_WIRE,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steer_table);
} pktio_steer SEC(".maps");

struct datagram {
	__u64 from, to; /* hashes of the addresses */
	__u32 id, protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DATAGRAMS);
	__type(key, struct datagram);
	__type(value, __u32);
} pktio_frags SEC(".maps");

struct walk {
	__u32 next, offset;
	__u32 is_ip; /* the addresses are */
	__u32 by_addresses;
	__u32 protocol;
	__u32 first, later;   /* a fragment, of `datagram` */
	__u64 seed, from, to; /* hashes of the addresses */
	__u16 ports[2];       /* 0: none, or not to be looked at */
	struct datagram datagram;
};

static __always_inline __u64 mix(__u64 h)
{
	h ^= h >> 32;
	h *= 0x9fb21c651e98df25ULL;
	h ^= h >> 29;
	h *= 0xd6e8feb86659fd93ULL;
	return h ^ h >> 32;
}

static __always_inline __u32 hash_of(const struct walk *w)
{
	__u64 a = w->from;
	__u64 b = w->to;

	if (w->by_addresses)
		return (__u32)mix(a + b);
	/* A sum, and not of what was only xored: so equal ends count, too. */
	return (__u32)mix(mix(a ^ w->ports[0]) + mix(b ^ w->ports[1]) +
			  w->protocol);
}

/* ---- Fragments ----------------------------------------------------------- */

static __always_inline void fragment(struct walk *w, __u32 id, __u32 protocol,
				     __u32 offset)
{
	/* Of two, one in the other, the outer one is followed. */
	if (w->first && offset == 0)
		return;
	w->datagram.from = w->from;
	w->datagram.to = w->to;
	w->datagram.id = id;
	w->datagram.protocol = protocol;
	w->first = offset == 0;
	w->later = offset != 0;
}

/* ---- Headers ------------------------------------------------------------- */

struct ipv4 {
	__u8 version, tos;
	__be16 length, id, offset;
	__u8 ttl, protocol;
	__be16 checksum;
	__be32 from, to;
};

static __always_inline __u32 step_ipv4(struct __sk_buff *skb, struct walk *w)
{
	struct ipv4 ip;
	__u32 offset;

	if (bpf_skb_load_bytes(skb, w->offset, &ip, sizeof(ip)) < 0 ||
	    ip.version >> 4 != 4 || (ip.version & 15) < 5)
		return NOTHING;
	w->is_ip = 1;
	w->from = mix(w->seed + ip.from);
	w->to = mix(w->seed + ip.to);
	w->protocol = ip.protocol;
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->offset += (ip.version & 15) * 4;
	offset = bpf_ntohs(ip.offset);
	if (offset & 0x3fff) {
		fragment(w, ip.id, ip.protocol, offset & 0x1fff);
		if (offset & 0x1fff)
			return NOTHING;
	}
	return IP(ip.protocol);
}

struct ipv6 {
	__be32 version;
	__be16 length;
	__u8 protocol, hops;
	__u32 from[4], to[4];
};

static __always_inline __u64 mix_ipv6(__u64 seed, const __u32 *a)
{
	__u64 high = (__u64)a[0] << 32 | a[1];
	__u64 low = (__u64)a[2] << 32 | a[3];

	return mix(mix(seed + high) + low);
}

static __always_inline __u32 step_ipv6(struct __sk_buff *skb, struct walk *w)
{
	struct ipv6 ip;

	if (bpf_skb_load_bytes(skb, w->offset, &ip, sizeof(ip)) < 0 ||
	    bpf_ntohl(ip.version) >> 28 != 6)
		return NOTHING;
	w->is_ip = 1;
	w->from = mix_ipv6(w->seed, ip.from);
	w->to = mix_ipv6(w->seed, ip.to);
	w->protocol = ip.protocol;
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->offset += sizeof(ip);
	return IP(ip.protocol);
}

struct extension {
	__u8 protocol, length;
	__be16 offset;
	__be32 id;
};

/* Of IPv6, and IPsec's authentication header, which IPv4 has as well. */
static __always_inline __u32 step_extension(struct __sk_buff *skb,
					    struct walk *w, __u32 kind)
{
	struct extension e;
	__u32 offset;

	if (bpf_skb_load_bytes(skb, w->offset, &e, sizeof(e)) < 0)
		return NOTHING;
	w->protocol = e.protocol;
	if (kind == IP(44)) {
		w->offset += sizeof(e);
		offset = bpf_ntohs(e.offset);
		fragment(w, e.id, e.protocol, offset >> 3);
		return offset >> 3 ? NOTHING : IP(e.protocol);
	}
	w->offset += kind == IP(51) ? (e.length + 2) * 4 : (e.length + 1) * 8;
	return IP(e.protocol);
}

static __always_inline __u32 step_ports(struct __sk_buff *skb, struct walk *w,
					__u32 kind)
{
	__be16 ports[2];

	if (bpf_skb_load_bytes(skb, w->offset, ports, sizeof(ports)) < 0)
		return NOTHING;
	w->ports[0] = ports[0];
	w->ports[1] = ports[1];
	if (kind != IP(17))
		return NOTHING;
	w->offset += 8;
	switch (bpf_ntohs(ports[1])) {
	case 4789:
	case 8472: /* Linux's, before there was a number */
		return VXLAN;
	case 6081:
		return GENEVE;
	case 2152:
		return GTP;
	}
	return NOTHING;
}

/* The two ends of a tunnel are what its frames have in common; the ports may
 * differ between directions, and do between flows. */
static __always_inline void enter(struct walk *w)
{
	w->ports[0] = 0;
	w->ports[1] = 0;
	w->protocol = 0;
}

static __always_inline __u32 step_vxlan(struct __sk_buff *skb, struct walk *w)
{
	__u8 h[8];

	/* The I bit, that of group policies, and no others. */
	if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0 ||
	    (h[0] & 0x7f) != 0x08 || h[7] != 0)
		return NOTHING;
	enter(w);
	w->offset += sizeof(h);
	return ETHERNET;
}

static __always_inline __u32 step_geneve(struct __sk_buff *skb, struct walk *w)
{
	__u8 h[8];

	if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0 ||
	    h[0] >> 6 != 0 || h[7] != 0)
		return NOTHING;
	enter(w);
	w->offset += sizeof(h) + (h[0] & 63) * 4;
	return h[2] << 8 | h[3];
}

static __always_inline __u32 step_gtp(struct __sk_buff *skb, struct walk *w)
{
	__u8 h[12];

	/* Version 1, GTP and not GTP', and a user's packet. */
	if (bpf_skb_load_bytes(skb, w->offset, h, 8) < 0 || h[0] >> 4 != 3 ||
	    h[1] != 255)
		return NOTHING;
	if (!(h[0] & 7)) {
		enter(w);
		w->offset += 8;
		return INNER_IP;
	}
	if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0)
		return NOTHING;
	enter(w);
	w->offset += sizeof(h);
	return h[0] & 4 && h[11] ? GTP_EXTENSION : INNER_IP;
}

static __always_inline __u32 step_gtp_extension(struct __sk_buff *skb,
						struct walk *w)
{
	__u8 length;
	__u8 next;

	if (bpf_skb_load_bytes(skb, w->offset, &length, 1) < 0 || length == 0)
		return NOTHING;
	w->offset += length * 4;
	if (bpf_skb_load_bytes(skb, w->offset - 1, &next, 1) < 0)
		return NOTHING;
	return next ? GTP_EXTENSION : INNER_IP;
}

static __always_inline __u32 step_inner_ip(struct __sk_buff *skb,
					   struct walk *w)
{
	__u8 version;

	if (bpf_skb_load_bytes(skb, w->offset, &version, 1) < 0)
		return NOTHING;
	version >>= 4;
	return version == 4 ? 0x0800 : version == 6 ? 0x86dd : NOTHING;
}

static __always_inline __u32 step_gre(struct __sk_buff *skb, struct walk *w)
{
	__u8 h[12];
	__u32 flags;
	__u32 next;

	if (bpf_skb_load_bytes(skb, w->offset, h, 4) < 0)
		return NOTHING;
	flags = h[0] << 8 | h[1];
	next = h[2] << 8 | h[3];
	/* Version 0 without source routes. */
	if (flags & 0x4007)
		return NOTHING;
	w->offset += 4;
	if (flags & 0x8000)
		w->offset += 4;
	if (flags & 0x2000)
		w->offset += 4;
	if (flags & 0x1000)
		w->offset += 4;
	enter(w);
	if (next == 0x88be) { /* ERSPAN: type I has no header, and no number */
		w->offset += flags & 0x1000 ? 8 : 0;
		return ETHERNET;
	}
	if (next == 0x22eb) { /* type III, and what it says comes after it */
		if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0)
			return NOTHING;
		w->offset += h[11] & 1 ? 20 : 12;
		return ETHERNET;
	}
	return next;
}

static __always_inline __u32 step_ethernet(struct __sk_buff *skb,
					   struct walk *w)
{
	__be16 type;

	if (bpf_skb_load_bytes(skb, w->offset + 12, &type, sizeof(type)) < 0)
		return NOTHING;
	w->offset += 14;
	return bpf_ntohs(type);
}

static __always_inline __u32 step_tag(struct __sk_buff *skb, struct walk *w)
{
	__be16 type;

	if (bpf_skb_load_bytes(skb, w->offset + 2, &type, sizeof(type)) < 0)
		return NOTHING;
	w->offset += 4;
	return bpf_ntohs(type);
}

static __always_inline __u32 step_mpls(struct __sk_buff *skb, struct walk *w,
				       __u32 kind)
{
	__u8 h[5];

	if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0)
		return NOTHING;
	w->offset += 4;
	if (!(h[2] & 1))
		return kind;
	/* Nothing says what follows the last label. */
	h[4] >>= 4;
	return h[4] == 4 ? 0x0800 : h[4] == 6 ? 0x86dd : PSEUDO_WIRE;
}

static __always_inline int is_known(__u32 type)
{
	return type == 0x0800 || type == 0x86dd || type == 0x8100 ||
	       type == 0x88a8 || type == 0x8847;
}

/* An Ethernet frame, with or without a control word: what has an EtherType in
 * its place that we know is taken for one. */
static __always_inline __u32 step_pseudo_wire(struct __sk_buff *skb,
					      struct walk *w)
{
	__be16 type;

	if (bpf_skb_load_bytes(skb, w->offset + 16, &type, sizeof(type)) == 0 &&
	    is_known(bpf_ntohs(type))) {
		w->offset += 4;
		return ETHERNET;
	}
	if (bpf_skb_load_bytes(skb, w->offset + 12, &type, sizeof(type)) == 0 &&
	    is_known(bpf_ntohs(type)))
		return ETHERNET;
	return NOTHING;
}

static __always_inline __u32 step_pppoe(struct __sk_buff *skb, struct walk *w)
{
	__u8 h[8];

	if (bpf_skb_load_bytes(skb, w->offset, h, sizeof(h)) < 0)
		return NOTHING;
	w->offset += sizeof(h);
	if (h[6] != 0)
		return NOTHING;
	return h[7] == 0x21 ? 0x0800 : h[7] == 0x57 ? 0x86dd : NOTHING;
}

static __always_inline __u32 step(struct __sk_buff *skb, struct walk *w)
{
	__u32 kind = w->next;

	switch (kind) {
	case 0x0800:
	case IP(4):
		return step_ipv4(skb, w);
	case 0x86dd:
	case IP(41):
		return step_ipv6(skb, w);
	case IP(6):
	case IP(17):
	case IP(33):
	case IP(132):
	case IP(136):
		return step_ports(skb, w, kind);
	case IP(0):
	case IP(43):
	case IP(44):
	case IP(51):
	case IP(60):
	case IP(135):
		return step_extension(skb, w, kind);
	case IP(47):
		return step_gre(skb, w);
	case 0x8100:
	case 0x88a8:
	case 0x9100:
		return step_tag(skb, w);
	case 0x8847:
	case 0x8848:
	case IP(137):
		return step_mpls(skb, w, kind);
	case 0x6558:
	case ETHERNET:
		return step_ethernet(skb, w);
	case VXLAN:
		return step_vxlan(skb, w);
	case GENEVE:
		return step_geneve(skb, w);
	case GTP:
		return step_gtp(skb, w);
	case GTP_EXTENSION:
		return step_gtp_extension(skb, w);
	case INNER_IP:
		return step_inner_ip(skb, w);
	case PSEUDO_WIRE:
		return step_pseudo_wire(skb, w);
	case 0x8864:
		return step_pppoe(skb, w);
	}
	return NOTHING;
}

/* ---- The frame ----------------------------------------------------------- */

/* Frames without IP go by their MAC addresses. */
static __always_inline void take_macs(struct __sk_buff *skb, struct walk *w)
{
	__u16 macs[6];

	if (bpf_skb_load_bytes_relative(skb, 0, macs, sizeof(macs),
					BPF_HDR_START_MAC) < 0)
		return;
	w->to = mix(w->seed +
		    ((__u64)macs[0] << 32 | (__u64)macs[1] << 16 | macs[2]));
	w->from = mix(w->seed +
		      ((__u64)macs[3] << 32 | (__u64)macs[4] << 16 | macs[5]));
}

/* Where links of several kinds are watched at once, a sent frame has Ethernet's
 * header if the type of what is in it is found where it would be. */
static __always_inline void begin(struct __sk_buff *skb, struct walk *w,
				  __u32 ethernet)
{
	enum { OUTGOING = 4 };
	__be16 type;

	w->next = bpf_ntohs((__u16)skb->protocol);
	if (skb->pkt_type == OUTGOING &&
	    bpf_skb_load_bytes(skb, 12, &type, sizeof(type)) == 0 &&
	    (ethernet || type == (__u16)skb->protocol))
		w->next = ETHERNET;
}

static __always_inline __u32 flow_hash(struct __sk_buff *skb,
				       const struct steer_table *t)
{
	struct walk w = { .seed = t->seed, .by_addresses = t->addresses };
	__u32 hash;

	begin(skb, &w, t->ethernet);
	for (int i = 0; i < HEADERS && w.next; i++)
		w.next = step(skb, &w);
	if (!w.is_ip && t->ethernet)
		take_macs(skb, &w);
	if (w.later) {
		__u32 *found = bpf_map_lookup_elem(&pktio_frags, &w.datagram);

		if (found)
			return *found;
		w.by_addresses = 1;
	}
	hash = hash_of(&w);
	if (w.first)
		bpf_map_update_elem(&pktio_frags, &w.datagram, &hash, BPF_ANY);
	return hash;
}

SEC("socket")
int pktio_steer_frame(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct steer_table *t = bpf_map_lookup_elem(&pktio_steer, &zero);
	__u32 ring;

	if (!t)
		return 0;
	ring = t->slots[flow_hash(skb, t) % STEER_SLOTS];
	return (int)t->position[ring % STEER_RINGS];
}

/* The verifier wants it for nothing else than the clock of old kernels. */
char terms[] SEC("license") = "Dual BSD/GPL";
