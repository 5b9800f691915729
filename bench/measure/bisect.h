/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_BISECT_H
#define PKTIO_BENCH_BISECT_H

#include <stdbool.h>

/*
 * A search by bisection for the highest value that succeeds, as RFC 2544 does
 * it for throughput and for bursts. `good` is the highest value that succeeded,
 * `bad` the lowest that failed. The search ends when the gap between them is at
 * most `resolution`, a share of `bad`.
 */
struct bisect {
	double good, bad;
	double min; /* the search also ends when this value failed */
	double resolution;
	bool bounded; /* a value failed: `bad` is known */
	bool limited; /* the sender could not reach a higher value */
};

/* `max` is tried first, and no value above it is tried. */
static inline void bisect_start(struct bisect *b, double min, double max,
				double resolution)
{
	*b = (struct bisect){ .bad = max,
			      .min = min,
			      .resolution = resolution };
}

/* The value to try next; 0 if the search is over. */
static inline double bisect_next(const struct bisect *b)
{
	if (!b->bounded) /* if `max` succeeds, nothing else is tried */
		return b->good < b->bad ? b->bad : 0;
	if (b->bad - b->good <= b->resolution * b->bad || b->bad <= b->min)
		return 0;
	return (b->good + b->bad) / 2;
}

/* Lowers the maximum: values above `max` cannot be tried. */
static inline void bisect_limit(struct bisect *b, double max)
{
	if (max < b->bad) {
		b->bad = max;
		b->limited = true;
	}
}

/* Records whether `value` succeeded. */
static inline void bisect_record(struct bisect *b, double value, bool good)
{
	if (good) {
		if (value > b->good)
			b->good = value;
		return;
	}
	b->bounded = true;
	if (value < b->bad)
		b->bad = value;
}

#endif
