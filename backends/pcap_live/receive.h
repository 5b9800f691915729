/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_RECEIVE_H
#define PKTIO_PCAP_LIVE_RECEIVE_H

#include <pktio/backend.h>

int pcap_live_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
int pcap_live_ready(struct pktio_ring *r, int polled);
int pcap_live_get_info(const struct pktio_ring *r, struct pktio_info *info);
int pcap_live_get_stats(struct pktio_ring *r);

#endif
