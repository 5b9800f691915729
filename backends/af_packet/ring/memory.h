/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_MEMORY_H
#define PKTIO_AF_PACKET_RING_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <pktio/backend.h>

struct af_packet;

int af_packet_ring_open(struct af_packet *p);
void af_packet_ring_close(struct af_packet *p);
/* Has the descriptor tell once more of a unit that is ours already. */
void af_packet_watch_again(struct af_packet *p);
/* A socket and its ring, with no open block, in whose place another is made:
 * set aside, and then retired, or put back. */
struct af_packet_old {
	int sock;
	uint8_t *map;
	size_t map_size;
	uint32_t *held;
	uint32_t blocks;
	struct pktio_info info;
};
void af_packet_ring_set_aside(struct af_packet *p, struct af_packet_old *ret);
void af_packet_ring_put_back(struct af_packet *p,
			     const struct af_packet_old *old);
int af_packet_ring_retire(struct af_packet *p, const struct af_packet_old *old);
void af_packet_release_retired(struct af_packet *p, uint64_t cookie,
			       unsigned n);
void af_packet_ring_close_retired(struct af_packet *p);

#endif
