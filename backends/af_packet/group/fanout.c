/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Joins a fanout group. The kernel gives each frame to one ring of the group,
 * which it selects by the mode of the group. The first member decides on mode,
 * flags, interface and size. The kernel refuses a member that differs with
 * EINVAL and no reason, so the error message describes the group.
 */
#include "group/fanout.h"

#include "af_packet.h"
#include "group/bpf_loader.h"
#include "group/cbpf.h"
#include "group/ebpf.h"
#include "group/ebpf_table.h"
#include "group/sock_diag.h"
#include "netns.h"

#include <string.h>

#include <linux/if_packet.h>

#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

/* Kernels that know only 256 members take the first four bytes. */
struct join_request {
	uint16_t id;
	uint16_t type_flags;
	uint32_t max_members;
};

bool fanout_shares(const struct af_packet *p)
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

const char *fanout_name(unsigned mode)
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
 * All rings of an interface derive the same id, in whatever process; it differs
 * between interfaces, namespaces and numbers of rings. 16 bits of Fibonacci
 * hashing. 0 is not used: in option fanout-id it means "derived".
 */
static uint16_t derive_id(const struct af_packet *p)
{
	/* Before Linux 5.14 the cookie is 0, and namespaces may have equal ids.
	 */
	uint64_t key = af_packet_netns_of(p->sock) << 32 ^
		       (uint64_t)p->ifindex << 16 ^ p->count;

	key *= UINT64_C(0x9e3779b97f4a7c15);
	key >>= 48;
	return key ? (uint16_t)key : 1;
}

static int fail_join(struct af_packet *p, unsigned id, int error)
{
	char who[120];

	/* diag_owner() takes long. */
	if (error == EINVAL && p->group.may_wait &&
	    diag_owner(p, (uint16_t)id, who, sizeof(who)))
		return pktio_fail(
			&p->ring, -error,
			"fanout group %u is taken: %s; join it with the same mode, flags and interface, or choose another fanout-id",
			id, who);
	if (error == EINVAL)
		return pktio_fail(
			&p->ring, -error,
			"cannot join fanout group %u: before Linux 6.13 the interface must be up",
			id);
	if (error == ENOSPC)
		return pktio_fail(
			&p->ring, -error,
			"fanout group %u is full; set fanout-max for its first ring",
			id);
	return pktio_fail(&p->ring, -error, "cannot join fanout group %u: %s",
			  id, strerror(error));
}

/* Members that the group has to have room for; 0: the kernel's default. */
static uint32_t max_members(const struct af_packet *p)
{
	enum { GIVEN = 256 };

	if (p->conf->fanout_max)
		return (uint32_t)p->conf->fanout_max;
	return p->count > GIVEN ? p->count : 0;
}

static int join(struct af_packet *p, unsigned id, uint16_t type_flags)
{
	struct join_request request = {
		.id = (uint16_t)id,
		.type_flags = type_flags,
		.max_members = max_members(p),
	};
	/* Older kernels refuse more than four bytes. */
	socklen_t size = request.max_members ? sizeof(request) :
					       sizeof(uint32_t);

	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT, &request, size) < 0)
		return fail_join(p, id, errno);
	return 0;
}

int fanout_join_kernel(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	uint32_t joined = id;
	socklen_t size = sizeof(joined);
	int ret = join(p, id,
		       id ? type_flags :
			    type_flags | PACKET_FANOUT_FLAG_UNIQUEID);

	if (ret < 0)
		return ret;
	if (id == 0 &&
	    getsockopt(p->sock, SOL_PACKET, PACKET_FANOUT, &joined, &size) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the fanout id: %s",
				  strerror(errno));
	p->group.member = true;
	p->ring.info.fanout_id = joined & UINT16_MAX;
	return 0;
}

/* The id of the group; 0: the kernel finds one. */
static uint32_t id_of(const struct af_packet *p)
{
	/* A ring keeps its id when the interface is replaced. */
	if (p->conf->fanout_unique)
		return p->ring.info.fanout_id;
	return p->conf->fanout_id ? (uint32_t)p->conf->fanout_id : derive_id(p);
}

/* Checks what the range of an option does not. */
int fanout_check(struct af_packet *p, const struct pktio_open_ctx *ctx)
{
	bool ebpf = p->conf->fanout ==
		    AF_PACKET_FANOUT_FIRST + PACKET_FANOUT_EBPF;
	int ret = 0;

	if (*p->conf->filter_program && ctx->filter)
		return pktio_fail(
			&p->ring, -EINVAL,
			"both a filter and filter-program are given; use one of them");
	if (*p->conf->fanout_program && !ebpf)
		return pktio_fail(&p->ring, -EINVAL,
				  "fanout-program needs fanout=ebpf");
	/* Both may wait, which recv does not: so here. */
	if (fanout_shares(p))
		diag_open(p);
	if (ebpf && !bpf_loader_module(p, &ret))
		return ret;
	if (!ebpf || *p->conf->fanout_program)
		return 0;
	if (p->count > STEER_RINGS)
		return pktio_fail(&p->ring, -EINVAL,
				  "fanout=ebpf supports up to %u rings, not %u",
				  STEER_RINGS, p->count);
	if (ebpf_weights(p, NULL) < 0)
		return pktio_fail(
			&p->ring, -EINVAL,
			"invalid fanout-weights '%s'; write up to %u numbers from 1 to 65535 separated by ':'",
			p->conf->fanout_weights, p->count);
	return 0;
}

/* The kernel waits for an RCU grace period when it exchanges the program of a
 * group, so only a ring that finds the group empty attaches one. */
static int join_cbpf(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	uint64_t member;
	bool first = id == 0 ||
		     diag_members(p, (uint16_t)id, (uint32_t)p->ifindex,
				  &member, 1) <= 0;
	int ret = fanout_join_kernel(p, id, type_flags);

	return ret == 0 && first ? cbpf_attach(p) : ret;
}

int fanout_join(struct af_packet *p)
{
	uint16_t type_flags = mode_of(p) | (uint16_t)p->conf->fanout_flags;
	uint32_t id = id_of(p);

	if (p->conf->direction == AF_PACKET_DIRECTION_IN)
		type_flags |= PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
	if (*p->conf->fanout_program)
		return ebpf_join_program(p, id, type_flags);
	switch (mode_of(p)) {
	case PACKET_FANOUT_EBPF:
		return ebpf_join(p, id, type_flags);
	case PACKET_FANOUT_CBPF:
		return join_cbpf(p, id, type_flags);
	default:
		return fanout_join_kernel(p, id, type_flags);
	}
}
