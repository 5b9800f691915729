/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_GEN_FRAME_H
#define PKTIO_GEN_FRAME_H

#include <stdbool.h>

#include <pktio/pktio.h>

/* Everything that determines the bytes of a frame. */
struct gen_spec {
	uint64_t seed;
	uint32_t flow;
	uint32_t size; /* as requested, without tags */
	bool back;     /* from the server to the client */
	bool ipv6, tcp;
	unsigned ntags;
	struct pktio_vlan tags[2]; /* outermost first */
};

/* The length: `size` or the size of the headers, plus the tags. */
uint32_t gen_frame_len(const struct gen_spec *spec);

/* Writes gen_frame_len() bytes. */
void gen_frame_build(const struct gen_spec *spec, uint8_t *out);

/* The hash of a flow, equal for both directions. */
uint32_t gen_flow_hash(const struct gen_spec *spec);

#endif
