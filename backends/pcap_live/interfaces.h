/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_INTERFACES_H
#define PKTIO_PCAP_LIVE_INTERFACES_H

#include <pktio/backend.h>

int pcap_live_interfaces(struct pktio_interfaces *list);

#endif
