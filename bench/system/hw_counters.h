/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_HW_COUNTERS_H
#define PKTIO_BENCH_HW_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the hardware counts of a thread, where it can and may. */
struct hw_counters_fds {
	int instructions, cache_misses; /* -1: not counted */
};

struct hw_counters {
	bool known;
	uint64_t instructions, cache_misses;
};

/* For the calling thread, from now on. Without counters nothing is open. */
void hw_counters_open(struct hw_counters_fds *ret);
struct hw_counters hw_counters_read(const struct hw_counters_fds *fds);
void hw_counters_close(struct hw_counters_fds *fds);

/* "hardware", or "none: " and why. */
void hw_counters_describe(char *ret, size_t size);

#endif
