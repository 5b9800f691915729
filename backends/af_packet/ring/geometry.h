/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_GEOMETRY_H
#define PKTIO_AF_PACKET_RING_GEOMETRY_H

struct af_packet;

/* Sets p->wanted and p->slots, or fails with a message that suggests a value.
 */
int af_packet_geometry(struct af_packet *p, unsigned mtu);

#endif
