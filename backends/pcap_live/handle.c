/* SPDX-License-Identifier: BSD-3-Clause */
/* The socket of libpcap and the frame slots. */
#include "handle.h"

#include <sys/socket.h>

bool pcap_live_bound_to(const struct pcap_live *l, struct sockaddr_ll *ret)
{
	socklen_t size = sizeof(*ret);

	*ret = (struct sockaddr_ll){ 0 };
	return getsockname(pcap_fileno(l->pcap), (struct sockaddr *)ret,
			   &size) == 0 &&
	       ret->sll_family == AF_PACKET;
}

void pcap_live_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n)
{
	struct pcap_live *l = pcap_live_of(r);

	for (unsigned i = 0; i < n; i++)
		l->free[l->nfree++] = (uint8_t *)(uintptr_t)frames[i].cookie;
}
