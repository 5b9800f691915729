/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shape of the ring. The kernel answers a bad one with a bare EINVAL, or
 * accepts it and stops working: it counts blocks in 16 bits, so that in a ring
 * of more than 65536 it starts over while the reader waits for the rest (seen
 * on Linux 6.18). So everything is checked here, and the message has the value
 * that would do.
 */
#include "af_packet.h"

#include <inttypes.h>

#include <linux/if_packet.h>
#include <unistd.h>

#define MAX_BLOCKS UINT64_C(65536)
#define MS UINT64_C(1000000)

/* In front of the frames of a block, and in front of each frame. */
#define BLOCK_HEADER sizeof(struct tpacket_block_desc)
#define FRAME_HEADER (TPACKET3_HDRLEN + 32)
/* Ethernet's header with two tags; longer ones eat into the alignment. */
#define LINK_HEADER 22U

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* The multiple of `unit` that is nearest to value, and not 0. */
static uint64_t nearest(uint64_t value, uint64_t unit)
{
	uint64_t below = value / unit * unit;

	return below && value - below < unit - value % unit ? below :
							      below + unit;
}

static int check_block(struct af_packet *p, unsigned mtu)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t block = p->conf->block_size;
	uint64_t least =
		round_up(BLOCK_HEADER + FRAME_HEADER + LINK_HEADER + mtu, page);

	if (block % page)
		return pktio_fail(
			&p->ring, -EINVAL,
			"block-size %" PRIu64
			" is not a multiple of the page size, %" PRIu64
			"; the nearest is %" PRIu64,
			block, page, nearest(block, page));
	if (block < least)
		return pktio_fail(
			&p->ring, -EINVAL,
			"block-size %" PRIu64
			" cannot hold a frame of this interface, whose MTU is %u; the nearest is %" PRIu64,
			block, mtu, least);
	return 0;
}

static int check_ring(struct af_packet *p)
{
	uint64_t block = p->conf->block_size;
	uint64_t ring = p->conf->ring_size;

	if (ring < 2 * block)
		return pktio_fail(&p->ring, -EINVAL,
				  "ring-size %" PRIu64
				  " is less than two blocks of %" PRIu64
				  "; the nearest is %" PRIu64,
				  ring, block, 2 * block);
	if (ring % block)
		return pktio_fail(&p->ring, -EINVAL,
				  "ring-size %" PRIu64
				  " is not whole blocks of %" PRIu64
				  "; the nearest is %" PRIu64,
				  ring, block, nearest(ring, block));
	if (ring / block > MAX_BLOCKS)
		return pktio_fail(&p->ring, -EINVAL,
				  "ring-size %" PRIu64 " makes %" PRIu64
				  " blocks and the kernel counts to %" PRIu64
				  "; the nearest is block-size=%" PRIu64,
				  ring, ring / block, MAX_BLOCKS,
				  round_up(ring / MAX_BLOCKS,
					   (uint64_t)sysconf(_SC_PAGESIZE)));
	return 0;
}

static int check_timeout(struct af_packet *p)
{
	uint64_t timeout = p->conf->block_timeout;

	if (timeout % MS)
		return pktio_fail(
			&p->ring, -EINVAL,
			"block-timeout %" PRIu64
			"ns is not whole milliseconds; the nearest is %" PRIu64
			"ms",
			timeout, nearest(timeout, MS) / MS);
	return 0;
}

int af_packet_geometry(struct af_packet *p, unsigned mtu)
{
	struct pktio_info *info = &p->ring.info;
	int ret = check_block(p, mtu);

	if (ret == 0)
		ret = check_ring(p);
	if (ret == 0)
		ret = check_timeout(p);
	if (ret < 0)
		return ret;
	p->block_size = p->conf->block_size;
	p->blocks = (uint32_t)(p->conf->ring_size / p->conf->block_size);
	info->ring_size = p->conf->ring_size;
	info->block_size = p->conf->block_size;
	info->blocks = p->blocks;
	info->block_timeout = p->conf->block_timeout;
	/* The kernel stops at the first block that is held: at worst each of
	 * the others has one frame, and is handed over at its timeout. */
	info->max_held = p->blocks - 1;
	info->max_hold = info->max_held * info->block_timeout;
	return 0;
}
