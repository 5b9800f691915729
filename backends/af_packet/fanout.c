/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sharing an interface. Rings that join one group get each frame once between
 * them; the kernel picks the ring by the group's mode. Whoever joins first
 * decides on mode, flags, interface and size, and who differs is refused with
 * a bare EINVAL, so the message says who is there and what they chose.
 */
#include "af_packet.h"

#include <string.h>

#include <linux/if_packet.h>

#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

/* What newer kernels take; older ones take the first four bytes of it. */
struct join_request {
	uint16_t id;
	uint16_t type_flags;
	uint32_t max_members;
};

bool af_packet_shares(const struct af_packet *p)
{
	return p->conf->fanout != AF_PACKET_FANOUT_NONE &&
	       (p->conf->fanout != AF_PACKET_FANOUT_AUTO || p->count > 1);
}

static uint16_t mode_of(const struct af_packet *p)
{
	if (p->conf->fanout == AF_PACKET_FANOUT_AUTO)
		return PACKET_FANOUT_HASH;
	return (uint16_t)(p->conf->fanout - AF_PACKET_FANOUT_FIRST);
}

const char *af_packet_fanout_name(unsigned mode)
{
	static const char *const names[] = {
		[PACKET_FANOUT_HASH] = "hash",
		[PACKET_FANOUT_LB] = "lb",
		[PACKET_FANOUT_CPU] = "cpu",
		[PACKET_FANOUT_ROLLOVER] = "rollover",
		[PACKET_FANOUT_RND] = "rnd",
		[PACKET_FANOUT_QM] = "qm",
		[PACKET_FANOUT_CBPF] = "cbpf",
		[PACKET_FANOUT_EBPF] = "ebpf",
	};

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] :
							 "another";
}

/*
 * An id that all rings on this interface come to by themselves, in whatever
 * process, and that differs between interfaces, namespaces and ring counts. 16
 * bits of Fibonacci hashing; 0 stands for "derived" and is not used.
 */
static uint16_t derive_id(const struct af_packet *p)
{
	uint64_t ns = 0;
	socklen_t size = sizeof(ns);
	uint64_t key;

	/* Linux 5.14; without it, namespaces are told apart by chance only. */
	getsockopt(p->sock, SOL_SOCKET, SO_NETNS_COOKIE, &ns, &size);
	key = ns << 32 ^ (uint64_t)p->ifindex << 16 ^ p->count;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	key >>= 48;
	return key ? (uint16_t)key : 1;
}

static int fail_join(struct af_packet *p, unsigned id, int error)
{
	char who[120];

	/* To look for the owner takes a while: not at every new try. */
	if (error == EINVAL && !p->gone &&
	    af_packet_diag_group(p, (uint16_t)id, who, sizeof(who)))
		return pktio_fail(
			&p->ring, -error,
			"fanout group %u is taken: %s; join it with the same mode, flags and interface, or choose another fanout-id",
			id, who);
	if (error == EINVAL)
		return pktio_fail(
			&p->ring, -error,
			"cannot join fanout group %u: before Linux 6.13 the interface has to be up",
			id);
	if (error == ENOSPC)
		return pktio_fail(
			&p->ring, -error,
			"fanout group %u is full; the first to join sets fanout-max",
			id);
	return pktio_fail(&p->ring, -error, "cannot join fanout group %u: %s",
			  id, strerror(error));
}

static int join(struct af_packet *p, unsigned id, uint16_t type_flags)
{
	struct join_request request = {
		.id = (uint16_t)id,
		.type_flags = type_flags,
		.max_members = (uint32_t)p->conf->fanout_max,
	};
	/* An older kernel that knows only of 256 members wants 4 bytes. */
	socklen_t size = request.max_members ? sizeof(request) :
					       sizeof(uint32_t);

	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT, &request, size) < 0)
		return fail_join(p, id, errno);
	return 0;
}

int af_packet_fanout(struct af_packet *p)
{
	uint16_t type_flags = mode_of(p) | (uint16_t)p->conf->fanout_flags;
	uint32_t joined = (uint32_t)p->conf->fanout_id;
	socklen_t size = sizeof(joined);
	int ret;

	if (!p->conf->outgoing)
		type_flags |= PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
	/* An id that was found is kept when the interface was away. */
	if (p->conf->fanout_unique && p->ring.info.fanout_id == 0) {
		ret = join(p, 0, type_flags | PACKET_FANOUT_FLAG_UNIQUEID);
		if (ret == 0 && getsockopt(p->sock, SOL_PACKET, PACKET_FANOUT,
					   &joined, &size) < 0)
			ret = pktio_fail(&p->ring, -errno,
					 "cannot read the fanout id: %s",
					 strerror(errno));
		joined &= UINT16_MAX;
	} else {
		if (p->conf->fanout_unique)
			joined = p->ring.info.fanout_id;
		if (joined == 0)
			joined = derive_id(p);
		ret = join(p, joined, type_flags);
	}
	if (ret < 0)
		return ret;
	p->in_group = true;
	p->ring.info.fanout_id = joined;
	return 0;
}
