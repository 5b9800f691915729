/* SPDX-License-Identifier: BSD-3-Clause */
/* Bar charts: one metric of all receivers side by side. */
#include "report/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/document.h"

/* A metric that is drawn as bars. */
struct bar_metric {
	const char *name, *title, *axis;
	enum unit unit;
};

static const struct bar_metric cost = {
	"cpu_ns_per_packet",
	"CPU time of the receiving threads per frame",
	"ns per frame, less is better",
	UNIT_COST,
};
static const struct bar_metric rate = {
	"pps",
	"Frames received per second",
	"frames/s, more is better",
	UNIT_RATE,
};
static const struct bar_metric bytes = {
	"bytes_per_second",
	"Bytes received per second",
	"bytes/s, more is better",
	UNIT_BYTE_RATE,
};
static const struct bar_metric loss = {
	"loss",
	"Share of frames that were lost",
	"of the frames sent, less is better",
	UNIT_SHARE,
};
static const struct bar_metric latency = {
	"latency_p99_ns",
	"Latency: 99 % of the frames were received within this time",
	"time, less is better",
	UNIT_NS,
};
static const struct bar_metric idle = {
	"cpu_share",
	"CPU time of an idle ring",
	"share of one CPU, less is better",
	UNIT_SHARE,
};
static const struct bar_metric timers = {
	"timer_interrupts_per_second",
	"Timer interrupts per second with an idle ring",
	"interrupts/s on the receiver's CPU, less is better",
	UNIT_PLAIN,
};

/* ---- Bars of points ----------------------------------------------------- */

static bool is_measure(const json_t *point)
{
	return strcmp(report_text(json_object_get(point, "parameters"),
				  "purpose"),
		      "measure") == 0;
}

static void name_bar(struct chart_bar *bar, const char *label,
		     const char *receiver, bool several, bool alone)
{
	if (!several || !*label)
		snprintf(bar->name, sizeof(bar->name), "%s", receiver);
	else if (alone)
		snprintf(bar->name, sizeof(bar->name), "%s", label);
	else
		snprintf(bar->name, sizeof(bar->name), "%s, %s", label,
			 receiver);
}

/* The points from..to, whose bars are drawn in this order. */
struct range {
	size_t from, to;
};

static struct range range_of(const json_t *report)
{
	const char *mode = report_text(report, "mode");
	double headline = report_number(report, "headline");
	size_t n = json_array_size(json_object_get(report, "points"));

	if (strcmp(mode, "rates") != 0 && strcmp(mode, "scaling") != 0)
		return (struct range){ 0, n };
	return headline >= 0 && headline < (double)n ?
		       (struct range){ (size_t)headline,
				       (size_t)headline + 1 } :
		       (struct range){ 0, 0 };
}

static void add_bar(struct chart *chart, const json_t *report, size_t point,
		    const json_t *result, const struct bar_metric *metric)
{
	struct chart_bar *bar = &chart->bars[chart->nbars];
	double value = report_number(result, metric->name);
	double spread[2];

	if (!isfinite(value) || chart->nbars == CHART_MAX_BARS)
		return;
	report_spread(report, report_text(result, "name"), point, metric->name,
		      spread);
	bar->value = value;
	bar->min = spread[0];
	bar->max = spread[1];
	for (size_t i = 0; i < CHART_PARTS; i++)
		bar->parts[i] = NAN;
	scale_write(bar->text, value, metric->unit);
	chart->nbars++;
}

static size_t receivers_of(const json_t *report)
{
	return json_array_size(json_object_get(report, "results"));
}

/* Sets the name and the colour of the bars from `first` on. */
static void name_bars(struct chart *chart, size_t first, const char *label,
		      const char *receiver, struct chart_colours *colours,
		      bool several, bool alone)
{
	for (size_t i = first; i < chart->nbars; i++) {
		name_bar(&chart->bars[i], label, receiver, several, alone);
		chart->bars[i].colour = chart_colour(colours, receiver);
	}
}

