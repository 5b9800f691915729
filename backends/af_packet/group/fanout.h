/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_FANOUT_H
#define PKTIO_AF_PACKET_GROUP_FANOUT_H

#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct pktio_open_ctx;

/* Id 0: one that is free. */
bool af_packet_shares(const struct af_packet *p);
int af_packet_fanout(struct af_packet *p);
int af_packet_join_group(struct af_packet *p, uint32_t id, uint16_t type_flags);
int af_packet_check_fanout(struct af_packet *p,
			   const struct pktio_open_ctx *ctx);
const char *af_packet_fanout_name(unsigned mode);

#endif
