/* SPDX-License-Identifier: BSD-3-Clause */
/* The filter of a ring: the program that is kept, and the one in force. */
#include "filter.h"

#include "af_packet.h"
#include "group/barrier.h"
#include "group/bpf_loader.h"
#include "group/group.h"
#include "receive.h"
#include "ring/cooked.h"
#include "ring/v2.h"

#include <stdlib.h>
#include <string.h>

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
	int ret = p->shut ? 0 : put(p, prog);

	return ret < 0 ? af_packet_fail_filter(p, ret) : 0;
}

int af_packet_refuse_all(struct af_packet *p)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };
	int ret = put(p, &prog);

	/* A socket that was handed in may bear it for another reason. */
	if (ret == 0)
		ret = af_packet_start_mark(p, false);
	p->shut = ret == 0;
	return ret < 0 ? af_packet_fail_filter(p, ret) : 0;
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
	p->shut = p->shut && ret < 0;
	return ret;
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

/* Copied before it is in force: what is kept is what the kernel has, whatever
 * fails. */
static int exchange_program(struct af_packet *p, const struct sock_fprog *prog)
{
	const struct sock_fprog filter = p->filter;
	const int program = p->filter_program;
	int ret;

	p->filter = (struct sock_fprog){ 0 };
	p->filter_program = -1;
	ret = af_packet_keep_filter(p, prog);
	if (ret == 0)
		ret = af_packet_attach(p, prog);
	if (ret < 0) {
		af_packet_keep_filter(p, NULL);
		p->filter = filter;
		p->filter_program = program;
		return ret;
	}
	free(filter.filter);
	if (program >= 0)
		close(program);
	return 0;
}

/*
 * The kernel exchanges the program in one step, but frames that the old one let
 * in wait in the ring, and one may be on its way: in the rest of the open
 * block, in those that are ours already, in the one being filled, or in the one
 * after it. Up to there the new filter runs here as well; one that only the
 * kernel can run refuses them all, and they count as filtered.
 */
static int exchange_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	static struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog nothing = { .len = 1, .filter = &refuse };
	struct af_packet *p = af_packet_of(r);
	struct pktio_bpf *filter = NULL;
	int ret = 0;

	if (p->cooked)
		return af_packet_cooked_filter(p, prog);
	if (prog) {
		filter = pktio_bpf_new(prog, &ret);
		if (ret == -ENOTSUP)
			filter = pktio_bpf_new(&nothing, &ret);
		if (!filter)
			return pktio_fail(r, ret, "cannot copy the filter: %s",
					  strerror(-ret));
	}
	ret = exchange_program(p, prog);
	if (ret < 0) {
		pktio_bpf_free(filter);
		return ret;
	}
	pktio_bpf_free(r->filter);
	r->filter = filter;
	p->unsure = p->slots ? af_packet_slots_unsure(p) :
			       ring_mem_count_pending(&p->mem) + 2;
	return 0;
}

int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	group_lock_filter(p);
	ret = exchange_filter(r, prog);
	group_unlock_filter(p);
	return ret;
}
