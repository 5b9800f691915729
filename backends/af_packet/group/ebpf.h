/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_EBPF_H
#define PKTIO_AF_PACKET_GROUP_EBPF_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;

/*
 * fanout=ebpf: a program in the kernel selects the ring. The functions do
 * nothing for a ring of another mode. None of them waits, except ebpf_leave();
 * -EAGAIN: another ring holds the lock of the table, or a thread loads the
 * program.
 */

/* Joins group `id`, or with 0 a group that the kernel finds. */
int ebpf_join(struct af_packet *p, uint32_t id, uint16_t type_flags);
/* The same with the program of option fanout-program. */
int ebpf_join_program(struct af_packet *p, uint32_t id, uint16_t type_flags);
/* Gives the ring its buckets. */
int ebpf_start(struct af_packet *p);
/* Whether all rings of the group have, or had, their buckets. */
bool ebpf_is_complete(const struct af_packet *p);
/* Compares the table with the kernel's list of members, if it is time. */
void ebpf_tick(struct af_packet *p);

/* The socket is closed between these; the first returns what the second needs.
 */
int ebpf_leave(struct af_packet *p);
void ebpf_left(struct af_packet *p, int locked);

/* Writes the weights of all rings to ret[], if that is not NULL; -EINVAL. */
int ebpf_weights(const struct af_packet *p, uint32_t *ret);

#endif
