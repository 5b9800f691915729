/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_AFFINITY_H
#define PKTIO_BENCH_AFFINITY_H

#include "system/topology.h"

#define AFFINITY_MAX_WORKERS 256U /* as a fanout group has by default */

/*
 * Which CPU each of n workers gets, by a policy:
 *
 *      cores       a core each, and the sender's last; SMT siblings only when
 *                  there are more workers than cores
 *      numa        the same, the nodes taking turns
 *      list:0,2-4  these CPUs, in this order
 *
 * More workers than CPUs are refused, unless several may share one.
 */
int affinity_assign(int *ret, unsigned n, const struct placement *placement,
		    const char *policy, bool oversubscribe,
		    struct pktio_error *reterr);

/* NUMA node of a CPU, -1: unknown */
int placement_node(const struct placement *placement, int cpu);

#endif
