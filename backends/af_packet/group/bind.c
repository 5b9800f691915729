/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a ring gets onto its interface. A socket that is bound but not yet in its
 * fanout group sees every frame, also those meant for the other rings. So it is
 * bound with a filter that refuses everything, joins, and only then gets its
 * own filter, which the kernel exchanges in one step.
 */
#include "af_packet.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <unistd.h>

/* Exchanges the kernel's program, or takes it away. */
static int put(struct af_packet *p, const struct sock_fprog *prog)
{
	int unused = 0;
	int ret = prog ? setsockopt(p->sock, SOL_SOCKET, SO_ATTACH_FILTER, prog,
				    sizeof(*prog)) :
			 setsockopt(p->sock, SOL_SOCKET, SO_DETACH_FILTER,
				    &unused, sizeof(unused));

	return ret < 0 && (prog || errno != ENOENT) ? -errno : 0;
}

int af_packet_fail_filter(struct af_packet *p, int error)
{
	return pktio_fail(
		&p->ring, error, "the kernel refuses the filter%s: %s",
		p->filter_program >= 0 ? "-program" : "",
		error == -EPERM ?
			"SO_LOCK_FILTER is set on the socket; hand in one without" :
			strerror(-error));
}

int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog)
{
	/* What is kept will be in force from the first frame on. */
	int ret = p->start.shut ? 0 : put(p, prog);

	return ret < 0 ? af_packet_fail_filter(p, ret) : 0;
}

static int refuse_all(struct af_packet *p)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };
	int ret = put(p, &prog);

	/* A socket that was handed in may bear it for another reason. */
	if (ret == 0)
		ret = af_packet_start_mark(p, false);
	p->start.shut = ret == 0;
	return ret < 0 ? af_packet_fail_filter(p, ret) : 0;
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

/* The ring's own filter: a program from a file, a classic one, or none. */
int af_packet_let_in(struct af_packet *p)
{
	int ret = 0;

	if (p->filter_program < 0)
		ret = put(p, p->filter.filter ? &p->filter : NULL);
	else if (setsockopt(p->sock, SOL_SOCKET, SO_ATTACH_BPF,
			    &p->filter_program, sizeof(p->filter_program)) < 0)
		ret = -errno;
	p->start.shut = p->start.shut && ret < 0;
	return ret;
}

/* At once; a member of a group is let in when it has joined. */
static int let_in_alone(struct af_packet *p)
{
	int ret = af_packet_let_in(p);

	return ret < 0 ? af_packet_fail_filter(p, ret) : 0;
}

int af_packet_keep_filter(struct af_packet *p, const struct sock_fprog *prog)
{
	size_t size = prog ? prog->len * sizeof(*prog->filter) : 0;
	struct sock_filter *copy = NULL;

	if (prog) {
		copy = malloc(size);
		if (!copy)
			return pktio_fail(&p->ring, -ENOMEM, "out of memory");
		memcpy(copy, prog->filter, size);
	}
	if (p->filter_program >= 0)
		close(p->filter_program);
	p->filter_program = -1;
	free(p->filter.filter);
	p->filter.filter = copy;
	p->filter.len = prog ? prog->len : 0;
	return 0;
}

int af_packet_load_filter(struct af_packet *p)
{
	int ret = af_packet_load_program(p, "filter-program",
					 p->conf->filter_program);

	p->filter_program = ret;
	return ret < 0 ? ret : 0;
}

int af_packet_join(struct af_packet *p)
{
	bool shares = af_packet_shares(p);
	int ret;

	if (!(p->ring.info.mode & PKTIO_RECV))
		return bind_to(p, 0);
	ret = shares ? refuse_all(p) : let_in_alone(p);
	if (ret == 0 && !p->conf->outgoing)
		ret = ignore_outgoing(p);
	if (ret == 0)
		ret = af_packet_timestamp(p);
	if (ret == 0)
		ret = bind_to(p, ETH_P_ALL);
	if (ret == 0)
		p->was_bound = true;
	if (ret == 0 && shares)
		ret = af_packet_fanout(p);
	if (ret == 0 && p->conf->promisc && !p->any)
		ret = be_promiscuous(p);
	return ret == 0 && shares ? af_packet_start(p) : ret;
}
