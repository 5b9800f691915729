/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_SEND_H
#define PKTIO_PCAP_LIVE_SEND_H

#include <pktio/backend.h>

int pcap_live_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int pcap_live_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int pcap_live_flush(struct pktio_ring *r);

#endif
