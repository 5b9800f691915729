/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Medians, and histograms of times. The buckets of a histogram get wider with
 * the value, as in HdrHistogram: the ten bits after the first bit of a number
 * select its bucket, the other bits are rounded away.
 */
#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>

/* ---- Histogram ---------------------------------------------------------- */

#define DIGITS (UINT64_C(1) << HISTOGRAM_DIGIT_BITS)
#define MAX ((UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1)

/* The number of bits that are rounded away. */
static unsigned lost_bits(uint64_t ns)
{
	if (ns < 2 * DIGITS)
		return 0;
	return 63U - (unsigned)__builtin_clzll(ns) - HISTOGRAM_DIGIT_BITS;
}

static size_t bucket(uint64_t ns)
{
	unsigned lost = lost_bits(ns = ns < MAX ? ns : MAX);

	return lost * DIGITS + (ns >> lost);
}

/* The largest value of a bucket. */
static uint64_t upper(size_t i)
{
	unsigned lost = i < 2 * DIGITS ? 0 : (unsigned)(i / DIGITS) - 1;

	return ((i - lost * DIGITS + 1) << lost) - 1;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->buckets[bucket(ns)]++;
	if (h->n == 0 || ns < h->min)
		h->min = ns;
	if (ns > h->max)
		h->max = ns;
	h->sum += (double)ns;
	h->n++;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	if (other->n == 0)
		return;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += other->buckets[i];
	if (h->n == 0 || other->min < h->min)
		h->min = other->min;
	if (other->max > h->max)
		h->max = other->max;
	h->sum += other->sum;
	h->n += other->n;
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
	uint64_t rank = (uint64_t)ceil(share * (double)h->n);
	uint64_t seen = 0;
	size_t i = 0;

	if (h->n == 0)
		return 0;
	rank = rank > 0 ? rank : 1;
	while (i < HISTOGRAM_BUCKETS - 1 && (seen += h->buckets[i]) < rank)
		i++;
	return i == HISTOGRAM_BUCKETS - 1 || upper(i) > h->max ? h->max :
								 upper(i);
}

uint64_t histogram_below(const struct histogram *h, uint64_t ns)
{
	size_t end = bucket(ns);
	uint64_t n = 0;

	for (size_t i = 0; i < end; i++)
		n += h->buckets[i];
	return n;
}

uint64_t histogram_next(const struct histogram *h, size_t *at, uint64_t *ret)
{
	while (*at < HISTOGRAM_BUCKETS) {
		uint64_t n = h->buckets[*at];
		uint64_t end = upper(*at);

		++*at;
		if (n > 0) {
			*ret = end < h->max ? end : h->max;
			return n;
		}
	}
	return 0;
}

/* ---- Median ------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double stats_median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
