/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_HISTOGRAM_H
#define PKTIO_BENCH_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A histogram of times in ns, right to three digits from 1 ns to 18 minutes:
 * buckets of 1 ns up to 2 us, then 1024 for each power of two. Longer times are
 * in the last one. To begin with it is all zero; 250 KiB, so not for the stack.
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

/* Adds what another one has. */
void histogram_merge(struct histogram *h, const struct histogram *other);

/*
 * So much, or less by a part in a thousand, was the min that a share of all
 * (0 to 1) did not exceed. 0 if there is none.
 */
uint64_t histogram_quantile(const struct histogram *h, double share);

/* How many were less than `ns`, to the precision of a bucket. */
uint64_t histogram_below(const struct histogram *h, uint64_t ns);

/*
 * The buckets that are not empty, from `*at` = 0 on: the count of the next one
 * and its upper end. 0: there are no more.
 */
uint64_t histogram_next(const struct histogram *h, size_t *at, uint64_t *ret);

#endif
