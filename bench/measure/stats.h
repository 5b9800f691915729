/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_STATS_H
#define PKTIO_BENCH_STATS_H

#include <stddef.h>

/* Sorts the values; the one in the middle, NAN if there is none. */
double stats_median(double *values, size_t n);

#endif
