/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An interface that goes away and comes back.
 *
 * Down and up: the kernel takes the socket off the interface and puts it back;
 * all there is to do is to read the error off the socket, which otherwise makes
 * every poll return at once. While it is down the socket is not told if it is
 * deleted (6.12, packet_notifier()), so from then on the kernel is asked to.
 *
 * Deleted, or moved to another namespace: the socket is on no interface any
 * more. From then on the kernel is asked to tell of changes to interfaces, and
 * when one of the name is there the ring goes on there: the same socket bound
 * anew, with the same memory; or, for a member of a fanout group, which may not
 * be bound again, a new socket with a new ring. Until all members of a group
 * with a given number have left it, it still belongs to the interface that was,
 * so joining is tried again every now and then.
 */
#include "lifecycle.h"

#include "af_packet.h"
#include "bind.h"
#include "events.h"
#include "group/group.h"
#include "interface.h"
#include "netns.h"
#include "receive.h"
#include "ring/block.h"
#include "ring/memory.h"
#include "socket.h"
#include "tx.h"

#include <string.h>
#include <time.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define RETRY_MS 50
/* A block is handed over this long after its time, at most: a few jiffies. */
#define LATE_MS 20

/* ---- Being told --------------------------------------------------------- */

static void unsubscribe(struct af_packet *p)
{
	if (p->route >= 0)
		close(p->route);
	if (p->timer >= 0)
		close(p->timer);
	p->route = -1;
	p->timer = -1;
}

/* From now on changes to interfaces make the ring's descriptor readable. */
static int subscribe(struct af_packet *p)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = RTMGRP_LINK };

	p->route = af_packet_socket(p->conf->netns, AF_NETLINK,
				    SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->route < 0 || p->timer < 0 ||
	    bind(p->route, (const void *)&address, sizeof(address)) < 0) {
		int ret = pktio_fail(&p->ring, -errno,
				     "cannot watch for the interface: %s",
				     strerror(errno));

		unsubscribe(p);
		return ret;
	}
	events_add(p, p->route);
	events_add(p, p->timer);
	return 0;
}

static void set_timer(struct af_packet *p, uint64_t ms)
{
	struct itimerspec at = { .it_value = { (time_t)(ms / 1000),
					       (long)(ms % 1000) * 1000000 } };

	timerfd_settime(p->timer, 0, &at, NULL);
}

static void stop_watching_group(struct af_packet *p)
{
	group_stop_waiting(p);
	if (p->tick >= 0)
		close(p->tick);
	p->tick = -1;
}

int af_packet_watch_group(struct af_packet *p)
{
	struct timespec every = { 0, GROUP_TICK_MS * 1000000L };
	struct itimerspec time = { every, every };
	int ret = 0;

	p->tick = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->tick < 0 || timerfd_settime(p->tick, 0, &time, NULL) < 0)
		ret = pktio_fail(&p->ring, -errno,
				 "cannot make a timer for fanout-wait: %s",
				 strerror(errno));
	if (ret == 0)
		events_add(p, p->tick);
	return ret;
}

