/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_V2_H
#define PKTIO_AF_PACKET_RING_V2_H

#include <stdint.h>

struct af_packet;
struct pktio_frame;

/* receive_from_ring() of a V2 ring. */
int v2_recv(struct af_packet *p, struct pktio_frame *frames, unsigned n);
/*
 * The number of slots from the cursor on that may have frames of the previous
 * filter: up to the last slot that is ours, even if the kernel has not finished
 * some before it, and one for each CPU that is about to claim a slot.
 */
uint32_t v2_count_unsure(const struct af_packet *p);
/* The timestamp of the frame in a slot, ns. */
uint64_t v2_slot_time(const struct af_packet *p, uint32_t slot);

#endif
