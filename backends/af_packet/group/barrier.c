/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When the rings of a fanout group begin. While members join, the frames of a
 * flow go now to one and now to another. So each ring refuses all frames until
 * as many are in the group as there are to be, or it has waited long enough.
 * Members are counted as the kernel lists them, of whatever process they are.
 * One that has begun bears a mark that is listed as well; then all begin, and
 * one that comes back to a group that runs does so at once. Who finds that it
 * is time begins for all rings of its process; those of others look for
 * themselves, some fifty times a second.
 */
#include "group/barrier.h"

#include "af_packet.h"
#include "filter.h"
#include "group/ebpf.h"
#include "group/sock_diag.h"
#include "netns.h"

#include <string.h>
#include <time.h>

#include <linux/if_packet.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

/* Those of this process that wait, and their filters: whoever has the lock may
 * let frames into any of them. */
static struct af_packet *waiting;
static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec;
}

/* ---- The list ------------------------------------------------------------ */

static void enter_list(struct af_packet *p)
{
	pthread_mutex_lock(&waiting_lock);
	p->group.next = waiting;
	waiting = p;
	pthread_mutex_unlock(&waiting_lock);
}

/* False: it was not in it, for it has begun. */
static bool remove_from_list(const struct af_packet *p)
{
	struct af_packet **link = &waiting;

	while (*link && *link != p)
		link = &(*link)->group.next;
	if (!*link)
		return false;
	*link = p->group.next;
	return true;
}

static bool is_in_list(const struct af_packet *p)
{
	const struct af_packet *q;

	pthread_mutex_lock(&waiting_lock);
	for (q = waiting; q && q != p; q = q->group.next)
		;
	pthread_mutex_unlock(&waiting_lock);
	return q;
}

void af_packet_start_hold(struct af_packet *p)
{
	if (p->group.waits)
		pthread_mutex_lock(&waiting_lock);
}

void af_packet_start_unhold(struct af_packet *p)
{
	if (p->group.waits)
		pthread_mutex_unlock(&waiting_lock);
}

void af_packet_start_leave(struct af_packet *p)
{
	if (!p->group.waits)
		return;
	pthread_mutex_lock(&waiting_lock);
	remove_from_list(p);
	pthread_mutex_unlock(&waiting_lock);
	p->group.waits = false;
}

/* ---- Beginning ----------------------------------------------------------- */

/*
 * A frame that is on its way was given out by the members that there were when
 * it came. The kernel does that under RCU, for which this waits; where it is
 * refused (nohz_full) a while has to do.
 */
static void let_frames_pass(void)
{
	struct timespec moment = { 0, (long)(10 * MS) };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		nanosleep(&moment, NULL);
}

/* The mark has recvmsg(2) say more of a frame, which is not called on a ring;
 * and group/sock_diag.c sees it. */
int af_packet_start_mark(const struct af_packet *p, bool begun)
{
	int value = begun;

	return setsockopt(p->sock, SOL_PACKET, PACKET_AUXDATA, &value,
			  sizeof(value)) < 0 ?
		       -errno :
		       0;
}

/* Without words: it may be the ring of another thread. */
static int begin(struct af_packet *p)
{
	int ret = filter_apply(p);

	return ret < 0 ? ret : af_packet_start_mark(p, true);
}

static bool same_group(const struct af_packet *a, const struct af_packet *b)
{
	return a->ring.info.fanout_id == b->ring.info.fanout_id &&
	       a->ifindex == b->ifindex && a->group.netns == b->group.netns;
}

/* A ring for which that fails stays, and finds out for itself. */
static int begin_all(struct af_packet *p)
{
	struct af_packet **link = &waiting;
	int ret = 0;

	let_frames_pass();
	pthread_mutex_lock(&waiting_lock);
	while (*link) {
		struct af_packet *q = *link;
		int began = same_group(p, q) ? begin(q) : 1;

		if (q == p)
			ret = began;
		if (began == 0)
			*link = q->group.next;
		else
			link = &q->group.next;
	}
	pthread_mutex_unlock(&waiting_lock);
	return ret < 0 ? filter_fail(p, ret) : 0;
}

/* ---- Waiting ------------------------------------------------------------- */

/* 1, or 0: there is nothing to wait for, or no way to see it; or an error that
 * will pass, of which nothing follows. */
static int look_around(const struct af_packet *p, struct af_packet_census *ret)
{
	int code = af_packet_diag_census(p, ret);

	switch (-code) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return code;
	default:
		return code == 0 && ret->listed;
	}
}

static bool must_wait(const struct af_packet *p)
{
	struct af_packet_census census;
	int seen;

	/* A unique group's number is known when its first ring is there. */
	if (p->count <= 1 || p->conf->fanout_wait == 0 ||
	    p->conf->fanout_unique)
		return false;
	seen = look_around(p, &census);
	return seen < 0 || (seen > 0 && !census.begun);
}

static int look(struct af_packet *p)
{
	struct af_packet_census census;
	int seen = look_around(p, &census);
	int ret;

	if (seen == 0)
		return begin_all(p);
	if (seen > 0 && (census.begun || (census.members >= p->count &&
					  af_packet_steer_complete(p))))
		return begin_all(p);
	if (now_ns() < p->group.ends)
		return 0;
	ret = begin_all(p);
	if (ret == 0)
		pktio_note(
			&p->ring,
			"fanout group %u began with %u of its %u rings, for fanout-wait was over; flows may move when others come",
			p->ring.info.fanout_id, census.members, p->count);
	return ret;
}

static int wait_for_others(struct af_packet *p)
{
	p->group.waits = true;
	p->group.ends = now_ns() + p->conf->fanout_wait;
	p->group.netns = af_packet_netns_of(p->sock);
	enter_list(p);
	return af_packet_start_look(p);
}

int af_packet_start(struct af_packet *p)
{
	bool waits = must_wait(p);
	int ret = waits ? 0 : begin(p);

	if (ret < 0)
		return filter_fail(p, ret);
	/* In a group that runs it gets its flows when it lets them in; in one
	 * that waits it has them when all begin. */
	ret = af_packet_steer_start(p);
	if (ret < 0)
		return ret;
	return waits ? wait_for_others(p) : 1;
}

int af_packet_start_look(struct af_packet *p)
{
	int ret = is_in_list(p) ? look(p) : 0;
	bool started = !is_in_list(p);

	/* What failed is told, and tried again. */
	if (started)
		af_packet_start_leave(p);
	return ret < 0 ? ret : started;
}
