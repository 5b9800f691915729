/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_NUMA_H
#define PKTIO_AF_PACKET_RING_NUMA_H

#include <stdbool.h>

struct af_packet;

/* Where the memory of the ring comes from, and came from. */
struct af_packet_policy {
	bool set;
	int mode;
	unsigned long nodes[16];
};
int af_packet_policy_set(struct af_packet *p, struct af_packet_policy *before);
void af_packet_policy_restore(const struct af_packet_policy *before);
int af_packet_placed(struct af_packet *p);

#endif
