/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_FILTER_H
#define PKTIO_AF_PACKET_FILTER_H

struct af_packet;
struct pktio_ring;
struct sock_fprog;

int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);
int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog);
int af_packet_keep_filter(struct af_packet *p, const struct sock_fprog *prog);
int af_packet_load_filter(struct af_packet *p);
/* Puts a filter in force that refuses every frame. */
int af_packet_refuse_all(struct af_packet *p);
/* Puts the kept filter in force; without words, which the other has. */
int af_packet_let_in(struct af_packet *p);
int af_packet_fail_filter(struct af_packet *p, int error);

#endif