static void fill(struct chart *chart, const json_t *report, struct range range,
		 const struct bar_metric *metric, struct chart_colours *colours)
{
	const json_t *points = json_object_get(report, "points");
	bool alone = receivers_of(report) == 1;

	for (size_t i = range.from; i < range.to; i++) {
		const json_t *point = json_array_get(points, i);
		const json_t *results = json_object_get(point, "results");

		if (!is_measure(point))
			continue;
		for (size_t j = 0; j < json_array_size(results); j++) {
			const json_t *result = json_array_get(results, j);
			size_t first = chart->nbars;

			add_bar(chart, report, i, result, metric);
			name_bars(chart, first, report_text(point, "label"),
				  report_text(result, "name"), colours,
				  range.to - range.from > 1, alone);
		}
	}
}

static bool is_all_zero(const struct chart *chart)
{
	for (size_t i = 0; i < chart->nbars; i++)
		if (chart->bars[i].value > 0)
			return false;
	return true;
}

static void describe(struct chart *chart, const json_t *report,
		     struct range range)
{
	double runs = report_number(json_object_get(report, "options"), "runs");
	const char *label = report_label(report, range.from);
	bool one = range.to - range.from == 1 && *label;

	snprintf(
		chart->subtitle, sizeof(chart->subtitle),
		runs > 1 ?
			"%s%sMedian of %.0f runs; the thin line is the range of all runs" :
			"%s%sOne run",
		one ? label : "", one ? ". " : "", runs);
}

static void add_bars(struct charts *charts, const json_t *report,
		     const struct bar_metric *metric,
		     struct chart_colours *colours)
{
	struct range range = range_of(report);
	struct chart *chart = charts_add(charts);
	/* If there are curves, a single bar adds nothing. */
	bool curves = json_array_size(json_object_get(report, "series")) > 0;
	size_t least = curves ? 2 : 1;

	if (!chart)
		return;
	snprintf(chart->title, sizeof(chart->title), "%s", metric->title);
	describe(chart, report, range);
	chart->x =
		(struct chart_axis){ metric->axis, metric->unit, false, true };
	fill(chart, report, range, metric, colours);
	/* There is nothing to compare, or all bars have no length. */
	if (chart->nbars < least || is_all_zero(chart))
		charts->n--;
}

/* ---- Division of the CPU time ------------------------------------------- */

/* ns: below this, ticks of 10 ms are not precise enough. */
#define MIN_CPU 5e8

static const char *const split_metrics[CHART_PARTS] = {
	"receiver_user_ns_per_packet",
	"receiver_system_ns_per_packet",
	"receiver_softirq_ns_per_packet",
};

static void add_split_bar(struct chart *chart, const json_t *result,
			  struct chart_colours *colours)
{
	const char *name = report_text(result, "name");
	struct chart_bar bar = { .min = NAN, .max = NAN };
	char texts[CHART_PARTS + 1][SCALE_TEXT_SIZE];

	for (size_t i = 0; i < CHART_PARTS; i++) {
		bar.parts[i] = report_number(result, split_metrics[i]);
		bar.value += bar.parts[i];
		scale_write(texts[i], bar.parts[i], UNIT_COST);
	}
	if (!isfinite(bar.value) || chart->nbars == CHART_MAX_BARS ||
	    !(bar.value * report_number(result, "received") >= MIN_CPU))
		return;
	scale_write(texts[CHART_PARTS], bar.value, UNIT_COST);
	snprintf(bar.name, sizeof(bar.name), "%s", name);
	snprintf(bar.text, sizeof(bar.text),
		 "%s: %s user, %s system, %s interrupts", texts[CHART_PARTS],
		 texts[0], texts[1], texts[2]);
	bar.colour = chart_colour(colours, name);
	chart->bars[chart->nbars++] = bar;
}

/* The division at the headline point. */
static void add_split(struct charts *charts, const json_t *report,
		      struct chart_colours *colours)
{
	const json_t *results = json_object_get(report, "results");
	double headline = report_number(report, "headline");
	struct chart *chart = charts_add(charts);
	const char *label;

