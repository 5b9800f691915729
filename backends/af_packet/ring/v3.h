/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_V3_H
#define PKTIO_AF_PACKET_RING_V3_H

struct af_packet;
struct pktio_frame;

/* receive_from_ring() of a V3 ring. */
int v3_recv(struct af_packet *p, struct pktio_frame *frames, unsigned n);

#endif
