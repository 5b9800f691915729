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

/* A series of the report. Its texts belong to the document. */
struct chart_line {
	char name[CHART_NAME_SIZE]; /* drawn at the end of the line */
	unsigned colour;            /* below CHART_COLOURS */
	double opacity;             /* up to 1 */
	const char *series, *receiver, *scenario;
	struct chart_point *points;
	size_t n;
};

struct chart_bar {
	char name[CHART_NAME_SIZE];
	unsigned colour;
	double value, min, max;    /* min and max: NAN if not known */
	double parts[CHART_PARTS]; /* of the value; NAN: not divided */
	char text[192];            /* drawn at the end of the bar */
};

struct chart_axis {
	const char *title; /* "offered load" */
	enum unit unit;
	bool logarithmic, from_zero;
};

/* Lines, or horizontal bars. */
struct chart {
	char title[160], subtitle[240];
	struct chart_axis x, y; /* bars have only x */
	bool dense;             /* too many points to mark each */
	bool diagonal;          /* draw the line y = x, too */
	struct chart_line lines[CHART_MAX_LINES];
	size_t nlines;
	struct chart_bar bars[CHART_MAX_BARS];
	size_t nbars;
};

/* The colours of the receivers, the same on all charts of a page. */
struct chart_colours {
	const char *names[CHART_COLOURS];
	size_t n;
};

struct charts {
	struct chart *list;
	size_t n;
	bool failed; /* out of memory */
};

/* Releases the charts of charts_of(). */
void charts_free(struct charts *charts);

/* The colour of a receiver. The first call for a receiver assigns it. */
unsigned chart_colour(struct chart_colours *colours, const char *receiver);

/*
 * Moves the positions of line names apart, so that two of them differ by at
 * least `gap`. Positions are between 0 (bottom) and 1 (top).
 */
void chart_spread(double *positions, size_t n, double gap);

/* ---- Internal: chart*.c ------------------------------------------------- */

/* Adds an empty chart. NULL: out of memory. Valid until the next call. */
struct chart *charts_add(struct charts *charts);
void charts_add_bars(struct charts *charts, const json_t *report,
		     struct chart_colours *colours);
void charts_add_lines(struct charts *charts, const json_t *report,
		      struct chart_colours *colours);

/* The axes that show all lines or bars. */
struct scale chart_scale_x(const struct chart *chart);
struct scale chart_scale_y(const struct chart *chart);

#endif
