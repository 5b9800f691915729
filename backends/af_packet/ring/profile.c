/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The geometry of a ring whose options only give a profile. The ring has to
 * last for a certain time while nobody reads, so its size depends on the speed
 * of the link. The size of blocks and frame slots depends on the longest frame.
 * docs/af_packet.md has the reasons for the numbers.
 */
#include "ring/profile.h"

#include "af_packet.h"
#include "interfaces.h"

#include <limits.h>

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define MS UINT64_C(1000000)

/* If a virtual interface or a driver does not report it. */
#define USUAL_SPEED 10000U /* Mb/s */
/* The longest frame that the kernel merges, or leaves to the NIC to segment. */
#define LONGEST_MERGED 65536U
/* An Ethernet header with two tags; room for alignment and longer headers. */
#define LINK_HEADER 22U
#define FRAME_ROOM (TPACKET3_HDRLEN + 32)

/* ---- Asking the interface ----------------------------------------------- */

static bool ask(const struct af_packet *p, void *command)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (p->ifindex == 0 || ioctl(p->sock, SIOCGIFNAME, &request) < 0)
		return false;
	request.ifr_data = command;
	return ioctl(p->sock, SIOCETHTOOL, &request) == 0;
}

/* Mb/s; 0 if it is not known. */
static uint32_t find_speed(const struct af_packet *p)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (p->ifindex == 0 || ioctl(p->sock, SIOCGIFNAME, &request) < 0)
		return 0;
	return interface_speed(p->sock, request.ifr_name);
}

static bool merges(const struct af_packet *p)
{
	static const uint32_t commands[] = { ETHTOOL_GGRO, ETHTOOL_GTSO,
					     ETHTOOL_GGSO };
	struct ethtool_value value = { .cmd = ETHTOOL_GFLAGS };

	if (p->ifindex == 0 || (ask(p, &value) && value.data & ETH_FLAG_LRO))
		return true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		value = (struct ethtool_value){ .cmd = commands[i] };
		if (ask(p, &value) && value.data)
			return true;
	}
	return false;
}

uint64_t af_packet_longest(const struct af_packet *p, unsigned mtu)
{
	unsigned most = merges(p) && mtu < LONGEST_MERGED ? LONGEST_MERGED :
							    mtu;

	return most + LINK_HEADER;
}

/* ---- Choosing ----------------------------------------------------------- */

static uint64_t power_from(uint64_t value, uint64_t least, uint64_t most)
{
	uint64_t power = least;

	while (power < value && power < most)
		power *= 2;
	return power;
}

/* The bytes that a saturated link delivers in so many ms. */
static uint64_t bytes_in(const struct af_packet *p, uint64_t ms)
{
	return (uint64_t)p->speed * 125 * ms;
}

/* The largest block that fits into the ring eight times or more; at least
 * `need`, if the ring has room for that. */
static uint64_t block_for(uint64_t ring, uint64_t most, uint64_t need)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t block = most;

	while (block > need && (ring % block || ring / block < 8))
		block /= 2;
	while (block > page && ring % block)
		block /= 2;
	return block;
}

static void shape_blocks(const struct af_packet *p, unsigned mtu,
			 struct af_packet_shape *s)
{
	bool balanced = p->conf->profile == AF_PACKET_BALANCED;
	uint64_t need = power_from(mtu + LINK_HEADER + FRAME_ROOM,
				   (uint64_t)sysconf(_SC_PAGESIZE), 4 * MIB);
	uint64_t ring =
		balanced ? power_from(bytes_in(p, 50), 32 * MIB, 256 * MIB) :
			   power_from(bytes_in(p, 200), 64 * MIB, 512 * MIB);
	/* Room for eight frames of the MTU; 128 KiB have room for a merged one.
	 */
	uint64_t least = power_from(8 * (uint64_t)(mtu + FRAME_ROOM), 128 * KIB,
				    4 * MIB);
	uint64_t block = power_from(ring / 64, least, 4 * MIB);

