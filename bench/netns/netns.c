/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces, and interfaces in them, by rtnetlink. Every call opens a netlink
 * socket of its own: they are rare, and so they work from any thread and in
 * whatever namespace that thread is in.
 */
#include "netns/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "netns/fail.h"

/* ---- Namespaces --------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* Root inside is who we were outside. */
static int map_ids(uid_t uid, gid_t gid, struct pktio_error *reterr)
{
	char map[32];
	int r;

	/* A process without privilege may map its group only after this. */
	r = write_file("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return bench_fail(reterr, r,
				  "cannot write /proc/self/setgroups: %s",
				  strerror(-r));
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
	r = write_file("/proc/self/uid_map", map);
	if (r == 0) {
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
		r = write_file("/proc/self/gid_map", map);
	}
	if (r < 0)
		return bench_fail(
			reterr, r,
			"cannot map the user into a user namespace: %s",
			strerror(-r));
	return 0;
}

int netns_enter(struct pktio_error *reterr)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int code;

	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	if (errno != EPERM)
		return bench_fail(reterr, -errno,
				  "cannot make a network namespace: %s",
				  strerror(errno));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return map_ids(uid, gid, reterr);
	code = -errno;
	if (code == -EINVAL)
		return bench_fail(
			reterr, code,
			"cannot make a user namespace: the process has more than one thread already");
	return bench_fail(
		reterr, code,
		"cannot make a user and network namespace: %s; run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0)",
		strerror(-code));
}

/* ---- rtnetlink ---------------------------------------------------------- */

#define MESSAGE_SIZE 1024
#define ANSWER_SIZE 32768 /* an interface with all its attributes */

/* A message under construction, in memory aligned for it. */
struct message {
	union {
		struct nlmsghdr header;
		char bytes[MESSAGE_SIZE];
	};
};

static struct ifinfomsg *begin(struct message *m, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(m);
	struct ifinfomsg *info;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	header->nlmsg_seq = 1;
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	return info;
}

/* Sends a message and takes the answer: 0, or what the kernel refused with. */
static int talk(struct message *m, mnl_cb_t answer, void *data)
{
	union {
		struct nlmsghdr header;
		char bytes[ANSWER_SIZE];
	} buffer;
	struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	unsigned port;
	int r = MNL_CB_OK;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, m, m->header.nlmsg_len) < 0)
		r = MNL_CB_ERROR;
	port = mnl_socket_get_portid(socket);
	while (r > MNL_CB_STOP) {
		ssize_t n =
			mnl_socket_recvfrom(socket, &buffer, sizeof(buffer));

		r = n < 0 ? MNL_CB_ERROR :
			    mnl_cb_run(&buffer, (size_t)n, 1, port, answer,
				       data);
	}
	r = r == MNL_CB_ERROR ? -errno : 0;
	mnl_socket_close(socket);
	return r;
}

static int check_name(const char *name, struct pktio_error *reterr)
{
	if (!*name || strlen(name) >= IFNAMSIZ)
		return bench_fail(
			reterr, -EINVAL,
			"'%s' cannot name an interface: 1 to %d characters",
			name, IFNAMSIZ - 1);
	return 0;
}

/* ---- Facts on an interface ---------------------------------------------- */

struct link {
	unsigned flags;     /* IFF_ */
	unsigned peer;      /* ifindex of the other end, 0: not told */
	uint8_t carrier;    /* 1: there is one */
	uint8_t oper_state; /* IF_OPER_ */
	bool counted;       /* stats are there */
	uint32_t promiscuity;
	struct rtnl_link_stats64 stats;
};

static int take_attribute(const struct nlattr *attr, void *data)
{
	struct link *link = data;
	size_t size = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case IFLA_LINK:
		link->peer = mnl_attr_get_u32(attr);
		break;
	case IFLA_CARRIER:
		link->carrier = mnl_attr_get_u8(attr);
		break;
	case IFLA_PROMISCUITY:
		link->promiscuity = mnl_attr_get_u32(attr);
		break;
	case IFLA_OPERSTATE:
		link->oper_state = mnl_attr_get_u8(attr);
		break;
	case IFLA_STATS64:
		/* Copied: the attribute is aligned to 4 only. */
		if (size > sizeof(link->stats))
			size = sizeof(link->stats);
		memcpy(&link->stats, mnl_attr_get_payload(attr), size);
		link->counted = true;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct link *link = data;

	link->flags = info->ifi_flags;
	return mnl_attr_parse(header, sizeof(*info), take_attribute, data);
}

/* By name, or by index where there is no name. */
static int get_link(struct link *ret, const char *name, unsigned index)
{
	struct message m = { 0 };

	*ret = (struct link){ 0 };
	begin(&m, RTM_GETLINK, 0)->ifi_index = (int)index;
	if (name)
		mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	return talk(&m, take_link, ret);
}

int netns_get_counters(const char *name, struct netns_counters *ret,
		       struct pktio_error *reterr)
{
	struct link link;
	int r = check_name(name, reterr);

	if (r < 0)
		return r;
	r = get_link(&link, name, 0);
	if (r == 0 && !link.counted)
		r = -EOPNOTSUPP;
	if (r < 0)
		return bench_fail(
			reterr, r,
			"cannot read the counters of interface '%s': %s", name,
			strerror(-r));
	*ret = (struct netns_counters){ .rx_packets = link.stats.rx_packets,
					.tx_packets = link.stats.tx_packets,
					.rx_dropped = link.stats.rx_dropped,
					.tx_dropped = link.stats.tx_dropped,
					.promiscuity = link.promiscuity };
	return 0;
}

/* ---- Changes ------------------------------------------------------------ */

#define SETTLE_MS 2000

