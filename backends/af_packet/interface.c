/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface: its index, its link type, and whether it is up. */
#include "interface.h"

#include "af_packet.h"
#include "netns.h"
#include "socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The largest MTU; loopback has it. */
#define LONGEST 65536U
/* The error message lists interfaces with an index below this. */
#define MOST_LISTED 256
#ifndef ALTIFNAMSIZ
#define ALTIFNAMSIZ 128
#endif

/* The sizes of the headers that ring/cooked.c makes. */
#define SLL_SIZE 16
#define SLL2_SIZE 20
#define LINKTYPE_UNKNOWN UINT16_MAX

struct kind {
	uint16_t hardware; /* ARPHRD_ */
	uint16_t linktype; /* LINKTYPE_ */
};

/* The link type of the frames of each hardware type, if it is the same for all
 * drivers. Frames of other hardware types get a cooked header. */
static const struct kind kinds[] = {
	{ ARPHRD_ETHER, PKTIO_LINKTYPE_ETHERNET },
	{ ARPHRD_LOOPBACK, PKTIO_LINKTYPE_ETHERNET },
	{ ARPHRD_NONE, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_RAWIP, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_PPP, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_IEEE80211, PKTIO_LINKTYPE_IEEE802_11 },
	{ ARPHRD_TUNNEL, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_TUNNEL6, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_SIT, PKTIO_LINKTYPE_RAW },
	{ ARPHRD_IEEE80211_RADIOTAP, PKTIO_LINKTYPE_IEEE802_11_RADIOTAP },
	{ ARPHRD_NETLINK, PKTIO_LINKTYPE_NETLINK },
};

uint16_t af_packet_linktype_of(uint16_t hardware)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].hardware == hardware)
			return kinds[i].linktype;
	return PKTIO_LINKTYPE_LINUX_SLL2;
}

static uint16_t header_of(uint16_t linktype)
{
	switch (linktype) {
	case PKTIO_LINKTYPE_LINUX_SLL:
	case PKTIO_LINKTYPE_NETLINK: /* has the header of LINUX_SLL */
		return SLL_SIZE;
	case PKTIO_LINKTYPE_LINUX_SLL2:
		return SLL2_SIZE;
	default:
		return 0;
	}
}

/* LINKTYPE_UNKNOWN: auto. */
static int parse_linktype(struct af_packet *p, uint16_t *ret)
{
	const char *text = p->conf->linktype;
	int value;

	*ret = LINKTYPE_UNKNOWN;
	if (!strcmp(text, "auto"))
		return 0;
	value = pktio_linktype_value(text);
	if (value < 0 || value == LINKTYPE_UNKNOWN)
		return pktio_fail(
			&p->ring, -EINVAL,
			"unknown linktype '%s'; write a name or number of tcpdump.org/linktypes.html, or auto",
			text);
	*ret = (uint16_t)value;
	return 0;
}

int af_packet_link_options(struct af_packet *p)
{
	uint16_t linktype;
	int ret = parse_linktype(p, &linktype);

	if (ret < 0)
		return ret;
	p->any = !strcmp(p->name, "any");
	if (p->any && linktype == LINKTYPE_UNKNOWN)
		linktype = PKTIO_LINKTYPE_LINUX_SLL2;
	if (p->any && !header_of(linktype))
		return pktio_fail(
			&p->ring, -EINVAL,
			"'any' receives frames of all kinds of interfaces, so its linktype is LINUX_SLL2 or LINUX_SLL, not '%s'",
			p->conf->linktype);
	p->cooked = header_of(linktype);
	/* With auto: Ethernet, until the interface is found. */
	p->linktype = linktype == LINKTYPE_UNKNOWN ? PKTIO_LINKTYPE_ETHERNET :
						     linktype;
	p->ring.info.linktype = p->linktype;
	return 0;
}

/* Takes the link type of a hardware type. If that needs a cooked header, opens
 * a socket that delivers frames without their own header. */
static int find_linktype(struct af_packet *p, uint16_t hardware)
{
	uint16_t linktype;
	int ret = parse_linktype(p, &linktype);

	if (ret < 0)
		return ret;
	if (linktype == LINKTYPE_UNKNOWN)
		linktype = af_packet_linktype_of(hardware);
	/* A ring that was opened without an interface has its socket already.
	 */
	if (header_of(linktype) != p->cooked && (p->mem.map || p->tx.slab))
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"interface '%s' now has another hardware type (ARPHRD %u), whose frames this ring cannot receive; close the ring and open it again",
			p->name, hardware);
	p->linktype = linktype;
	p->ring.info.linktype = linktype;
	if (header_of(linktype) == p->cooked)
		return 0;
	close(p->sock);
	p->sock = -1;
	p->cooked = header_of(linktype);
	return af_packet_open_socket(p);
}

/* Lists the interfaces in the namespace of the socket. While it is open a ring
 * only asks whether its interface is there. */
