/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The series: curves of a metric over the number of workers, the offered rate,
 * the burst length or the frame size; and the distribution of the latency.
 */
#include "output/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The x axis: a value of a point; NAN if the point has none. */
struct axis {
	const char *name, *unit;
	double (*value)(const struct point *point);
};

static double workers_of(const struct point *point)
{
	return point->workers;
}

static double rate_of(const struct point *point)
{
	return point->rate;
}

static double burst_of(const struct point *point)
{
	return (double)point->frames;
}

/* The IMIX has no position on the axis. */
static double size_of(const struct point *point)
{
	const char *size = point->scenario->size;

	return size && strcmp(size, "imix") != 0 ? strtod(size, NULL) : NAN;
}

static const struct axis workers_axis = { "workers", "rings", workers_of };
static const struct axis rate_axis = { "offered_pps", "frames/s", rate_of };
static const struct axis burst_axis = { "burst", "frames", burst_of };
static const struct axis size_axis = { "size", "bytes", size_of };

static const struct axis *axis_of(const struct results *results)
{
	const struct options *o = results->plan->options;

	switch (o->mode) {
	case MODE_SCALING:
		return &workers_axis;
	case MODE_RATES:
	case MODE_SEARCH:
		return &rate_axis;
	case MODE_BURST:
		return &burst_axis;
	default:
		return o->nsizes ? &size_axis : NULL;
	}
}

static const struct {
	enum metric metric;
	const char *unit;
} metrics[] = {
	{ PPS, "frames/s" },    { LOSS, "share" },     { CPU, "ns/frame" },
	{ LATENCY_P50, "ns" },  { LATENCY_P90, "ns" }, { LATENCY_P99, "ns" },
	{ LATENCY_P999, "ns" }, { LATENCY_MAX, "ns" },
};

static json_t *curve(const char *name, const struct results *results,
		     const struct receiver *receiver,
		     const struct scenario *scenario, const struct axis *x,
		     const char *unit)
{
	return json_pack("{s:s, s:s, s:o, s:{s:s, s:s}, s:{s:s, s:s}, s:[]}",
			 "name", name, "receiver",
			 plan_receiver_name(results->plan, receiver),
			 "scenario",
			 output_text(scenario ? scenario->label : NULL), "x",
			 "name", x->name, "unit", x->unit, "y", "name", name,
			 "unit", unit, "points");
}

static void add(json_t *series, double x, const struct spread *y)
{
	if (isfinite(x) && isfinite(y->median))
		json_array_append_new(json_object_get(series, "points"),
				      json_pack("{s:f, s:f, s:f, s:f}", "x", x,
						"y", y->median, "min", y->min,
						"max", y->max));
}

/* Adds a series to the list if it has at least two points. */
static void finish(json_t *list, json_t *series)
{
	if (json_array_size(json_object_get(series, "points")) > 1)
		json_array_append_new(list, series);
	else
		json_decref(series);
}

static int by_x(const void *a, const void *b)
{
	const json_t *const *p = a;
	const json_t *const *q = b;
	double x = json_real_value(json_object_get(*p, "x"));
	double y = json_real_value(json_object_get(*q, "x"));

	return (x > y) - (x < y);
}

/* Sorts by x. The points of a search are in the order of the search. */
static void sort(json_t *series)
{
	json_t *points = json_object_get(series, "points");
	size_t n = json_array_size(points);
	json_t **sorted = calloc(n + 1, sizeof(json_t *));

	if (!sorted)
		return;
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_incref(json_array_get(points, i));
	qsort(sorted, n, sizeof(json_t *), by_x);
	json_array_clear(points);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(points, sorted[i]);
	free(sorted);
}

/* Without a schedule the x value is the rate that the sender reached. */
static double x_of(const struct results *results, size_t p,
		   const struct receiver *receiver, const struct axis *x)
{
	const struct point *point = &results->points[p];

	return x == &rate_axis && !(point->rate > 0) ?
		       results_median(results, p, receiver, SENT_PPS) :
		       x->value(point);
}

