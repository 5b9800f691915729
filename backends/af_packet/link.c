/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface: finding it, its link type, and whether it is up. */
#include "af_packet.h"

#include <stdio.h>
#include <string.h>

#include <linux/if_arp.h>
#include <sys/ioctl.h>

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

static int find_linktype(struct af_packet *p, const char *name,
			 uint16_t hardware)
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
		name, hardware);
}

static int fail_missing(struct af_packet *p, const char *name)
{
	struct if_nameindex *all = if_nameindex();
	char list[160] = "";
	size_t used = 0;

	for (const struct if_nameindex *i = all; i && i->if_index; i++) {
		int n = snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", i->if_name);

		if (n < 0 || (size_t)n >= sizeof(list) - used)
			break;
		used += (size_t)n;
	}
	if (all)
		if_freenameindex(all);
	return pktio_fail(
		&p->ring, -ENODEV,
		"no interface '%s' in this network namespace; it has: %s", name,
		list);
}

int af_packet_find(struct af_packet *p, const char *name, unsigned *mtu)
{
	struct ifreq request = { 0 };

	/* A longer name would be cut to that of another interface. */
	if (strlen(name) >= sizeof(request.ifr_name))
		return fail_missing(p, name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(p->sock, SIOCGIFINDEX, &request) < 0)
		return fail_missing(p, name);
	p->ifindex = request.ifr_ifindex;
	p->ring.info.ifindex = (uint32_t)p->ifindex;
	if (ioctl(p->sock, SIOCGIFMTU, &request) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the MTU of '%s': %s", name,
				  strerror(errno));
	*mtu = (unsigned)request.ifr_mtu;
	if (ioctl(p->sock, SIOCGIFHWADDR, &request) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the hardware type of '%s': %s",
				  name, strerror(errno));
	return find_linktype(p, name, request.ifr_hwaddr.sa_family);
}

uint32_t af_packet_link(const struct af_packet *p)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	/* By index: it may have been renamed. */
	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0 ||
	    ioctl(p->sock, SIOCGIFFLAGS, &request) < 0)
		return errno == ENODEV || errno == ENXIO ? PKTIO_LINK_GONE :
							   PKTIO_LINK_UNKNOWN;
	return request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING ?
		       PKTIO_LINK_UP :
		       PKTIO_LINK_DOWN;
}
