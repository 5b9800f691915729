/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RESULTS_H
#define PKTIO_BENCH_RESULTS_H

#include "measure/run.h"

/* What a mode set out to find. */
struct finding {
	const char *name, *unit;
	const struct receiver *receiver;
	const struct scenario *scenario;
	double value, min, max; /* the median, and the spread over the runs */
	bool at_least;          /* what could be sent was the limit */
	char words[256];
};

/* All runs, in the order in which they were made, and what they come to. */
struct results {
	const struct plan *plan;
	const struct receiver *receivers[1 + OPTIONS_MAX_VS];
	size_t nreceivers; /* ours is the first */
	/* Of programs that failed and take no further part; "": of the others
	 */
	struct pktio_error failures[1 + OPTIONS_MAX_VS];
	struct point *points;
	size_t npoints;
	size_t headline; /* the point that stands for all */
	struct run *runs;
	size_t n;
	struct finding *findings;
	size_t nfindings;
	bool interrupted;
};

/* A figure of ours divided by theirs, over the runs. */
struct ratio {
	double median, min, max; /* NAN: nothing to compare */
};

/* Makes all trials of the mode; stops early when interrupted. */
int results_collect(struct results *ret, const struct plan *plan,
		    struct pktio_error *reterr);
void results_free(struct results *results);

/* ---- For the modes ------------------------------------------------------ */

/* Adds a point like `template`; its index, or -ENOMEM with words. */
int results_add_point(struct results *results, const struct point *template,
		      struct pktio_error *reterr);

/* Whether a receiver can receive at a point, and has not failed before. */
bool results_can(const struct results *results, size_t point,
		 const struct receiver *receiver);

/*
 * Makes one run at a point and adds it; *ret is good until the next. Of a
 * program that fails the words are kept, and it is not an error: 1.
 */
int results_try(struct results *results, size_t point,
		const struct receiver *receiver, unsigned number,
		const struct run **ret, struct pktio_error *reterr);

/*
 * Every receiver that can, in turn, --runs times at each of the points from
 * `first` on.
 */
int results_try_points(struct results *results, size_t first,
		       struct pktio_error *reterr);

/* Adds a finding from values of several runs, which it sorts. */
int results_add_finding(struct results *results, const struct finding *finding,
			double *values, size_t n, struct pktio_error *reterr);

/* A point of a scenario as the command line has it. */
struct point results_point(const struct results *results,
			   const struct scenario *scenario);

/* ---- For the reports ---------------------------------------------------- */

/* Of the valid runs; NAN: not known in any of them */
struct ratio results_spread(const struct results *results, size_t point,
			    const struct receiver *receiver,
			    enum metric metric);
double results_median(const struct results *results, size_t point,
		      const struct receiver *receiver, enum metric metric);
/* Our CPU time for a packet divided by theirs. */
struct ratio results_ratio(const struct results *results, size_t point,
			   const struct receiver *other);
/* The same of our rate divided by theirs. */
struct ratio results_speedup(const struct results *results, size_t point,
			     const struct receiver *other);

/* Runs with frames that nobody accounts for. */
size_t results_invalid(const struct results *results, size_t point,
		       const struct receiver *receiver);

/* Whether it was tried there at all. */
bool results_has(const struct results *results, size_t point,
		 const struct receiver *receiver);

#endif
