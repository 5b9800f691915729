/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets in another network namespace. A socket stays in the namespace in
 * which its thread was when it opened the socket. So a new thread enters the
 * namespace, opens the socket and ends; the namespace of other threads does not
 * change.
 */
#include "netns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	const char *netns;
	int family, type, protocol;
	int sock, error;
};

/* A name in the directory of ip-netns(8), or a path. */
static int open_namespace(const char *netns)
{
	char path[300];

	if (strchr(netns, '/'))
		return open(netns, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void *open_socket(void *arg)
{
	struct request *r = arg;
	int fd = open_namespace(r->netns);

	if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0)
		r->sock =
			socket(r->family, r->type | SOCK_CLOEXEC, r->protocol);
	r->error = errno;
	if (fd >= 0)
		close(fd);
	return NULL;
}

uint64_t af_packet_netns_of(int sock)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
	return cookie;
}

int af_packet_socket(const char *netns, int family, int type, int protocol)
{
	struct request request = { netns, family, type, protocol, -1, 0 };
	pthread_t thread;
	int error;

	if (!*netns)
		return socket(family, type | SOCK_CLOEXEC, protocol);
	error = pthread_create(&thread, NULL, open_socket, &request);
	if (error == 0)
		pthread_join(thread, NULL);
	else
		request.error = error;
	errno = request.error;
	return request.sock;
}
