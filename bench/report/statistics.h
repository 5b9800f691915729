/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_STATISTICS_H
#define PKTIO_BENCH_STATISTICS_H

#include <stddef.h>

/* Sorts the values and returns the median; NAN if there is no value. */
double sample_median(double *values, size_t n);

/*
 * The rank test of Mann and Whitney: the probability that two samples of the
 * same distribution differ at least as much as these do. The test is two-sided.
 * It is exact up to 40 values, ties included, and uses the normal approximation
 * above. Returns 1 if a sample is empty.
 */
double rank_test(const double *a, size_t n, const double *b, size_t m);

/* The smallest result for samples of these sizes: that of samples that do not
 * overlap. */
double rank_test_min(size_t n, size_t m);

#endif
