/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What GRO put together is taken apart. GRO merges frames of one flow that
 * follow on each other, equal in all but what can be told again: lengths,
 * sequence numbers, IPv4 ids, checksums, and the flags that only the first or
 * the last may have. So each segment is the headers of the whole, corrected,
 * and its share of the payload. Frames that a host sends in one piece, for its
 * NIC to cut, are of the same form.
 */
#include "offload/segment.h"

#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW 101

#define ETHERTYPE_IPV4 0x0800U
#define ETHERTYPE_IPV6 0x86ddU
#define ETHERTYPE_ETHERNET 0x6558U
#define MAC_ADDRESSES 12U
#define TAG 4U

#define IPV4 20U
#define IPV6 40U
#define IPV6_ADDRESS 16U
#define TCP 20U
#define UDP 8U

/* Offsets in IPv4's header. */
#define IPV4_LENGTH 2U
#define IPV4_ID 4U
#define IPV4_FRAGMENT 6U
#define IPV4_CHECKSUM 10U
#define IPV4_SOURCE 12U
#define IPV4_DESTINATION 16U
#define DONT_FRAGMENT 0x4000U
#define IS_FRAGMENT 0x3fffU

/* In IPv6's. */
#define IPV6_LENGTH 4U
#define IPV6_NEXT 6U
#define IPV6_SOURCE 8U
#define IPV6_DESTINATION 24U
#define MOST_EXTENSIONS 8

/* In those of TCP and UDP. */
#define TCP_SEQUENCE 4U
#define TCP_LENGTH 12U /* in words, the upper half of the byte */
#define TCP_FLAGS 13U
#define TCP_CHECKSUM 16U
#define TCP_FIN 0x01U
#define TCP_PSH 0x08U
#define TCP_CWR 0x80U
#define UDP_LENGTH 4U
#define UDP_CHECKSUM 6U
#define SCTP_CHECKSUM 8U

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
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

/* To what Ethernet has in it, past any tags; the EtherType, 0: not there. */
static uint32_t pass_ethernet(const uint8_t *data, uint32_t len, uint32_t *at)
{
	for (*at += MAC_ADDRESSES; *at + 2 <= len; *at += TAG) {
		uint32_t type = get16(data + *at);

		if (type != 0x8100 && type != 0x88a8 && type != 0x9100) {
			*at += 2;
			return type;
		}
	}
	return 0;
}

static uint32_t pass_link(const uint8_t *data, uint32_t len, uint16_t linktype,
			  uint32_t *at)
{
	if (linktype == LINKTYPE_ETHERNET)
		return pass_ethernet(data, len, at);
	if (linktype != LINKTYPE_RAW || len == 0)
		return 0;
	return data[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
}

static bool parse_ipv4(struct segment_ip *ip, const uint8_t *data, uint32_t len)
{
	const uint8_t *header = data + ip->l3;
	uint32_t size;

	if (len - ip->l3 < IPV4 || header[0] >> 4 != 4)
		return false;
	size = (header[0] & 0xfU) * 4;
	if (size < IPV4 || get16(header + IPV4_FRAGMENT) & IS_FRAGMENT)
		return false;
	ip->protocol = header[9];
	ip->destination = ip->l3 + IPV4_DESTINATION;
	ip->l4 = ip->l3 + size;
	return ip->l4 <= len;
}

/*
 * While a packet is on a route that its sender chose, the address in IPv6's
 * header is that of the next stop, and the checksum is over that of the last.
 */
static void follow_route(struct segment_ip *ip, const uint8_t *route,
			 uint32_t at, uint32_t size)
{
	enum { SOURCE_ROUTE = 0, HOME = 2, SEGMENTS = 4 };
	uint32_t addresses = (size - 8) / IPV6_ADDRESS;

	if (route[3] == 0 || addresses == 0)
		return;
	if (route[2] == SOURCE_ROUTE || route[2] == HOME)
		ip->destination = at + 8 + (addresses - 1) * IPV6_ADDRESS;
	else if (route[2] == SEGMENTS)
		ip->destination = at + 8;
}

/* A packet longer than 64 KiB inside of Linux: that of the wire has it not. */
static bool is_jumbo(const uint8_t *options, uint32_t size)
{
	enum { JUMBO = 0xc2, LENGTH = 4 };

	return size == 8 && options[2] == JUMBO && options[3] == LENGTH;
}

static bool parse_ipv6(struct segment_ip *ip, uint32_t *jumbo,
		       const uint8_t *data, uint32_t len)
{
	uint32_t at = ip->l3 + IPV6;
	uint8_t next;

	if (len < at || data[ip->l3] >> 4 != 6)
		return false;
	ip->ipv6 = true;
	ip->destination = ip->l3 + IPV6_DESTINATION;
	next = data[ip->l3 + IPV6_NEXT];
	for (int i = 0; i < MOST_EXTENSIONS; i++) {
		const uint8_t *header = data + at;
		uint32_t size;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_DSTOPTS &&
		    next != IPPROTO_ROUTING)
			break;
		if (len - at < 8)
			return false;
		size = (header[1] + 1U) * 8;
		if (len - at < size)
			return false;
		if (next == IPPROTO_ROUTING)
			follow_route(ip, header, at, size);
		if (next == IPPROTO_HOPOPTS && i == 0 && is_jumbo(header, size))
			*jumbo = at;
		next = header[0];
		at += size;
	}
	ip->protocol = next;
	ip->l4 = at;
	return true;
}

