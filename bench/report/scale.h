/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SCALE_H
#define PKTIO_BENCH_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#define SCALE_MAX_TICKS 16
#define SCALE_TEXT_SIZE 32

/* What a number counts, and so how it is written. */
enum unit {
	UNIT_PLAIN,
	UNIT_RATE,  /* frames a second */
	UNIT_SHARE, /* written as percent */
	UNIT_NS,
	UNIT_COST, /* ns for a frame */
	UNIT_BYTES,
	UNIT_BYTE_RATE, /* bytes a second */
};

/* The unit by its name in the JSON. */
enum unit scale_unit(const char *name);

/* What an axis says of its unit; "" if the numbers do. */
const char *scale_unit_words(enum unit unit);

/* A number with three digits that count, for people: 1.23M, 45.6 us, 7 %. */
char *scale_write(char ret[SCALE_TEXT_SIZE], double value, enum unit unit);

/* An axis: from where to where, and where its ticks are. */
struct scale {
	bool logarithmic;
	double low, high;
	double ticks[SCALE_MAX_TICKS];
	size_t nticks;
};

/*
 * Round numbers around these. A linear one begins at 0 if `from_zero`; one that
 * is to be logarithmic is only from above 0, and over ten times that.
 */
struct scale scale_make(double low, double high, bool logarithmic,
			bool from_zero);

/* Where on the axis a number is: 0 at its beginning, 1 at its end. */
double scale_at(const struct scale *scale, double value);

#endif
