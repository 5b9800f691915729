/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_COOKED_H
#define PKTIO_AF_PACKET_RING_COOKED_H

struct af_packet;
struct pktio_frame;
struct sock_fprog;

/* cooked.c: makes the header in front of each frame; the bytes they grew by. */
unsigned af_packet_cook(const struct af_packet *p, struct pktio_frame *frames,
			unsigned n);

/* cooked_filter.c: puts a filter over such frames in force, or none. */
int af_packet_cooked_filter(struct af_packet *p, const struct sock_fprog *prog);

#endif
