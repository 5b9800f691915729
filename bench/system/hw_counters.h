/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_HW_COUNTERS_H
#define PKTIO_BENCH_HW_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the hardware counts of a thread, where it can and may. */
struct counters_fds {
	int instructions, cache_misses; /* -1: not counted */
};

struct counters {
	bool known;
	uint64_t instructions, cache_misses;
};

/* For the calling thread, from now on. Without counters nothing is open. */
void counters_open(struct counters_fds *ret);
struct counters counters_read(const struct counters_fds *fds);
void counters_close(struct counters_fds *fds);

/* "hardware", or "none: " and why. */
void counters_describe(char *ret, size_t size);

#endif
