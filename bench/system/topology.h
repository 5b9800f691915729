/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TOPOLOGY_H
#define PKTIO_BENCH_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

struct cpu_core {
	int cpu, sibling; /* the first and second CPU of it; -1: only one */
	int node;
	bool irq;   /* an interrupt of the interface comes here */
	bool local; /* on the preferred node */
};

/* What the machine is, and which CPUs are used of it. */
struct placement {
	int receiver, sender;  /* numbers of CPUs; sender -1: there is none */
	struct cpu_core *list; /* of cores, the best for a receiver first */
	char cpu_model[128];
	unsigned packages, nodes, cores, cpus; /* cpus: that we may run on */
	uint64_t memory;                       /* bytes */
	char *topology; /* a line each for the machine and its cores */
	char why[512];  /* the choice, in words */
};

/*
 * Chooses a core for the receiver, and, if there is one, another for the
 * sender. The receiver keeps away from the CPUs that serve the interrupts of
 * `interface`, if that is not NULL. placement_free() afterwards.
 */
int placement_choose(struct placement *ret, const char *interface, bool sender,
		     struct pktio_error *reterr);

void placement_free(struct placement *p);

/* Binds the calling thread; -1: leaves it. */
void affinity_set(int cpu);

#endif
