/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PACKET_H
#define PKTIO_PACKET_H

/*
 * Functions on the content of a frame: its flow, its checksums, its time as
 * text. They are in libpktio-filter, beside the filter compiler.
 *
 *      struct pktio_flow flow;
 *
 *      if (pktio_flow_parse(&flow, &frame) == 1 && flow.protocol == 6)
 *              queue = pktio_flow_hash(&flow, 0, 0) % 16;
 *
 * All functions accept frames of any content, and may be called from several
 * threads at a time. They return 0 or a positive value on success, and a
 * negative errno value on failure.
 */

#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Flows -------------------------------------------------------------- */

enum pktio_flow_flag {
	PKTIO_FLOW_MAC = 1,      /* addresses are MAC addresses: not IP */
	PKTIO_FLOW_FRAGMENT = 2, /* of an IP datagram; `datagram` is set */
	PKTIO_FLOW_LATER = 4,    /* not the first fragment: it has no ports */
};

/*
 * The flow of a frame: the innermost IP packet that the parser found. 64 bytes,
 * never extended. Source and destination are those of this frame; unused bytes
 * are 0.
 */
struct pktio_flow {
	/* In network order: 16 bytes of IPv6, 4 of IPv4, or 6 of a MAC. */
	uint8_t source[16], destination[16];
	uint16_t source_port, destination_port; /* host order; 0: none */
	uint16_t vlan[2];   /* ids of the outermost tags, outermost first */
	uint8_t nvlan;      /* tags before the IP header, perhaps above 2 */
	uint8_t version;    /* 4, 6, or 0: not IP */
	uint8_t protocol;   /* of IP; 0 for a tunnel whose content is not IP */
	uint8_t tunnels;    /* IP headers around this packet */
	uint32_t flags;     /* PKTIO_FLOW_ bits */
	uint64_t datagram;  /* equal for all fragments of a datagram */
	uint32_t ip;        /* position of the IP header in the frame's bytes */
	uint32_t transport; /* position of the ports; 0: none */
};

/*
 * pktio_flow_parse - find the flow of a frame
 *
 * Reads Ethernet, VLAN tags, MPLS, PPPoE, IPv4, IPv6 and its extension headers,
 * and enters GRE, NVGRE, ERSPAN, IP in IP, VXLAN, Geneve and GTP-U. Link types:
 * Ethernet, raw IP, LINUX_SLL and LINUX_SLL2. Tags in frame->vlan count as the
 * outermost ones. Returns 1 if the frame has an IP packet, 0 if not (`version`
 * is 0), -ENOTSUP for another link type. Of a truncated frame it reads what was
 * captured.
 */
PKTIO_API int pktio_flow_parse(struct pktio_flow *ret,
			       const struct pktio_frame *frame);

/*
 * pktio_flow_hash - a hash that is equal for both directions of a flow
 *
 * The hash is that of fanout=ebpf with fanout-seed=seed. If `addresses` is not
 * 0, the hash is that of fanout-key=addresses, which ignores ports and
 * protocol. A fragment after the first is hashed by its addresses. The steering
 * program remembers the hash of the first fragment of each datagram and uses
 * that instead; a caller can do the same, by `datagram`. The hash depends on
 * the byte order of the machine, and may change with the version of the
 * library.
 */
PKTIO_API uint32_t pktio_flow_hash(const struct pktio_flow *flow, uint32_t seed,
				   int addresses);

/*
 * pktio_flow_ring - the ring that fanout=ebpf selects for a hash
 *
 * For a group of `count` rings, all open. `weights` are those of
 * fanout-weights, one for each ring, or NULL for equal ones. `count` is 1 to
 * 1024; returns 0 to count - 1.
 */
PKTIO_API unsigned pktio_flow_ring(uint32_t hash, unsigned count,
				   const uint32_t *weights);

/* ---- Checksums ---------------------------------------------------------- */

/*
 * pktio_checksum - the Internet checksum (RFC 1071) of some bytes
 *
 * In host order; write it to the header in network order. The bytes of a
 * header that contains its valid checksum give 0.
 */
PKTIO_API uint16_t pktio_checksum(const void *bytes, size_t size);

/*
 * pktio_checksum_verify - check the TCP or UDP checksum of a frame
 *
 * Checks the innermost packet. Returns an enum pktio_csum: _VALID, _BAD,
 * _PARTIAL (only the sum of the pseudo header, left to a NIC), or _UNKNOWN if
 * there is nothing to check: another protocol, a fragment, UDP without a
 * checksum, or not all bytes captured.
 */
PKTIO_API int pktio_checksum_verify(const struct pktio_frame *frame);

/*
 * pktio_checksum_fill - write the IPv4 and the TCP or UDP checksum of a frame
 *
 * Of the innermost packet; checksums of headers around it are not changed.
 * 0, or: -EACCES the frame is not writable (PKTIO_F_WRITABLE), -ENOTSUP it has
 * no TCP or UDP, -EMSGSIZE not all bytes were captured.
 */
PKTIO_API int pktio_checksum_fill(struct pktio_frame *frame);

/* ---- Times -------------------------------------------------------------- */

/*
 * pktio_time_format - a time as text, as 2026-01-31T12:34:56.789Z
 *
 * `ts` is in ns since 1970 UTC, as in struct pktio_frame. `digits` (0 to 9) of
 * the second's fraction are written, not rounded. `local` not 0: in the time
 * zone of the process, with its offset (+02:00) in place of Z. Returns the
 * length, or -EINVAL for digits above 9, -ENOSPC if `size` is too small; 36
 * bytes hold every result.
 */
PKTIO_API int pktio_time_format(char *ret, size_t size, uint64_t ts,
				unsigned digits, int local);

#ifdef __cplusplus
}
#endif

#endif
