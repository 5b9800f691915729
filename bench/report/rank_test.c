/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/rank_test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXACT 40

struct value {
	double value;
	bool first;    /* it is of the first sample */
	unsigned rank; /* twice the rank, so that shared ones are whole */
};

static int by_value(const void *a, const void *b)
{
	const struct value *p = a;
	const struct value *q = b;

	return (p->value > q->value) - (p->value < q->value);
}

/* Ranks from 1; equal values share the middle of theirs. Returns the sum of
 * t^3 - t over the groups of equal ones. */
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
 * Counts, for each sum, the ways to choose n of the ranks that come to it, and
 * then the part of all ways that is as far from the middle as `sum`.
 */
static double exact(const struct value *values, size_t all, size_t n,
		    double sum)
{
	size_t most = all * (all + 1); /* of the doubled ranks */
	size_t width = most + 1;
	double *ways = calloc((n + 1) * width, sizeof(*ways));
	double middle = (double)(n * (all + 1));
	double far = 0;
	double total = 0;

	if (!ways)
		return 1;
	ways[0] = 1;
	for (size_t i = 0; i < all; i++)
		for (size_t k = n; k > 0; k--)
			for (size_t s = values[i].rank; s <= most; s++)
				ways[k * width + s] += ways[(k - 1) * width +
							    s - values[i].rank];
	for (size_t s = 0; s <= most; s++) {
		double w = ways[n * width + s];

		total += w;
		if (fabs((double)s - middle) >= fabs(sum - middle) - 1e-9)
			far += w;
	}
	free(ways);
	return far / total;
}

static double normal(size_t n, size_t m, double sum, double ties)
{
	double all = (double)(n + m);
	double middle = (double)n * (all + 1) / 2;
	double variance = (double)n * (double)m / 12 *
			  (all + 1 - ties / (all * (all - 1)));
	/* Half a rank is given up for sums being whole. */
	double off = fmax(fabs(sum / 2 - middle) - 0.5, 0);

	return variance > 0 ? erfc(off / sqrt(2 * variance)) : 1;
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

double rank_least(size_t n, size_t m)
{
	double ways = 1;

	for (size_t i = 1; i <= n; i++)
		ways *= (double)(m + i) / (double)i;
	return fmin(2 / ways, 1);
}
