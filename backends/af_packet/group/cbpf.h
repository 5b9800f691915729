/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_CBPF_H
#define PKTIO_AF_PACKET_GROUP_CBPF_H

struct af_packet;

/* Has a program of classic BPF choose the ring. */
int af_packet_steer_classic(struct af_packet *p);

#endif
