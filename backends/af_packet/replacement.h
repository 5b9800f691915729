/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_REPLACEMENT_H
#define PKTIO_AF_PACKET_REPLACEMENT_H

/*
 * A new socket with a new ring, for a member of a fanout group whose interface
 * was replaced: the kernel does not bind a member again. A thread makes both
 * and another one closes the old socket, so that recv waits for neither.
 */
#include "background.h"

struct af_packet;

struct replacement {
	struct background maker;
	struct af_packet *next; /* of the maker while that runs; NULL: none */
	int result;             /* the maker's */
	struct background closer;
	struct ring_leftover *leftover; /* of the closer while that runs */
};

/* One step: -EAGAIN until the new ring is there, 0 when it has replaced the old
 * one, or an error. */
int replacement_step(struct af_packet *p);
void replacement_close(struct af_packet *p);

#endif
