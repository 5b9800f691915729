/* SPDX-License-Identifier: BSD-3-Clause */
/* The packet socket: opened here or by option fd, and prepared for a ring. */
#include "socket.h"

#include "af_packet.h"
#include "netns.h"

#include <string.h>

#include <fcntl.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

/* A SOCK_DGRAM socket delivers frames without the link header: the library
 * makes a cooked one. */
static int type_of_socket(const struct af_packet *p)
{
	return p->cooked ? SOCK_DGRAM : SOCK_RAW;
}

/* The descriptor stays with the caller; the ring duplicates it. */
static int take_socket(struct af_packet *p)
{
	int domain = 0;
	int type = 0;
	socklen_t size = sizeof(int);
	int fd = (int)p->conf->fd;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return pktio_fail(&p->ring, -errno, "fd %d: %s", fd,
				  strerror(errno));
	if (domain != AF_PACKET || type != type_of_socket(p))
		return pktio_fail(
			&p->ring, -EINVAL,
			"fd %d is not a packet socket of this type; open it with socket(AF_PACKET, %s, 0)",
			fd, p->cooked ? "SOCK_DGRAM" : "SOCK_RAW");
	p->sock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return p->sock < 0 ? pktio_fail(&p->ring, -errno, "fd %d: %s", fd,
					strerror(errno)) :
			     0;
}

/* Sets what has to precede the ring. */
static int set_up_socket(struct af_packet *p)
{
	int one = 1;

	if (p->vnet && p->cooked)
		return pktio_fail(
			&p->ring, -EINVAL,
			"gro=split needs frames with a link header; frames of '%s' have none",
			p->name);
	if (p->vnet && setsockopt(p->sock, SOL_PACKET, PACKET_VNET_HDR, &one,
				  sizeof(one)) < 0)
		return pktio_fail(
			&p->ring, -errno,
			"cannot set PACKET_VNET_HDR, which gro=split and gso=yes need: %s",
			strerror(errno));
	return 0;
}

static int fail_socket(struct af_packet *p)
{
	if (*p->conf->netns && errno != EMFILE)
		return pktio_fail(
			&p->ring, -errno,
			"cannot open a packet socket in network namespace '%s': %s; to enter the namespace needs CAP_SYS_ADMIN",
			p->conf->netns, strerror(errno));
	if (errno == EPERM)
		return pktio_fail(
			&p->ring, -EPERM,
			"no privilege to open a packet socket, which needs CAP_NET_RAW: run as root, run 'setcap cap_net_raw+ep' on the program, or pass a socket with option fd");
	return pktio_fail(&p->ring, -errno, "cannot open a packet socket: %s",
			  strerror(errno));
}

int af_packet_make_socket(struct af_packet *p)
{
	/* Protocol 0: nothing is received before the interface is chosen. */
	p->sock = af_packet_socket(p->conf->netns, AF_PACKET, type_of_socket(p),
				   0);
	return p->sock < 0 ? fail_socket(p) : set_up_socket(p);
}

int af_packet_open_socket(struct af_packet *p)
{
	int ret;

	if (!p->take_fd)
		return af_packet_make_socket(p);
	ret = take_socket(p);
	return ret < 0 ? ret : set_up_socket(p);
}
