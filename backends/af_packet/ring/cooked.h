/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_COOKED_H
#define PKTIO_AF_PACKET_RING_COOKED_H

#include <stdint.h>

struct af_packet;
struct pktio_frame;
struct sock_fprog;

/* cooked.c: makes a header in front of each frame. Returns how many bytes that
 * adds to all of them. */
unsigned af_packet_cook(const struct af_packet *p, struct pktio_frame *frames,
			unsigned n);

/*
 * cooked_filter.c: translates a filter over frames with a cooked header of so
 * many bytes into one that the kernel can run on the frames without it. The
 * kernel's program accepts at least what the filter accepts. Without code: the
 * kernel cannot run any part of it. The caller frees ret->filter. -ENOMEM.
 */
int cooked_filter(const struct sock_fprog *prog, uint16_t header,
		  struct sock_fprog *ret);

#endif
