/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_CBPF_H
#define PKTIO_AF_PACKET_GROUP_CBPF_H

struct af_packet;

/* fanout=cbpf: attaches a program that selects the ring to the group. */
int cbpf_attach(struct af_packet *p);

#endif
