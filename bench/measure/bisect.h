/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_BISECT_H
#define PKTIO_BENCH_BISECT_H

#include <stdbool.h>

/*
 * The search for the most that goes well, by halving what is left: `good` is
 * the most that did, `bad` the least that did not. It is over when they are
 * within `resolution` of each other, as a share of `bad`.
 */
struct seek {
	double good, bad;
	double least; /* it is over, too, when that goes badly */
	double resolution;
	bool bounded; /* something went badly: `bad` is known */
	bool limited; /* more could not be tried */
};

/* Nothing above `most` is tried, and that first. */
void seek_start(struct seek *s, double least, double most, double resolution);

/* What to try next; 0: the search is over. */
double seek_next(const struct seek *s);

/* More than this cannot be tried: it counts as what there is to find. */
void seek_limit(struct seek *s, double most);

/* How it went. */
void seek_note(struct seek *s, double tried, bool good);

#endif
