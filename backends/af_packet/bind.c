/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a socket is bound to its interface. A socket that is bound but not yet in
 * its fanout group receives every frame, also those meant for the other rings.
 * So it is bound with a filter that drops all frames. When it has joined, the
 * kernel exchanges that for the ring's own filter in one step.
 */
#include "bind.h"

#include "af_packet.h"
#include "filter.h"
#include "group/group.h"
#include "ring/timestamp.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

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

/* In a group the first member's flag decides, and this is without effect. */
static int ignore_outgoing(struct af_packet *p)
{
	int one = 1;

	if (setsockopt(p->sock, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) < 0)
		return pktio_fail(
			&p->ring, -errno,
			"cannot ignore outgoing frames: %s; it takes Linux 4.20",
			strerror(errno));
	return 0;
}

static int apply(struct af_packet *p)
{
	int ret = filter_apply(p);

	return ret < 0 ? filter_fail(p, ret) : 0;
}

int bind_promiscuous(struct af_packet *p)
{
	return p->conf->promisc && !p->any ? be_promiscuous(p) : 0;
}

int bind_socket(struct af_packet *p)
{
	bool shares = group_shares(p);
	int ret;

	if (!(p->ring.info.mode & PKTIO_RECV))
		return bind_to(p, 0);
	ret = shares ? filter_block(p) : apply(p);
	if (ret == 0 && p->conf->direction == AF_PACKET_DIRECTION_IN)
		ret = ignore_outgoing(p);
	if (ret == 0)
		ret = af_packet_timestamp(p);
	if (ret == 0)
		ret = bind_to(p, ETH_P_ALL);
	return ret == 0 && !shares ? bind_promiscuous(p) : ret;
}
