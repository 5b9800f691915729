/* SPDX-License-Identifier: BSD-3-Clause */
/* Line charts: the series of a report, grouped by what belongs together. */
#include "report/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/document.h"

#define CDF "latency_cdf"
#define DENSE 40 /* points; the marks of more points would overlap */

static const struct {
	const char *name, *title;
} titles[] = {
	{ "pps", "Frames received per second" },
	{ "loss", "Share of frames that were lost" },
	{ "cpu_ns_per_packet", "CPU time of the receiving threads per frame" },
	{ "efficiency",
	  "Rate with N rings, as a share of N times the rate of one ring" },
	{ "latency", "Latency: time from sending a frame to receiving it" },
	{ CDF, "Share of frames that were received within a time" },
};

static const struct {
	const char *name, *title, *over;
} axes[] = {
	{ "offered_pps", "offered rate, frames/s", ", by offered rate" },
	{ "workers", "rings", ", by number of rings" },
	{ "size", "frame size, bytes without FCS", ", by frame size" },
	{ "burst", "frames sent back to back", ", by burst length" },
	{ "latency_ns", "time, on a logarithmic axis", "" },
};

/* ---- Grouping ----------------------------------------------------------- */

static bool is_quantile(const char *name)
{
	return strncmp(name, "latency_", 8) == 0 && strcmp(name, CDF) != 0;
}

static bool equal(const json_t *a, const json_t *b, const char *member)
{
	return strcmp(report_text(a, member), report_text(b, member)) == 0;
}

/* Counts the different texts of a member in the series with this name. */
static size_t count(const json_t *list, const json_t *like, const char *member)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i);
		bool new = equal(s, like, "name");

		for (size_t j = 0; new &&j < i; j++) {
			const json_t *t = json_array_get(list, j);

			new = !equal(t, like, "name") || !equal(s, t, member);
		}
		n += new;
	}
	return n;
}

/* True if one chart would have too many lines; each scenario has its own. */
static bool needs_own_chart(const json_t *list, const json_t *s)
{
	return count(list, s, "receiver") * count(list, s, "scenario") >
	       CHART_MAX_LINES;
}

/* True if a series belongs on the chart that starts with `first`. */
static bool belongs(const json_t *list, const json_t *first, const json_t *s)
{
	const char *name = report_text(first, "name");

	if (is_quantile(name))
		return is_quantile(report_text(s, "name")) &&
		       equal(first, s, "receiver") &&
		       equal(first, s, "scenario");
	if (!equal(first, s, "name"))
		return false;
	if (strcmp(name, CDF) == 0)
		return count(list, first, "receiver") == 1 ||
		       report_number(first, "point") ==
			       report_number(s, "point") ||
		       !json_object_get(first, "point");
	return !needs_own_chart(list, first) || equal(first, s, "scenario");
}

/* ---- Lines -------------------------------------------------------------- */

static void name_line(struct chart_line *line, const json_t *report,
		      const json_t *s)
{
	const json_t *list = json_object_get(report, "series");
	const char *name = report_text(s, "name");
	const char *scenario = line->scenario;
	char quantile[16];

	if (is_quantile(name)) { /* latency_p99_9_ns */
		snprintf(quantile, sizeof(quantile), "%.*s",
			 (int)strcspn(name + 8, "n"), name + 8);
		for (char *c = quantile; *c; c++)
			if (*c == '_')
				*c = c[1] ? '.' : '\0';
		snprintf(line->name, sizeof(line->name), "%s", quantile);
		return;
	}
	if (strcmp(name, CDF) == 0) {
		double point = report_number(s, "point");

		if (count(list, s, "receiver") == 1 && point >= 0)
			scenario = report_label(report, (size_t)point);
		else
			scenario = "";
	}
	if (*scenario && count(list, s, "receiver") == 1)
		snprintf(line->name, sizeof(line->name), "%s", scenario);
	else
		snprintf(line->name, sizeof(line->name), "%s%s%s",
			 line->receiver, *scenario ? ", " : "", scenario);
}

static struct chart_point *points_of(const json_t *s, size_t *ret)
{
	const json_t *list = json_object_get(s, "points");
	size_t n = json_array_size(list);
	struct chart_point *points = calloc(n + 1, sizeof(*points));

	*ret = 0;
	for (size_t i = 0; points && i < n; i++) {
		const json_t *p = json_array_get(list, i);
		struct chart_point *to = &points[*ret];

		to->x = report_number(p, "x");
		to->y = report_number(p, "y");
		to->min = fmin(report_number(p, "min"), to->y);
		to->max = fmax(report_number(p, "max"), to->y);
		*ret += isfinite(to->x) && isfinite(to->y);
	}
	return points;
}