	if (!chart)
		return;
	label = headline >= 0 ? report_label(report, (size_t)headline) : "";
	snprintf(
		chart->title, sizeof(chart->title),
		"Time of the receiver's CPU per frame: user, system, interrupts");
	snprintf(chart->subtitle, sizeof(chart->subtitle),
		 "%s%sFrom /proc/stat, which counts ticks of 10 ms", label,
		 *label ? ". " : "");
	chart->x =
		(struct chart_axis){ "ns per frame: user, system, interrupts",
				     UNIT_COST, false, true };
	for (size_t i = 0; i < json_array_size(results); i++)
		add_split_bar(chart, json_array_get(results, i), colours);
	if (chart->nbars == 0)
		charts->n--;
}

/* ---- Findings ----------------------------------------------------------- */

static void add_finding(struct chart *chart, const json_t *finding,
			bool several, struct chart_colours *colours)
{
	const char *receiver = report_text(finding, "receiver");
	bool at_least = json_is_true(json_object_get(finding, "at_least"));
	struct chart_bar bar = { .value = report_number(finding, "value"),
				 .min = report_number(finding, "min"),
				 .max = report_number(finding, "max"),
				 .parts = { NAN, NAN, NAN } };
	char text[SCALE_TEXT_SIZE];

	if (!isfinite(bar.value) || chart->nbars == CHART_MAX_BARS)
		return;
	name_bar(&bar, report_text(finding, "scenario"), receiver, several,
		 false);
	scale_write(text, bar.value, chart->x.unit);
	snprintf(bar.text, sizeof(bar.text), "%s%s", text,
		 at_least ? " or more; the sender cannot send more" : "");
	bar.colour = chart_colour(colours, receiver);
	chart->bars[chart->nbars++] = bar;
}

static void add_findings(struct charts *charts, const json_t *report,
			 const struct bar_metric *metric,
			 struct chart_colours *colours)
{
	const json_t *findings = json_object_get(report, "findings");
	const char *scenario = NULL;
	bool several = false;
	struct chart *chart = charts_add(charts);

	if (!chart)
		return;
	snprintf(chart->title, sizeof(chart->title), "%s", metric->title);
	snprintf(
		chart->subtitle, sizeof(chart->subtitle),
		"Median of the searches; the thin line is the range of all searches");
	chart->x =
		(struct chart_axis){ metric->axis, metric->unit, false, true };
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *f = json_array_get(findings, i);

		if (strcmp(report_text(f, "name"), metric->name) != 0)
			continue;
		several = several ||
			  (scenario &&
			   strcmp(scenario, report_text(f, "scenario")) != 0);
		scenario = report_text(f, "scenario");
	}
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *f = json_array_get(findings, i);

		if (strcmp(report_text(f, "name"), metric->name) == 0)
			add_finding(chart, f, several, colours);
	}
	if (chart->nbars == 0)
		charts->n--;
}

void charts_add_bars(struct charts *charts, const json_t *report,
		     struct chart_colours *colours)
{
	static const struct bar_metric throughput = {
		"zero_loss_pps",
		"The highest rate without loss",
		"frames/s, more is better",
		UNIT_RATE,
	};
	static const struct bar_metric burst = {
		"largest_burst",
		"The longest burst without loss",
		"frames, more is better",
		UNIT_PLAIN,
	};
	const char *mode = report_text(report, "mode");

	add_findings(charts, report, &throughput, colours);
	add_findings(charts, report, &burst, colours);
	if (strcmp(mode, "search") == 0 || strcmp(mode, "burst") == 0)
		return;
	if (strcmp(mode, "idle") == 0) {
		add_bars(charts, report, &idle, colours);
		add_bars(charts, report, &timers, colours);
		return;
	}
	if (strcmp(mode, "formats") == 0)
		add_bars(charts, report, &bytes, colours);
	add_bars(charts, report, &cost, colours);
	add_split(charts, report, colours);
	add_bars(charts, report, &rate, colours);
	add_bars(charts, report, &loss, colours);
	add_bars(charts, report, &latency, colours);
}
