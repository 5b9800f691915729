/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_BPF_LOADER_H
#define PKTIO_AF_PACKET_GROUP_BPF_LOADER_H

struct af_packet;
struct af_packet_bpf;

/* The module, or NULL with the error in *ret; a program
 * from an object file, as a descriptor. */
const struct af_packet_bpf *af_packet_bpf(struct af_packet *p, int *ret);
int af_packet_load_program(struct af_packet *p, const char *option,
			   const char *file);

#endif
