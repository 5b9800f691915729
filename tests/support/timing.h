/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_TIMING_H
#define PKTIO_TESTS_TIMING_H

#include <stdint.h>

/* The monotonic clock. */
uint64_t now_ns(void);

/* The real-time clock, since 1970. */
uint64_t wall_ns(void);

/* The CPU time of this thread. */
uint64_t thread_cpu_ns(void);

void sleep_ms(unsigned ms);

#endif
