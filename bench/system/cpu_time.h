/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CPU_TIME_H
#define PKTIO_BENCH_CPU_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* What CPUs have done up to now, by the kernel's account of them, in ns. */
struct cpu_time_split {
	uint64_t user, system, softirq; /* softirq: and interrupts */
};

struct cpu_time {
	bool known; /* /proc/stat could be read */
	struct cpu_time_split receivers, sender;
	bool timers_known;
	uint64_t timers; /* timer interrupts on the receivers' CPUs */
	uint64_t memory; /* bytes resident in the process; 0: unknown */
};

/* Of these CPUs, and that of the sender (-1: none). */
struct cpu_time cpu_time_read(const int *cpus, unsigned n, int sender);

/* Has the timer interrupts counted from now on. */
void cpu_time_read_timers(struct cpu_time *cost, const int *cpus, unsigned n);

/* What came in between. */
struct cpu_time_split cpu_time_diff(const struct cpu_time_split *before,
				    const struct cpu_time_split *after);

#endif
