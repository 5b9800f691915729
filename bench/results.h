/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RESULTS_H
#define PKTIO_BENCH_RESULTS_H

#include "measure.h"

/* All runs, in the order in which they were made. */
struct results {
	const struct plan *plan;
	const struct contender *contenders[1 + OPTIONS_MOST_PEERS];
	size_t ncontenders; /* ours is the first */
	struct run *runs;
	size_t n;
	bool interrupted;
};

/* A figure of ours divided by theirs, over the runs. */
struct ratio {
	double median, min, max; /* NAN: nothing to compare */
};

/* Takes every contender in turn, --runs times; stops early when interrupted. */
int results_collect(struct results *ret, const struct plan *plan,
		    struct pktio_error *reterr);
void results_free(struct results *results);

/* NAN: not known in any run */
double results_median(const struct results *results,
		      const struct contender *contender, enum metric metric);
/* Our CPU time for a packet divided by theirs. */
struct ratio results_ratio(const struct results *results,
			   const struct contender *peer);
/* The same of our rate divided by theirs. */
struct ratio results_speedup(const struct results *results,
			     const struct contender *peer);

/* Runs with frames that nobody accounts for. */
size_t results_invalid(const struct results *results,
		       const struct contender *contender);

#endif
