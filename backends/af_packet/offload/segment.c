/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Splits frames that GRO merged. GRO merges consecutive frames of a flow if
 * they differ only in fields that can be restored: lengths, sequence numbers,
 * IPv4 ids, checksums, and flags that only the first or the last frame may
 * have. So a segment is the headers of the merged frame, corrected, and its
 * part of the payload. A frame that a host sends for its NIC to segment has the
 * same form.
 */
#include "offload/segment.h"

#include <string.h>

#include <netinet/in.h>

#include "util/flow_bytes.h"

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW 101

#define IPV4_ID 4U
#define DONT_FRAGMENT 0x4000U

/* Offsets in the headers of TCP and UDP. */
#define TCP_SEQUENCE 4U
#define TCP_FLAGS 13U
#define TCP_FIN 0x01U
#define TCP_PSH 0x08U
#define TCP_CWR 0x80U
#define SCTP_CHECKSUM 8U

static uint32_t get32(const uint8_t *at)
{
	return inet_get16(at) << 16 | inet_get16(at + 2);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* ---- Where things are --------------------------------------------------- */

static bool is_tag(uint32_t type)
{
	return type == FLOW_TYPE_VLAN || type == FLOW_TYPE_QINQ ||
	       type == FLOW_TYPE_QINQ_OLD;
}

/* Moves *at behind the link header and its tags. Returns the EtherType that
 * follows; 0: none. */
static uint32_t pass_link(const uint8_t *data, uint32_t len, uint16_t linktype,
			  uint32_t *at)
{
	const struct flow_bytes bytes = { data, len };
	struct flow_walk w = { .offset = *at };

	if (linktype == LINKTYPE_RAW)
		return flow_step_inner_ip(&bytes, &w);
	if (linktype != LINKTYPE_ETHERNET)
		return 0;
	w.next = flow_step_ethernet(&bytes, &w);
	while (is_tag(w.next))
		w.next = flow_step_tag(&bytes, &w);
	*at = w.offset;
	return w.next;
}

static bool parse_ip(struct segment_parts *parts, uint32_t type, uint32_t at,
		     const uint8_t *data, uint32_t len)
{
	parts->ip = (struct inet_header){ .l3 = at };
	if (type == FLOW_TYPE_IPV4)
		return inet_parse_ipv4(&parts->ip, data, len);
	return type == FLOW_TYPE_IPV6 &&
	       inet_parse_ipv6(&parts->ip, &parts->jumbo, data, len);
}

static bool parse_l4(struct segment_parts *parts, const uint8_t *data,
		     uint32_t len)
{
	uint32_t l4 = parts->ip.l4;
	uint32_t size = INET_UDP;

	if (parts->ip.protocol == IPPROTO_TCP && len - l4 >= INET_TCP) {
		size = (data[l4 + INET_TCP_LENGTH] >> 4) * 4U;
		if (size < INET_TCP)
			return false;
	} else if (parts->ip.protocol != IPPROTO_UDP) {
		return false;
	}
	parts->payload = l4 + size;
	return size <= len - l4;
}

/* ---- Tunnels ------------------------------------------------------------ */

/* Headers of tunnels whose frames this file splits. Others have a field that
 * differs between segments, and fix_tunnels() does not know it. */
static bool can_cut(uint32_t header)
{
	switch (header) {
	case FLOW_VXLAN:
	case FLOW_GENEVE:
	case FLOW_ETHERNET:
	case FLOW_TYPE_TEB:
		return true;
	default:
		return is_tag(header);
	}
}

/* GRE with a key or without. The checksum and the sequence number of GRE, and
 * the header of ERSPAN, differ between segments. */
static bool is_plain_gre(const struct flow_bytes *bytes, uint32_t at)
{
	uint8_t h[4];

	return flow_load(bytes, at, h, sizeof(h)) == 0 &&
	       !(inet_get16(h) & ~(uint32_t)FLOW_GRE_KEY) &&
	       inet_get16(h + 2) != FLOW_TYPE_ERSPAN2 &&
	       inet_get16(h + 2) != FLOW_TYPE_ERSPAN3;
}

/* Moves *at from the header of `protocol` to the packet in the tunnel. Returns
 * its EtherType; 0: no segments are made of such a tunnel. */
static uint32_t pass_tunnel(const uint8_t *data, uint32_t len, uint8_t protocol,
			    uint32_t *at)
{
	const struct flow_bytes bytes = { data, len };
	struct flow_walk w = { .next = (uint32_t)FLOW_IP(protocol),
			       .offset = *at };

	switch (protocol) {
	case IPPROTO_IPIP:
		return FLOW_TYPE_IPV4;
	case IPPROTO_IPV6:
		return FLOW_TYPE_IPV6;
	case IPPROTO_GRE:
		if (!is_plain_gre(&bytes, *at))
			return 0;
		break;
	case IPPROTO_UDP:
		break;
	default:
		return 0;
	}
	do {
		w.next = flow_step(&bytes, &w);
	} while (can_cut(w.next));
	*at = w.offset;
	return w.next;
}

/* Continues with the packet in the tunnel whose outer header is parts->ip. */
static bool enter(struct segment_parts *parts, const uint8_t *data,
		  uint32_t len)
{
	uint32_t at = parts->ip.l4;
	uint32_t type;

	if (parts->ntunnels == SEGMENT_TUNNELS)
		return false;
	type = pass_tunnel(data, len, parts->ip.protocol, &at);
	parts->tunnels[parts->ntunnels++] = parts->ip;
	return at <= len && parse_ip(parts, type, at, data, len);
}

static bool parse_outermost(struct segment_parts *parts, const uint8_t *data,
			    uint32_t len, uint16_t linktype)
{
	uint32_t at = 0;
	uint32_t type = pass_link(data, len, linktype, &at);

	*parts = (struct segment_parts){ 0 };
	return parse_ip(parts, type, at, data, len);
}

bool segment_parse(struct segment_parts *ret, const uint8_t *data, uint32_t len,
		   uint16_t linktype)
{
	struct segment_parts parts;

	if (!parse_outermost(&parts, data, len, linktype) ||
	    !parse_l4(&parts, data, len))
		return false;
	*ret = parts;
	return true;
}

/* The packet that the kernel merged: the one whose TCP or UDP header begins
 * at h->csum_start, in any tunnels. */
static bool parse_merged(struct segment_parts *parts, const uint8_t *data,
			 uint32_t len, uint16_t linktype,
			 const struct virtio_net_hdr *h)
{
	if (!parse_outermost(parts, data, len, linktype))
		return false;
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		while (parts->ip.l4 < h->csum_start)
			if (!enter(parts, data, len))
				return false;
	return parse_l4(parts, data, len);
}

/* ---- Checksums ---------------------------------------------------------- */

uint16_t segment_checksum_offset(const struct segment_parts *parts)
{
	return (uint16_t)inet_checksum_offset(&parts->ip);
}

uint32_t segment_end(const struct segment_parts *parts, const uint8_t *data,
		     uint32_t len)
{
	uint32_t end = inet_end(&parts->ip, data);

	return end < parts->payload || end > len ? len : end;
}

void segment_checksum(uint8_t *data, uint32_t len,
		      const struct segment_parts *parts, bool pseudo)
{
	uint32_t end = segment_end(parts, data, len);

	inet_fill_checksum(data, &parts->ip, end - parts->ip.l4, pseudo);
}

/* A checksum that is left to a NIC has the part over the addresses in it. */
static bool is_open(const struct segment_parts *parts, const uint8_t *data,
		    uint32_t len)
{
	const struct inet_header *ip = &parts->ip;
	uint32_t end = segment_end(parts, data, len);
	uint16_t value;

	memcpy(&value, data + ip->l4 + inet_checksum_offset(ip), sizeof(value));
	return value == inet_fold(inet_pseudo_header(data, ip, end - ip->l4));
}

bool segment_parse_open(struct segment_parts *ret, const uint8_t *data,
			uint32_t len, uint16_t linktype)
{
	struct segment_parts parts;
	bool found = false;

	if (!parse_outermost(&parts, data, len, linktype))
		return false;
	do {
		if (!parse_l4(&parts, data, len))
			continue;
		*ret = parts;
		found = true;
	} while ((!found || !is_open(ret, data, len)) &&
		 enter(&parts, data, len));
	return found;
}

bool segment_complete(uint8_t *data, uint32_t len, uint32_t start,
		      uint32_t offset)
{
	uint16_t value;

	/* SCTP has a CRC, which is not completed from a sum. */
	if (offset == SCTP_CHECKSUM || start + offset + 2 > len)
		return false;
	value = (uint16_t)~inet_fold(inet_add(0, data + start, len - start));
	if (value == 0 && offset == INET_UDP_CHECKSUM)
		value = UINT16_MAX;
	inet_store(data + start + offset, value);
	return true;
}

/* ---- Cutting ------------------------------------------------------------ */

/* What the kernel calls it, and what it is. */
static bool is_of_type(const struct segment_parts *parts, uint8_t type)
{
	switch (type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return parts->ip.protocol == IPPROTO_TCP && !parts->ip.ipv6;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return parts->ip.protocol == IPPROTO_TCP && parts->ip.ipv6;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		return parts->ip.protocol == IPPROTO_UDP;
	default:
		return false;
	}
}

/* The headers, but for an option that no wire has. */
static void copy_headers(struct segmenter *s, const uint8_t *data)
{
	enum { OPTION = 8 };
	uint32_t jumbo = s->parts.jumbo;
	uint32_t next = s->parts.ip.l3 + INET_IPV6_NEXT;

	s->headers = s->parts.payload;
	if (jumbo == 0) {
		memcpy(s->header, data, s->headers);
		return;
	}
	memcpy(s->header, data, jumbo);
	s->header[next] = data[jumbo];
	memcpy(s->header + jumbo, data + jumbo + OPTION,
	       s->headers - jumbo - OPTION);
	if (s->parts.ip.destination > jumbo)
		s->parts.ip.destination -= OPTION;
	s->parts.ip.l4 -= OPTION;
	s->parts.payload -= OPTION;
	s->headers -= OPTION;
}

bool segment_begin(struct segmenter *s, const uint8_t *data, uint32_t caplen,
		   uint32_t wirelen, uint16_t linktype,
		   const struct virtio_net_hdr *h)
{
	struct segment_parts parts;
	const uint8_t *checksum;

	if (h->gso_size == 0 ||
	    !parse_merged(&parts, data, caplen, linktype, h))
		return false;
	if (parts.jumbo && parts.ntunnels)
		return false;
	if (!is_of_type(&parts, h->gso_type) || parts.payload >= wirelen ||
	    caplen > wirelen || parts.payload > SEGMENT_HEADERS)
		return false;
	checksum = data + parts.ip.l4 + INET_UDP_CHECKSUM;
	s->parts = parts;
	s->payload = data + parts.payload;
	s->captured = caplen - parts.payload;
	s->total = wirelen - parts.payload;
	s->size = h->gso_size;
	s->done = 0;
	s->number = 0;
	/* If merged UDP has no checksum, the datagrams had none. */
	s->checked = parts.ip.protocol == IPPROTO_TCP ||
		     h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ||
		     inet_get16(checksum) != 0;
	copy_headers(s, data);
	return true;
}

/* The header of a packet that ends at `end`. */
static void fix_ip(uint8_t *data, const struct inet_header *ip, uint32_t end,
		   uint32_t number)
{
	uint8_t *header = data + ip->l3;
	uint32_t size = ip->l4 - ip->l3;
	uint32_t id;

	if (ip->ipv6) {
		put16(header + INET_IPV6_LENGTH, end - ip->l3 - INET_IPV6);
		return;
	}
	put16(header + INET_IPV4_LENGTH, end - ip->l3);
	id = inet_get16(header + IPV4_ID);
	/* Ids count up. But a sender that sends an unfragmentable packet with
	 * id 0 sends all of them with id 0. */
	if (id != 0 ||
	    !(inet_get16(header + INET_IPV4_FRAGMENT) & DONT_FRAGMENT))
		put16(header + IPV4_ID, id + number);
	inet_store(header + INET_IPV4_CHECKSUM, 0);
	inet_store(header + INET_IPV4_CHECKSUM,
		   (uint16_t)~inet_fold(inet_add(0, header, size)));
}

/* Corrects the headers of the tunnels after the packet in them. */
static void fix_tunnels(const struct segmenter *s, uint8_t *out, uint32_t end,
			bool whole)
{
	for (unsigned i = s->parts.ntunnels; i-- > 0;) {
		const struct inet_header *ip = &s->parts.tunnels[i];
		uint8_t *udp = out + ip->l4;
		uint32_t len = end - ip->l4;

		fix_ip(out, ip, end, s->number);
		if (ip->protocol != IPPROTO_UDP)
			continue;
		put16(udp + INET_UDP_LENGTH, len);
		if (inet_get16(udp + INET_UDP_CHECKSUM) != 0)
			inet_fill_checksum(out, ip, len, !whole);
	}
}

static void fix_tcp(const struct segmenter *s, uint8_t *tcp, bool last)
{
	uint32_t flags = tcp[TCP_FLAGS];

	put32(tcp + TCP_SEQUENCE, get32(tcp + TCP_SEQUENCE) + s->done);
	if (!last)
		flags &= ~(TCP_FIN | TCP_PSH);
	if (s->number > 0)
		flags &= ~TCP_CWR;
	tcp[TCP_FLAGS] = (uint8_t)flags;
}

/* How many bytes of the payload of a segment were captured. */
static uint32_t captured_of(const struct segmenter *s, uint32_t size)
{
	uint32_t left = s->captured > s->done ? s->captured - s->done : 0;

	return left < size ? left : size;
}

uint32_t segment_next(struct segmenter *s, uint8_t *out, uint32_t *wirelen)
{
	uint32_t left = s->total - s->done;
	uint32_t size = left < s->size ? left : s->size;
	uint32_t kept = captured_of(s, size);
	uint32_t end = s->headers + size;
	const struct inet_header *ip = &s->parts.ip;
	uint8_t *l4 = out + ip->l4;

	memcpy(out, s->header, s->headers);
	memcpy(out + s->headers, s->payload + (kept ? s->done : 0), kept);
	fix_ip(out, ip, end, s->number);
	if (ip->protocol == IPPROTO_TCP)
		fix_tcp(s, l4, size == left);
	else
		put16(l4 + INET_UDP_LENGTH, end - ip->l4);
	if (s->checked)
		inet_fill_checksum(out, ip, end - ip->l4, kept < size);
	fix_tunnels(s, out, end, kept == size);
	s->done += size;
	s->number++;
	*wirelen = end;
	return s->headers + kept;
}