/* Several lines of one receiver differ by their opacity. */
static void set_opacity(struct chart *chart)
{
	for (size_t i = 0; i < chart->nlines; i++) {
		struct chart_line *line = &chart->lines[i];
		unsigned n = 0;
		unsigned at = 0;

		for (size_t j = 0; j < chart->nlines; j++) {
			if (chart->lines[j].colour != line->colour)
				continue;
			at += j < i;
			n++;
		}
		line->opacity = n > 1 ? 0.45 + 0.55 * at / (n - 1) : 1;
	}
}

static void add_line(struct charts *charts, struct chart *chart,
		     const json_t *report, const json_t *s,
		     struct chart_colours *colours)
{
	struct chart_line *line = &chart->lines[chart->nlines];

	line->points = points_of(s, &line->n);
	if (!line->points) {
		charts->failed = true;
		return;
	}
	line->series = report_text(s, "name");
	line->receiver = report_text(s, "receiver");
	line->scenario = report_text(s, "scenario");
	line->colour = chart_colour(colours, line->receiver);
	name_line(line, report, s);
	chart->dense = chart->dense || line->n > DENSE;
	chart->nlines++;
}

/* ---- Charts ------------------------------------------------------------- */

static void describe(struct chart *chart, const json_t *s)
{
	const char *name = report_text(s, "name");
	const char *kind = is_quantile(name) ? "latency" : name;
	const char *x = report_text(json_object_get(s, "x"), "name");
	const char *over = "";
	const char *title = name;

	chart->x = (struct chart_axis){
		.title = x,
		.unit = scale_unit(
			report_text(json_object_get(s, "x"), "unit")),
		.logarithmic = strcmp(x, "workers") != 0,
	};
	chart->y = (struct chart_axis){
		.title = "",
		.unit = scale_unit(
			report_text(json_object_get(s, "y"), "unit")),
		.logarithmic = is_quantile(name),
		.from_zero = true,
	};
	for (size_t i = 0; i < sizeof(axes) / sizeof(*axes); i++)
		if (strcmp(axes[i].name, x) == 0) {
			chart->x.title = axes[i].title;
			over = axes[i].over;
		}
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		if (strcmp(titles[i].name, kind) == 0)
			title = titles[i].title;
	snprintf(chart->title, sizeof(chart->title), "%s%s", title, over);
	chart->diagonal = strcmp(name, "pps") == 0 &&
			  strcmp(x, "offered_pps") == 0;
}

static void caption(struct chart *chart, const json_t *report, const json_t *s)
{
	const json_t *list = json_object_get(report, "series");
	const char *name = report_text(s, "name");
	const char *scenario = report_text(s, "scenario");
	char *to = chart->subtitle;
	size_t size = sizeof(chart->subtitle);

	if (is_quantile(name))
		snprintf(to, size, "%s%s%s: quantiles of all frames of a run",
			 report_text(s, "receiver"), *scenario ? ", " : "",
			 scenario);
	else if (strcmp(name, CDF) == 0 && chart->nlines > 0 &&
		 count(list, s, "receiver") > 1)
		snprintf(to, size, "%s",
			 report_number(s, "point") >= 0 ?
				 report_label(report, (size_t)report_number(
							      s, "point")) :
				 "");
	else if (strcmp(name, CDF) == 0)
		snprintf(to, size, "%s", report_text(s, "receiver"));
	else
		snprintf(to, size,
			 "%s%sMedians; the band is the range of all runs",
			 needs_own_chart(list, s) ? scenario : "",
			 needs_own_chart(list, s) && *scenario ? ". " : "");
}

static void add_chart(struct charts *charts, const json_t *report, size_t first,
		      bool *done, struct chart_colours *colours)
{
	const json_t *list = json_object_get(report, "series");
	const json_t *s = json_array_get(list, first);
	struct chart *chart = charts_add(charts);

	if (!chart)
		return;
	describe(chart, s);
	for (size_t i = first; i < json_array_size(list); i++) {
		const json_t *other = json_array_get(list, i);

		if (done[i] || chart->nlines == CHART_MAX_LINES ||
		    !belongs(list, s, other))
			continue;
		add_line(charts, chart, report, other, colours);
		done[i] = true;
	}
	caption(chart, report, s);
	set_opacity(chart);
}

void charts_add_lines(struct charts *charts, const json_t *report,
		      struct chart_colours *colours)
{
	const json_t *list = json_object_get(report, "series");
	size_t n = json_array_size(list);
	bool *done = calloc(n + 1, sizeof(*done));

	if (!done)
		charts->failed = true;
	for (size_t i = 0; done && i < n && !charts->failed; i++)
		if (!done[i])
			add_chart(charts, report, i, done, colours);
	free(done);
}
