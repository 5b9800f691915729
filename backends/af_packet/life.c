/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An interface that goes away and comes back.
 *
 * Down and up: the kernel takes the socket off the interface and puts it back;
 * all there is to do is to read the error off the socket, which otherwise makes
 * every poll return at once.
 *
 * Deleted, or moved to another namespace: the socket is on no interface any
 * more. From then on the kernel is asked to tell of changes to interfaces, and
 * when one of the name is there the ring goes on there: the same socket bound
 * anew, with the same memory; or, for a member of a fanout group, which may not
 * be bound again, a new socket with a new ring. Until all members of a group
 * with a given number have left it, it still belongs to the interface that was,
 * so joining is tried again every now and then.
 */
#include "af_packet.h"

#include <string.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define RETRY_MS 50

/* ---- Being told --------------------------------------------------------- */

static void watch(struct af_packet *p, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(p->ring.fd, EPOLL_CTL_ADD, fd, &event);
}

/* From now on changes to interfaces make the ring's descriptor readable. */
static int subscribe(struct af_packet *p)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = RTMGRP_LINK };

	p->route = af_packet_socket(p, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK,
				    NETLINK_ROUTE);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->route < 0 || p->timer < 0 ||
	    bind(p->route, (const void *)&address, sizeof(address)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot watch for the interface: %s",
				  strerror(errno));
	watch(p, p->route);
	watch(p, p->timer);
	return 0;
}

static void unsubscribe(struct af_packet *p)
{
	if (p->route >= 0)
		close(p->route);
	if (p->timer >= 0)
		close(p->timer);
	p->route = -1;
	p->timer = -1;
}

static void set_timer(struct af_packet *p, uint64_t ms)
{
	struct itimerspec at = { .it_value = { (time_t)(ms / 1000),
					       (long)(ms % 1000) * 1000000 } };

	timerfd_settime(p->timer, 0, &at, NULL);
}

/* What it says does not matter: whatever it is, we look for ourselves. */
static void drain(int fd)
{
	char buffer[4096];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
}

/* ---- Coming back -------------------------------------------------------- */

/* A new socket and a new ring in place of the old ones. */
static int reopen(struct af_packet *p)
{
	int old = p->sock;
	int ret;

	af_packet_start_leave(p);
	af_packet_get_stats(&p->ring); /* the last ones of this socket */
	ret = af_packet_ring_retire(p);
	if (ret < 0)
		return ret;
	/* Its memory may stay mapped and keep it, but not in our set. */
	epoll_ctl(p->ring.fd, EPOLL_CTL_DEL, old, NULL);
	close(old);
	p->in_group = false;
	ret = af_packet_open_socket(p);
	if (ret == 0)
		ret = af_packet_ring_open(p);
	if (ret == 0)
		ret = af_packet_tx_setup(p);
	return ret;
}

/* 0 when the ring is on an interface again, -ENODEV when there is none. */
static int come_back(struct af_packet *p)
{
	unsigned mtu;
	int ret = af_packet_find(p, &mtu);

	if (ret == 0 && p->in_group)
		ret = reopen(p);
	if (ret == 0)
		ret = af_packet_join(p);
	return ret;
}

static void try_to_come_back(struct af_packet *p)
{
	int ret = come_back(p);

	if (ret == 0) {
		unsubscribe(p);
		p->gone = false;
		p->ring.stats.reattached++;
		return;
	}
	p->ring.info.ifindex = 0;
	p->ifindex = 0;
	/* Of no interface we are told; for anything else we ask again. */
	if (ret != -ENODEV)
		set_timer(p, RETRY_MS);
}

int af_packet_be_gone(struct af_packet *p)
{
	int ret = subscribe(p);

	af_packet_start_leave(p);
	if (ret < 0) {
		unsubscribe(p);
		return ret;
	}
	p->gone = true;
	/* It may have come back before we listened. What the old one left in
	 * the ring is handed over within the block's timeout: wait for that. */
	set_timer(p, p->wanted.block_timeout / 1000000 + 2);
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
	af_packet_steer_sort(p);
	if (!p->gone && af_packet_link(p) == PKTIO_LINK_GONE)
		p->error = af_packet_be_gone(p);
}

/* Of an error that an event loop of the program read before we could. */
void af_packet_look_after(struct af_packet *p)
{
	if (!p->gone && !p->error && af_packet_link(p) == PKTIO_LINK_GONE)
		p->error = af_packet_be_gone(p);
}

static void take_start(struct af_packet *p)
{
	int ret = af_packet_start_look(p);

	if (ret < 0)
		p->error = ret;
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
		if (fd == p->start.timer) {
			drain(fd);
			take_start(p);
		}
		if (fd != p->route && fd != p->timer)
			continue;
		drain(fd);
		look = look || fd == p->timer;
		/* Not at once: interfaces are renamed and set up first. */
		if (fd == p->route)
			set_timer(p, 2);
	}
	af_packet_steer_look(p);
	/* Frames of the old interface come first. */
	if (look && p->gone && p->left == 0)
		try_to_come_back(p);
	else if (look && p->gone)
		set_timer(p, 2);
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
	unsubscribe(p);
}
