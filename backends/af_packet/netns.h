/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_NETNS_H
#define PKTIO_AF_PACKET_NETNS_H

#include <stdint.h>

/* As socket(2), in the namespace with that name or path; "": in the current
 * one. Waits for a thread, if it is not in the current one. */
int af_packet_socket(const char *netns, int family, int type, int protocol);
/* The cookie of the socket's namespace; 0 before Linux 5.14. */
uint64_t af_packet_netns_of(int sock);

#endif
