/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_FANOUT_H
#define PKTIO_AF_PACKET_GROUP_FANOUT_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct pktio_open_ctx;

bool fanout_shares(const struct af_packet *p);
int fanout_check(struct af_packet *p, const struct pktio_open_ctx *ctx);

/* Joins the group that the options describe; see group_join(). */
int fanout_join(struct af_packet *p);

/* For the modes: joins group `id`, or with 0 a group that the kernel finds. */
int fanout_join_kernel(struct af_packet *p, uint32_t id, uint16_t type_flags);

/* The name of a mode, as in option fanout. */
const char *fanout_name(unsigned mode);

#endif
