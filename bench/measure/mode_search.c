/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The most that is received without loss: frames a second, as throughput is in
 * RFC 2544, or frames of a burst, as its back-to-back test has it. Each
 * contender is searched for by itself, --runs times, taking turns.
 */
#include "measure/mode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bisect.h"
#include "netns/fail.h"
#include "system/interrupt.h"

#define LEAST_RATE 1000.0
#define LEAST_BURST 16.0
#define LONGEST_BURST 8e6

/* A rate that was missed by more than this was not offered. */
#define PACING_TOLERANCE 0.01
/* In a row, before it is taken for the sender's limit. */
#define MOST_MISSES 3U

/* What is searched for. */
struct quest {
	const char *name, *unit;
	bool burst;
	double least;
};

static const struct quest throughput = { "zero_loss_pps", "frames/s", false,
					 LEAST_RATE };
static const struct quest burst = { "largest_burst", "frames", true,
				    LEAST_BURST };

/* The point for what is tried next, made if there is none yet. */
static int find_point(struct results *results, const struct scene *scene,
		      const struct quest *quest, double amount,
		      struct pktio_error *reterr)
{
	struct point point = results_point(results, scene);
	size_t used = strlen(point.label);

	point.rate = quest->burst ? 0 : amount;
	point.frames = quest->burst ? (uint64_t)amount : 0;
	for (size_t i = 0; i < results->npoints; i++) {
		const struct point *p = &results->points[i];

		if (p->scene == scene && p->purpose == PURPOSE_MEASURE &&
		    p->rate == point.rate && p->frames == point.frames)
			return (int)i;
	}
	snprintf(point.label + used, sizeof(point.label) - used, "%s%.0f%s",
		 used ? " " : "", amount, quest->burst ? "" : "/s");
	return results_add_point(results, &point, reterr);
}

/* One search; 1: the contender has failed. */
static int search(struct results *results, const struct scene *scene,
		  const struct contender *contender, unsigned number,
		  const struct quest *quest, struct seek *seek,
		  struct pktio_error *reterr)
{
	unsigned missed = 0;
	double next;

	while ((next = floor(seek_next(seek))) > 0 && !interrupt_came()) {
		const struct run *run;
		double offered = next;
		int r = find_point(results, scene, quest, next, reterr);

		if (r >= 0)
			r = results_try(results, (size_t)r, contender, number,
					&run, reterr);
		if (r != 0)
			return r;
		/* What the sender did not manage has not been tried. */
		if (run->values[PACING] < -PACING_TOLERANCE &&
		    run->values[DROPPED] == 0) {
			if (++missed < MOST_MISSES)
				continue;
			offered = run->values[SENT_PPS];
			seek_limit(seek, offered);
		}
		missed = 0;
		seek_note(seek, offered,
			  run->valid && run->values[DROPPED] == 0);
	}
	return 0;
}

static void describe(struct finding *f, const struct results *results,
		     const struct quest *quest)
{
	const struct options *o = results->plan->options;
	const char *name = measure_name(results->plan, f->contender);
	char scene[96];

	mode_scene_words(f->scene, scene, sizeof(scene));
	if (quest->burst)
		snprintf(
			f->words, sizeof(f->words),
			"%s%s: %s%.0f frames back to back without loss, while the receiver %s",
			name, scene, f->at_least ? "at least " : "", f->value,
			o->stalled ? "is stalled" : "runs");
	else
		snprintf(f->words, sizeof(f->words),
			 "%s%s: %s%.0f frames/s without loss in %g s%s", name,
			 scene, f->at_least ? "at least " : "", f->value,
			 o->seconds,
			 !f->at_least ? "" :
			 o->rate > 0 && f->value >= o->rate ?
					"; --rate asked for no more" :
					"; the sender can do no more");
}

/* What the searches of all contenders in a scene found. */
struct found {
	double *values; /* a row of `runs` for each contender */
	bool limited[1 + OPTIONS_MOST_PEERS]; /* by the sender */
	unsigned done;                        /* rounds that are complete */
};

/* Everyone's searches in a scene, up to `most`. */
static int search_scene(struct results *results, const struct scene *scene,
			const struct quest *quest, double most,
			struct found *found, struct pktio_error *reterr)
{
	unsigned runs = results->plan->options->runs;
	int r = 0;

	for (unsigned i = 0; i < runs; i++) {
		for (size_t j = 0; j < results->ncontenders; j++) {
			struct seek seek;

			if (*results->failures[j].text)
				continue;
			seek_start(&seek, quest->least, most,
				   results->plan->options->resolution);
			r = search(results, scene, results->contenders[j],
				   i + 1, quest, &seek, reterr);
			if (r < 0 || interrupt_came())
				return r < 0 ? r : 0;
			found->values[j * runs + i] = seek.good;
			found->limited[j] = found->limited[j] ||
					    !seek.bounded || seek.limited;
		}
		found->done++;
	}
	return 0;
}

static int add_findings(struct results *results, const struct scene *scene,
			const struct quest *quest, const struct found *found,
			struct pktio_error *reterr)
{
	unsigned runs = results->plan->options->runs;
	int r = 0;

	for (size_t j = 0; r == 0 && j < results->ncontenders; j++) {
		struct finding f = { .name = quest->name,
				     .unit = quest->unit,
				     .contender = results->contenders[j],
				     .scene = scene,
				     .at_least = found->limited[j] };

		if (*results->failures[j].text)
			continue;
		r = results_add_finding(results, &f, found->values + j * runs,
					found->done, reterr);
		if (r == 0)
			describe(&results->findings[results->nfindings - 1],
				 results, quest);
	}
	return r;
}

static int search_and_find(struct results *results, const struct scene *scene,
			   const struct quest *quest, double most,
			   struct pktio_error *reterr)
{
	struct found found = { .done = 0 };
	int r;

	found.values = calloc(results->ncontenders *
				      (size_t)results->plan->options->runs,
			      sizeof(*found.values));
	if (!found.values)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	r = search_scene(results, scene, quest, most, &found, reterr);
	if (r == 0 && found.done > 0)
		r = add_findings(results, scene, quest, &found, reterr);
	free(found.values);
	return r;
}

static int search_all(struct results *results, const struct quest *quest,
		      struct pktio_error *reterr)
{
	const struct options *o = results->plan->options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < results->plan->nscenes; i++) {
		const struct scene *scene = &results->plan->scenes[i];
		double most = o->rate;

		if (most <= 0)
			r = mode_limit(results, scene, &most, reterr);
		if (r < 0 || interrupt_came())
			break;
		if (quest->burst)
			most = floor(fmin(most * o->seconds, LONGEST_BURST));
		if (i == 0) /* where all of them begin */
			results->headline = results->npoints;
		r = search_and_find(results, scene, quest, most, reterr);
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
