/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs of several contenders, and what they come to. They take turns, so that
 * whatever else the machine does meets all of them; ratios are taken between
 * neighbours, and only then the median.
 */
#include "results.h"

#include <math.h>
#include <stdlib.h>

#include "fail.h"
#include "interrupt.h"

int results_collect(struct results *ret, const struct plan *plan,
		    struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	int r = 0;

	*ret = (struct results){ .plan = plan, .ncontenders = 1 };
	ret->contenders[0] = plan->ours;
	for (size_t i = 0; i < o->npeers; i++)
		ret->contenders[ret->ncontenders++] = o->peers[i];
	ret->runs =
		calloc((size_t)o->runs * ret->ncontenders, sizeof(*ret->runs));
	if (!ret->runs)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	for (unsigned i = 0; r == 0 && i < o->runs; i++) {
		for (size_t j = 0; r == 0 && j < ret->ncontenders; j++) {
			if (interrupt_came())
				break;
			r = measure_run(&ret->runs[ret->n], plan,
					ret->contenders[j], i + 1, reterr);
			ret->n += r == 0;
		}
	}
	ret->interrupted = interrupt_came();
	return r;
}

void results_free(struct results *results)
{
	free(results->runs);
	results->runs = NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static double median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double results_median(const struct results *results,
		      const struct contender *contender, enum metric metric)
{
	double *values = calloc(results->n + 1, sizeof(*values));
	size_t n = 0;
	double m;

	if (!values)
		return NAN;
	for (size_t i = 0; i < results->n; i++)
		if (results->runs[i].contender == contender &&
		    !isnan(results->runs[i].values[metric]))
			values[n++] = results->runs[i].values[metric];
	m = median(values, n);
	free(values);
	return metric_names[metric].whole ? rint(m) : m;
}

/* The run of our contender with this number; NULL: there is none. */
static const struct run *our_run(const struct results *results, unsigned number)
{
	for (size_t i = 0; i < results->n; i++)
		if (results->runs[i].number == number &&
		    results->runs[i].contender == results->contenders[0])
			return &results->runs[i];
	return NULL;
}

static struct ratio compare_runs(const struct results *results,
				 const struct contender *peer,
				 enum metric metric)
{
	struct ratio ratio = { NAN, NAN, NAN };
	double *values = calloc(results->n + 1, sizeof(*values));
	size_t n = 0;

	if (!values)
		return ratio;
	for (size_t i = 0; i < results->n; i++) {
		const struct run *theirs = &results->runs[i];
		const struct run *ours = our_run(results, theirs->number);

		if (theirs->contender != peer || !ours)
			continue;
		values[n] = ours->values[metric] / theirs->values[metric];
		n += isfinite(values[n]) != 0;
	}
	if (n > 0) {
		ratio.median = median(values, n);
		ratio.min = values[0];
		ratio.max = values[n - 1];
	}
	free(values);
	return ratio;
}

struct ratio results_ratio(const struct results *results,
			   const struct contender *peer)
{
	return compare_runs(results, peer, CPU);
}

struct ratio results_speedup(const struct results *results,
			     const struct contender *peer)
{
	return compare_runs(results, peer, PPS);
}

size_t results_invalid(const struct results *results,
		       const struct contender *contender)
{
	size_t n = 0;

	for (size_t i = 0; i < results->n; i++)
		n += results->runs[i].contender == contender &&
		     !results->runs[i].valid;
	return n;
}
