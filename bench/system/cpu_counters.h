/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CPU_COUNTERS_H
#define PKTIO_BENCH_CPU_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- CPU time of the machine -------------------------------------------- */

/* CPU time since boot, from /proc/stat, in ns. */
struct cpu_time_split {
	uint64_t user, system, softirq; /* softirq: with interrupts */
};

struct cpu_time {
	bool known; /* /proc/stat could be read */
	struct cpu_time_split receivers, sender;
	bool timers_known;
	uint64_t timers; /* timer interrupts on the receivers' CPUs */
	uint64_t memory; /* resident bytes of the process; 0: unknown */
};

/* Reads the counters of the receivers' CPUs and of the sender's CPU (-1: none).
 */
struct cpu_time cpu_time_read(const int *cpus, unsigned n, int sender);

/* Reads the timer interrupts again, into `time`. */
void cpu_time_read_timers(struct cpu_time *time, const int *cpus, unsigned n);

struct cpu_time_split cpu_time_diff(const struct cpu_time_split *before,
				    const struct cpu_time_split *after);

/* ---- Hardware counters of a thread -------------------------------------- */

struct hw_counters_fds {
	int instructions, cache_misses; /* -1: not counted */
};

struct hw_counters {
	bool known;
	uint64_t instructions, cache_misses;
};

/* Starts to count for the calling thread, if the machine has such counters. */
void hw_counters_open(struct hw_counters_fds *ret);
struct hw_counters hw_counters_read(const struct hw_counters_fds *fds);
void hw_counters_close(struct hw_counters_fds *fds);

/* Writes "hardware", or "none: " and the reason. */
void hw_counters_describe(char *ret, size_t size);

#endif
