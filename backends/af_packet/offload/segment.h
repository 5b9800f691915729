/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_SEGMENT_H
#define PKTIO_AF_PACKET_SEGMENT_H

/*
 * TCP and UDP in frames: finds the headers, computes checksums, and splits a
 * merged frame into the frames on the wire. All functions take bytes of any
 * content; none uses a socket or a ring.
 */

#include <stdbool.h>
#include <stdint.h>

#include <linux/virtio_net.h>

#include "util/inet.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* Linux 6.2 */
#endif

/* A frame with longer headers is not split. */
#define SEGMENT_HEADERS 512U
/* The longest segment that segment_next() writes. */
#define SEGMENT_MOST (SEGMENT_HEADERS + UINT16_MAX)

/* Frames with more nested tunnels are not split. */
#define SEGMENT_TUNNELS 3U

struct segment_parts {
	struct inet_header ip; /* with TCP or UDP after it */
	uint32_t payload;
	uint32_t jumbo; /* a jumbogram option, which no wire has; 0: none */
	/* The tunnels around the packet, the outermost first. */
	unsigned ntunnels;
	struct inet_header tunnels[SEGMENT_TUNNELS];
};

/* Finds the outermost packet. False: it is not TCP or UDP, it is a fragment, or
 * its headers are truncated. */
bool segment_parse(struct segment_parts *ret, const uint8_t *data, uint32_t len,
		   uint16_t linktype);

/* Finds the packet whose checksum is incomplete: the innermost packet, unless
 * the checksum of a packet around it is incomplete. */
bool segment_parse_open(struct segment_parts *ret, const uint8_t *data,
			uint32_t len, uint16_t linktype);

/* The end of the packet: padding of a short frame may follow. */
uint32_t segment_end(const struct segment_parts *parts, const uint8_t *data,
		     uint32_t len);

/* The offset of the checksum in the header of TCP or UDP. */
uint16_t segment_checksum_offset(const struct segment_parts *parts);

/* Writes the checksum of TCP or UDP; with `pseudo` only that of the pseudo
 * header, which the NIC completes. `len` is the length of the frame. */
void segment_checksum(uint8_t *data, uint32_t len,
		      const struct segment_parts *parts, bool pseudo);

/* Completes a partial checksum over all bytes from `start` on. False: it is not
 * an Internet checksum, or its offset is outside the frame. */
bool segment_complete(uint8_t *data, uint32_t len, uint32_t start,
		      uint32_t offset);

/* A frame that is being split. */
struct segmenter {
	const uint8_t *payload; /* the captured part */
	uint32_t captured, total, done;
	uint32_t size;   /* the payload size of a segment */
	uint32_t number; /* of the next segment */
	uint32_t headers;
	struct segment_parts parts;
	bool checked; /* segments have a checksum */
	uint8_t header[SEGMENT_HEADERS];
};

/* Starts with a frame that the kernel delivered with `h`. False: it cannot be
 * split. */
bool segment_begin(struct segmenter *s, const uint8_t *data, uint32_t caplen,
		   uint32_t wirelen, uint16_t linktype,
		   const struct virtio_net_hdr *h);

static inline bool segment_left(const struct segmenter *s)
{
	return s->done < s->total;
}

/* Writes the next segment, of up to SEGMENT_MOST bytes, and returns its length.
 * If it was truncated, *wirelen is larger and its checksum is partial. */
uint32_t segment_next(struct segmenter *s, uint8_t *out, uint32_t *wirelen);

#endif
