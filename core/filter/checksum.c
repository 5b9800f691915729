/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksums of the innermost packet of a frame. */
#include <errno.h>

#include <pktio/packet.h>

#include "util/inet.h"

/* TCP or UDP in a frame: its IP header, and the bytes from l4 on. */
struct segment {
	struct inet_header ip;
	uint32_t len;
};

uint16_t pktio_checksum(const void *bytes, size_t size)
{
	const uint32_t part = 1U << 30; /* even, so that words stay words */
	const uint8_t *at = bytes;
	uint64_t sum = 0;

	for (; size > part; size -= part, at += part)
		sum = inet_fold(inet_add(sum, at, part));
	return ntohs((uint16_t)~inet_fold(inet_add(sum, at, (uint32_t)size)));
}

/* 0, -ENOTSUP: no TCP or UDP, or -EMSGSIZE: not all of it was captured. */
static int find_segment(struct segment *ret, const struct pktio_frame *frame)
{
	struct inet_header ip = { .l3 = 0 };
	struct pktio_flow flow;
	const uint8_t *data = frame->data;
	uint32_t jumbo = 0;
	uint32_t end;
	uint32_t len;
	bool found;

	if (pktio_flow_parse(&flow, frame) != 1 ||
	    flow.flags & PKTIO_FLOW_FRAGMENT || flow.transport == 0)
		return -ENOTSUP;
	ip.l3 = flow.ip;
	found = flow.version == 4 ?
			inet_parse_ipv4(&ip, data, frame->caplen) :
			inet_parse_ipv6(&ip, &jumbo, data, frame->caplen);
	/* The flow parser also passes an authentication header. */
	ip.l4 = flow.transport;
	ip.protocol = flow.protocol;
	if (!found ||
	    (ip.protocol != IPPROTO_TCP && ip.protocol != IPPROTO_UDP))
		return -ENOTSUP;
	end = inet_end(&ip, data);
	if (end > frame->caplen)
		return -EMSGSIZE;
	if (end < ip.l4 + (ip.protocol == IPPROTO_TCP ? INET_TCP : INET_UDP))
		return -ENOTSUP;
	len = end - ip.l4;
	if (ip.protocol == IPPROTO_UDP) {
		uint32_t udp = inet_get16(data + ip.l4 + INET_UDP_LENGTH);

		if (udp >= INET_UDP && udp < len)
			len = udp;
	}
	*ret = (struct segment){ ip, len };
	return 0;
}

int pktio_checksum_verify(const struct pktio_frame *frame)
{
	struct segment s;
	const uint8_t *l4;
	uint64_t pseudo;
	uint16_t value;

	if (find_segment(&s, frame) < 0)
		return PKTIO_CSUM_UNKNOWN;
	l4 = frame->data + s.ip.l4;
	memcpy(&value, l4 + inet_checksum_offset(&s.ip), sizeof(value));
	if (s.ip.protocol == IPPROTO_UDP && value == 0)
		return PKTIO_CSUM_UNKNOWN;
	pseudo = inet_pseudo_header(frame->data, &s.ip, s.len);
	if (inet_fold(inet_add(pseudo, l4, s.len)) == UINT16_MAX)
		return PKTIO_CSUM_VALID;
	return value == inet_fold(pseudo) ? PKTIO_CSUM_PARTIAL : PKTIO_CSUM_BAD;
}

int pktio_checksum_fill(struct pktio_frame *frame)
{
	uint8_t *data = pktio_frame_wdata(frame);
	struct segment s;
	uint8_t *header;
	int r = data ? find_segment(&s, frame) : -EACCES;

	if (r < 0)
		return r;
	header = data + s.ip.l3;
	if (!s.ip.ipv6) {
		uint64_t sum;

		inet_store(header + INET_IPV4_CHECKSUM, 0);
		sum = inet_add(0, header, (header[0] & 0xfU) * 4);
		inet_store(header + INET_IPV4_CHECKSUM,
			   (uint16_t)~inet_fold(sum));
	}
	inet_fill_checksum(data, &s.ip, s.len, false);
	frame->csum = PKTIO_CSUM_VALID;
	return 0;
}
