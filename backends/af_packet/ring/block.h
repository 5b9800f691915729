/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_BLOCK_H
#define PKTIO_AF_PACKET_RING_BLOCK_H

/*
 * A block is what the kernel retires at once: a block of a V3 ring, or the slot
 * of one frame in a V2 ring. A status word at the same offset of each says
 * whether the block is ours or the kernel's. Both fill and read the blocks in
 * order, round the ring.
 */
#include <stdbool.h>
#include <stdint.h>

#include <linux/if_packet.h>

#include <pktio/backend.h>

#include "ring/memory.h"

#ifndef TP_STATUS_GSO_TCP
#define TP_STATUS_GSO_TCP (1 << 8) /* Linux 6.3 */
#endif

static inline uint8_t *block_at(const struct ring_mem *m, uint32_t block)
{
	return m->map + block * m->block_size;
}

static inline struct tpacket_block_desc *block_header(const struct ring_mem *m,
						      uint32_t block)
{
	return (void *)block_at(m, block);
}

static inline uint32_t *block_status(const struct ring_mem *m, uint32_t block)
{
	return (void *)(block_at(m, block) + m->status_at);
}

static inline bool block_is_ours(const struct ring_mem *m, uint32_t block)
{
	/* Pairs with the kernel's barrier before it retires the block: the
	 * frames are there if the status says so. It may carry other bits. */
	return __atomic_load_n(block_status(m, block), __ATOMIC_ACQUIRE) &
	       TP_STATUS_USER;
}

static inline void block_release(const struct ring_mem *m, uint32_t block)
{
	/* All reads of the block come before the kernel sees the status. */
	__atomic_store_n(block_status(m, block), TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
}

static inline uint32_t block_after(const struct ring_mem *m, uint32_t block)
{
	return block + 1 < m->blocks ? block + 1 : 0;
}

/* What the bits of a frame's status say, in both versions. */
static inline uint8_t csum_of(uint32_t status)
{
	if (status & TP_STATUS_CSUM_VALID)
		return PKTIO_CSUM_VALID;
	return status & TP_STATUS_CSUMNOTREADY ? PKTIO_CSUM_PARTIAL :
						 PKTIO_CSUM_UNKNOWN;
}

static inline uint8_t clock_of(uint32_t status)
{
	if (status & TP_STATUS_TS_RAW_HARDWARE)
		return PKTIO_CLOCK_HARDWARE;
	return status & TP_STATUS_TS_SOFTWARE ? PKTIO_CLOCK_SOFTWARE :
						PKTIO_CLOCK_RING;
}

#endif
