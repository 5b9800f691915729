/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Network namespaces and their interfaces, with rtnetlink. Every call opens a
 * netlink socket, so it works in any thread and in the namespace of that
 * thread.
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

#include "util/error.h"

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

/* Maps root of the namespace to our user outside. */
static int map_ids(uid_t uid, gid_t gid, struct pktio_error *reterr)
{
	char map[32];
	int r;

	/* Without privileges, a process must do this before it maps its group.
	 */
	r = write_file("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return error_set(reterr, r,
				 "cannot write /proc/self/setgroups: %s",
				 strerror(-r));
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
	r = write_file("/proc/self/uid_map", map);
	if (r == 0) {
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
		r = write_file("/proc/self/gid_map", map);
	}
	if (r < 0)
		return error_set(
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
		return error_set(reterr, -errno,
				 "cannot create a network namespace: %s",
				 strerror(errno));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return map_ids(uid, gid, reterr);
	code = -errno;
	if (code == -EINVAL)
		return error_set(
			reterr, code,
			"cannot create a user namespace: the process has more than one thread");
	return error_set(
		reterr, code,
		"cannot create a user and network namespace: %s; run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0)",
		strerror(-code));
}

/* ---- rtnetlink ---------------------------------------------------------- */

#define MESSAGE_SIZE 1024
#define ANSWER_SIZE 32768 /* enough for all attributes of an interface */

/* A message under construction, with the alignment that it needs. */
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

/* Sends a message and reads the answer. Returns 0 or the error of the kernel.
 */
static int exchange(struct message *m, mnl_cb_t answer, void *data)
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
		return error_set(
			reterr, -EINVAL,
			"'%s' is not a valid interface name; it must have 1 to %d characters",
			name, IFNAMSIZ - 1);
	return 0;
}

/* ---- State of an interface ---------------------------------------------- */

struct link {
	unsigned flags;     /* IFF_ */
	unsigned peer;      /* ifindex of the peer; 0: unknown */
	uint8_t carrier;    /* 1: it has a carrier */
	uint8_t oper_state; /* IF_OPER_ */
	bool counted;       /* stats are valid */
	uint32_t promiscuity;
	struct rtnl_link_stats64 stats;
};

static int read_attribute(const struct nlattr *attr, void *data)
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
		/* Copy: the attribute is aligned to 4 bytes only. */
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

static int read_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct link *link = data;

	link->flags = info->ifi_flags;
	return mnl_attr_parse(header, sizeof(*info), read_attribute, data);
}

/* Finds the interface by name, or by index if `name` is NULL. */
static int get_link(struct link *ret, const char *name, unsigned index)
{
	struct message m = { 0 };

	*ret = (struct link){ 0 };
	begin(&m, RTM_GETLINK, 0)->ifi_index = (int)index;
	if (name)
		mnl_attr_put_strz(&m.header, IFLA_IFNAME, name);
	return exchange(&m, read_link, ret);
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
		return error_set(
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

#define ACTIVE_MS 2000

/*
 * After an interface is up and has a carrier, a work queue of the kernel
 * activates its transmit queue. Until then the kernel drops frames and does not
 * count them. Waits until both ends are active.
 */
static int wait_until_active(const char *name, struct pktio_error *reterr)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < ACTIVE_MS; i++) {
		struct link link;
		struct link peer = { 0 };
		int r = get_link(&link, name, 0);

		if (r == 0 && link.carrier && link.peer)
			r = get_link(&peer, NULL, link.peer);
		if (r < 0)
			return error_set(
				reterr, r,
				"cannot read the state of interface '%s': %s",
				name, strerror(-r));
		if (!link.carrier)
			return 0;
		if ((link.oper_state == IF_OPER_UP ||
		     link.oper_state == IF_OPER_UNKNOWN) &&
		    (!link.peer || peer.oper_state == IF_OPER_UP))
			return 0;
		nanosleep(&pause, NULL);
	}
	return error_set(
		reterr, -ETIMEDOUT,
		"interface '%s' is up, but cannot transmit after %d ms", name,
		ACTIVE_MS);
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
	r = exchange(&m, NULL, NULL);
	if (r < 0)
		return error_set(reterr, r, "cannot set interface '%s' %s: %s",
				 name, flags & IFF_UP ? "up" : "down",
				 strerror(-r));
	return 0;
}

int netns_set_up(const char *name, bool up, struct pktio_error *reterr)
{
	int r = set_flags(name, up ? IFF_UP : 0, IFF_UP, reterr);

	return r < 0 || !up ? r : wait_until_active(name, reterr);
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
	r = exchange(&m, NULL, NULL);
	if (r < 0)
		return error_set(
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
	r = exchange(&m, NULL, NULL);
	if (r < 0)
		return error_set(reterr, r, "cannot delete interface '%s': %s",
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
	r = exchange(&m, NULL, NULL);
	if (r < 0)
		return error_set(
			reterr, r,
			"cannot add the name '%s' to interface '%s': %s",
			altname, name, strerror(-r));
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
	return exchange(&m, NULL, NULL);
}

/*
 * Disables automatic addresses, and with them neighbour discovery. Two ways,
 * because a kernel may lack either one. A kernel without IPv6 has neither.
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
	exchange(&m, NULL, NULL);
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
		return error_set(
			reterr, r,
			"cannot create the veth pair '%s' and '%s': %s%s", a, b,
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
		r = wait_until_active(a, reterr);
	if (r < 0)
		netns_delete(a, NULL);
	return r;
}
