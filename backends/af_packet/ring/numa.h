/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_NUMA_H
#define PKTIO_AF_PACKET_RING_NUMA_H

#include <stdbool.h>

struct af_packet;

/* The memory policy of the thread. */
struct numa_policy {
	bool set;
	int mode;
	unsigned long nodes[16];
};
/* Prefers the node of option numa until numa_restore(). */
int numa_prefer(struct af_packet *p, struct numa_policy *before);
void numa_restore(const struct numa_policy *before);
/* Reads the node of the ring memory; with ring-strict=yes, fails if it is
 * another one. */
int numa_check(struct af_packet *p);

#endif