static bool parse_ip(struct segment_parts *parts, uint32_t type, uint32_t at,
		     const uint8_t *data, uint32_t len)
{
	parts->ip = (struct segment_ip){ .l3 = at };
	if (type == ETHERTYPE_IPV4)
		return parse_ipv4(&parts->ip, data, len);
	return type == ETHERTYPE_IPV6 &&
	       parse_ipv6(&parts->ip, &parts->jumbo, data, len);
}

static bool parse_l4(struct segment_parts *parts, const uint8_t *data,
		     uint32_t len)
{
	uint32_t l4 = parts->ip.l4;
	uint32_t size = UDP;

	if (parts->ip.protocol == IPPROTO_TCP && len - l4 >= TCP) {
		size = (data[l4 + TCP_LENGTH] >> 4) * 4U;
		if (size < TCP)
			return false;
	} else if (parts->ip.protocol != IPPROTO_UDP) {
		return false;
	}
	parts->payload = l4 + size;
	return size <= len - l4;
}

/* ---- Tunnels ------------------------------------------------------------ */

/* Each moves *at from its own header to the packet inside, and returns the
 * EtherType of that; 0: it is of a kind that is not cut. */

static uint32_t pass_gre(const uint8_t *data, uint32_t len, uint32_t *at)
{
	enum { KEY = 0x2000 };
	uint32_t flags;
	uint32_t type;

	if (len - *at < 4)
		return 0;
	flags = get16(data + *at);
	type = get16(data + *at + 2);
	/* Neither a checksum nor a number, nor another version. */
	if (flags & ~(uint32_t)KEY)
		return 0;
	*at += flags & KEY ? 8 : 4;
	return type;
}

static uint32_t pass_udp(const uint8_t *data, uint32_t len, uint32_t *at)
{
	enum { VXLAN = 4789, VXLAN_OF_LINUX = 8472, GENEVE = 6081, HEADER = 8 };
	const uint8_t *udp = data + *at;
	uint32_t port;

	if (len - *at < UDP + HEADER)
		return 0;
	port = get16(udp + 2);
	*at += UDP + HEADER;
	if (port == VXLAN || port == VXLAN_OF_LINUX)
		return ETHERTYPE_ETHERNET;
	if (port != GENEVE)
		return 0;
	*at += (udp[UDP] & 0x3fU) * 4;
	return get16(udp + UDP + 2);
}

