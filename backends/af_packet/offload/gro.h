/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_OFFLOAD_GRO_H
#define PKTIO_AF_PACKET_OFFLOAD_GRO_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct pktio_frame;

/* recv with gro=split. */
int af_packet_gro_open(struct af_packet *p);
void af_packet_gro_close(struct af_packet *p);
int af_packet_gro_recv(struct af_packet *p, struct pktio_frame *frames,
		       unsigned n);
void af_packet_gro_release(struct af_packet *p, uint64_t cookie);
/* There are frames from the ring that recv has not returned yet. */
bool af_packet_gro_is_pending(const struct af_packet *p);

#endif
