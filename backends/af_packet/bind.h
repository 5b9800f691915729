/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_BIND_H
#define PKTIO_AF_PACKET_BIND_H

struct af_packet;

/* Binds the socket to p->ifindex, with everything that has to precede it. The
 * socket of a group drops all frames then. */
int bind_socket(struct af_packet *p);
/* Asks for frames to other hosts, if option promisc is set; after joining. */
int bind_promiscuous(struct af_packet *p);

#endif
