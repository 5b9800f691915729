/* SPDX-License-Identifier: BSD-3-Clause */
#include "group/sock_diag.h"

#include "af_packet.h"
#include "group/fanout.h"
#include "group/started.h"
#include "netns.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/packet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MODE_MASK 0xffU

/* A packet socket. */
struct owner {
	uint64_t cookie;
	uint32_t inode, fanout, uid, ifindex;
	bool found, started;
};

/* Searches for the sockets of a group: all of them on one interface, or any. */
struct search {
	uint16_t id;
	struct owner owner; /* the last one found */
	bool all;
	uint32_t ifindex;
	uint64_t *cookies; /* up to max; there may be more */
	unsigned max, n;
	uint64_t self; /* a cookie */
	struct diag_count count;
};

static void note_info(struct owner *o, const struct rtattr *a)
{
	struct packet_diag_info info = { 0 };
	size_t size = RTA_PAYLOAD(a);

	memcpy(&info, RTA_DATA(a), size < sizeof(info) ? size : sizeof(info));
	o->ifindex = info.pdi_index;
	o->started = started_is_set(info.pdi_flags);
}

/* Reads one attribute of a socket. */
static void note(struct owner *o, const struct rtattr *a, uint16_t id)
{
	uint32_t value;

	if (RTA_PAYLOAD(a) < sizeof(value))
		return;
	memcpy(&value, RTA_DATA(a), sizeof(value));
	if (a->rta_type == PACKET_DIAG_FANOUT) {
		o->fanout = value;
		o->found = (value & UINT16_MAX) == id;
	} else if (a->rta_type == PACKET_DIAG_UID) {
		o->uid = value;
	} else if (a->rta_type == PACKET_DIAG_INFO) {
		note_info(o, a);
	}
}

/* Reads the description of one socket. */
static void take(struct search *search, const struct nlmsghdr *message)
{
	const struct packet_diag_msg *diag = NLMSG_DATA(message);
	const uint8_t *at = (const uint8_t *)(diag + 1);
	struct owner o = { 0 };
	unsigned left;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*diag)))
		return;
	o.inode = diag->pdiag_ino;
	o.cookie = (uint64_t)diag->pdiag_cookie[1] << 32 |
		   diag->pdiag_cookie[0];
	left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*diag));
	while (left >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)at;
		unsigned step = RTA_ALIGN(a->rta_len);

		if (!RTA_OK(a, left))
			break;
		note(&o, a, search->id);
		at += step;
		left -= step < left ? step : left;
	}
	if (!o.found)
		return;
	search->owner = o;
	if (!search->all || o.ifindex != search->ifindex)
		return;
	if (search->n < search->max)
		search->cookies[search->n++] = o.cookie;
	search->count.members++;
	if (o.cookie == search->self)
		search->count.listed = true;
	else if (o.started)
		search->count.started = true;
}

static bool request(int sock)
{
	struct {
		struct nlmsghdr header;
		struct packet_diag_req request;
	} message = {
		.header = { .nlmsg_len = sizeof(message),
			    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = AF_PACKET,
			     .pdiag_show = PACKET_SHOW_INFO |
					   PACKET_SHOW_FANOUT },
	};

	return send(sock, &message, sizeof(message), MSG_DONTWAIT) ==
	       (ssize_t)sizeof(message);
}

static int error_of(const struct nlmsghdr *m)
{
	const struct nlmsgerr *answer = NLMSG_DATA(m);

	return m->nlmsg_len < NLMSG_LENGTH(sizeof(*answer)) ? -EPROTO :
							      answer->error;
}

/* Reads one datagram of the answer; false: it was the last. */
static bool take_all(struct search *search, const uint8_t *at, unsigned left,
		     int *reterr)
{
	while (left >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *m = (const void *)at;
		unsigned step = NLMSG_ALIGN(m->nlmsg_len);

		if (!NLMSG_OK(m, left) || m->nlmsg_type == NLMSG_DONE)
			return false;
		if (m->nlmsg_type == NLMSG_ERROR) {
			*reterr = error_of(m);
			return false;
		}
		take(search, m);
		at += step;
		left -= step < left ? step : left;
	}
	return true;
}

int diag_open(struct af_packet *p)
{
	struct group *g = &p->group;

	if (g->has_diag)
		return g->diag;
	g->diag = af_packet_socket(p->conf->netns, AF_NETLINK, SOCK_RAW,
				   NETLINK_SOCK_DIAG);
	g->has_diag = g->diag >= 0;
	return g->has_diag ? g->diag : -errno;
}

void diag_close(struct af_packet *p)
{
	if (p->group.has_diag)
		close(p->group.diag);
	p->group.has_diag = false;
}

/* Reads the whole answer, so that the socket is empty for the next request. */
static int read_answer(int sock, struct search *search)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[16384];
	int code = 0;
	ssize_t n;

	do {
		n = recv(sock, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (n < 0)
			return -errno;
	} while (n > 0 && take_all(search, buffer, (unsigned)n, &code));
	return code;
}

static int run(struct af_packet *p, struct search *search)
{
	int sock = diag_open(p);
	int code;

	if (sock < 0)
		return sock;
	code = request(sock) ? read_answer(sock, search) : -errno;
	if (code < 0)
		diag_close(p); /* part of the answer may be in it */
	return code;
}

int diag_members(struct af_packet *p, uint16_t id, uint32_t ifindex,
		 uint64_t *cookies, unsigned max)
{
	struct search search = {
		.id = id, .all = true, .ifindex = ifindex, .max = max
	};
	int ret;

	search.cookies = cookies;
	ret = run(p, &search);
	return ret < 0 ? ret : (int)search.n;
}

int diag_count(struct af_packet *p, struct diag_count *ret)
{
	struct search search = { .id = (uint16_t)p->ring.info.fanout_id,
				 .all = true,
				 .ifindex = (uint32_t)p->ifindex };
	socklen_t size = sizeof(search.self);
	int code;

	getsockopt(p->sock, SOL_SOCKET, SO_COOKIE, &search.self, &size);
	code = run(p, &search);
	*ret = search.count;
	return code;
}

/* Whether a process has the socket open; false also if we may not read that. */
static bool has_socket(const char *pid, const char *link)
{
	char path[300];
	char target[64];
	bool found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target,
				       sizeof(target) - 1);

		if (n > 0) {
			target[n] = '\0';
			found = !strcmp(target, link);
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

static long find_pid(uint32_t inode)
{
	char link[40];
	long pid = 0;
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	snprintf(link, sizeof(link), "socket:[%u]", inode);
	while (proc && pid == 0 && (entry = readdir(proc))) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		if (number > 0 && *end == '\0' &&
		    has_socket(entry->d_name, link))
			pid = number;
	}
	if (proc)
		closedir(proc);
	return pid;
}

bool diag_owner(struct af_packet *p, uint16_t id, char *ret, size_t size)
{
	struct search search = { .id = id };
	const struct owner *owner = &search.owner;
	struct ifreq name = { .ifr_name = "elsewhere" };
	char process[40] = "a process that is not visible here";
	long pid;

	if (run(p, &search) < 0 || !owner->found)
		return false;
	name.ifr_ifindex = (int)owner->ifindex;
	ioctl(p->sock, SIOCGIFNAME, &name);
	pid = find_pid(owner->inode);
	if (pid > 0)
		snprintf(process, sizeof(process), "process %ld", pid);
	snprintf(ret, size, "mode %s on %s, by %s of uid %u",
		 fanout_name(owner->fanout >> 16 & MODE_MASK), name.ifr_name,
		 process, owner->uid);
	return true;
}
