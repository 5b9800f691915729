/* SPDX-License-Identifier: BSD-3-Clause */
/* The interfaces of the network namespace of the process. */
#include "interfaces.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pktio/backend.h>

#include "interface.h"

#define BITS_PER_MBIT UINT64_C(1000000)

static int ask(int sock, const char *name, unsigned long command,
	       struct ifreq *ret)
{
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->ifr_name, sizeof(ret->ifr_name), "%s", name);
	return ioctl(sock, command, ret);
}

static int ask_ethtool(int sock, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(sock, SIOCETHTOOL, &request);
}

uint32_t interface_speed(int sock, const char *name)
{
	union {
		struct ethtool_link_settings settings;
		/* Three masks of modes of the largest size follow. */
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 +
			      3UL * SCHAR_MAX];
	} link = { .settings = { .cmd = ETHTOOL_GLINKSETTINGS } };

	/* The first answer is the number of words of a mask, negated. */
	if (ask_ethtool(sock, name, &link) < 0 ||
	    link.settings.link_mode_masks_nwords >= 0)
		return 0;
	link.settings = (struct ethtool_link_settings){
		.cmd = ETHTOOL_GLINKSETTINGS,
		.link_mode_masks_nwords =
			(int8_t)-link.settings.link_mode_masks_nwords,
	};
	if (ask_ethtool(sock, name, &link) < 0 ||
	    link.settings.speed == (uint32_t)SPEED_UNKNOWN)
		return 0;
	return link.settings.speed;
}

static uint32_t link_of(int flags)
{
	if (!(flags & IFF_UP))
		return PKTIO_LINK_DOWN;
	return flags & IFF_RUNNING ? PKTIO_LINK_UP : PKTIO_LINK_NO_CARRIER;
}

/* False if the interface was removed meanwhile. */
static bool describe(int sock, const struct if_nameindex *i,
		     struct pktio_interface *ret)
{
	struct ifreq request;

	*ret = (struct pktio_interface){ .ifindex = i->if_index };
	snprintf(ret->name, sizeof(ret->name), "%s", i->if_name);
	if (ask(sock, i->if_name, SIOCGIFFLAGS, &request) < 0)
		return false;
	ret->link = link_of(request.ifr_flags);
	if (ask(sock, i->if_name, SIOCGIFMTU, &request) == 0)
		ret->mtu = (uint32_t)request.ifr_mtu;
	ret->linktype = -1;
	if (ask(sock, i->if_name, SIOCGIFHWADDR, &request) == 0)
		ret->linktype =
			af_packet_linktype_of(request.ifr_hwaddr.sa_family);
	ret->speed = interface_speed(sock, i->if_name) * BITS_PER_MBIT;
	return true;
}

static int add_any(struct pktio_interfaces *list)
{
	const struct pktio_interface any = {
		.name = "any",
		.description = "all interfaces",
		.link = PKTIO_LINK_UP,
		.linktype = PKTIO_LINKTYPE_LINUX_SLL2,
	};

	return pktio_interfaces_add(list, &any);
}

static int add_all(struct pktio_interfaces *list, int sock)
{
	struct if_nameindex *all = if_nameindex();
	struct pktio_interface interface;
	int code = 0;

	if (!all)
		return -errno;
	for (size_t i = 0; code == 0 && all[i].if_index; i++)
		if (describe(sock, &all[i], &interface))
			code = pktio_interfaces_add(list, &interface);
	if_freenameindex(all);
	return code;
}

int af_packet_interfaces(struct pktio_interfaces *list)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int code;

	if (sock < 0)
		return -errno;
	code = add_all(list, sock);
	if (code == 0)
		code = add_any(list);
	close(sock);
	return code;
}
