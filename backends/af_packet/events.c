/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The descriptor that the application polls is an epoll set. The packet socket
 * is in it edge-triggered: the socket itself stays readable while the block
 * before the kernel's is ours, that is, all the time while its frames are held;
 * an edge announces each new block once.
 *
 * An interface that goes down and up: the kernel takes the socket off it and
 * puts it back. The ring reads the error off the socket, which otherwise ends
 * every poll at once. While the interface is down the kernel does not report to
 * the socket that it is removed (6.12, packet_notifier()); netlink does.
 *
 * An interface that is removed, or moved to another namespace: the socket is on
 * no interface any more. When an interface of the name appears, the ring binds
 * its socket to that, with the same memory; a member of a fanout group, whose
 * socket cannot be bound again, takes a new socket with a new ring. A group
 * with a given number belongs to the removed interface until all members have
 * left it; so joining is tried again.
 */
#include "events.h"

#include "af_packet.h"
#include "bind.h"
#include "group/group.h"
#include "interface.h"
#include "lifecycle.h"
#include "replacement.h"
#include "ring/block.h"
#include "ring/timestamp.h"
#include "util/clock.h"
#include "watch.h"

#include <string.h>

#include <sys/epoll.h>
#include <sys/socket.h>

/* An interface that appears is renamed and set up first. */
#define SETTLE_MS 2
#define DRAIN_MS 2
#define LOCKED_MS 2
#define ATTACH_MS 50
/* How often events_poll() checks whether the interface is there. */
#define CHECK_MS 256
/* events_poll() takes events once a tick of the kernel, or after so many calls.
 * A program that sleeps until there is an event returns at once until the event
 * is taken; for one that polls without sleeping this is cheap. */
#define POLL_CALLS 16
/* The kernel retires a block this long after its timeout, at most. */
#define LATE_MS 20

#define NO_EVENT LIFECYCLE_EVENTS

/* ---- The set ------------------------------------------------------------ */

static int control(struct af_packet *p, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(p->ring.fd, op, fd, &event) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot add to the epoll descriptor: %s",
				  strerror(errno));
	return 0;
}

int events_add_socket(struct af_packet *p, int sock)
{
	return control(p, EPOLL_CTL_ADD, sock, EPOLLIN | EPOLLET);
}

void events_remove(struct af_packet *p, int fd)
{
	epoll_ctl(p->ring.fd, EPOLL_CTL_DEL, fd, NULL);
}

void events_rearm(struct af_packet *p)
{
	control(p, EPOLL_CTL_MOD, p->sock, EPOLLIN | EPOLLET);
}

int events_open(struct af_packet *p)
{
	int ret = watch_open(p);

	if (ret < 0)
		return ret;
	p->ring.fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->ring.fd < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot make an epoll descriptor: %s",
				  strerror(errno));
	ret = events_add_socket(p, p->sock);
	if (ret == 0)
		ret = control(p, EPOLL_CTL_ADD, p->watch.route, EPOLLIN);
	if (ret == 0)
		ret = control(p, EPOLL_CTL_ADD, p->watch.timer, EPOLLIN);
	return ret;
}

void events_close(struct af_packet *p)
{
	lifecycle_event(&p->life, LIFECYCLE_CLOSED);
	watch_close(&p->watch);
}

/* ---- Attaching ---------------------------------------------------------- */

/* recv returns an error once, and not after each attempt. */
static void report(struct af_packet *p, int error)
{
	if (error != p->events.reported)
		p->events.error = error;
	p->events.reported = error;
}

static bool receives(const struct af_packet *p)
{
	return p->ring.info.mode & PKTIO_RECV;
}

/* Finds the interface, and binds a socket to it that can be bound. */
static int find_and_bind(struct af_packet *p)
{
	unsigned mtu;
	int ret = af_packet_find(p, &mtu);

	if (ret == 0 && group_is_member(p)) {
		ret = replacement_step(p);
		if (ret < 0 && ret != -EAGAIN)
			report(p, ret);
	}
	if (ret == -ENOTSUP)
		report(p, ret);
	return ret == 0 ? bind_socket(p) : ret;
}

