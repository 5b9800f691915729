/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_BISECT_H
#define PKTIO_BENCH_BISECT_H

#include <stdbool.h>

/*
 * The search for the max that goes well, by halving what is left: `good` is
 * the max that did, `bad` the min that did not. It is over when they are
 * within `resolution` of each other, as a share of `bad`.
 */
struct bisect {
	double good, bad;
	double min; /* it is over, too, when that goes badly */
	double resolution;
	bool bounded; /* something went badly: `bad` is known */
	bool limited; /* more could not be tried */
};

/* Nothing above `max` is tried, and that first. */
void bisect_start(struct bisect *s, double min, double max, double resolution);

/* What to try next; 0: the search is over. */
double bisect_next(const struct bisect *s);

/* More than this cannot be tried: it counts as what there is to find. */
void bisect_limit(struct bisect *s, double max);

/* How it went. */
void bisect_note(struct bisect *s, double tried, bool good);

#endif
