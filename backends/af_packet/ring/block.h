/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_BLOCK_H
#define PKTIO_AF_PACKET_RING_BLOCK_H

/*
 * A unit is what the kernel hands over at once: a block of a V3 ring, or the
 * slot of one frame in a V2 ring. Both say whose they are by a word at the same
 * place in each, and go round in order.
 */
#include "af_packet.h"

#include <linux/if_packet.h>

#ifndef TP_STATUS_GSO_TCP
#define TP_STATUS_GSO_TCP (1 << 8) /* Linux 6.3 */
#endif

static inline uint8_t *unit_at(const struct af_packet *p, uint32_t unit)
{
	return p->map + unit * p->block_size;
}

static inline struct tpacket_block_desc *block_at(const struct af_packet *p,
						  uint32_t block)
{
	return (void *)unit_at(p, block);
}

static inline uint32_t *unit_status(const struct af_packet *p, uint32_t unit)
{
	return (void *)(unit_at(p, unit) + p->status_at);
}

static inline bool unit_is_ours(const struct af_packet *p, uint32_t unit)
{
	/* Pairs with the kernel's barrier before it hands the unit over: the
	 * frames are there if the status says so. It may carry other bits. */
	return __atomic_load_n(unit_status(p, unit), __ATOMIC_ACQUIRE) &
	       TP_STATUS_USER;
}

static inline void unit_give_back(const struct af_packet *p, uint32_t unit)
{
	/* We are done with its memory before the kernel sees it is its own. */
	__atomic_store_n(unit_status(p, unit), TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
}

static inline uint32_t unit_after(const struct af_packet *p, uint32_t unit)
{
	return unit + 1 < p->blocks ? unit + 1 : 0;
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
