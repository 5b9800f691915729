/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_EVENTS_H
#define PKTIO_AF_PACKET_EVENTS_H

struct af_packet;

/* Makes the descriptor that the application polls: an epoll set. */
int events_open(struct af_packet *p);
/* Adds a descriptor of the ring, or a packet socket. */
int events_add(struct af_packet *p, int fd);
int events_add_socket(struct af_packet *p, int sock);
void events_remove(struct af_packet *p, int fd);
/* The descriptor is readable once more for a block that is ours already. */
void events_rearm(struct af_packet *p);

#endif
