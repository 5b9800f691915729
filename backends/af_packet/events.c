/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The descriptor that the application polls is an epoll set. The packet socket
 * is in it edge-triggered: the socket itself stays readable while the block
 * before the kernel's is ours, that is, all the time while its frames are held;
 * an edge announces each new block once.
 */
#include "events.h"

#include "af_packet.h"

#include <string.h>

#include <sys/epoll.h>

static int fail_epoll(struct af_packet *p)
{
	return pktio_fail(&p->ring, -errno,
			  "cannot make an epoll descriptor: %s",
			  strerror(errno));
}

static int control(struct af_packet *p, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(p->ring.fd, op, fd, &event) < 0 ? fail_epoll(p) : 0;
}

int events_open(struct af_packet *p)
{
	p->ring.fd = epoll_create1(EPOLL_CLOEXEC);
	return p->ring.fd < 0 ? fail_epoll(p) : events_add_socket(p, p->sock);
}

int events_add(struct af_packet *p, int fd)
{
	return control(p, EPOLL_CTL_ADD, fd, EPOLLIN);
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
