/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists the devices that libpcap finds. */
#include "interfaces.h"

#include <stdio.h>

#include <net/if.h>
#include <pcap/pcap.h>

static uint32_t link_of(bpf_u_int32 flags, unsigned ifindex)
{
	if (!(flags & PCAP_IF_UP))
		return ifindex ? PKTIO_LINK_DOWN : PKTIO_LINK_UNKNOWN;
	switch (flags & PCAP_IF_CONNECTION_STATUS) {
	case PCAP_IF_CONNECTION_STATUS_CONNECTED:
		return PKTIO_LINK_UP;
	case PCAP_IF_CONNECTION_STATUS_DISCONNECTED:
		return PKTIO_LINK_NO_CARRIER;
	default:
		return flags & PCAP_IF_RUNNING ? PKTIO_LINK_UP :
						 PKTIO_LINK_UNKNOWN;
	}
}

int pcap_live_interfaces(struct pktio_interfaces *list)
{
	char words[PCAP_ERRBUF_SIZE];
	pcap_if_t *devices;
	int code = 0;

	if (pcap_findalldevs(&devices, words) < 0)
		return -EIO;
	for (const pcap_if_t *d = devices; d && code == 0; d = d->next) {
		unsigned ifindex = if_nametoindex(d->name);
		struct pktio_interface interface = {
			.link = link_of(d->flags, ifindex),
			.ifindex = ifindex,
			.linktype = -1,
		};

		snprintf(interface.name, sizeof(interface.name), "%s", d->name);
		snprintf(interface.description, sizeof(interface.description),
			 "%s", d->description ? d->description : "");
		code = pktio_interfaces_add(list, &interface);
	}
	pcap_freealldevs(devices);
	return code;
}
