/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks the geometry of a ring. The kernel refuses a wrong one with EINVAL and
 * no reason, or accepts it and fails later: it counts blocks in 16 bits, so in
 * a ring of more than 65536 blocks it returns to block 0 while the reader waits
 * for block 65536 (seen on Linux 6.18). So everything is checked here, and the
 * error message suggests a value. ring/profile.c sets what no option sets.
 */
#include "ring/geometry.h"

#include "af_packet.h"
#include "ring/profile.h"

#include <inttypes.h>

#include <linux/if_packet.h>
#include <unistd.h>

#define MAX_BLOCKS UINT64_C(65536)
#define MS UINT64_C(1000000)

/* The headers of a block and of a frame. */
#define BLOCK_HEADER sizeof(struct tpacket_block_desc)
#define FRAME_HEADER (TPACKET3_HDRLEN + 32)
/* An Ethernet header with two tags; FRAME_HEADER has room for longer ones. */
#define LINK_HEADER 22U
/* A power of two, like frame-size. */
#define LEAST_SLOT 128U

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* The multiple of `unit` that is nearest to value, but not 0. */
static uint64_t nearest(uint64_t value, uint64_t unit)
{
	uint64_t below = value / unit * unit;

	return below && value - below < unit - value % unit ? below :
							      below + unit;
}

static int check_block(struct af_packet *p, unsigned mtu)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t block = p->wanted.block_size;
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

/* In a smaller slot, the headers leave no room for a frame. */
static int check_slot(struct af_packet *p)
{
	if (p->wanted.block_size < LEAST_SLOT)
		return pktio_fail(
			&p->ring, -EINVAL,
			"frame-size %" PRIu64
			" leaves no room for a frame after its headers; the nearest is %u",
			p->wanted.block_size, LEAST_SLOT);
	return 0;
}

static int check_ring(struct af_packet *p)
{
	uint64_t block = p->wanted.alloc_size;
	uint64_t ring = p->wanted.ring_size;

	if (ring < 2 * block)
		return pktio_fail(&p->ring, -EINVAL,
				  "ring-size %" PRIu64
				  " is less than two blocks of %" PRIu64
				  "; the nearest is %" PRIu64,
				  ring, block, 2 * block);
	if (ring % block)
		return pktio_fail(
			&p->ring, -EINVAL,
			"ring-size %" PRIu64
			" is not a multiple of the block size, %" PRIu64
			"; the nearest is %" PRIu64,
			ring, block, nearest(ring, block));
	if (ring / block > MAX_BLOCKS)
		return pktio_fail(&p->ring, -EINVAL,
				  "ring-size %" PRIu64 " makes %" PRIu64
				  " blocks; the kernel supports %" PRIu64
				  "; the nearest is block-size=%" PRIu64,
				  ring, ring / block, MAX_BLOCKS,
				  round_up(ring / MAX_BLOCKS,
					   (uint64_t)sysconf(_SC_PAGESIZE)));
	return 0;
}

static int check_timeout(struct af_packet *p)
{
	uint64_t timeout = p->wanted.block_timeout;

	if (timeout % MS)
		return pktio_fail(
			&p->ring, -EINVAL,
			"block-timeout %" PRIu64
			"ns is not a multiple of 1 ms; the nearest is %" PRIu64
			"ms",
			timeout, nearest(timeout, MS) / MS);
	return 0;
}

/* Refuses options that have no meaning for a V2 or for a V3 ring. */
static int check_kind(struct af_packet *p)
{
	const struct af_packet_conf *conf = p->conf;
	const char *name = NULL;

	if (!p->slots && conf->frame_size)
		return pktio_fail(
			&p->ring, -EINVAL,
			"frame-size is for profile=latency; in a block, each frame takes the room that it needs");
	if (p->slots && conf->block_size)
		name = "block-size";
	else if (p->slots && conf->block_timeout)
		name = "block-timeout";
	else if (p->slots && conf->rxhash)
		name = "rxhash";
	/* The kernel never retires the slot of a frame that struct
	 * virtio_net_hdr cannot describe (seen on 6.12): the ring stops. */
	if (p->slots && p->vnet)
		return pktio_fail(
			&p->ring, -EINVAL,
			"%s is not for profile=latency: the ring would stop at a frame that the kernel cannot describe; %s",
			conf->gro ? "gro=split" : "gso",
			conf->gro ? "turn merging off, or use another profile" :
				    "open another ring to send");
	if (name)
		return pktio_fail(
			&p->ring, -EINVAL,
			"%s is not for profile=latency: its ring has slots of frame-size, which the kernel retires one by one, and no hashes",
			name);
	return 0;
}

int af_packet_geometry(struct af_packet *p, unsigned mtu)
{
	const struct af_packet_conf *conf = p->conf;
	int ret;

	p->slots = conf->profile == AF_PACKET_LATENCY;
	ret = check_kind(p);
	if (ret < 0)
		return ret;
	p->wanted = (struct af_packet_shape){
		.ring_size = conf->ring_size,
		.block_size = p->slots ? conf->frame_size : conf->block_size,
		.block_timeout = conf->block_timeout,
	};
	af_packet_profile(p, mtu, &p->wanted);
	ret = p->slots ? check_slot(p) : check_block(p, mtu);
	if (ret == 0)
		ret = check_ring(p);
	if (ret == 0)
		ret = check_timeout(p);
	return ret;
}
