/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_STATISTICS_H
#define PKTIO_BENCH_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A histogram of times in ns with a precision of three digits from 1 ns to 18
 * minutes: buckets of 1 ns up to 2 us, then 1024 buckets for each power of two.
 * The last bucket counts all longer times. A histogram starts with all bytes
 * zero. It has 250 KiB, so do not put one on the stack.
 */
#define HISTOGRAM_DIGIT_BITS 10U
#define HISTOGRAM_MAX_BITS 40U
#define HISTOGRAM_BUCKETS                                 \
	((HISTOGRAM_MAX_BITS - HISTOGRAM_DIGIT_BITS + 1U) \
	 << HISTOGRAM_DIGIT_BITS)

struct histogram {
	uint64_t n, min, max;
	double sum;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);

/* Adds the counts of another histogram. */
void histogram_merge(struct histogram *h, const struct histogram *other);

/*
 * The smallest time that is not exceeded by `share` (0 to 1) of all times. The
 * result may be larger by one part in a thousand. 0 if the histogram is empty.
 */
uint64_t histogram_quantile(const struct histogram *h, double share);

/* How many times are below `ns`, to the precision of a bucket. */
uint64_t histogram_below(const struct histogram *h, uint64_t ns);

/*
 * Iterates over the buckets that are not empty. `*at` starts at 0. Returns the
 * count of the next bucket and stores its upper end; 0 after the last one.
 */
uint64_t histogram_next(const struct histogram *h, size_t *at, uint64_t *ret);

/* Sorts the values and returns the median; NAN if there is no value. */
double stats_median(double *values, size_t n);

#endif
