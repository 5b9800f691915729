/* SPDX-License-Identifier: BSD-3-Clause */
/* The charts of a report, independent of how they are drawn. */
#include "report/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rates and times need a logarithmic axis if high / low is larger. */
#define WIDE 40.0

unsigned chart_colour(struct chart_colours *colours, const char *receiver)
{
	for (size_t i = 0; i < colours->n; i++)
		if (strcmp(colours->names[i], receiver) == 0)
			return (unsigned)i;
	if (colours->n == CHART_COLOURS)
		return CHART_COLOURS - 1;
	colours->names[colours->n] = receiver;
	return (unsigned)colours->n++;
}

struct chart *charts_add(struct charts *charts)
{
	struct chart *list =
		realloc(charts->list, (charts->n + 1) * sizeof(*charts->list));

	if (!list) {
		charts->failed = true;
		return NULL;
	}
	charts->list = list;
	list[charts->n] = (struct chart){ 0 };
	return &list[charts->n++];
}

void charts_free(struct charts *charts)
{
	for (size_t i = 0; i < charts->n; i++)
		for (size_t j = 0; j < charts->list[i].nlines; j++)
			free(charts->list[i].lines[j].points);
	free(charts->list);
	*charts = (struct charts){ 0 };
}

/* ---- Names -------------------------------------------------------------- */

/* The lowest position that is not done. */
static size_t next_position(const double *positions, const bool *done, size_t n)
{
	size_t next = n;

	for (size_t i = 0; i < n; i++)
		if (!done[i] && (next == n || positions[i] < positions[next]))
			next = i;
	return next;
}

void chart_spread(double *positions, size_t n, double gap)
{
	bool done[CHART_MAX_LINES] = { false };
	size_t order[CHART_MAX_LINES];
	double limit = 1;

	for (size_t i = 0; i < n; i++) {
		order[i] = next_position(positions, done, n);
		done[order[i]] = true;
	}
	for (size_t i = 1; i < n; i++)
		positions[order[i]] = fmax(positions[order[i]],
					   positions[order[i - 1]] + gap);
	/* Positions above the end move back and push the ones below. */
	for (size_t i = n; i-- > 0;) {
		positions[order[i]] = fmin(positions[order[i]], limit);
		limit -= gap;
	}
}

/* ---- Axes --------------------------------------------------------------- */

static struct scale scale_of(const struct chart_axis *axis, double low,
			     double high)
{
	bool logarithmic = axis->logarithmic && low > 0 && high > WIDE * low;

	return scale_make(low, high, logarithmic, axis->from_zero);
}

struct scale chart_scale_x(const struct chart *chart)
{
	double low = NAN;
	double high = NAN;

	for (size_t i = 0; i < chart->nbars; i++) {
		low = 0;
		high = fmax(high,
			    fmax(chart->bars[i].value, chart->bars[i].max));
	}
	for (size_t i = 0; i < chart->nlines; i++)
		for (size_t j = 0; j < chart->lines[i].n; j++) {
			low = fmin(low, chart->lines[i].points[j].x);
			high = fmax(high, chart->lines[i].points[j].x);
		}
	return scale_of(&chart->x, low, high);
}

struct scale chart_scale_y(const struct chart *chart)
{
	double low = NAN;
	double high = NAN;

	for (size_t i = 0; i < chart->nlines; i++)
		for (size_t j = 0; j < chart->lines[i].n; j++) {
			const struct chart_point *p =
				&chart->lines[i].points[j];

			low = fmin(low, fmin(p->y, p->min));
			high = fmax(high, fmax(p->y, p->max));
		}
	/* Without any loss, an axis up to 100 % would show nothing. */
	if (chart->y.unit == UNIT_SHARE && high <= 0)
		high = 0.01;
	return scale_of(&chart->y, low, high);
}