/* Goes on to the packet in the tunnel that parts->ip is of. */
static bool enter(struct segment_parts *parts, const uint8_t *data,
		  uint32_t len)
{
	uint32_t at = parts->ip.l4;
	uint32_t type = 0;

	if (parts->ntunnels == SEGMENT_TUNNELS)
		return false;
	switch (parts->ip.protocol) {
	case IPPROTO_IPIP:
		type = ETHERTYPE_IPV4;
		break;
	case IPPROTO_IPV6:
		type = ETHERTYPE_IPV6;
		break;
	case IPPROTO_GRE:
		type = pass_gre(data, len, &at);
		break;
	case IPPROTO_UDP:
		type = pass_udp(data, len, &at);
		break;
	default:
		break;
	}
	if (type == ETHERTYPE_ETHERNET)
		type = pass_ethernet(data, len, &at);
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

/* The packet that the kernel merged: what it is to sum up begins with its TCP
 * or UDP, in whatever tunnels that is. */
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

/*
 * Sums are of words in the order of this machine: the Internet's checksum is
 * the same in either, once it is back in the bytes.
 */
static uint64_t add(uint64_t sum, const uint8_t *bytes, uint32_t n)
{
	uint32_t word;

	for (; n >= sizeof(word); n -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, bytes, n);
	return sum + word;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void store(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* Of addresses, protocol and length, as if they were in front. */
static uint64_t pseudo_header(const uint8_t *data, const struct segment_ip *ip,
			      uint32_t len)
{
	uint32_t source = ip->ipv6 ? IPV6_SOURCE : IPV4_SOURCE;
	uint32_t size = ip->ipv6 ? IPV6_ADDRESS : 4;
	uint64_t sum = add(0, data + ip->l3 + source, size);

	sum = add(sum, data + ip->destination, size);
	return sum + htonl(len) + htonl(ip->protocol);
}

static uint32_t checksum_offset(const struct segment_ip *ip)
{
	return ip->protocol == IPPROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
}

uint16_t segment_checksum_offset(const struct segment_parts *parts)
{
	return (uint16_t)checksum_offset(&parts->ip);
}

/* All `len` bytes from TCP's or UDP's header on. */
static void fill_checksum(uint8_t *data, const struct segment_ip *ip,
			  uint32_t len, bool pseudo)
{
	uint64_t sum = pseudo_header(data, ip, len);
	uint8_t *at = data + ip->l4 + checksum_offset(ip);
	uint16_t value;

	if (pseudo) {
		store(at, fold(sum));
		return;
	}
	store(at, 0);
	value = (uint16_t)~fold(add(sum, data + ip->l4, len));
	/* In UDP zero says that there is none, and ones are the same sum. */
	if (value == 0 && ip->protocol == IPPROTO_UDP)
		value = UINT16_MAX;
	store(at, value);
}

uint32_t segment_end(const struct segment_parts *parts, const uint8_t *data,
		     uint32_t len)
{
	const struct segment_ip *ip = &parts->ip;
	const uint8_t *header = data + ip->l3;
	uint32_t end = ip->l3 + (ip->ipv6 ? IPV6 + get16(header + IPV6_LENGTH) :
					    get16(header + IPV4_LENGTH));

	return end < parts->payload || end > len ? len : end;
}

void segment_checksum(uint8_t *data, uint32_t len,
		      const struct segment_parts *parts, bool pseudo)
{
	uint32_t end = segment_end(parts, data, len);

	fill_checksum(data, &parts->ip, end - parts->ip.l4, pseudo);
}

/* A checksum that is left to a NIC has the part over the addresses in it. */
static bool is_open(const struct segment_parts *parts, const uint8_t *data,
		    uint32_t len)
{
	const struct segment_ip *ip = &parts->ip;
	uint32_t end = segment_end(parts, data, len);
	uint16_t value;

	memcpy(&value, data + ip->l4 + checksum_offset(ip), sizeof(value));
	return value == fold(pseudo_header(data, ip, end - ip->l4));
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
	value = (uint16_t)~fold(add(0, data + start, len - start));
	if (value == 0 && offset == UDP_CHECKSUM)
		value = UINT16_MAX;
	store(data + start + offset, value);
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
	uint32_t next = s->parts.ip.l3 + IPV6_NEXT;

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
	checksum = data + parts.ip.l4 + UDP_CHECKSUM;
	s->parts = parts;
	s->payload = data + parts.payload;
	s->captured = caplen - parts.payload;
	s->total = wirelen - parts.payload;
	s->size = h->gso_size;
	s->done = 0;
	s->number = 0;
	/* Of UDP without a checksum each datagram was without. */
	s->checked = parts.ip.protocol == IPPROTO_TCP ||
		     h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ||
		     get16(checksum) != 0;
	copy_headers(s, data);
	return true;
}

/* The header of a packet that ends at `end`. */
static void fix_ip(uint8_t *data, const struct segment_ip *ip, uint32_t end,
		   uint32_t number)
{
	uint8_t *header = data + ip->l3;
	uint32_t size = ip->l4 - ip->l3;
	uint32_t id;

	if (ip->ipv6) {
		put16(header + IPV6_LENGTH, end - ip->l3 - IPV6);
		return;
	}
	put16(header + IPV4_LENGTH, end - ip->l3);
	id = get16(header + IPV4_ID);
	/* Ids count up; but whoever sends an unfragmentable packet as number 0
	 * sends them all as that. */
	if (id != 0 || !(get16(header + IPV4_FRAGMENT) & DONT_FRAGMENT))
		put16(header + IPV4_ID, id + number);
	store(header + IPV4_CHECKSUM, 0);
	store(header + IPV4_CHECKSUM, (uint16_t)~fold(add(0, header, size)));
}

/* What is around the packet: when it is complete, or never will be. */
static void fix_tunnels(const struct segmenter *s, uint8_t *out, uint32_t end,
			bool whole)
{
	for (unsigned i = s->parts.ntunnels; i-- > 0;) {
		const struct segment_ip *ip = &s->parts.tunnels[i];
		uint8_t *udp = out + ip->l4;
		uint32_t len = end - ip->l4;

		fix_ip(out, ip, end, s->number);
		if (ip->protocol != IPPROTO_UDP)
			continue;
		put16(udp + UDP_LENGTH, len);
		if (get16(udp + UDP_CHECKSUM) != 0)
			fill_checksum(out, ip, len, !whole);
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

/* How much of the segment's payload was captured. */
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
	const struct segment_ip *ip = &s->parts.ip;
	uint8_t *l4 = out + ip->l4;

	memcpy(out, s->header, s->headers);
	memcpy(out + s->headers, s->payload + (kept ? s->done : 0), kept);
	fix_ip(out, ip, end, s->number);
	if (ip->protocol == IPPROTO_TCP)
		fix_tcp(s, l4, size == left);
	else
		put16(l4 + UDP_LENGTH, end - ip->l4);
	if (s->checked)
		fill_checksum(out, ip, end - ip->l4, kept < size);
	fix_tunnels(s, out, end, kept == size);
	s->done += size;
	s->number++;
	*wirelen = end;
	return s->headers + kept;
}
