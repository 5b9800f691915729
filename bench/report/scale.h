/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SCALE_H
#define PKTIO_BENCH_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#define SCALE_MAX_TICKS 16
#define SCALE_TEXT_SIZE 32

/* The unit of a number. It decides how the number is written. */
enum unit {
	UNIT_PLAIN,
	UNIT_RATE,  /* frames per second */
	UNIT_SHARE, /* written in percent */
	UNIT_NS,
	UNIT_COST, /* ns per frame */
	UNIT_BYTES,
	UNIT_BYTE_RATE, /* bytes per second */
};

/* The unit of this name in the JSON document. */
enum unit scale_unit(const char *name);

/* Writes a number with three significant digits: 1.23M, 45.6 us, 7 %. */
char *scale_write(char ret[SCALE_TEXT_SIZE], double value, enum unit unit);

/* An axis: its ends and its ticks. */
struct scale {
	bool logarithmic;
	double low, high;
	double ticks[SCALE_MAX_TICKS];
	size_t nticks;
};

/*
 * Makes an axis with round numbers that includes `low` and `high`. A linear
 * axis starts at 0 if `from_zero` is true. The axis is logarithmic only if
 * `low` is above 0 and `high` is at least ten times as large.
 */
struct scale scale_make(double low, double high, bool logarithmic,
			bool from_zero);

/* The position of a number on the axis: 0 at the start, 1 at the end. */
double scale_at(const struct scale *scale, double value);

#endif
