/* SPDX-License-Identifier: BSD-3-Clause */
#include "filter.h"

#include "af_packet.h"
#include "group/bpf_loader.h"
#include "group/group.h"
#include "ring/cooked.h"
#include "ring/v2.h"

#include <stdlib.h>
#include <string.h>

#include <unistd.h>

/* ---- The kernel's program ----------------------------------------------- */

static int attach(const struct af_packet *p, const struct sock_fprog *prog)
{
	int unused = 0;
	int ret = prog->filter ?
			  setsockopt(p->sock, SOL_SOCKET, SO_ATTACH_FILTER,
				     prog, sizeof(*prog)) :
			  setsockopt(p->sock, SOL_SOCKET, SO_DETACH_FILTER,
				     &unused, sizeof(unused));

	/* There was none to detach. */
	if (ret < 0 && !prog->filter && errno == ENOENT)
		return 0;
	return ret < 0 ? -errno : 0;
}

int filter_fail(struct af_packet *p, int error)
{
	return pktio_fail(
		&p->ring, error, "the kernel refuses the filter%s: %s",
		p->filter.ebpf >= 0 ? "-program" : "",
		error == -EPERM ?
			"SO_LOCK_FILTER is set on the socket; use a socket without it" :
			strerror(-error));
}

int filter_block(struct af_packet *p)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &drop };
	int ret = attach(p, &prog);

	p->filter.blocked = ret == 0;
	return ret < 0 ? filter_fail(p, ret) : 0;
}

int filter_apply(struct af_packet *p)
{
	struct filter *f = &p->filter;
	int ret = 0;

	if (f->ebpf < 0)
		ret = attach(p, &f->kernel);
	else if (setsockopt(p->sock, SOL_SOCKET, SO_ATTACH_BPF, &f->ebpf,
			    sizeof(f->ebpf)) < 0)
		ret = -errno;
	f->blocked = f->blocked && ret < 0;
	return ret;
}

/* ---- Choosing ----------------------------------------------------------- */

/* The two programs of a filter. */
struct choice {
	struct sock_fprog kernel;  /* a copy; without code: none */
	struct pktio_bpf *library; /* or NULL */
};

static void free_choice(struct choice *c)
{
	free(c->kernel.filter);
	pktio_bpf_free(c->library);
}

static int copy_program(struct af_packet *p, const struct sock_fprog *prog,
			struct sock_fprog *ret)
{
	size_t size = prog->len * sizeof(*prog->filter);

	ret->filter = malloc(size);
	if (!ret->filter)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	memcpy(ret->filter, prog->filter, size);
	ret->len = prog->len;
	return 0;
}

/* The library judges all frames, and the kernel what it can of them. */
static int choose_cooked(struct af_packet *p, const struct sock_fprog *prog,
			 struct choice *ret)
{
	int code = pktio_bpf_new(&ret->library, prog);

	if (code < 0)
		return pktio_fail(
			&p->ring, code,
			"the filter cannot run on frames of link type %u, to which only the library gives their header: %s",
			p->linktype, strerror(-code));
	code = cooked_filter(prog, p->cooked, &ret->kernel);
	return code < 0 ? pktio_fail(&p->ring, code, "out of memory") : 0;
}

/* The kernel judges all frames, and the library those that are in the ring
 * already. A program that only the kernel can run drops all of those. */
static int choose_plain(struct af_packet *p, const struct sock_fprog *prog,
			struct choice *ret)
{
	static struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog nothing = { .len = 1, .filter = &drop };
	int code = copy_program(p, prog, &ret->kernel);

	if (code < 0 || !p->mem.map)
		return code;
	code = pktio_bpf_new(&ret->library, prog);
	if (code == -ENOTSUP)
		code = pktio_bpf_new(&ret->library, &nothing);
	if (code < 0)
		return pktio_fail(&p->ring, code, "cannot copy the filter: %s",
				  strerror(-code));
	return 0;
}

/* Which program runs in the kernel and which in the library. */
static int choose(struct af_packet *p, const struct sock_fprog *prog,
		  struct choice *ret)
{
	int code;

	*ret = (struct choice){ 0 };
	if (!prog)
		return 0;
	code = p->cooked ? choose_cooked(p, prog, ret) :
			   choose_plain(p, prog, ret);
	if (code < 0)
		free_choice(ret);
	return code;
}

/* ---- Opening ------------------------------------------------------------ */

int filter_open(struct af_packet *p, const struct sock_fprog *prog)
{
	struct choice c;
	int ret = choose(p, prog, &c);

	if (ret < 0)
		return ret;
	p->filter.kernel = c.kernel;
	p->ring.filter = c.library;
	if (!*p->conf->filter_program)
		return 0;
	p->filter.ebpf = bpf_loader_program(p, "filter-program",
					    p->conf->filter_program);
	return p->filter.ebpf < 0 ? p->filter.ebpf : 0;
}

static void free_programs(struct filter *f)
{
	free(f->kernel.filter);
	if (f->ebpf >= 0)
		close(f->ebpf);
}

void filter_close(struct af_packet *p)
{
	free_programs(&p->filter);
	p->filter = (struct filter){ .ebpf = -1 };
}

/* ---- Exchanging --------------------------------------------------------- */

/*
 * The kernel exchanges the program in one step, but frames that the previous
 * one accepted are in the ring: in the rest of the open block, in the pending
 * blocks, in the one being filled, and perhaps in the one after it.
 */
static uint32_t count_unsure(struct af_packet *p)
{
	if (p->cooked)
		return 0;
	return p->slots ? v2_count_unsure(p) :
			  ring_mem_count_pending(&p->mem) + 2;
}

/* If the kernel refuses the program, the previous filter stays in force. */
static int exchange(struct af_packet *p, const struct sock_fprog *prog)
{
	struct filter before = p->filter;
	struct choice c;
	int ret = choose(p, prog, &c);

	if (ret < 0)
		return ret;
	p->filter.kernel = c.kernel;
	p->filter.ebpf = -1;
	/* A blocked ring gets it when the group starts. */
	if (!before.blocked)
		ret = filter_apply(p);
	if (ret < 0) {
		filter_fail(p, ret);
		p->filter = before;
		free_choice(&c);
		return ret;
	}
	free_programs(&before);
	pktio_bpf_free(p->ring.filter);
	p->ring.filter = c.library;
	p->filter.unsure = count_unsure(p);
	return 0;
}

int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	group_lock_filter(p);
	ret = exchange(p, prog);
	group_unlock_filter(p);
	return ret;
}

void filter_expire(struct af_packet *p)
{
	if (p->filter.unsure == 0 && p->mem.left == 0 && !p->cooked)
		p->ring.filter = pktio_bpf_free(p->ring.filter);
}

void filter_ring_replaced(struct filter *f)
{
	f->unsure = 0;
}
