/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When the rings of a fanout group start. While members join, the kernel sends
 * the frames of one flow to several rings in turn. So each ring blocks all
 * frames until all members are there, or until fanout-wait has passed. A ring
 * counts the members as the kernel lists them, in whatever process they are. A
 * ring that has started carries a mark (group/started.h); a ring that sees the
 * mark starts at once.
 *
 * The ring that finds the group complete opens the filters of all rings of its
 * process. Rings of other processes find out for themselves, GROUP_TICK_MS
 * later at most.
 *
 * pktio_recv() calls barrier_tick(), so nothing here waits, except in open and
 * close: a tick that finds a lock taken returns -EAGAIN.
 */
#include "group/barrier.h"

#include "af_packet.h"
#include "filter.h"
#include "group/ebpf.h"
#include "group/sock_diag.h"
#include "group/started.h"
#include "netns.h"

#include <sched.h>
#include <time.h>

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/clock.h"

#define GRACE (GROUP_TICK_MS * NS_PER_MS)

/* The rings of this process that wait, or did before. Who holds the lock may
 * open their filters. */
static struct af_packet *list;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* ---- The state ----------------------------------------------------------- */

static enum barrier_state state_of(const struct barrier *b)
{
	return __atomic_load_n(&b->state, __ATOMIC_ACQUIRE);
}

static void set_state(struct barrier *b, enum barrier_state state)
{
	__atomic_store_n(&b->state, state, __ATOMIC_RELEASE);
}

