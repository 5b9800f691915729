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

/* recv, of frames as they lie in the ring. */
int af_packet_recv_blocks(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n);
/* What the two kinds of rings have in common. */
unsigned af_packet_insert_tag(struct pktio_frame *f);
void af_packet_note_waiting(struct af_packet *p);
int af_packet_fail_held(struct af_packet *p);
int af_packet_none(struct af_packet *p);

#endif