static int fail_missing(struct af_packet *p)
{
	struct ifreq request = { 0 };
	char list[160] = "";
	size_t used = 0;

	if (p->life.state != PKTIO_STATE_NONE)
		return -ENODEV;
	for (int index = 1; index < MOST_LISTED && used < sizeof(list);
	     index++) {
		request.ifr_ifindex = index;
		if (ioctl(p->sock, SIOCGIFNAME, &request) == 0)
			used += (size_t)snprintf(list + used,
						 sizeof(list) - used, "%s%s",
						 used ? ", " : "",
						 request.ifr_name);
	}
	return pktio_fail(
		&p->ring, -ENODEV,
		"no interface '%s' in this network namespace; its interfaces are: %s",
		p->name, list);
}

/* The socket for find_long_name() is kept: recv does not enter a namespace. */
static int query_socket(struct af_packet *p)
{
	if (p->query < 0)
		p->query = af_packet_socket(p->conf->netns, AF_NETLINK,
					    SOCK_RAW | SOCK_NONBLOCK,
					    NETLINK_ROUTE);
	return p->query;
}

/*
 * An interface may have other names, of up to 127 bytes, which no ioctl takes.
 * Returns the index, 0 if there is none. The kernel answers at once.
 */
static int find_long_name(struct af_packet *p)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct rtattr attribute;
		char name[ALTIFNAMSIZ];
	} message = { .header.nlmsg_type = RTM_GETLINK,
		      .header.nlmsg_flags = NLM_F_REQUEST,
		      .attribute.rta_type = IFLA_ALT_IFNAME };
	_Alignas(struct nlmsghdr) char buffer[16384];
	const struct nlmsghdr *answer = (const void *)buffer;
	const struct ifinfomsg *info = NLMSG_DATA(answer);
	size_t size = strlen(p->name) + 1;
	int sock = query_socket(p);
	ssize_t n = -1;

	if (size <= sizeof(message.name)) {
		memcpy(message.name, p->name, size);
		message.attribute.rta_len = (uint16_t)RTA_LENGTH(size);
		message.header.nlmsg_len =
			(uint32_t)(NLMSG_LENGTH(sizeof(message.info)) +
				   RTA_SPACE(size));
		if (send(sock, &message, message.header.nlmsg_len, 0) > 0)
			n = recv(sock, buffer, sizeof(buffer), MSG_DONTWAIT);
	}
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(*info)) ||
	    answer->nlmsg_type != RTM_NEWLINK)
		return 0;
	return info->ifi_index;
}

int af_packet_find(struct af_packet *p, unsigned *mtu)
{
	struct ifreq request = { 0 };

	if (p->any) {
		*mtu = LONGEST;
		return 0;
	}
	if (strlen(p->name) < sizeof(request.ifr_name)) {
		memcpy(request.ifr_name, p->name, strlen(p->name));
		if (ioctl(p->sock, SIOCGIFINDEX, &request) < 0)
			return fail_missing(p);
	} else {
		request.ifr_ifindex = find_long_name(p);
		if (request.ifr_ifindex == 0)
			return fail_missing(p);
	}
	p->ifindex = request.ifr_ifindex;
	p->ring.info.ifindex = (uint32_t)p->ifindex;
	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0 ||
	    ioctl(p->sock, SIOCGIFMTU, &request) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the MTU of '%s': %s", p->name,
				  strerror(errno));
	*mtu = (unsigned)request.ifr_mtu;
	if (ioctl(p->sock, SIOCGIFHWADDR, &request) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the hardware type of '%s': %s",
				  p->name, strerror(errno));
	return find_linktype(p, request.ifr_hwaddr.sa_family);
}

bool af_packet_is_up(int sock, int ifindex)
{
	struct ifreq request = { .ifr_ifindex = ifindex };

	return ioctl(sock, SIOCGIFNAME, &request) == 0 &&
	       ioctl(sock, SIOCGIFFLAGS, &request) == 0 &&
	       request.ifr_flags & IFF_UP;
}

/* The kernel took the socket off the interface, which was removed. */
static bool is_unbound(int sock)
{
	struct sockaddr_ll address = { 0 };
	socklen_t size = sizeof(address);

	return getsockname(sock, (void *)&address, &size) == 0 &&
	       address.sll_ifindex == -1;
}

uint32_t af_packet_link(const struct af_packet *p)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (p->any)
		return PKTIO_LINK_UP;
	if (!lifecycle_is_attached(&p->life) || is_unbound(p->sock))
		return PKTIO_LINK_GONE;
	/* By index: it may have been renamed. */
	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0 ||
	    ioctl(p->sock, SIOCGIFFLAGS, &request) < 0)
		return PKTIO_LINK_UNKNOWN;
	return request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING ?
		       PKTIO_LINK_UP :
		       PKTIO_LINK_DOWN;
}
