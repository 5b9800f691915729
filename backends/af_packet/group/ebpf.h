/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_EBPF_H
#define PKTIO_AF_PACKET_GROUP_EBPF_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;

/*
 * Has a program of eBPF choose the ring, by a table. A ring
 * joins, and starts to have flows. When all have, the group is complete, or
 * was. To leave, it closes its socket between leave, which returns what left
 * wants, and left. A ring whose socket is gone already forgets its group.
 */
int af_packet_steer_join(struct af_packet *p, uint32_t id, uint16_t type_flags);
int af_packet_program_join(struct af_packet *p, uint32_t id,
			   uint16_t type_flags);
int af_packet_steer_start(struct af_packet *p);
bool af_packet_steer_complete(const struct af_packet *p);
int af_packet_steer_leave(struct af_packet *p);
void af_packet_steer_left(struct af_packet *p, int locked);
void af_packet_steer_forget(struct af_packet *p);
void af_packet_steer_sort(struct af_packet *p);
void af_packet_steer_look(struct af_packet *p);
/* The weights of all rings into ret[], if that is not NULL; -EINVAL. */
int af_packet_fanout_weights(const struct af_packet *p, uint32_t *ret);

#endif
