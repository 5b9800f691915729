/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_SOCK_DIAG_H
#define PKTIO_AF_PACKET_GROUP_SOCK_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct af_packet;

/* The cookies of a group's sockets on an interface, up to
 * `max`; how many there are, or an error. */
int af_packet_diag_members(const struct af_packet *p, uint16_t id,
			   uint32_t ifindex, uint64_t *cookies, unsigned max);

/* The members of the ring's group. */
struct af_packet_census {
	unsigned members;
	bool listed; /* the ring is among them */
	bool begun;  /* one of the others bears the mark of group/barrier.c */
};
int af_packet_diag_census(const struct af_packet *p,
			  struct af_packet_census *ret);

/* Who has a fanout group, in words; false: nobody that is
 * known. */
bool af_packet_diag_group(const struct af_packet *p, uint16_t id, char *ret,
			  size_t size);

#endif
