/* SPDX-License-Identifier: BSD-3-Clause */
/* The fanout group of a ring, as the rest of the backend sees it. */
#include "group/group.h"

#include "af_packet.h"
#include "group/barrier.h"
#include "group/ebpf.h"
#include "group/fanout.h"

bool group_shares(const struct af_packet *p)
{
	return af_packet_shares(p);
}

int group_check(struct af_packet *p, const struct pktio_open_ctx *ctx)
{
	return af_packet_check_fanout(p, ctx);
}

int group_join(struct af_packet *p, bool may_wait)
{
	(void)may_wait; /* it always may, for now */
	return af_packet_fanout(p);
}

int group_start(struct af_packet *p, bool may_wait)
{
	(void)may_wait;
	return af_packet_start(p);
}

int group_tick(struct af_packet *p)
{
	return af_packet_start_look(p);
}

bool group_is_member(const struct af_packet *p)
{
	return p->group.member;
}

void group_stop_waiting(struct af_packet *p)
{
	af_packet_start_leave(p);
}

int group_leave(struct af_packet *p)
{
	af_packet_start_leave(p);
	return af_packet_steer_leave(p);
}

void group_left(struct af_packet *p, int locked)
{
	af_packet_steer_left(p, locked);
	p->group.member = false;
}

void group_forget_socket(struct af_packet *p)
{
	p->group.member = false;
}

void group_link_down(struct af_packet *p)
{
	af_packet_steer_sort(p);
}

void group_reconcile(struct af_packet *p)
{
	af_packet_steer_look(p);
}

void group_lock_filter(struct af_packet *p)
{
	af_packet_start_hold(p);
}

void group_unlock_filter(struct af_packet *p)
{
	af_packet_start_unhold(p);
}
