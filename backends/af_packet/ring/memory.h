/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_MEMORY_H
#define PKTIO_AF_PACKET_RING_MEMORY_H

/*
 * The memory of a ring: the mapping, its geometry, where recv is in it, and how
 * many frames of each block the application holds. A ring that replaces another
 * one replaces all of this by one assignment.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct af_packet;

struct ring_mem {
	uint8_t *map; /* NULL: none */
	size_t map_size;
	size_t block_size; /* a frame slot of a V2 ring is a block here */
	uint32_t blocks;
	uint32_t status_at; /* offset of the status word in a block */
	uint64_t base;      /* the cookie of block 0 */
	uint32_t *held;     /* per block: frames not released yet */
	uint32_t cursor;    /* the block to open next */
	uint32_t current;   /* the open block */
	uint32_t left;      /* frames in it not delivered yet */
	uint8_t *next;      /* the first of them */
	uint32_t ahead; /* blocks from cursor on that are known to be ours */
};

/* A mapping that is no longer filled, while the application holds frames. */
struct ring_retired {
	struct ring_retired *next;
	struct ring_mem mem;
	uint64_t held; /* frames */
};

/* Makes the ring of p->sock and maps it. */
int ring_mem_open(struct af_packet *p);
void ring_mem_close(struct ring_mem *m);
/* Blocks that recv has not delivered completely. */
uint32_t ring_mem_count_pending(struct ring_mem *m);

/* Replaces the ring of p, in which no block is open. If the application holds
 * frames of the old one, its mapping is kept until they are released; otherwise
 * ret_old is the old one, which the caller closes. */
int ring_mem_replace(struct af_packet *p, const struct ring_mem *m,
		     struct ring_mem *ret_old);
void ring_mem_release_retired(struct af_packet *p, uint64_t cookie, unsigned n);
void ring_mem_close_retired(struct af_packet *p);

#endif