/* What it says does not matter: whatever it is, we look for ourselves. */
static void drain(int fd)
{
	char buffer[4096];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Interfaces are renamed and set up first, and old frames handed over. */
static void look_soon(struct af_packet *p)
{
	uint64_t now = now_ms();

	set_timer(p, p->not_before > now + 2 ? p->not_before - now : 2);
}

/* ---- Coming back -------------------------------------------------------- */

/* Once, and not at each try, why there is no coming back as things are. */
static int tell(struct af_packet *p, int error)
{
	if (error != p->told)
		p->error = error;
	p->told = error;
	return error;
}

/* 0 when the ring is on an interface again, -ENODEV when there is none, and
 * -ENOTSUP when it is one that the ring is not for. */
static int come_back(struct af_packet *p)
{
	unsigned mtu;
	int ret = af_packet_find(p, &mtu);

	if (ret == -ENOTSUP)
		return tell(p, ret);
	if (ret == 0 && group_is_member(p)) {
		ret = replacement_step(p);
		if (ret < 0 && ret != -EAGAIN)
			return tell(p, ret);
	}
	/* Others may still be on what was, which is no error. */
	return ret == 0 ? af_packet_join(p) : ret;
}

static void try_to_come_back(struct af_packet *p)
{
	int ret = come_back(p);

	if (ret == 0) {
		unsubscribe(p);
		p->gone = false;
		p->told = 0;
		p->ring.stats.reattached++;
		return;
	}
	p->ring.info.ifindex = 0;
	p->ifindex = 0;
	/* Of other interfaces we are told; for anything else we ask again. */
	if (ret != -ENODEV && ret != -ENOTSUP)
		set_timer(p, ret == -EAGAIN ? 2 : RETRY_MS);
}

int af_packet_be_gone(struct af_packet *p)
{
	int ret = p->route < 0 ? subscribe(p) : 0;

	stop_watching_group(p);
	if (ret < 0)
		return ret;
	p->gone = true;
	p->stamped = false; /* another NIC is as it is */
	/* It may have come back before we listened. What the old one left in
	 * the ring is handed over within the block's timeout: wait for that. */
	p->not_before = now_ms() + p->wanted.block_timeout / 1000000 + LATE_MS;
	look_soon(p);
	return 0;
}

/* ---- Events ------------------------------------------------------------- */

/* What an interface has become that was down. */
static void look_at_link(struct af_packet *p)
{
	uint32_t link = af_packet_link(p);

	if (link == PKTIO_LINK_DOWN && p->route < 0) {
		p->error = subscribe(p);
		/* It may have been deleted before we listened. */
		link = af_packet_link(p);
	}
	if (link == PKTIO_LINK_GONE)
		p->error = af_packet_be_gone(p);
	else if (link == PKTIO_LINK_UP)
		unsubscribe(p);
}

static void take_error(struct af_packet *p)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(p->sock, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ||
	    error != ENETDOWN)
		return;
	p->ring.stats.link_downs++;
	group_link_down(p);
	if (!p->gone)
		look_at_link(p);
}

/* Of an error that an event loop of the program read before we could. */
void af_packet_look_after(struct af_packet *p)
{
	if (!p->gone && !p->error && af_packet_link(p) == PKTIO_LINK_GONE)
		p->error = af_packet_be_gone(p);
}

static void take_start(struct af_packet *p)
{
	int ret = group_tick(p);

	if (ret < 0)
		p->error = ret;
	if (ret > 0)
		stop_watching_group(p);
}

/* Frames of the old interface come first, if their ring is to go. */
static bool frames_wait(const struct af_packet *p)
{
	return p->mem.left > 0 ||
	       (group_is_member(p) && !p->mem.held[p->mem.cursor] &&
		block_is_ours(&p->mem, p->mem.cursor));
}

void af_packet_take_events(struct af_packet *p)
{
	struct epoll_event events[4];
	bool look = false;
	int n = epoll_wait(p->ring.fd, events, 4, 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		if (fd == p->sock && events[i].events & EPOLLERR)
			take_error(p);
		if (fd == p->tick) {
			drain(fd);
			take_start(p);
		}
		if (fd != p->route && fd != p->timer)
			continue;
		drain(fd);
		look = look || fd == p->timer;
		if (fd == p->route)
			look_soon(p);
	}
	group_reconcile(p);
	if (look && !p->gone)
		look_at_link(p);
	else if (look && frames_wait(p))
		set_timer(p, 2);
	else if (look)
		try_to_come_back(p);
}

/* A ring that only sends has no events; it looks when it could not send. */
bool af_packet_sender_back(struct af_packet *p)
{
	unsigned mtu;

	if (p->ring.info.mode & PKTIO_RECV)
		return false;
	if (af_packet_find(p, &mtu) < 0 || af_packet_join(p) < 0)
		return false;
	p->ring.stats.reattached++;
	return true;
}

void af_packet_life_close(struct af_packet *p)
{
	stop_watching_group(p);
	unsubscribe(p);
}
