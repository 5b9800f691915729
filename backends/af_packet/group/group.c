/* SPDX-License-Identifier: BSD-3-Clause */
/* The fanout group of a ring, as the rest of the backend sees it. */
#include "group/group.h"

#include "af_packet.h"
#include "group/barrier.h"
#include "group/ebpf.h"
#include "group/fanout.h"
#include "group/sock_diag.h"
#include "group/started.h"

#include <string.h>
#include <time.h>

#include "util/clock.h"

#define OPEN_WAITS (5 * NS_PER_S)

bool group_shares(const struct af_packet *p)
{
	return fanout_shares(p);
}

int group_check(struct af_packet *p, const struct pktio_open_ctx *ctx)
{
	return fanout_check(p, ctx);
}

/* Calls a function again while it returns -EAGAIN; -EBUSY in the end. */
static int wait_for(int (*function)(struct af_packet *p), struct af_packet *p)
{
	const struct timespec ms = { 0, 1000000 };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + OPEN_WAITS;
	int ret = function(p);

	while (ret == -EAGAIN && clock_ns(CLOCK_MONOTONIC) < end) {
		nanosleep(&ms, NULL);
		ret = function(p);
	}
	if (ret != -EAGAIN)
		return ret;
	return pktio_fail(
		&p->ring, -EBUSY,
		"another ring holds the lock of the fanout group; is its process stopped?");
}

static int call(int (*function)(struct af_packet *p), struct af_packet *p,
		bool may_wait)
{
	int ret;

	p->group.may_wait = may_wait;
	ret = may_wait ? wait_for(function, p) : function(p);
	p->group.may_wait = false;
	return ret;
}

static int join(struct af_packet *p)
{
	/* A socket that was handed in may have the mark. */
	int ret = started_set(p->sock, false);

	if (ret < 0)
		return pktio_fail(&p->ring, ret,
				  "cannot set PACKET_AUXDATA: %s",
				  strerror(-ret));
	return fanout_join(p);
}

int group_join(struct af_packet *p, bool may_wait)
{
	return call(join, p, may_wait);
}

int group_start(struct af_packet *p, bool may_wait)
{
	return call(barrier_start, p, may_wait);
}

int group_tick(struct af_packet *p)
{
	return barrier_tick(p);
}

bool group_is_member(const struct af_packet *p)
{
	return p->group.member;
}

void group_stop_waiting(struct af_packet *p)
{
	barrier_cancel(p);
}

int group_leave(struct af_packet *p)
{
	barrier_close(p);
	return ebpf_leave(p);
}

void group_left(struct af_packet *p, int locked)
{
	ebpf_left(p, locked);
	diag_close(p);
	p->group.member = false;
}

void group_forget_socket(struct af_packet *p)
{
	p->group.member = false;
	p->group.link_down = false;
}

void group_link_down(struct af_packet *p)
{
	p->group.link_down = p->group.steering;
	ebpf_tick(p);
}

void group_reconcile(struct af_packet *p)
{
	ebpf_tick(p);
}

void group_lock_filter(struct af_packet *p)
{
	barrier_lock_filter(p);
}

void group_unlock_filter(struct af_packet *p)
{
	barrier_unlock_filter(p);
}
