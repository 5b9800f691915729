/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RANK_TEST_H
#define PKTIO_BENCH_RANK_TEST_H

#include <stddef.h>

/*
 * Mann and Whitney's test: how likely it is that two samples of one and the
 * same thing are as far apart as these by chance alone, whatever its
 * distribution is. Two-sided; exact, ties included, up to 40 values, and above
 * that by the normal approximation. 1 where one of them is empty.
 */
double rank_test(const double *a, size_t n, const double *b, size_t m);

/* The least that it can come to: when the two do not overlap at all. */
double rank_least(size_t n, size_t m);

#endif
