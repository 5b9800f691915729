/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CLOCK_H
#define PKTIO_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S 1e9
#define NS_PER_MS 1000000U

/* The time of a clock of clock_gettime(2), in ns. */
static inline uint64_t clock_read(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static inline uint64_t clock_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

#endif
