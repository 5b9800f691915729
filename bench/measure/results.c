/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runs of all receivers, and their medians and ratios. The receivers take
 * turns, so that other activity of the machine affects all of them. A ratio is
 * taken between runs of the same round, and then the median of the ratios.
 */
#include "measure/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"
#include "system/process.h"
#include "util/error.h"

void results_free(struct results *results)
{
	for (size_t i = 0; i < results->n; i++)
		run_free(&results->runs[i]);
	free(results->runs);
	free(results->points);
	free(results->findings);
	*results = (struct results){ 0 };
}

#define LIMIT_SECONDS 1.0

/* ---- For the modes ------------------------------------------------------ */

/* Makes room for one more element; the list grows by powers of two. */
static void *grow(void *list, size_t n, size_t size)
{
	if (n & (n - 1))
		return list;
	return realloc(list, (n ? 2 * n : 1) * size);
}

struct point results_point(const struct results *results,
			   const struct scenario *scenario)
{
	const struct options *o = results->plan->options;
	struct point point = { .scenario = scenario,
			       .workers = 1,
			       .rate = o->rate,
			       .seconds = o->seconds,
			       .markers = o->latency };

	snprintf(point.label, sizeof(point.label), "%s", scenario->label);
	return point;
}

int results_add_point(struct results *results, const struct point *template,
		      struct pktio_error *reterr)
{
	struct point *points =
		grow(results->points, results->npoints, sizeof(*points));

	if (!points)
		return error_set(reterr, -ENOMEM, "out of memory");
	results->points = points;
	points[results->npoints] = *template;
	return (int)results->npoints++;
}

static size_t index_of(const struct results *results,
		       const struct receiver *receiver)
{
	size_t i = 0;

	while (results->receivers[i] != receiver)
		i++;
	return i;
}

int results_run(struct results *results, size_t point,
		const struct receiver *receiver, unsigned number,
		const struct run **ret, struct pktio_error *reterr)
{
	struct run *runs = grow(results->runs, results->n, sizeof(*runs));
	struct pktio_error error = { 0 };
	int r;

	if (!runs)
		return error_set(reterr, -ENOMEM, "out of memory");
	results->runs = runs;
	r = run_execute(&runs[results->n], results->plan,
			&results->points[point], receiver, number, &error);
	if (r < 0 && receiver->tool) {
		results->failures[index_of(results, receiver)] = error;
		return 1;
	}
	if (r < 0) {
		*reterr = error;
		return r;
	}
	runs[results->n].point = point;
	if (ret)
		*ret = &runs[results->n];
	results->n++;
	progress_step();
	return 0;
}

/* Only the backend under test reads compressed files. Tools cannot share an
 * interface. */
bool results_can_run(const struct results *results, size_t point,
		     const struct receiver *receiver)
{
	const char *codec = results->points[point].scenario->codec;

	if (receiver->tool && results->points[point].workers > 1)
		return false;
	if (*results->failures[index_of(results, receiver)].text)
		return false;
	return receiver == results->receivers[0] || !codec ||
	       strcmp(codec, "none") == 0;
}

static unsigned count_runs(const struct results *results, size_t first)
{
	unsigned n = 0;

	for (size_t p = first; p < results->npoints; p++)
		for (size_t j = 0; j < results->nreceivers; j++)
			n += results_can_run(results, p, results->receivers[j]);
	return n;
}

int results_run_points(struct results *results, size_t first,
		       struct pktio_error *reterr)
{
	unsigned runs = results->plan->options->runs;
	int r = 0;

	progress_expect(runs * count_runs(results, first));
	for (size_t p = first; p < results->npoints; p++)
		for (unsigned i = 0; i < runs; i++)
			for (size_t j = 0; j < results->nreceivers; j++) {
				if (r < 0 || interrupt_pending())
					return r;
				if (results_can_run(results, p,
						    results->receivers[j]))
					r = results_run(results, p,
							results->receivers[j],
							i + 1, NULL, reterr);
			}
	return r < 0 ? r : 0;
}

int results_add_finding(struct results *results, const struct finding *finding,
			double *values, size_t n, struct pktio_error *reterr)
{
	struct finding *findings =
		grow(results->findings, results->nfindings, sizeof(*findings));
	struct finding *f;

	if (!findings)
		return error_set(reterr, -ENOMEM, "out of memory");
	results->findings = findings;
	f = &findings[results->nfindings++];
	*f = *finding;
	f->value = stats_median(values, n);
	f->min = n ? values[0] : NAN;
	f->max = n ? values[n - 1] : NAN;
	return 0;
}

