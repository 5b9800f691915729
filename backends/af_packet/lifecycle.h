/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_LIFECYCLE_H
#define PKTIO_AF_PACKET_LIFECYCLE_H

#include <stdbool.h>

struct af_packet;

/* Takes what made the descriptor readable, but for frames. */
void af_packet_take_events(struct af_packet *p);
void af_packet_look_after(struct af_packet *p);
/* Has the ring look for the other members of its group now and then. */
int af_packet_watch_group(struct af_packet *p);
int af_packet_be_gone(struct af_packet *p);
bool af_packet_sender_back(struct af_packet *p);
void af_packet_life_close(struct af_packet *p);

#endif
