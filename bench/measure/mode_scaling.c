/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Measures one ring, two rings and so on, which share the traffic by flow. The
 * ring of each flow is found in a separate run, because reading the markers
 * takes more CPU time than counting frames.
 */
#include "measure/results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "system/process.h"

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

/* The rate with N rings divided by N times the rate with one ring. */
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
	/* One ring received all frames that the sender can send. */
	f.at_least = results_median(results, one, receiver, DROPPED) == 0;
	snprintf(f.text, sizeof(f.text),
		 "%s%s: %.2f times the rate with %u rings%s",
		 plan_receiver_name(results->plan, receiver),
		 results_scenario_text(last->scenario, scenario,
				       sizeof(scenario)),
		 pps / single, last->workers,
		 f.at_least ? "; one ring already receives all frames" : "");
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
	char text[96];

	if (isnan(split))
		return 0;
	results_scenario_text(scenario, text, sizeof(text));
	if (split == 0)
		snprintf(
			f.text, sizeof(f.text),
			"%s%s: each of %.0f flows reached one of %u rings, in both directions",
			plan_receiver_name(results->plan, receiver), text,
			flows, workers);
	else
		snprintf(f.text, sizeof(f.text),
			 "%s%s: %.0f of %.0f flows reached several of %u rings",
			 plan_receiver_name(results->plan, receiver), text,
			 split, flows, workers);
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
		r = results_run_points(results, first, reterr);
	results->headline = flows - 1;
	if (r >= 0 && plan->sender && plan->workers > 1 && !interrupt_pending())
		r = add_workers(results, scenario, plan->workers, PURPOSE_FLOWS,
				reterr);
	for (size_t i = 0; r >= 0 && i < results->nreceivers; i++) {
		const struct receiver *c = results->receivers[i];

		if (interrupt_pending())
			break;
		if (flows < results->npoints &&
		    results_can_run(results, flows, c))
			r = results_run(results, flows, c, 1, NULL, reterr);
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
