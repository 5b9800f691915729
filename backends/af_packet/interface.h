/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_INTERFACE_H
#define PKTIO_AF_PACKET_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;

/* Finds the interface; -ENODEV if there is none of the name. */
int af_packet_find(struct af_packet *p, unsigned *mtu);
/* The link type that a packet socket delivers for an ARPHRD_ type. */
uint16_t af_packet_linktype_of(uint16_t hardware);
uint32_t af_packet_link(const struct af_packet *p);
/* With or without a carrier; `sock` is any socket of its namespace. */
bool af_packet_is_up(int sock, int ifindex);
/* Takes name and link type as they were asked for; before the socket is made.
 */
int af_packet_link_options(struct af_packet *p);

#endif
