/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

#include "af_packet.h"
#include "netns.h"

#include <string.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

int watch_open(struct af_packet *p)
{
	struct watch *w = &p->watch;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };

	w->route = af_packet_socket(p->conf->netns, AF_NETLINK,
				    SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	/* A socket without an address of its own receives no report. */
	if (w->route < 0 || w->timer < 0 ||
	    bind(w->route, (const void *)&address, sizeof(address)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot watch for changes of interfaces: %s",
				  strerror(errno));
	return 0;
}

void watch_close(struct watch *w)
{
	if (w->route >= 0)
		close(w->route);
	if (w->timer >= 0)
		close(w->timer);
	*w = (struct watch){ .route = -1, .timer = -1 };
}

int watch_subscribe(struct watch *w, bool on)
{
	int group = RTNLGRP_LINK;
	int option = on ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;

	if (w->route < 0 || w->subscribed == on)
		return 0;
	if (setsockopt(w->route, SOL_NETLINK, option, &group, sizeof(group)) <
	    0)
		return -errno;
	w->subscribed = on;
	return 0;
}

void watch_set_timer(const struct watch *w, uint64_t ms)
{
	struct itimerspec at = { .it_value = { (time_t)(ms / 1000),
					       (long)(ms % 1000) * 1000000 } };

	if (w->timer >= 0)
		timerfd_settime(w->timer, 0, &at, NULL);
}

void watch_drain(int fd)
{
	char buffer[4096];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
}
