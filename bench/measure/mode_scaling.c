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

static int add_workers(struct results *results, const struct scene *scene,
		       unsigned n, enum purpose purpose,
		       struct pktio_error *reterr)
{
	struct point point = results_point(results, scene);
	size_t used = strlen(point.label);

	point.workers = n;
	point.purpose = purpose;
	if (purpose == PURPOSE_FLOWS) {
		point.probe = true;
		point.seconds = fmin(point.seconds, FLOWS_SECONDS);
	}
	snprintf(point.label + used, sizeof(point.label) - used,
		 "%s%u ring%s%s", used ? " " : "", n, n == 1 ? "" : "s",
		 purpose == PURPOSE_FLOWS ? ", flows" : "");
	return results_add_point(results, &point, reterr);
}

/* The rate with N rings, of N times that with one. */
static int find_efficiency(struct results *results,
			   const struct contender *contender, size_t one,
			   size_t all, struct pktio_error *reterr)
{
	const struct point *last = &results->points[all];
	double pps = results_median(results, all, contender, PPS);
	double single = results_median(results, one, contender, PPS);
	double value = pps / (last->workers * single);
	struct finding f = { .name = "efficiency",
			     .unit = "share",
			     .contender = contender,
			     .scene = last->scene };
	char scene[96];

	if (!isfinite(value))
		return 0;
	/* One ring alone took all that was sent. */
	f.at_least = results_median(results, one, contender, DROPPED) == 0;
	snprintf(f.words, sizeof(f.words),
		 "%s%s: %.2f times the frames/s with %u rings%s",
		 measure_name(results->plan, contender),
		 mode_scene_words(last->scene, scene, sizeof(scene)),
		 pps / single, last->workers,
		 f.at_least ? "; one alone took all that was sent" : "");
	return results_add_finding(results, &f, &value, 1, reterr);
}

static int find_split(struct results *results,
		      const struct contender *contender, size_t point,
		      struct pktio_error *reterr)
{
	double flows = results_median(results, point, contender, FLOWS);
	double split = results_median(results, point, contender, SPLIT);
	unsigned workers = results->points[point].workers;
	const struct scene *scene = results->points[point].scene;
	struct finding f = { .name = "split_flows",
			     .unit = "flows",
			     .contender = contender,
			     .scene = scene };
	char words[96];

	if (isnan(split))
		return 0;
	mode_scene_words(scene, words, sizeof(words));
	if (split == 0)
		snprintf(
			f.words, sizeof(f.words),
			"%s%s: each of %.0f flows came to one of %u rings, both ways",
			measure_name(results->plan, contender), words, flows,
			workers);
	else
		snprintf(f.words, sizeof(f.words),
			 "%s%s: %.0f of %.0f flows came to several of %u rings",
			 measure_name(results->plan, contender), words, split,
			 flows, workers);
	return results_add_finding(results, &f, &split, 1, reterr);
}

static int scale(struct results *results, const struct scene *scene,
		 struct pktio_error *reterr)
{
	const struct plan *plan = results->plan;
	size_t first = results->npoints;
	size_t flows = first + plan->workers;
	int r = 0;

	for (unsigned i = 1; r >= 0 && i <= plan->workers; i++)
		r = add_workers(results, scene, i, PURPOSE_MEASURE, reterr);
	if (r >= 0)
		r = results_try_points(results, first, reterr);
	results->headline = flows - 1;
	if (r >= 0 && plan->sender && plan->workers > 1 && !interrupt_came())
		r = add_workers(results, scene, plan->workers, PURPOSE_FLOWS,
				reterr);
	for (size_t i = 0; r >= 0 && i < results->ncontenders; i++) {
		const struct contender *c = results->contenders[i];

		if (interrupt_came())
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

	for (size_t i = 0; r == 0 && i < plan->nscenes && !interrupt_came();
	     i++)
		r = scale(results, &plan->scenes[i], reterr);
	return r;
}
