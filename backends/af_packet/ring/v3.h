/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_V3_H
#define PKTIO_AF_PACKET_RING_V3_H

struct af_packet;
struct pktio_frame;

/* recv_blocks of a V3 ring. */
int af_packet_recv_v3(struct af_packet *p, struct pktio_frame *frames,
		      unsigned n);

#endif
