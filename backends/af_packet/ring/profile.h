/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_PROFILE_H
#define PKTIO_AF_PACKET_RING_PROFILE_H

#include <stdint.h>

struct af_packet;

/* The shape of a ring: in force, or asked for. */
struct af_packet_shape {
	uint64_t ring_size;     /* bytes */
	uint64_t block_size;    /* bytes: a V3 block, or a V2 frame slot */
	uint64_t alloc_size;    /* bytes that the kernel allocates at once */
	uint64_t block_timeout; /* ns */
};

/* Fills in what was not asked for; the shape is good then. */
void af_packet_profile(struct af_packet *p, unsigned mtu,
		       struct af_packet_shape *shape);
/* The longest frame to come, without the headers of the ring. */
uint64_t af_packet_longest(const struct af_packet *p, unsigned mtu);
/* The kernel had memory for so many blocks of that shape. */
void af_packet_take_shape(struct af_packet *p, uint32_t blocks);

#endif
