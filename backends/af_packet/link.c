/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface: finding it, its link type, and whether it is up. */
#include "af_packet.h"

#include <stdio.h>
#include <string.h>

#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Interfaces are numbered from 1 on; the message lists those below this. */
#define MOST_LISTED 256
#ifndef ALTIFNAMSIZ
#define ALTIFNAMSIZ 128
#endif

struct linktype {
	uint16_t hardware; /* ARPHRD_ */
	uint16_t linktype; /* LINKTYPE_ */
};

/* What an AF_PACKET socket delivers for each kind of hardware. */
static const struct linktype linktypes[] = {
	{ ARPHRD_ETHER, 1 },        { ARPHRD_LOOPBACK, 1 },
	{ ARPHRD_NONE, 101 },       { ARPHRD_RAWIP, 101 },
	{ ARPHRD_PPP, 101 },        { ARPHRD_IEEE80211, 105 },
	{ ARPHRD_TUNNEL, 101 },     { ARPHRD_TUNNEL6, 101 },
	{ ARPHRD_SIT, 101 },        { ARPHRD_IEEE80211_RADIOTAP, 127 },
	{ ARPHRD_INFINIBAND, 247 }, { ARPHRD_NETLINK, 253 },
};

static int find_linktype(struct af_packet *p, uint16_t hardware)
{
	for (size_t i = 0; i < sizeof(linktypes) / sizeof(linktypes[0]); i++) {
		if (linktypes[i].hardware == hardware) {
			p->linktype = linktypes[i].linktype;
			p->ring.info.linktype = p->linktype;
			return 0;
		}
	}
	return pktio_fail(
		&p->ring, -ENOTSUP,
		"interface '%s' is of a kind (ARPHRD %u) whose frames have no link type here",
		p->name, hardware);
}

/* The interfaces there are, in the namespace of the socket. */
static int fail_missing(struct af_packet *p)
{
	struct ifreq request = { 0 };
	char list[160] = "";
	size_t used = 0;

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
		"no interface '%s' in this network namespace; it has: %s",
		p->name, list);
}

/*
 * An interface may have other names, up to 127 bytes, which fit in no ioctl.
 * The index, 0 if there is none.
 */
static int find_long_name(const struct af_packet *p, const char *name)
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
	size_t size = strlen(name) + 1;
	int sock = af_packet_socket(p, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	ssize_t n = -1;

	if (size <= sizeof(message.name)) {
		memcpy(message.name, name, size);
		message.attribute.rta_len = (uint16_t)RTA_LENGTH(size);
		message.header.nlmsg_len =
			(uint32_t)(NLMSG_LENGTH(sizeof(message.info)) +
				   RTA_SPACE(size));
		if (send(sock, &message, message.header.nlmsg_len, 0) > 0)
			n = recv(sock, buffer, sizeof(buffer), 0);
	}
	if (sock >= 0)
		close(sock);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(*info)) ||
	    answer->nlmsg_type != RTM_NEWLINK)
		return 0;
	return info->ifi_index;
}

int af_packet_find(struct af_packet *p, unsigned *mtu)
{
	struct ifreq request = { 0 };

	if (strlen(p->name) < sizeof(request.ifr_name)) {
		memcpy(request.ifr_name, p->name, strlen(p->name));
		if (ioctl(p->sock, SIOCGIFINDEX, &request) < 0)
			return fail_missing(p);
	} else {
		request.ifr_ifindex = find_long_name(p, p->name);
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

uint32_t af_packet_link(const struct af_packet *p)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (p->gone || p->ifindex == 0)
		return PKTIO_LINK_GONE;
	/* By index: it may have been renamed. */
	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0 ||
	    ioctl(p->sock, SIOCGIFFLAGS, &request) < 0)
		return errno == ENODEV || errno == ENXIO ? PKTIO_LINK_GONE :
							   PKTIO_LINK_UNKNOWN;
	return request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING ?
		       PKTIO_LINK_UP :
		       PKTIO_LINK_DOWN;
}
