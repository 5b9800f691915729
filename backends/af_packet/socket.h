/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_SOCKET_H
#define PKTIO_AF_PACKET_SOCKET_H

struct af_packet;

/* Opens the socket, or takes the one of option fd, and prepares it for a ring.
 */
int af_packet_open_socket(struct af_packet *p);
int af_packet_make_socket(struct af_packet *p);

#endif
