/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_BARRIER_H
#define PKTIO_AF_PACKET_GROUP_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;

/*
 * Lets frames into the ring of a group, now or when the others
 * are there, at which start_look looks. While it waits, another thread may do
 * that, so its filter is changed between hold and unhold.
 */
/* start and start_look: 1 if it runs, 0 if it waits, or an error. */
int af_packet_start(struct af_packet *p);
int af_packet_start_look(struct af_packet *p);
int af_packet_start_mark(const struct af_packet *p, bool begun);
void af_packet_start_leave(struct af_packet *p);
void af_packet_start_hold(struct af_packet *p);
void af_packet_start_unhold(struct af_packet *p);

#endif
