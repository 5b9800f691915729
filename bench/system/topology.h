/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TOPOLOGY_H
#define PKTIO_BENCH_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* ---- Placement ---------------------------------------------------------- */

struct cpu_core {
	int cpu, sibling; /* its first and second CPU; -1: it has only one */
	int node;
	bool irq;   /* it serves an interrupt of the interface */
	bool local; /* it is on the preferred node */
};

/* The CPU topology of the machine, and the CPUs that bench uses. */
struct placement {
	int receiver, sender; /* CPU numbers; sender is -1 if nothing is sent */
	struct cpu_core *list; /* the best core for a receiver comes first */
	char cpu_model[128];
	unsigned packages, nodes, cores, cpus; /* cpus: that we may use */
	uint64_t memory;                       /* bytes */
	char *topology;   /* text: a line for the machine and for each core */
	char reason[512]; /* text: why these CPUs were chosen */
};

/*
 * Chooses a core for the receiver and, if `sender` is true, another core for
 * the sender. The receiver avoids the CPUs that serve the interrupts of
 * `interface`, if that is not NULL. Call placement_free() afterwards.
 */
int placement_choose(struct placement *ret, const char *interface, bool sender,
		     struct pktio_error *reterr);
void placement_free(struct placement *p);

/* The NUMA node of a CPU; -1 if it is not known. */
int placement_node(const struct placement *placement, int cpu);

/* ---- Affinity ----------------------------------------------------------- */

#define AFFINITY_MAX_WORKERS 256U /* the default limit of a fanout group */

/*
 * Assigns a CPU to each of n workers, by a policy:
 *
 *      cores       one core each; the sender's core comes last, and SMT
 *                  siblings are used only if there are more workers than cores
 *      numa        as cores, but the NUMA nodes take turns
 *      list:0,2-4  these CPUs, in this order
 *
 * More workers than CPUs are an error unless `oversubscribe` is true.
 */
int affinity_assign(int *ret, unsigned n, const struct placement *placement,
		    const char *policy, bool oversubscribe,
		    struct pktio_error *reterr);

/* Binds the calling thread to a CPU; -1 has no effect. */
void affinity_set(int cpu);

#endif
