/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets in another network namespace. A socket belongs for good to the
 * namespace that its thread was in when it was made, so a thread goes there,
 * makes it, and ends; nobody else notices.
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

struct errand {
	const char *netns;
	int family, type, protocol;
	int sock, error;
};

/* As ip-netns(8) has it: a name in its directory, or a path. */
static int open_namespace(const char *netns)
{
	char path[300];

	if (strchr(netns, '/'))
		return open(netns, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void *run_errand(void *arg)
{
	struct errand *errand = arg;
	int fd = open_namespace(errand->netns);

	if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0)
		errand->sock = socket(errand->family,
				      errand->type | SOCK_CLOEXEC,
				      errand->protocol);
	errand->error = errno;
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
	struct errand errand = { netns, family, type, protocol, -1, 0 };
	pthread_t thread;
	int error;

	if (!*netns)
		return socket(family, type | SOCK_CLOEXEC, protocol);
	error = pthread_create(&thread, NULL, run_errand, &errand);
	if (error == 0)
		pthread_join(thread, NULL);
	else
		errand.error = error;
	errno = errand.error;
	return errand.sock;
}
