/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_SEGMENT_H
#define PKTIO_AF_PACKET_SEGMENT_H

/*
 * TCP and UDP in frames: finding the headers, filling in checksums, and cutting
 * a frame that was merged, or never cut yet, into those of the wire. Functions
 * on bytes, of any content; nothing here knows of sockets or rings.
 */

#include <stdbool.h>
#include <stdint.h>

#include <linux/virtio_net.h>

#include "util/inet.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* Linux 6.2 */
#endif

/* A frame whose headers are longer is none that is cut. */
#define SEGMENT_HEADERS 512U
/* The longest that segment_next() writes. */
#define SEGMENT_MOST (SEGMENT_HEADERS + UINT16_MAX)

/* Tunnels in tunnels that are cut. */
#define SEGMENT_TUNNELS 3U

struct segment_parts {
	struct inet_header ip; /* with TCP or UDP after it */
	uint32_t payload;
	uint32_t jumbo; /* an option header that no wire has; 0: none */
	/* What is around it, the outermost first. */
	unsigned ntunnels;
	struct inet_header tunnels[SEGMENT_TUNNELS];
};

/*
 * Looks at the outermost packet. False: not TCP or UDP, a fragment, or not all
 * of its headers are there.
 */
bool segment_parse(struct segment_parts *ret, const uint8_t *data, uint32_t len,
		   uint16_t linktype);

/*
 * Of a frame with a checksum that is not complete yet, looks at the packet that
 * it belongs to: the innermost of a tunnel, unless one around it is open.
 */
bool segment_parse_open(struct segment_parts *ret, const uint8_t *data,
			uint32_t len, uint16_t linktype);

/* Where the packet ends: a short frame has other bytes after it. */
uint32_t segment_end(const struct segment_parts *parts, const uint8_t *data,
		     uint32_t len);

/* From the start of TCP or UDP. */
uint16_t segment_checksum_offset(const struct segment_parts *parts);

/*
 * Puts the checksum of TCP or UDP in, or with `pseudo` the part of it that is
 * over the addresses, for a NIC to do the rest. `len` is all of the frame.
 */
void segment_checksum(uint8_t *data, uint32_t len,
		      const struct segment_parts *parts, bool pseudo);

/*
 * Completes the checksum that is over all from `start` on, of a frame that has
 * such a partial one in it. False: it is none of the Internet's, or outside.
 */
bool segment_complete(uint8_t *data, uint32_t len, uint32_t start,
		      uint32_t offset);

/* A frame that is being cut. */
struct segmenter {
	const uint8_t *payload; /* as much as was captured */
	uint32_t captured, total, done;
	uint32_t size;   /* of a segment's payload */
	uint32_t number; /* of the segment to come */
	uint32_t headers;
	struct segment_parts parts;
	bool checked; /* segments have a checksum */
	uint8_t header[SEGMENT_HEADERS];
};

/* A frame of which the kernel said `h`. False: it cannot be cut. */
bool segment_begin(struct segmenter *s, const uint8_t *data, uint32_t caplen,
		   uint32_t wirelen, uint16_t linktype,
		   const struct virtio_net_hdr *h);

static inline bool segment_left(const struct segmenter *s)
{
	return s->done < s->total;
}

/*
 * Writes the next segment, up to SEGMENT_MOST bytes; returns how many. Of one
 * that was not captured as a whole *wirelen is more, and its checksum partial.
 */
uint32_t segment_next(struct segmenter *s, uint8_t *out, uint32_t *wirelen);

#endif