/*
 * The kernel makes an interface with a carrier ready to transmit a little
 * later, in a work queue; until then it throws away what is sent, and counts
 * nothing. Returns once that is over, for both ends.
 */
static int settle(const char *name, struct pktio_error *reterr)
{
	static const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; i < SETTLE_MS; i++) {
		struct link link;
		struct link peer = { 0 };
		int r = get_link(&link, name, 0);

		if (r == 0 && link.carrier && link.peer)
			r = get_link(&peer, NULL, link.peer);
		if (r < 0)
			return bench_fail(reterr, r,
					  "cannot look at interface '%s': %s",
					  name, strerror(-r));
		if (!link.carrier)
			return 0;
		if ((link.oper_state == IF_OPER_UP ||
		     link.oper_state == IF_OPER_UNKNOWN) &&
		    (!link.peer || peer.oper_state == IF_OPER_UP))
			return 0;
		nanosleep(&nap, NULL);
	}
	return bench_fail(reterr, -ETIMEDOUT,
			  "interface '%s' is up, but not ready after %d ms",
			  name, SETTLE_MS);
}

/* Changes the flags in `mask`. */
static int set_flags(const char *name, unsigned flags, unsigned mask,
		     struct pktio_error *reterr)
{
	struct message m = { 0 };
	struct ifinfomsg *info = begin(&m, RTM_NEWLINK, 0);
	int r = check_name(name, reterr);

	if (r < 0)
		return r;
	info->ifi_flags = flags;
	info->ifi_change = mask;
	mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	r = talk(&m, NULL, NULL);
	if (r < 0)
		return bench_fail(reterr, r,
				  "cannot take interface '%s' %s: %s", name,
				  flags & IFF_UP ? "up" : "down", strerror(-r));
	return 0;
}

int netns_set_up(const char *name, bool up, struct pktio_error *reterr)
{
	int r = set_flags(name, up ? IFF_UP : 0, IFF_UP, reterr);

	return r < 0 || !up ? r : settle(name, reterr);
}

int netns_set_mtu(const char *name, unsigned mtu, struct pktio_error *reterr)
{
	struct message m = { 0 };
	int r = check_name(name, reterr);

	if (r < 0)
		return r;
	begin(&m, RTM_NEWLINK, 0);
	mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	mnl_attr_put_u32(&m.header, IFLA_MTU, mtu);
	r = talk(&m, NULL, NULL);
	if (r < 0)
		return bench_fail(
			reterr, r,
			"cannot set the MTU of interface '%s' to %u: %s", name,
			mtu, strerror(-r));
	return 0;
}

int netns_delete(const char *name, struct pktio_error *reterr)
{
	struct message m = { 0 };
	int r = check_name(name, reterr);

	if (r < 0)
		return r;
	begin(&m, RTM_DELLINK, 0);
	mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	r = talk(&m, NULL, NULL);
	if (r < 0)
		return bench_fail(reterr, r, "cannot delete interface '%s': %s",
				  name, strerror(-r));
	return 0;
}

int netns_add_altname(const char *name, const char *altname,
		      struct pktio_error *reterr)
{
	struct message m = { 0 };
	struct nlattr *list;
	int r = check_name(name, reterr);

	if (r < 0)
		return r;
	begin(&m, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND);
	mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	list = mnl_attr_nest_start(&m.header, IFLA_PROP_LIST);
	mnl_attr_put_strz(&m.header, IFLA_ALT_IFNAME, altname);
	mnl_attr_nest_end(&m.header, list);
	r = talk(&m, NULL, NULL);
	if (r < 0)
		return bench_fail(reterr, r,
				  "cannot call interface '%s' also '%s': %s",
				  name, altname, strerror(-r));
	return 0;
}

static int create_veth(const char *a, const char *b)
{
	struct message m = { 0 };
	struct nlmsghdr *header = &m.header;
	struct nlattr *info;
	struct nlattr *data;
	struct nlattr *peer;

	begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	mnl_attr_put_strz(header, IFLA_IFNAME, a);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(header, IFLA_IFNAME, b);
	mnl_attr_nest_end(header, peer);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	return talk(&m, NULL, NULL);
}

/*
 * No addresses that make themselves, hence no neighbour discovery. Twice, since
 * each may be missing; a kernel without IPv6 has neither, and needs neither.
 */
static void disable_ipv6(const char *name)
{
	struct message m = { 0 };
	struct nlattr *spec;
	struct nlattr *inet6;
	char path[64 + IFNAMSIZ];

	begin(&m, RTM_NEWLINK, 0);
	mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	spec = mnl_attr_nest_start(&m.header, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(&m.header, AF_INET6);
	mnl_attr_put_u8(&m.header, IFLA_INET6_ADDR_GEN_MODE,
			IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(&m.header, inet6);
	mnl_attr_nest_end(&m.header, spec);
	talk(&m, NULL, NULL);
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 name);
	write_file(path, "1");
}

int netns_veth(const char *a, const char *b, struct pktio_error *reterr)
{
	int r = check_name(a, reterr);

	if (r == 0)
		r = check_name(b, reterr);
	if (r < 0)
		return r;
	r = create_veth(a, b);
	if (r < 0)
		return bench_fail(
			reterr, r,
			"cannot make the veth pair '%s' and '%s': %s%s", a, b,
			strerror(-r),
			r == -EOPNOTSUPP ? "; load the kernel module veth" :
					   "");
	disable_ipv6(a);
	disable_ipv6(b);
	r = set_flags(a, IFF_UP | IFF_NOARP, IFF_UP | IFF_NOARP, reterr);
	if (r == 0)
		r = set_flags(b, IFF_UP | IFF_NOARP, IFF_UP | IFF_NOARP,
			      reterr);
	if (r == 0)
		r = settle(a, reterr);
	if (r < 0)
		netns_delete(a, NULL);
	return r;
}
