/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_BIND_H
#define PKTIO_AF_PACKET_BIND_H

struct af_packet;

/* Binds, joins the fanout group, lets frames in: in an order that lets no frame
 * through that the ring should not have. */
int af_packet_join(struct af_packet *p);

#endif
