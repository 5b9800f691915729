/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One ring, two rings, and so on, that share the traffic by flow. Where each
 * flow went is looked up in a run of its own, since looking at frames costs
 * more than to count them.
 */
#include "measure/mode.h"

#include <math.h>
#include <string.h>

#include "system/interrupt.h"

#define FLOWS_SECONDS 1.0

static int add_workers(struct results *results, const struct scenario *scenario,
		       unsigned n, enum purpose purpose,
		       struct pktio_error *reterr)
{
	struct point point = results_point(results, scenario);
	size_t used = strlen(point.label);

	point.workers = n;
	point.purpose = purpose;
	if (purpose == PURPOSE_FLOWS) {
		point.markers = true;
		point.seconds = fmin(point.seconds, FLOWS_SECONDS);
	}
	snprintf(point.label + used, sizeof(point.label) - used,
		 "%s%u ring%s%s", used ? " " : "", n, n == 1 ? "" : "s",
		 purpose == PURPOSE_FLOWS ? ", flows" : "");
	return results_add_point(results, &point, reterr);
}

/* The rate with N rings, of N times that with one. */
static int find_efficiency(struct results *results,
			   const struct receiver *receiver, size_t one,
			   size_t all, struct pktio_error *reterr)
{
	const struct point *last = &results->points[all];
	double pps = results_median(results, all, receiver, PPS);
	double single = results_median(results, one, receiver, PPS);
	double value = pps / (last->workers * single);
	struct finding f = { .name = "efficiency",
			     .unit = "share",
			     .receiver = receiver,
			     .scenario = last->scenario };
	char scenario[96];

	if (!isfinite(value))
		return 0;
	/* One ring alone took all that was sent. */
	f.at_least = results_median(results, one, receiver, DROPPED) == 0;
	snprintf(f.words, sizeof(f.words),
		 "%s%s: %.2f times the frames/s with %u rings%s",
		 measure_name(results->plan, receiver),
		 mode_scenario_words(last->scenario, scenario,
				     sizeof(scenario)),
		 pps / single, last->workers,
		 f.at_least ? "; one alone took all that was sent" : "");
	return results_add_finding(results, &f, &value, 1, reterr);
}

static int find_split(struct results *results, const struct receiver *receiver,
		      size_t point, struct pktio_error *reterr)
{
	double flows = results_median(results, point, receiver, FLOWS);
	double split = results_median(results, point, receiver, SPLIT);
	unsigned workers = results->points[point].workers;
	const struct scenario *scenario = results->points[point].scenario;
	struct finding f = { .name = "split_flows",
			     .unit = "flows",
			     .receiver = receiver,
			     .scenario = scenario };
	char words[96];

	if (isnan(split))
		return 0;
	mode_scenario_words(scenario, words, sizeof(words));
	if (split == 0)
		snprintf(
			f.words, sizeof(f.words),
			"%s%s: each of %.0f flows came to one of %u rings, both ways",
			measure_name(results->plan, receiver), words, flows,
			workers);
	else
		snprintf(f.words, sizeof(f.words),
			 "%s%s: %.0f of %.0f flows came to several of %u rings",
			 measure_name(results->plan, receiver), words, split,
			 flows, workers);
	return results_add_finding(results, &f, &split, 1, reterr);
}

static int scale(struct results *results, const struct scenario *scenario,
		 struct pktio_error *reterr)
{
	const struct plan *plan = results->plan;
	size_t first = results->npoints;
	size_t flows = first + plan->workers;
	int r = 0;

	for (unsigned i = 1; r >= 0 && i <= plan->workers; i++)
		r = add_workers(results, scenario, i, PURPOSE_MEASURE, reterr);
	if (r >= 0)
		r = results_try_points(results, first, reterr);
	results->headline = flows - 1;
	if (r >= 0 && plan->sender && plan->workers > 1 && !interrupt_pending())
		r = add_workers(results, scenario, plan->workers, PURPOSE_FLOWS,
				reterr);
	for (size_t i = 0; r >= 0 && i < results->nreceivers; i++) {
		const struct receiver *c = results->receivers[i];

		if (interrupt_pending())
			break;
		if (flows < results->npoints && results_can(results, flows, c))
			r = results_try(results, flows, c, 1, NULL, reterr);
		if (r >= 0)
			r = find_efficiency(results, c, first, flows - 1,
					    reterr);
		if (r >= 0 && flows < results->npoints)
			r = find_split(results, c, flows, reterr);
	}
	return r < 0 ? r : 0;
}

int mode_scaling(struct results *results, struct pktio_error *reterr)
{
	const struct plan *plan = results->plan;
	int r = 0;

	for (size_t i = 0;
	     r == 0 && i < plan->nscenarios && !interrupt_pending(); i++)
		r = scale(results, &plan->scenarios[i], reterr);
	return r;
}