	if (s->ring_size == 0 && s->block_size == 0) {
		s->ring_size = ring;
		s->block_size = block;
	} else if (s->ring_size == 0) {
		s->ring_size = ring < 8 * s->block_size ?
				       8 * s->block_size :
				       ring / s->block_size * s->block_size;
	} else if (s->block_size == 0) {
		s->block_size = block_for(s->ring_size, block, need);
	}
	if (s->block_timeout == 0)
		s->block_timeout = (balanced ? 10 : 50) * MS;
	s->alloc_size = s->block_size;
}

static void shape_slots(const struct af_packet *p, unsigned mtu,
			struct af_packet_shape *s)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t slots;

	if (s->block_size == 0)
		s->block_size = power_from(
			FRAME_ROOM + af_packet_longest(p, mtu), 2 * KIB, MIB);
	/* Half a millisecond of the shortest frames, 84 bytes on the wire. */
	slots = power_from(bytes_in(p, 1) / 2 / 84, 1024, 16384);
	if (s->ring_size == 0) {
		s->ring_size = slots * s->block_size;
		if (s->ring_size > 128 * MIB)
			s->ring_size = 128 * MIB;
	}
	s->block_timeout = 0;
	/* The kernel finds small pieces of memory more easily, but supports no
	 * more than 65536 of them. */
	s->alloc_size =
		power_from(s->ring_size / 65536,
			   s->block_size < 64 * KIB ? 64 * KIB : s->block_size,
			   UINT64_C(1) << 30);
	if (s->ring_size % s->alloc_size)
		s->alloc_size = s->block_size < page ? page : s->block_size;
}

void af_packet_profile(struct af_packet *p, unsigned mtu,
		       struct af_packet_shape *shape)
{
	p->speed = find_speed(p);
	if (p->speed == 0)
		p->speed = USUAL_SPEED;
	if (p->slots)
		shape_slots(p, mtu, shape);
	else
		shape_blocks(p, mtu, shape);
}

/*
 * A frame takes at most so many times its size on the wire: the kernel retires
 * a block that is less than half full if a second long frame does not fit, and
 * a frame of 60 bytes, 84 on the wire, takes 144, or 152 with a virtio_net_hdr.
 */
#define RING_TO_WIRE 2U

/*
 * How long a frame can be held safely: until the kernel has used up the other
 * blocks. The shortest frames at the speed of the link use up frame slots.
 * Blocks are used up by frames of any size, or by timeouts with one frame in
 * each block.
 */
static uint64_t max_hold(const struct af_packet *p, uint32_t max_held)
{
	const struct af_packet_shape *s = &p->wanted;
	uint64_t full =
		max_held * s->block_size / RING_TO_WIRE * 8000 / p->speed;
	uint64_t slow = max_held * s->block_timeout;

	if (p->slots)
		return max_held * UINT64_C(672000) / p->speed;
	return full < slow ? full : slow;
}

/*
 * The longest frame that fits into a frame slot after the headers of the kernel
 * (6.12: tpacket_rcv()). A block has no such limit.
 */
static uint32_t snaplen(const struct af_packet *p)
{
	uint64_t headers = TPACKET2_HDRLEN;
	uint64_t made = p->cooked;

	if (!p->slots)
		return 0;
	if (p->cooked)
		headers = TPACKET_ALIGN(TPACKET2_HDRLEN) + 16;
	if (p->vnet)
		headers += sizeof(struct virtio_net_hdr);
	if (p->cooked || p->conf->vlan_strip == AF_PACKET_VLAN_STRIP_NONE)
		made += 4;
	return (uint32_t)(p->wanted.block_size - headers + made);
}

void af_packet_take_shape(struct af_packet *p, uint32_t blocks)
{
	const struct af_packet_shape *s = &p->wanted;
	struct pktio_info *info = &p->ring.info;
	uint32_t before = info->max_held;

	p->mem.block_size = s->block_size;
	p->mem.blocks = blocks;
	info->ring_size = s->block_size * blocks;
	info->ring_wanted = s->ring_size;
	info->block_size = s->block_size;
	info->blocks = blocks;
	info->block_timeout = s->block_timeout;
	info->max_held = blocks - 1;
	/* A replaced ring keeps the limit that offload/gro.c has set. */
	if (p->gro && before < info->max_held)
		info->max_held = before;
	info->max_hold = max_hold(p, info->max_held);
	info->snaplen = snaplen(p);
}
