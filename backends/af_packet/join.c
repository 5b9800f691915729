/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a ring gets onto its interface. A socket that is bound but not yet in its
 * fanout group sees every frame, also those meant for the other rings. So it is
 * bound with a filter that refuses everything, joins, and only then gets its
 * own filter, which the kernel exchanges in one step.
 */
#include "af_packet.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/stat.h>

int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog)
{
	int unused = 0;

	if (prog && setsockopt(p->sock, SOL_SOCKET, SO_ATTACH_FILTER, prog,
			       sizeof(*prog)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "the kernel refuses the filter: %s",
				  strerror(errno));
	if (!prog &&
	    setsockopt(p->sock, SOL_SOCKET, SO_DETACH_FILTER, &unused,
		       sizeof(unused)) < 0 &&
	    errno != ENOENT)
		return pktio_fail(&p->ring, -errno,
				  "cannot take the filter away: %s",
				  strerror(errno));
	return 0;
}

static int refuse_all(struct af_packet *p)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };

	return af_packet_attach(p, &prog);
}

static int bind_to(struct af_packet *p, int protocol)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons((uint16_t)protocol),
				  .sll_ifindex = p->ifindex };

	if (bind(p->sock, (const void *)&to, sizeof(to)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot bind to the interface: %s",
				  strerror(errno));
	return 0;
}

/*
 * An id that all rings on this interface come to by themselves, in whatever
 * process, and that differs between interfaces, namespaces and ring counts. 16
 * bits of Fibonacci hashing; 0 stands for "derived" and is not used.
 */
static uint16_t derive_id(const struct af_packet *p, unsigned count)
{
	struct stat ns = { 0 };
	uint64_t key;

	stat("/proc/self/ns/net", &ns);
	key = (uint64_t)ns.st_ino << 32 ^ (uint64_t)p->ifindex << 16 ^ count;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	key >>= 48;
	return key ? (uint16_t)key : 1;
}

static int join_group(struct af_packet *p, unsigned count)
{
	uint32_t id = (uint32_t)p->conf->fanout_id;
	uint32_t arg;

	if (id == 0)
		id = derive_id(p, count);
	arg = id | PACKET_FANOUT_HASH << 16;
	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg)) <
	    0) {
		const char *why =
			errno == EINVAL ?
				"the group has another mode or is on another interface, or (before Linux 6.13) this one is down" :
			errno == ENOSPC ? "the group is full" :
					  strerror(errno);

		return pktio_fail(
			&p->ring, -errno,
			"cannot join fanout group %u: %s; choose a fanout-id that is free",
			id, why);
	}
	p->ring.info.fanout_id = id;
	return 0;
}

static int be_promiscuous(struct af_packet *p)
{
	struct packet_mreq request = { .mr_ifindex = p->ifindex,
				       .mr_type = PACKET_MR_PROMISC };

	if (setsockopt(p->sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request,
		       sizeof(request)) < 0)
		return pktio_fail(
			&p->ring, -errno,
			"cannot make the interface promiscuous: %s; promisc=no does without",
			strerror(errno));
	return 0;
}

int af_packet_join(struct af_packet *p, const struct pktio_open_ctx *ctx)
{
	bool receives = ctx->mode & PKTIO_RECV;
	bool shares = p->conf->fanout == FANOUT_HASH ||
		      (p->conf->fanout == FANOUT_AUTO && ctx->count > 1);
	int ret;

	if (!receives)
		return bind_to(p, 0);
	ret = shares ? refuse_all(p) : af_packet_attach(p, ctx->filter);
	if (ret == 0)
		ret = bind_to(p, ETH_P_ALL);
	if (ret == 0 && shares)
		ret = join_group(p, ctx->count);
	if (ret == 0 && p->conf->promisc)
		ret = be_promiscuous(p);
	if (ret == 0 && shares)
		ret = af_packet_attach(p, ctx->filter);
	return ret;
}
