/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CPU_TIME_H
#define PKTIO_BENCH_CPU_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* What CPUs have done up to now, by the kernel's account of them, in ns. */
struct cost_cpu {
	uint64_t user, system, softirq; /* softirq: and interrupts */
};

struct cost {
	bool known; /* /proc/stat could be read */
	struct cost_cpu receivers, sender;
	bool timers_known;
	uint64_t timers; /* timer interrupts on the receivers' CPUs */
	uint64_t memory; /* bytes resident in the process; 0: unknown */
};

/* Of these CPUs, and that of the sender (-1: none). */
struct cost cost_now(const int *cpus, unsigned n, int sender);

/* Has the timer interrupts counted from now on. */
void cost_count_timers(struct cost *cost, const int *cpus, unsigned n);

/* What came in between. */
struct cost_cpu cost_between(const struct cost_cpu *before,
			     const struct cost_cpu *after);

#endif
