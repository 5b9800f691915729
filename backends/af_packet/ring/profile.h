/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_PROFILE_H
#define PKTIO_AF_PACKET_RING_PROFILE_H

#include <stdint.h>

struct af_packet;

/* The geometry of a ring. */
struct af_packet_shape {
	uint64_t ring_size;     /* bytes */
	uint64_t block_size;    /* bytes: a V3 block, or a V2 frame slot */
	uint64_t alloc_size;    /* bytes that the kernel allocates at once */
	uint64_t block_timeout; /* ns */
};

/* Sets what is 0 in the geometry. */
void af_packet_profile(struct af_packet *p, unsigned mtu,
		       struct af_packet_shape *shape);
/* The longest frame of the interface, without the headers of the ring. */
uint64_t af_packet_longest(const struct af_packet *p, unsigned mtu);
/* The ring has so many blocks of p->wanted: sets ring_mem and the info. */
void af_packet_take_shape(struct af_packet *p, uint32_t blocks);

#endif
