/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_V2_H
#define PKTIO_AF_PACKET_RING_V2_H

#include <stdint.h>

struct af_packet;
struct pktio_frame;

/* recv_blocks of a V2 ring, and what else is particular to it. */
int af_packet_recv_slots(struct af_packet *p, struct pktio_frame *frames,
			 unsigned n);
uint32_t af_packet_slots_unsure(const struct af_packet *p);
uint64_t af_packet_slot_time(const struct af_packet *p, uint32_t slot);

#endif
