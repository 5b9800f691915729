/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RESULTS_H
#define PKTIO_BENCH_RESULTS_H

#include "measure/run.h"

/* What a mode found for one receiver in one scenario. */
struct finding {
	const char *name, *unit;
	const struct receiver *receiver;
	const struct scenario *scenario;
	double value, min, max; /* the median and the spread of the runs */
	bool at_least;          /* the sender could not send more */
	char text[256];         /* the finding as a sentence */
};

/* All runs, in the order in which they were made, and the findings. */
struct results {
	const struct plan *plan;
	const struct receiver *receivers[1 + OPTIONS_MAX_VS];
	size_t nreceivers; /* the first one is the backend under test */
	/* The error of a tool that failed and is not run again; "" for the
	 * other receivers. */
	struct pktio_error failures[1 + OPTIONS_MAX_VS];
	struct point *points;
	size_t npoints;
	size_t headline; /* index of the point that represents the results */
	struct run *runs;
	size_t n;
	struct finding *findings;
	size_t nfindings;
	bool interrupted;
};

/* The median of several values and their spread; NAN if there is no value. */
struct spread {
	double median, min, max;
};

/* Releases what mode_run() returned. */
void results_free(struct results *results);

/* ---- For the modes ------------------------------------------------------ */

/* The point of a scenario with the rate and the time of the command line. */
struct point results_point(const struct results *results,
			   const struct scenario *scenario);

/* Adds a copy of a point; returns its index, or -ENOMEM. */
int results_add_point(struct results *results, const struct point *template,
		      struct pktio_error *reterr);

/* True if the receiver can receive at this point and has not failed before. */
bool results_can_run(const struct results *results, size_t point,
		     const struct receiver *receiver);

/*
 * Makes one run at a point and adds it; *ret is valid until the next run. If a
 * tool fails, its error is kept in results->failures and 1 is returned.
 */
int results_run(struct results *results, size_t point,
		const struct receiver *receiver, unsigned number,
		const struct run **ret, struct pktio_error *reterr);

/*
 * Makes --runs runs of every receiver at each point from `first` on. The
 * receivers take turns.
 */
int results_run_points(struct results *results, size_t first,
		       struct pktio_error *reterr);

/* Adds a finding. Its value is the median of `values`, which are sorted. */
int results_add_finding(struct results *results, const struct finding *finding,
			double *values, size_t n, struct pktio_error *reterr);

/* Measures the highest rate of the sender in a scenario: one short run of the
 * backend under test without a schedule. Stores 0 if it was interrupted. */
int results_sender_limit(struct results *results,
			 const struct scenario *scenario, double *ret,
			 struct pktio_error *reterr);

/* The scenario as a part of a sentence: " with 60 B", or "". */
const char *results_scenario_text(const struct scenario *scenario, char *buffer,
				  size_t size);

/* ---- The modes ---------------------------------------------------------- */

/* The modes that do more than run each scenario. Each has its own file. */
int mode_scaling(struct results *results, struct pktio_error *reterr);
int mode_rates(struct results *results, struct pktio_error *reterr);
int mode_search(struct results *results, struct pktio_error *reterr);
int mode_burst(struct results *results, struct pktio_error *reterr);

/* ---- For the output ----------------------------------------------------- */

/* A metric over the valid runs of a receiver at a point. */
struct spread results_spread(const struct results *results, size_t point,
			     const struct receiver *receiver,
			     enum metric metric);
double results_median(const struct results *results, size_t point,
		      const struct receiver *receiver, enum metric metric);

/* CPU time per frame of the backend under test divided by that of `other`. */
struct spread results_cpu_ratio(const struct results *results, size_t point,
				const struct receiver *other);

/* Frames per second of the backend under test divided by those of `other`. */
struct spread results_speedup(const struct results *results, size_t point,
			      const struct receiver *other);

/* The number of runs whose frames are not all accounted for. */
size_t results_invalid(const struct results *results, size_t point,
		       const struct receiver *receiver);

/* True if the receiver was run at this point. */
bool results_has_runs(const struct results *results, size_t point,
		      const struct receiver *receiver);

#endif