static enum lifecycle_event attach(struct af_packet *p)
{
	p->events.attempt = find_and_bind(p);
	if (p->events.attempt < 0) {
		p->ifindex = 0;
		p->ring.info.ifindex = 0;
		return LIFECYCLE_FAILED;
	}
	return receives(p) && group_shares(p) ? LIFECYCLE_BOUND :
						LIFECYCLE_ATTACHED;
}

/* As group_start(). An attempt that found a lock goes on where it was. */
static int join_and_start(struct af_packet *p, bool may_wait)
{
	int ret = 0;

	if (!group_is_member(p)) {
		ret = group_join(p, may_wait);
		if (ret == 0)
			ret = bind_promiscuous(p);
	}
	return ret == 0 ? group_start(p, may_wait) : ret;
}

static enum lifecycle_event outcome(int ret)
{
	if (ret == -EAGAIN)
		return LIFECYCLE_BUSY;
	if (ret < 0)
		return LIFECYCLE_FAILED;
	return ret > 0 ? LIFECYCLE_STARTED : LIFECYCLE_JOINED;
}

/* Members of the removed interface's group may be there still, which is no
 * error. */
static enum lifecycle_event join(struct af_packet *p)
{
	p->events.attempt = join_and_start(p, false);
	return outcome(p->events.attempt);
}

static enum lifecycle_event tick(struct af_packet *p)
{
	int ret = group_tick(p);

	if (ret >= 0 || ret == -EAGAIN)
		return outcome(ret);
	report(p, ret);
	return LIFECYCLE_BUSY;
}

/* ---- States ------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

/* What begins with a state, or ends with the one before. */
static void enter(struct af_packet *p, enum pktio_state state)
{
	struct events *e = &p->events;
	int ret = watch_subscribe(&p->watch, state != PKTIO_STATE_RUNNING);

	if (ret < 0)
		report(p,
		       pktio_fail(&p->ring, ret,
				  "cannot watch for changes of interfaces: %s",
				  strerror(-ret)));
	watch_set_timer(&p->watch, 0);
	switch (state) {
	case PKTIO_STATE_GONE:
		group_stop_waiting(p);
		af_packet_timestamp_forget(p);
		e->drain_at = now_ms() + p->wanted.block_timeout / NS_PER_MS +
			      LATE_MS;
		break;
	case PKTIO_STATE_ABSENT:
		e->away = true;
		p->ifindex = 0;
		p->ring.info.ifindex = 0;
		break;
	case PKTIO_STATE_RUNNING:
		p->ring.stats.reattached += e->away;
		e->away = false;
		e->reported = 0;
		break;
	default:
		break;
	}
}

/* How long until the timer of the state; 0: something else ends the wait. */
static uint64_t retry_after(const struct af_packet *p)
{
	const struct events *e = &p->events;
	uint64_t now = now_ms();

	switch (p->life.state) {
	case PKTIO_STATE_GONE:
		return e->drain_at > now + DRAIN_MS ? e->drain_at - now :
						      DRAIN_MS;
	case PKTIO_STATE_BLOCKED:
		return LOCKED_MS;
	case PKTIO_STATE_WAITING_GROUP:
		return GROUP_TICK_MS;
	default:
		break;
	}
	/* Netlink reports when there is another interface. */
	if (e->attempt == -ENODEV || e->attempt == -ENOTSUP)
		return 0;
	return e->attempt == -EAGAIN ? SETTLE_MS : ATTACH_MS;
}

static enum lifecycle_event check_link(const struct af_packet *p)
{
	switch (af_packet_link(p)) {
	case PKTIO_LINK_GONE:
		return LIFECYCLE_REMOVED;
	case PKTIO_LINK_DOWN:
		/* A ring that only sends would not learn that it is up. */
		return receives(p) ? LIFECYCLE_LINK_DOWN : LIFECYCLE_LINK_UP;
	case PKTIO_LINK_UP:
		return LIFECYCLE_LINK_UP;
	default:
		return NO_EVENT; /* it is being renamed */
	}
}

/* The frames of the old interface come first, if their ring will be replaced;
 * otherwise an open block does. */
static enum lifecycle_event drain(struct af_packet *p)
{
	const struct ring_mem *m = &p->mem;
	bool pending = group_is_member(p) && !m->held[m->cursor] &&
		       block_is_ours(m, m->cursor);

