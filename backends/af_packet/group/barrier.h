/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_BARRIER_H
#define PKTIO_AF_PACKET_GROUP_BARRIER_H

struct af_packet;

/* See group_start(), group_tick() and group_stop_waiting() in group/group.h. */
int barrier_start(struct af_packet *p);
int barrier_tick(struct af_packet *p);
void barrier_cancel(struct af_packet *p);
/* Before the handle is freed. May wait. */
void barrier_close(struct af_packet *p);

void barrier_lock_filter(struct af_packet *p);
void barrier_unlock_filter(struct af_packet *p);

#endif