/* Adds the series of one scenario, or over all scenarios (NULL). */
static void add_metrics(json_t *list, const struct results *results,
			const struct receiver *receiver,
			const struct scenario *scenario, const struct axis *x)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		json_t *series = curve(metric_names[metrics[i].metric].name,
				       results, receiver, scenario, x,
				       metrics[i].unit);

		for (size_t p = 0; p < results->npoints; p++) {
			const struct point *point = &results->points[p];
			struct spread y;

			if ((scenario && point->scenario != scenario) ||
			    point->purpose != PURPOSE_MEASURE)
				continue;
			y = results_spread(results, p, receiver,
					   metrics[i].metric);
			add(series, x_of(results, p, receiver, x), &y);
		}
		sort(series);
		finish(list, series);
	}
}

/* The rate with n workers divided by n times the rate with one worker. */
static void add_efficiency(json_t *list, const struct results *results,
			   const struct receiver *receiver,
			   const struct scenario *scenario)
{
	json_t *series = curve("efficiency", results, receiver, scenario,
			       &workers_axis, "share");
	double single = NAN;

	for (size_t p = 0; p < results->npoints; p++) {
		const struct point *point = &results->points[p];
		struct spread y;
		double whole;

		if (point->scenario != scenario ||
		    point->purpose != PURPOSE_MEASURE)
			continue;
		y = results_spread(results, p, receiver, PPS);
		if (point->workers == 1)
			single = y.median;
		whole = single * point->workers;
		y = (struct spread){ y.median / whole, y.min / whole,
				     y.max / whole };
		add(series, point->workers, &y);
	}
	finish(list, series);
}

/* ---- Latency ------------------------------------------------------------ */

#define MAX_STEPS 200 /* of a curve; more steps are not visible */

/* The share of frames that were received within each time. */
static void add_cdf(json_t *list, const struct results *results, size_t p,
		    const struct receiver *receiver)
{
	static const struct axis time_axis = { "latency_ns", "ns", NULL };
	const struct point *point = &results->points[p];
	struct histogram *sum = calloc(1, sizeof(*sum));
	json_t *series;
	double shown = -1;
	uint64_t seen = 0;
	uint64_t ns = 0;
	uint64_t n;
	size_t at = 0;

	for (size_t i = 0; sum && i < results->n; i++)
		if (results->runs[i].point == p && results->runs[i].valid &&
		    results->runs[i].latency &&
		    results->runs[i].receiver == receiver)
			histogram_merge(sum, results->runs[i].latency);
	if (!sum || sum->n == 0) {
		free(sum);
		return;
	}
	series = curve("latency_cdf", results, receiver, point->scenario,
		       &time_axis, "share");
	json_object_set_new(series, "point", json_integer((json_int_t)p));
	while ((n = histogram_next(sum, &at, &ns)) > 0) {
		double share = (double)(seen += n) / (double)sum->n;
		struct spread y = { share, share, share };

		/* Keep more steps of the highest 1 %: they matter most. */
		if (share - shown < 1.0 / MAX_STEPS && share < 0.99)
			continue;
		if (share - shown < (1 - shown) / MAX_STEPS && seen < sum->n)
			continue;
		add(series, (double)ns, &y);
		shown = share;
	}
	finish(list, series);
	free(sum);
}

/* ---- All series --------------------------------------------------------- */

json_t *output_series(const struct results *results)
{
	const struct axis *x = axis_of(results);
	const struct plan *plan = results->plan;
	json_t *list = json_array();

	for (size_t i = 0; i < results->nreceivers; i++) {
		const struct receiver *c = results->receivers[i];

		if (x == &size_axis)
			add_metrics(list, results, c, NULL, x);
		for (size_t j = 0; x && x != &size_axis && j < plan->nscenarios;
		     j++) {
			add_metrics(list, results, c, &plan->scenarios[j], x);
			if (x == &workers_axis)
				add_efficiency(list, results, c,
					       &plan->scenarios[j]);
		}
		for (size_t p = 0; p < results->npoints; p++)
			if (results->points[p].purpose == PURPOSE_MEASURE)
				add_cdf(list, results, p, c);
	}
	return list;
}
