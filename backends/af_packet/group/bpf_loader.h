/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_BPF_LOADER_H
#define PKTIO_AF_PACKET_GROUP_BPF_LOADER_H

struct af_packet;
struct af_packet_bpf;

/* The module that uses libbpf; NULL and *ret: an error. */
const struct af_packet_bpf *bpf_loader_module(struct af_packet *p, int *ret);
/* Loads a program from an object file, for the option of that name: a
 * descriptor, or an error. */
int bpf_loader_program(struct af_packet *p, const char *option,
		       const char *file);

#endif