	if (m->left == 0 && !pending)
		return LIFECYCLE_DRAINED;
	watch_set_timer(&p->watch, DRAIN_MS);
	return NO_EVENT;
}

/* Does what the last transition asks for; the event that comes of it. */
static enum lifecycle_event act(struct af_packet *p,
				enum lifecycle_action action)
{
	switch (action) {
	case LIFECYCLE_ATTACH:
		return attach(p);
	case LIFECYCLE_JOIN:
		return join(p);
	case LIFECYCLE_TICK:
		return tick(p);
	case LIFECYCLE_CHECK_LINK:
		return check_link(p);
	case LIFECYCLE_DRAIN:
		return drain(p);
	case LIFECYCLE_SETTLE:
		watch_set_timer(&p->watch, SETTLE_MS);
		break;
	case LIFECYCLE_RETRY:
		watch_set_timer(&p->watch, retry_after(p));
		break;
	case LIFECYCLE_NOTHING:
		break;
	}
	return NO_EVENT;
}

/* An event, and those that follow from it: at most a few. */
static void feed(struct af_packet *p, enum lifecycle_event event)
{
	while (event != NO_EVENT) {
		enum pktio_state before = p->life.state;
		enum lifecycle_action action = lifecycle_event(&p->life, event);

		if (p->life.state != before)
			enter(p, p->life.state);
		event = act(p, action);
	}
}

int events_attach(struct af_packet *p, bool absent)
{
	int ret;

	if (absent) {
		feed(p, LIFECYCLE_FAILED);
		return 0;
	}
	ret = bind_socket(p);
	if (ret < 0)
		return ret;
	if (!receives(p) || !group_shares(p)) {
		feed(p, LIFECYCLE_ATTACHED);
		return 0;
	}
	feed(p, LIFECYCLE_BOUND);
	ret = join_and_start(p, true);
	if (ret < 0)
		return ret;
	feed(p, outcome(ret));
	return 0;
}

/* ---- Events ------------------------------------------------------------- */

static void take_error(struct af_packet *p)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(p->sock, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ||
	    error != ENETDOWN)
		return;
	p->ring.stats.link_downs++;
	group_link_down(p);
	feed(p, LIFECYCLE_REPORTED);
}

void events_take(struct af_packet *p)
{
	struct epoll_event events[4];
	int n = epoll_wait(p->ring.fd, events, 4, 0);
	bool reported = false;
	bool changed = false;
	bool expired = false;

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		reported |= fd == p->sock && events[i].events & EPOLLERR;
		changed |= fd == p->watch.route;
		expired |= fd == p->watch.timer;
		if (fd == p->watch.route || fd == p->watch.timer)
			watch_drain(fd);
	}
	if (reported)
		take_error(p);
	if (changed)
		feed(p, LIFECYCLE_CHANGED);
	if (expired)
		feed(p, LIFECYCLE_TIMER);
	if (lifecycle_is_attached(&p->life))
		group_reconcile(p);
}

void events_poll(struct af_packet *p)
{
	struct events *e = &p->events;
	int64_t ms = (int64_t)(clock_ns(CLOCK_MONOTONIC_COARSE) / NS_PER_MS);
	int64_t before = e->polled_at;

	if (ms == before && ++e->dry_calls < POLL_CALLS)
		return;
	e->polled_at = ms;
	e->dry_calls = 0;
	events_take(p);
	/* The error that reports a removed interface may have been read by the
	 * program. */
	if (ms / CHECK_MS != before / CHECK_MS &&
	    lifecycle_is_attached(&p->life))
		feed(p, LIFECYCLE_REPORTED);
	/* events_take() may have consumed the event of a block that the kernel
	 * retired after recv looked at the ring. */
	if (block_is_ours(&p->mem, p->mem.cursor))
		events_rearm(p);
}

bool events_sender_lost(struct af_packet *p)
{
	if (receives(p))
		return false;
	if (lifecycle_is_attached(&p->life)) {
		feed(p, LIFECYCLE_REMOVED);
		feed(p, LIFECYCLE_DRAINED);
	}
	feed(p, LIFECYCLE_TIMER);
	return lifecycle_is_attached(&p->life);
}
