/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_INET_H
#define PKTIO_UTIL_INET_H

/*
 * IP headers in bytes of any content, and the Internet checksum (RFC 1071).
 *
 * A sum is over 16-bit words in the byte order of this machine: the sum of
 * swapped words is the swapped sum, so the bytes of a checksum are the same in
 * either order. inet_store() writes a sum as it is.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define INET_IPV4 20U /* bytes of a header without options */
#define INET_IPV6 40U
#define INET_TCP 20U
#define INET_UDP 8U
#define INET_IPV6_ADDRESS 16U

/* Offsets in the header of IPv4. */
#define INET_IPV4_LENGTH 2U
#define INET_IPV4_FRAGMENT 6U
#define INET_IPV4_PROTOCOL 9U
#define INET_IPV4_CHECKSUM 10U
#define INET_IPV4_SOURCE 12U
#define INET_IPV4_DESTINATION 16U
#define INET_IS_FRAGMENT 0x3fffU

/* Offsets in the header of IPv6. */
#define INET_IPV6_LENGTH 4U
#define INET_IPV6_NEXT 6U
#define INET_IPV6_SOURCE 8U
#define INET_IPV6_DESTINATION 24U
#define INET_MAX_EXTENSIONS 8

/* Offsets in the headers of TCP and UDP. */
#define INET_TCP_LENGTH 12U /* in words, the upper half of the byte */
#define INET_TCP_CHECKSUM 16U
#define INET_UDP_LENGTH 4U
#define INET_UDP_CHECKSUM 6U

static inline uint32_t inet_get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* ---- Headers ------------------------------------------------------------ */

/* An IP header. Positions are in bytes from the start of the frame. */
struct inet_header {
	uint32_t l3, l4;
	uint32_t destination; /* the address that checksums are over */
	uint8_t protocol;
	bool ipv6;
};

/* ip->l3 is set. False: a fragment, or not a complete header. */
static inline bool inet_parse_ipv4(struct inet_header *ip, const uint8_t *data,
				   uint32_t len)
{
	const uint8_t *header = data + ip->l3;
	uint32_t size;

	if (len - ip->l3 < INET_IPV4 || header[0] >> 4 != 4)
		return false;
	size = (header[0] & 0xfU) * 4;
	if (size < INET_IPV4 ||
	    inet_get16(header + INET_IPV4_FRAGMENT) & INET_IS_FRAGMENT)
		return false;
	ip->protocol = header[INET_IPV4_PROTOCOL];
	ip->destination = ip->l3 + INET_IPV4_DESTINATION;
	ip->l4 = ip->l3 + size;
	return ip->l4 <= len;
}

/*
 * Until a packet with a routing header has arrived, the header of IPv6 has the
 * address of the next hop, but the checksum is over the last address.
 */
static inline void inet_follow_route(struct inet_header *ip,
				     const uint8_t *route, uint32_t at,
				     uint32_t size)
{
	enum { SOURCE_ROUTE = 0, HOME = 2, SEGMENTS = 4 };
	uint32_t addresses = (size - 8) / INET_IPV6_ADDRESS;

	if (route[3] == 0 || addresses == 0)
		return;
	if (route[2] == SOURCE_ROUTE || route[2] == HOME)
		ip->destination = at + 8 + (addresses - 1) * INET_IPV6_ADDRESS;
	else if (route[2] == SEGMENTS)
		ip->destination = at + 8;
}

/* Linux adds this option to packets above 64 KiB; it is never on a wire. */
static inline bool inet_is_jumbo(const uint8_t *options, uint32_t size)
{
	enum { JUMBO = 0xc2, LENGTH = 4 };

	return size == 8 && options[2] == JUMBO && options[3] == LENGTH;
}

/* As inet_parse_ipv4(). *jumbo is the position of a jumbo option, if one
 * follows the header, and otherwise unchanged. */
static inline bool inet_parse_ipv6(struct inet_header *ip, uint32_t *jumbo,
				   const uint8_t *data, uint32_t len)
{
	uint32_t at = ip->l3 + INET_IPV6;
	uint8_t next;

	if (len < at || data[ip->l3] >> 4 != 6)
		return false;
	ip->ipv6 = true;
	ip->destination = ip->l3 + INET_IPV6_DESTINATION;
	next = data[ip->l3 + INET_IPV6_NEXT];
	for (int i = 0; i < INET_MAX_EXTENSIONS; i++) {
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
			inet_follow_route(ip, header, at, size);
		if (next == IPPROTO_HOPOPTS && i == 0 &&
		    inet_is_jumbo(header, size))
			*jumbo = at;
		next = header[0];
		at += size;
	}
	ip->protocol = next;
	ip->l4 = at;
	return true;
}

/* Where the packet ends by its length field. Short frames have padding. */
static inline uint32_t inet_end(const struct inet_header *ip,
				const uint8_t *data)
{
	const uint8_t *header = data + ip->l3;

	return ip->l3 +
	       (ip->ipv6 ? INET_IPV6 + inet_get16(header + INET_IPV6_LENGTH) :
			   inet_get16(header + INET_IPV4_LENGTH));
}

/* ---- Checksums ---------------------------------------------------------- */

static inline uint64_t inet_add(uint64_t sum, const uint8_t *bytes, uint32_t n)
{
	uint32_t word;

	for (; n >= sizeof(word); n -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
	}
	word = 0;
	if (n > 0)
		memcpy(&word, bytes, n);
	return sum + word;
}

static inline uint16_t inet_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline void inet_store(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* The sum of the pseudo header: addresses, protocol and length. */
static inline uint64_t inet_pseudo_header(const uint8_t *data,
					  const struct inet_header *ip,
					  uint32_t len)
{
	uint32_t source = ip->ipv6 ? INET_IPV6_SOURCE : INET_IPV4_SOURCE;
	uint32_t size = ip->ipv6 ? INET_IPV6_ADDRESS : 4;
	uint64_t sum = inet_add(0, data + ip->l3 + source, size);

	sum = inet_add(sum, data + ip->destination, size);
	return sum + htonl(len) + htonl(ip->protocol);
}

/* In the header of TCP or UDP. */
static inline uint32_t inet_checksum_offset(const struct inet_header *ip)
{
	return ip->protocol == IPPROTO_TCP ? INET_TCP_CHECKSUM :
					     INET_UDP_CHECKSUM;
}

/* Writes the checksum of the `len` bytes that begin with TCP or UDP; with
 * `pseudo` only the sum of the pseudo header, for a NIC to complete. */
static inline void inet_fill_checksum(uint8_t *data,
				      const struct inet_header *ip,
				      uint32_t len, bool pseudo)
{
	uint64_t sum = inet_pseudo_header(data, ip, len);
	uint8_t *at = data + ip->l4 + inet_checksum_offset(ip);
	uint16_t value;

	if (pseudo) {
		inet_store(at, inet_fold(sum));
		return;
	}
	inet_store(at, 0);
	value = (uint16_t)~inet_fold(inet_add(sum, data + ip->l4, len));
	/* In UDP zero means that there is no checksum; 0xffff is equal. */
	if (value == 0 && ip->protocol == IPPROTO_UDP)
		value = UINT16_MAX;
	inet_store(at, value);
}

#endif
