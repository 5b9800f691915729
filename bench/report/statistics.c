/* SPDX-License-Identifier: BSD-3-Clause */
/* The median, and the rank test of Mann and Whitney. */
#include "report/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Median ------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double sample_median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof(*values), by_size);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* ---- Rank test ---------------------------------------------------------- */

#define MAX_EXACT 40

struct value {
	double value;
	bool first;    /* it belongs to the first sample */
	unsigned rank; /* twice the rank: tied ranks are then integers */
};

static int by_value(const void *a, const void *b)
{
	const struct value *p = a;
	const struct value *q = b;

	return (p->value > q->value) - (p->value < q->value);
}

/* Assigns ranks from 1. Equal values get the mean of their ranks. Returns the
 * sum of t^3 - t over all groups of t equal values. */
static double rank(struct value *values, size_t n)
{
	double ties = 0;
	size_t j;

	qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < n; i = j) {
		double t;

		for (j = i; j < n && values[j].value == values[i].value; j++)
			;
		for (size_t k = i; k < j; k++)
			values[k].rank = (unsigned)(i + 1 + j);
		t = (double)(j - i);
		ties += t * t * t - t;
	}
	return ties;
}

static double sum_of(const struct value *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (values[i].first)
			sum += values[i].rank;
	return sum;
}

/*
 * For each sum, counts the ways to choose n ranks with that sum. Returns the
 * share of all ways whose sum differs from the mean at least as much as `sum`.
 */
static double exact(const struct value *values, size_t all, size_t n,
		    double sum)
{
	size_t max = all * (all + 1); /* sum of all doubled ranks */
	size_t width = max + 1;
	double *ways = calloc((n + 1) * width, sizeof(*ways));
	double mean = (double)(n * (all + 1));
	double extreme = 0;
	double total = 0;

	if (!ways)
		return 1;
	ways[0] = 1;
	for (size_t i = 0; i < all; i++)
		for (size_t k = n; k > 0; k--)
			for (size_t s = values[i].rank; s <= max; s++)
				ways[k * width + s] += ways[(k - 1) * width +
							    s - values[i].rank];
	for (size_t s = 0; s <= max; s++) {
		double w = ways[n * width + s];

		total += w;
		if (fabs((double)s - mean) >= fabs(sum - mean) - 1e-9)
			extreme += w;
	}
	free(ways);
	return extreme / total;
}

static double normal(size_t n, size_t m, double sum, double ties)
{
	double all = (double)(n + m);
	double mean = (double)n * (all + 1) / 2;
	double variance = (double)n * (double)m / 12 *
			  (all + 1 - ties / (all * (all - 1)));
	/* Continuity correction: rank sums are integers. */
	double distance = fmax(fabs(sum / 2 - mean) - 0.5, 0);

	return variance > 0 ? erfc(distance / sqrt(2 * variance)) : 1;
}

double rank_test(const double *a, size_t n, const double *b, size_t m)
{
	struct value *values = calloc(n + m + 1, sizeof(*values));
	double ties;
	double sum;
	double p = 1;

	if (values && n > 0 && m > 0) {
		for (size_t i = 0; i < n + m; i++)
			values[i] = (struct value){
				.value = i < n ? a[i] : b[i - n],
				.first = i < n,
			};
		ties = rank(values, n + m);
		sum = sum_of(values, n + m);
		p = n + m <= MAX_EXACT ? exact(values, n + m, n, sum) :
					 normal(n, m, sum, ties);
	}
	free(values);
	return fmin(p, 1);
}

double rank_test_min(size_t n, size_t m)
{
	double ways = 1;

	for (size_t i = 1; i <= n; i++)
		ways *= (double)(m + i) / (double)i;
	return fmin(2 / ways, 1);
}
