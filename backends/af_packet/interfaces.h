/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_INTERFACES_H
#define PKTIO_AF_PACKET_INTERFACES_H

#include <stdint.h>

struct pktio_interfaces;

/* The operation `interfaces` of the backend. */
int af_packet_interfaces(struct pktio_interfaces *list);

/* The speed of an interface in Mbit/s; 0: unknown. `sock` is any socket of its
 * network namespace. */
uint32_t interface_speed(int sock, const char *name);

#endif
