/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_TIMESTAMP_H
#define PKTIO_AF_PACKET_RING_TIMESTAMP_H

#include <stdbool.h>

struct af_packet;

/* The setting of the NIC, if the ring changed it. */
struct nic_timestamps {
	bool changed;
	int before, ours; /* the rx_filter */
};

/* Requests timestamps as option timestamp says, before the socket is bound. */
int af_packet_timestamp(struct af_packet *p);
/* The NIC was removed, and its setting with it. */
void af_packet_timestamp_forget(struct af_packet *p);
/* Restores the setting of the NIC. */
void af_packet_timestamp_close(struct af_packet *p);

#endif
