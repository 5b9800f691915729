/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_FILTER_H
#define PKTIO_PCAP_LIVE_FILTER_H

#include "handle.h"

/*
 * Attaches the first filter to a socket that was activated with NO_PROTOCOL,
 * then binds the socket to `protocol`; 0: to all protocols.
 */
int pcap_live_start_filtered(struct pcap_live *l, const struct sock_fprog *prog,
			     uint64_t protocol);
int pcap_live_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);

/*
 * Removes from `frames`, which were just dispatched, the frames that `recheck`
 * refuses. Returns how many are left.
 */
int pcap_live_recheck(struct pcap_live *l, struct pktio_frame *frames, int n);

/* Call when no frame is pending: ends the recheck after some time. */
void pcap_live_settle(struct pcap_live *l);

#endif