int results_sender_limit(struct results *results,
			 const struct scenario *scenario, double *ret,
			 struct pktio_error *reterr)
{
	struct point point = results_point(results, scenario);
	const struct run *run = NULL;
	int r;

	point.purpose = PURPOSE_LIMIT;
	point.rate = 0;
	point.seconds = fmin(point.seconds, LIMIT_SECONDS);
	*ret = 0;
	r = results_add_point(results, &point, reterr);
	if (r >= 0)
		r = results_run(results, (size_t)r, results->receivers[0], 1,
				&run, reterr);
	if (r == 0 && run && !interrupt_pending())
		*ret = floor(run->values[SENT_PPS]);
	return r;
}

const char *results_scenario_text(const struct scenario *scenario, char *buffer,
				  size_t size)
{
	snprintf(buffer, size, "%s%s", *scenario->label ? " with " : "",
		 scenario->label);
	return buffer;
}

/* ---- For the output ----------------------------------------------------- */

static bool is_of(const struct run *run, size_t point,
		  const struct receiver *receiver)
{
	return run->point == point && run->receiver == receiver;
}

/* Invalid runs are in no median, ratio or series. */
static bool is_valid_run(const struct run *run, size_t point,
			 const struct receiver *receiver)
{
	return run->valid && is_of(run, point, receiver);
}

static struct spread spread(double *values, size_t n)
{
	struct spread s = { NAN, NAN, NAN };

	if (n > 0) {
		s.median = stats_median(values, n);
		s.min = values[0];
		s.max = values[n - 1];
	}
	return s;
}

struct spread results_spread(const struct results *results, size_t point,
			     const struct receiver *receiver,
			     enum metric metric)
{
	double *values = calloc(results->n + 1, sizeof(*values));
	struct spread s = { NAN, NAN, NAN };
	size_t n = 0;

	if (!values)
		return s;
	for (size_t i = 0; i < results->n; i++)
		if (is_valid_run(&results->runs[i], point, receiver) &&
		    !isnan(results->runs[i].values[metric]))
			values[n++] = results->runs[i].values[metric];
	s = spread(values, n);
	free(values);
	return s;
}

double results_median(const struct results *results, size_t point,
		      const struct receiver *receiver, enum metric metric)
{
	double m = results_spread(results, point, receiver, metric).median;

	return metric_names[metric].whole ? rint(m) : m;
}

/* The valid run of the backend under test with this number; NULL: none. */
static const struct run *tested_run(const struct results *results, size_t point,
				    unsigned number)
{
	for (size_t i = 0; i < results->n; i++)
		if (results->runs[i].number == number &&
		    is_valid_run(&results->runs[i], point,
				 results->receivers[0]))
			return &results->runs[i];
	return NULL;
}

static struct spread compare_runs(const struct results *results, size_t point,
				  const struct receiver *other,
				  enum metric metric)
{
	struct spread ratio = { NAN, NAN, NAN };
	double *values = calloc(results->n + 1, sizeof(*values));
	size_t n = 0;

	if (!values)
		return ratio;
	for (size_t i = 0; i < results->n; i++) {
		const struct run *run = &results->runs[i];
		const struct run *tested;

		if (!is_valid_run(run, point, other))
			continue;
		tested = tested_run(results, point, run->number);
		if (!tested)
			continue;
		values[n] = tested->values[metric] / run->values[metric];
		n += isfinite(values[n]) != 0;
	}
	ratio = spread(values, n);
	free(values);
	return ratio;
}

struct spread results_cpu_ratio(const struct results *results, size_t point,
				const struct receiver *other)
{
	return compare_runs(results, point, other, CPU);
}

struct spread results_speedup(const struct results *results, size_t point,
			      const struct receiver *other)
{
	return compare_runs(results, point, other, PPS);
}

size_t results_invalid(const struct results *results, size_t point,
		       const struct receiver *receiver)
{
	size_t n = 0;

	for (size_t i = 0; i < results->n; i++)
		n += is_of(&results->runs[i], point, receiver) &&
		     !results->runs[i].valid;
	return n;
}

bool results_has_runs(const struct results *results, size_t point,
		      const struct receiver *receiver)
{
	for (size_t i = 0; i < results->n; i++)
		if (is_of(&results->runs[i], point, receiver))
			return true;
	return false;
}
