/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CHART_H
#define PKTIO_BENCH_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "report/scale.h"

#define CHART_COLOURS 10
#define CHART_NAME_SIZE 96
#define CHART_MAX_LINES 8
#define CHART_MAX_BARS 32
#define CHART_PARTS 3

struct chart_point {
	double x, y, min, max;
};

/* A series of the report. */
struct chart_line {
	char name[CHART_NAME_SIZE]; /* written at its end */
	unsigned colour;            /* below CHART_COLOURS */
	double strength;            /* of the colour, up to 1 */
	/* What it is in the report, which must outlive this. */
	const char *series, *receiver, *scenario;
	struct chart_point *points;
	size_t n;
};

struct chart_bar {
	char name[CHART_NAME_SIZE];
	unsigned colour;
	double value, min, max;    /* NAN: no spread is known */
	double parts[CHART_PARTS]; /* of the value, NAN: of one piece */
	char words[192];           /* written at its end */
};

struct chart_axis {
	const char *words; /* "offered load" */
	enum unit unit;
	bool logarithmic, from_zero;
};

/* Something to be drawn: lines, or bars that lie. */
struct chart {
	char title[160], subtitle[240];
	struct chart_axis x, y; /* of bars: only x */
	bool dense;             /* too many points for marks on them */
	bool diagonal;          /* and the line where y is x */
	struct chart_line lines[CHART_MAX_LINES];
	size_t nlines;
	struct chart_bar bars[CHART_MAX_BARS];
	size_t nbars;
};

/* Who has which colour, on all charts of a page. */
struct chart_colours {
	const char *names[CHART_COLOURS];
	size_t n;
};

struct charts {
	struct chart *list;
	size_t n;
	bool failed; /* for want of memory */
};

/* All that a report has to show. charts_free() afterwards. 0, or -ENOMEM. */
int charts_of(struct charts *ret, const json_t *report,
	      struct chart_colours *colours);
void charts_free(struct charts *charts);

/* The colour of a receiver, chosen when it is seen first. */
unsigned chart_colour(struct chart_colours *colours, const char *receiver);

/*
 * Names at the ends of lines: moves places, from 0 below to 1 above, apart by
 * `gap` at least, each as little as need be.
 */
void chart_spread(double *places, size_t n, double gap);

/* ---- Among the files that make them ------------------------------------- */

/* Adds one that is still empty; NULL: there is no memory. Good until the next.
 */
struct chart *charts_add(struct charts *charts);
void charts_add_bars(struct charts *charts, const json_t *report,
		     struct chart_colours *colours);
void charts_add_lines(struct charts *charts, const json_t *report,
		      struct chart_colours *colours);

/* From the least to the most on an axis of the lines or bars. */
struct scale chart_scale_x(const struct chart *chart);
struct scale chart_scale_y(const struct chart *chart);

#endif