static bool change_state(struct barrier *b, enum barrier_state from,
			 enum barrier_state to)
{
	return __atomic_compare_exchange_n(&b->state, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* For the thread of the ring: ends with the state no longer WAITING, which it
 * then may set. Another thread is BUSY for two system calls. */
static enum barrier_state claim(struct barrier *b)
{
	while (!change_state(b, BARRIER_WAITING, BARRIER_BUSY)) {
		enum barrier_state state = state_of(b);

		if (state == BARRIER_IDLE || state == BARRIER_OPEN)
			return state;
		sched_yield();
	}
	return BARRIER_BUSY;
}

void barrier_cancel(struct af_packet *p)
{
	claim(&p->group.barrier);
	set_state(&p->group.barrier, BARRIER_IDLE);
}

void barrier_lock_filter(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	b->owner_busy = claim(b) == BARRIER_BUSY;
}

void barrier_unlock_filter(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	if (b->owner_busy)
		set_state(b, BARRIER_WAITING);
	b->owner_busy = false;
}

/* ---- The list ------------------------------------------------------------ */

static bool lock_list(const struct af_packet *p)
{
	if (p->group.may_wait)
		return pthread_mutex_lock(&list_lock) == 0;
	return pthread_mutex_trylock(&list_lock) == 0;
}

/* The ring stays in the list until it is closed. */
static int enter_list(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	if (b->listed)
		return 0;
	if (!lock_list(p))
		return -EAGAIN;
	b->next = list;
	list = p;
	b->listed = true;
	pthread_mutex_unlock(&list_lock);
	return 0;
}

void barrier_close(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	barrier_cancel(p);
	if (!b->listed)
		return;
	pthread_mutex_lock(&list_lock);
	for (struct af_packet **link = &list; *link;
	     link = &(*link)->group.barrier.next)
		if (*link == p) {
			*link = b->next;
			break;
		}
	pthread_mutex_unlock(&list_lock);
	b->listed = false;
}

/* ---- Starting ------------------------------------------------------------ */

/* The message is left to the thread of the ring, which this may not be. */
static int open_filter(struct af_packet *p)
{
	int ret = filter_apply(p);

	return ret < 0 ? ret : started_set(p->sock, true);
}

static bool is_same_group(const struct barrier *a, const struct barrier *b)
{
	return a->id == b->id && a->ifindex == b->ifindex &&
	       a->netns == b->netns;
}

/* Opens one ring of the list, if it waits and is of the group. */
static int open_one(struct af_packet *q, const struct barrier *group)
{
	struct barrier *b = &q->group.barrier;
	int ret = 0;

	if (!change_state(b, BARRIER_WAITING, BARRIER_BUSY))
		return 0;
	if (!is_same_group(b, group)) {
		set_state(b, BARRIER_WAITING);
		return 0;
	}
	ret = open_filter(q);
	set_state(b, ret < 0 ? BARRIER_WAITING : BARRIER_OPEN);
	return ret;
}

/* A ring whose filter cannot be opened tries again itself, and reports why. */
static int open_all(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;
	int ret = 0;

	if (!lock_list(p))
		return -EAGAIN;
	for (struct af_packet *q = list; q; q = q->group.barrier.next) {
		int opened = open_one(q, b);

		if (q == p)
			ret = opened;
	}
	pthread_mutex_unlock(&list_lock);
	if (ret < 0)
		return filter_fail(p, ret);
	set_state(b, BARRIER_IDLE);
	if (b->timed_out)
		pktio_note(
			&p->ring,
			"fanout group %u started with %u of its %u rings, because fanout-wait ended; flows may move when others join",
			p->ring.info.fanout_id, b->members, p->count);
	return 1;
}

/*
 * A frame under way was sent to a ring by the members that there were when the
 * frame came. The kernel does that in an RCU read section, within microseconds.
 * Open waits until all sections have ended. recv does not wait; the filters
 * open a tick later. So does open where the kernel refuses membarrier(2), with
 * nohz_full.
 */
static bool wait_for_frames(const struct af_packet *p)
{
	return p->group.may_wait &&
	       syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
}

/* All members are there: opens the filters when no frame is under way. */
static int finish(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	if (b->opens == 0 && !wait_for_frames(p)) {
		b->opens = now_ns() + GRACE;
		return 0;
	}
	return now_ns() < b->opens ? 0 : open_all(p);
}

/* ---- Waiting ------------------------------------------------------------- */

/* 1; 0: there is nothing to wait for, or no way to see it; or a temporary
 * error. */
static int count_members(struct af_packet *p, struct diag_count *ret)
{
	int code = diag_count(p, ret);

	switch (-code) {
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return code;
	default:
		return code == 0 && ret->listed;
	}
}

static bool must_wait(struct af_packet *p)
{
	struct diag_count count;
	int seen;

	/* The number of a unique group is known when its first ring is there.
	 */
	if (p->count <= 1 || p->conf->fanout_wait == 0 ||
	    p->conf->fanout_unique)
		return false;
	seen = count_members(p, &count);
	return seen < 0 || (seen > 0 && !count.started);
}

static int check(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;
	struct diag_count count = { 0 };
	int seen;

	if (b->opens)
		return finish(p);
	seen = count_members(p, &count);
	/* Another ring has waited for the frames. */
	if (seen == 0 || (seen > 0 && count.started))
		return open_all(p);
	if (seen > 0 && count.members >= p->count && ebpf_is_complete(p))
		return finish(p);
	if (now_ns() < b->ends)
		return 0;
	b->timed_out = true;
	b->members = count.members;
	return finish(p);
}

int barrier_tick(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;

	switch (state_of(b)) {
	case BARRIER_IDLE:
		return 0;
	case BARRIER_OPEN:
		set_state(b, BARRIER_IDLE);
		return 1;
	default:
		return check(p);
	}
}

static int start_waiting(struct af_packet *p)
{
	struct barrier *b = &p->group.barrier;
	int ret = enter_list(p);

	if (ret < 0)
		return ret;
	b->opens = 0;
	b->timed_out = false;
	b->netns = af_packet_netns_of(p->sock);
	b->id = p->ring.info.fanout_id;
	b->ifindex = (uint32_t)p->ifindex;
	b->ends = now_ns() + p->conf->fanout_wait;
	set_state(b, BARRIER_WAITING);
	return 0;
}

int barrier_start(struct af_packet *p)
{
	bool waits;
	int ret = 0;

	if (state_of(&p->group.barrier) != BARRIER_IDLE)
		return barrier_tick(p);
	waits = must_wait(p);
	if (!waits) {
		ret = open_filter(p);
		if (ret < 0)
			return filter_fail(p, ret);
	}
	/* In a group that has started, the ring gets its flows after its filter
	 * was opened; in one that waits, before all filters are opened. */
	ret = ebpf_start(p);
	if (ret == 0 && waits)
		ret = start_waiting(p);
	if (ret < 0)
		return ret;
	return waits ? barrier_tick(p) : 1;
}
