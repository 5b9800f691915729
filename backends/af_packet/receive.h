/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RECEIVE_H
#define PKTIO_AF_PACKET_RECEIVE_H

#include <stdint.h>

struct af_packet;
struct pktio_frame;
struct pktio_ring;

/* The calls of the backend. */
int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);
int af_packet_ready(struct pktio_ring *r, int polled);
int af_packet_get_stats(struct pktio_ring *r);

/* recv, without splitting what the kernel merged. */
int receive_from_ring(struct af_packet *p, struct pktio_frame *frames,
		      unsigned n);

/* There is no frame: takes events. 0, or an error that recv returns. */
int receive_nothing(struct af_packet *p);
/* The next block is held by the application. */
int receive_fail_held(struct af_packet *p);
void receive_count_pending(struct af_packet *p);
/* Writes the tag of vlan[0] into the bytes; returns how many bytes that adds.
 */
unsigned receive_insert_tag(struct pktio_frame *f);

#endif
