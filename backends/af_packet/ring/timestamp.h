/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_TIMESTAMP_H
#define PKTIO_AF_PACKET_RING_TIMESTAMP_H

struct af_packet;

/* Who takes the time; and leaves the NIC as it was. */
int af_packet_timestamp(struct af_packet *p);
void af_packet_timestamp_close(struct af_packet *p);

#endif
