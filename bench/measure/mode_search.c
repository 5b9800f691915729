/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searches for the highest rate without loss, as the throughput test of RFC
 * 2544 does, or for the longest burst without loss, as its back-to-back test
 * does. There are --runs searches for each receiver. The receivers take turns.
 */
#include "measure/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bisect.h"
#include "system/process.h"
#include "util/error.h"

#define MIN_RATE 1000.0
#define MIN_BURST 16.0
#define LONGEST_BURST 8e6

/* If the sender misses a rate by more than this, the rate was not offered. */
#define PACING_TOLERANCE 0.01
/* After so many misses in a row the reached rate is the limit of the sender. */
#define MAX_MISSES 3U

/* What the search finds. */
struct goal {
	const char *name, *unit;
	bool burst;
	double min;
};

static const struct goal throughput = { "zero_loss_pps", "frames/s", false,
					MIN_RATE };
static const struct goal burst = { "largest_burst", "frames", true, MIN_BURST };

/* The point for a rate or burst length; it is created if it does not exist. */
static int find_point(struct results *results, const struct scenario *scenario,
		      const struct goal *goal, double amount,
		      struct pktio_error *reterr)
{
	struct point point = results_point(results, scenario);
	size_t used = strlen(point.label);

	point.rate = goal->burst ? 0 : amount;
	point.frames = goal->burst ? (uint64_t)amount : 0;
	for (size_t i = 0; i < results->npoints; i++) {
		const struct point *p = &results->points[i];

		if (p->scenario == scenario && p->purpose == PURPOSE_MEASURE &&
		    p->rate == point.rate && p->frames == point.frames)
			return (int)i;
	}
	snprintf(point.label + used, sizeof(point.label) - used, "%s%.0f%s",
		 used ? " " : "", amount, goal->burst ? "" : "/s");
	return results_add_point(results, &point, reterr);
}

/* Makes one search. Returns 1 if the receiver has failed. */
static int search(struct results *results, const struct scenario *scenario,
		  const struct receiver *receiver, unsigned number,
		  const struct goal *goal, struct bisect *bisect,
		  struct pktio_error *reterr)
{
	unsigned missed = 0;
	double next;

	while ((next = floor(bisect_next(bisect))) > 0 &&
	       !interrupt_pending()) {
		const struct run *run;
		double offered = next;
		int r = find_point(results, scenario, goal, next, reterr);

		if (r >= 0)
			r = results_run(results, (size_t)r, receiver, number,
					&run, reterr);
		if (r != 0)
			return r;
		/* If the sender missed the rate, repeat the run. */
		if (run->values[PACING] < -PACING_TOLERANCE &&
		    run->values[DROPPED] == 0) {
			if (++missed < MAX_MISSES)
				continue;
			offered = run->values[SENT_PPS];
			bisect_limit(bisect, offered);
		}
		missed = 0;
		bisect_record(bisect, offered,
			      run->valid && run->values[DROPPED] == 0);
	}
	return 0;
}

static void write_text(struct finding *f, const struct results *results,
		       const struct goal *goal)
{
	const struct options *o = results->plan->options;
	const char *name = plan_receiver_name(results->plan, f->receiver);
	char scenario[96];

	results_scenario_text(f->scenario, scenario, sizeof(scenario));
	if (goal->burst)
		snprintf(
			f->text, sizeof(f->text),
			"%s%s: %s%.0f frames back to back without loss while the receiver %s",
			name, scenario, f->at_least ? "at min " : "", f->value,
			o->stalled ? "is stalled" : "runs");
	else
		snprintf(f->text, sizeof(f->text),
			 "%s%s: %s%.0f frames/s without loss in %g s%s", name,
			 scenario, f->at_least ? "at min " : "", f->value,
			 o->seconds,
			 !f->at_least ? "" :
			 o->rate > 0 && f->value >= o->rate ?
					"; --rate limits the search" :
					"; the sender cannot send more");
}

/* The results of the searches in one scenario. */
struct found {
	double *values;                   /* `runs` values for each receiver */
	bool limited[1 + OPTIONS_MAX_VS]; /* by the sender */
	unsigned done;                    /* complete rounds of all receivers */
};

/* Makes all searches in a scenario, up to `max`. */
static int search_scenario(struct results *results,
			   const struct scenario *scenario,
			   const struct goal *goal, double max,
			   struct found *found, struct pktio_error *reterr)
{
	unsigned runs = results->plan->options->runs;
	int r = 0;

	for (unsigned i = 0; i < runs; i++) {
		for (size_t j = 0; j < results->nreceivers; j++) {
			struct bisect bisect;

			if (*results->failures[j].text)
				continue;
			bisect_start(&bisect, goal->min, max,
				     results->plan->options->resolution);
			r = search(results, scenario, results->receivers[j],
				   i + 1, goal, &bisect, reterr);
			if (r < 0 || interrupt_pending())
				return r < 0 ? r : 0;
			found->values[j * runs + i] = bisect.good;
			found->limited[j] = found->limited[j] ||
					    !bisect.bounded || bisect.limited;
		}
		found->done++;
	}
	return 0;
}

static int add_findings(struct results *results,
			const struct scenario *scenario,
			const struct goal *goal, const struct found *found,
			struct pktio_error *reterr)
{
	unsigned runs = results->plan->options->runs;
	int r = 0;

	for (size_t j = 0; r == 0 && j < results->nreceivers; j++) {
		struct finding f = { .name = goal->name,
				     .unit = goal->unit,
				     .receiver = results->receivers[j],
				     .scenario = scenario,
				     .at_least = found->limited[j] };

		if (*results->failures[j].text)
			continue;
		r = results_add_finding(results, &f, found->values + j * runs,
					found->done, reterr);
		if (r == 0)
			write_text(&results->findings[results->nfindings - 1],
				   results, goal);
	}
	return r;
}

static int search_and_find(struct results *results,
			   const struct scenario *scenario,
			   const struct goal *goal, double max,
			   struct pktio_error *reterr)
{
	struct found found = { .done = 0 };
	int r;

	found.values = calloc(results->nreceivers *
				      (size_t)results->plan->options->runs,
			      sizeof(*found.values));
	if (!found.values)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = search_scenario(results, scenario, goal, max, &found, reterr);
	if (r == 0 && found.done > 0)
		r = add_findings(results, scenario, goal, &found, reterr);
	free(found.values);
	return r;
}

static int search_all(struct results *results, const struct goal *goal,
		      struct pktio_error *reterr)
{
	const struct options *o = results->plan->options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < results->plan->nscenarios; i++) {
		const struct scenario *scenario = &results->plan->scenarios[i];
		double max = o->rate;

		if (max <= 0)
			r = results_sender_limit(results, scenario, &max,
						 reterr);
		if (r < 0 || interrupt_pending())
			break;
		if (goal->burst)
			max = floor(fmin(max * o->seconds, LONGEST_BURST));
		if (i == 0) /* the first point, which all searches share */
			results->headline = results->npoints;
		r = search_and_find(results, scenario, goal, max, reterr);
	}
	if (results->headline >= results->npoints)
		results->headline = 0;
	return r;
}

int mode_search(struct results *results, struct pktio_error *reterr)
{
	return search_all(results, &throughput, reterr);
}

int mode_burst(struct results *results, struct pktio_error *reterr)
{
	return search_all(results, &burst, reterr);
}
