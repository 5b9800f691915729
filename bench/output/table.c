/* SPDX-License-Identifier: BSD-3-Clause */
/* The results as a table: all runs, their medians and ratios. */
#include "output/output.h"

#include <math.h>
#include <string.h>

/* When a column is printed. */
enum show {
	ALWAYS,
	KNOWN,   /* if any run has a value */
	IDLE,    /* in this mode */
	VERBOSE, /* with -v, if any run has a value */
};

/* The columns after the run and the receiver. */
static const struct column {
	enum metric metric;
	enum show show;
	const char *head, *unit;
	int width, digits;
	double scale;
} columns[] = {
	{ OFFERED, KNOWN, "offered", "Mpps", 8, 3, 1e-6 },
	{ SENT, ALWAYS, "sent", "frames", 11, 0, 1 },
	{ RECEIVED, ALWAYS, "received", "frames", 11, 0, 1 },
	{ RING, ALWAYS, "ring", "dropped", 9, 0, 1 },
	{ SOFTNET, ALWAYS, "softnet", "dropped", 9, 0, 1 },
	{ UNACCOUNTED, ALWAYS, "unaccounted", "frames", 12, 0, 1 },
	{ PACING, KNOWN, "pacing", "error %", 8, 2, 100 },
	{ PPS, ALWAYS, "rate", "Mpps", 8, 3, 1e-6 },
	{ BPS, ALWAYS, "", "GB/s", 8, 3, 1e-9 },
	{ CPU, ALWAYS, "CPU", "ns/frame", 9, 1, 1 },
	{ USER, ALWAYS, "user", "ns", 7, 1, 1 },
	{ SYSTEM, ALWAYS, "system", "ns", 7, 1, 1 },
	{ WAKEUPS, ALWAYS, "wake-ups", "", 9, 0, 1 },
	{ CPU_SHARE, IDLE, "CPU", "%", 8, 3, 100 },
	{ TIMERS, IDLE, "timer", "irq/s", 8, 0, 1 },
	{ LATENCY_P50, KNOWN, "p50", "us", 9, 1, 1e-3 },
	{ LATENCY_P90, KNOWN, "p90", "us", 9, 1, 1e-3 },
	{ LATENCY_P99, KNOWN, "p99", "us", 9, 1, 1e-3 },
	{ LATENCY_P999, KNOWN, "p99.9", "us", 9, 1, 1e-3 },
	{ LATENCY_MAX, KNOWN, "max", "us", 9, 1, 1e-3 },
	{ SPLIT, KNOWN, "split", "flows", 7, 0, 1 },
	{ WAKEUP_CPU, VERBOSE, "CPU", "ns/wake", 9, 0, 1 },
	{ PREEMPTIONS, VERBOSE, "preempt", "", 8, 0, 1 },
	{ RX_USER, VERBOSE, "rx user", "ns", 8, 1, 1 },
	{ RX_SYSTEM, VERBOSE, "system", "ns", 8, 1, 1 },
	{ RX_SOFTIRQ, VERBOSE, "softirq", "ns", 8, 1, 1 },
	{ TX_USER, VERBOSE, "tx user", "ns", 8, 1, 1 },
	{ TX_SYSTEM, VERBOSE, "system", "ns", 8, 1, 1 },
	{ TX_SOFTIRQ, VERBOSE, "softirq", "ns", 8, 1, 1 },
	{ INSTRUCTIONS, VERBOSE, "instr.", "/frame", 8, 0, 1 },
	{ CACHE_MISSES, VERBOSE, "misses", "/frame", 8, 2, 1 },
	{ MEMORY, VERBOSE, "memory", "MiB", 8, 1, 1.0 / (1 << 20) },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))
#define NAME_WIDTH 16
#define RUN_WIDTH 6

static bool is_shown(const struct results *results, const struct column *c)
{
	const struct options *o = results->plan->options;

	if (c->show == ALWAYS)
		return true;
	if (c->show == IDLE)
		return o->mode == MODE_IDLE;
	if (c->show == VERBOSE && !o->verbose)
		return false;
	for (size_t i = 0; i < results->n; i++)
		if (!isnan(results->runs[i].values[c->metric]))
			return true;
	return false;
}

static void print_value(FILE *out, const struct column *c, double value)
{
	if (isnan(value))
		fprintf(out, " %*s", c->width, "-");
	else
		fprintf(out, " %*.*f", c->width, c->digits, value * c->scale);
}

static void print_head(FILE *out, const struct results *results,
		       const char *title, int width)
{
	fprintf(out, "%*s %-*s", width, title, NAME_WIDTH, "receiver");
	for (size_t i = 0; i < COLUMNS; i++)
		if (is_shown(results, &columns[i]))
			fprintf(out, " %*s", columns[i].width, columns[i].head);
	fprintf(out, "\n%*s %-*s", width, "", NAME_WIDTH, "");
	for (size_t i = 0; i < COLUMNS; i++)
		if (is_shown(results, &columns[i]))
			fprintf(out, " %*s", columns[i].width, columns[i].unit);
	fputc('\n', out);
}

static void print_run(FILE *out, const struct results *results,
		      const struct run *run)
{
	fprintf(out, "%*u %-*s", RUN_WIDTH, run->number, NAME_WIDTH,
		plan_receiver_name(results->plan, run->receiver));
	for (size_t i = 0; i < COLUMNS; i++)
		if (is_shown(results, &columns[i]))
			print_value(out, &columns[i],
				    run->values[columns[i].metric]);
	fputs(run->valid ? "\n" : "  INVALID\n", out);
}

/* Prints the medians at a point, with `title` in the first column. */
static void print_medians(FILE *out, const struct results *results,
			  size_t point, const char *title, int width)
{
	for (size_t i = 0; i < results->nreceivers; i++) {
		const struct receiver *c = results->receivers[i];

		if (!results_has_runs(results, point, c))
			continue;
		fprintf(out, "%*s %-*s", width, title, NAME_WIDTH,
			plan_receiver_name(results->plan, c));
		for (size_t j = 0; j < COLUMNS; j++)
			if (is_shown(results, &columns[j]))
				print_value(out, &columns[j],
					    results_median(results, point, c,
							   columns[j].metric));
		fputs(results_invalid(results, point, c) ? "  INVALID\n" : "\n",
		      out);
	}
}

static const char *point_label(const struct point *point)
{
	return point->purpose == PURPOSE_LIMIT ? "sender alone" :
	       *point->label                   ? point->label :
						 "all";
}

/* Prints every run if there is one point, else the medians of each point. */
static void print_table(FILE *out, const struct results *results)
{
	int width = RUN_WIDTH;

	if (results->npoints == 1) {
		print_head(out, results, "run", width);
		for (size_t i = 0; i < results->n; i++)
			print_run(out, results, &results->runs[i]);
		fputc('\n', out);
		print_medians(out, results, 0, "median", width);
		return;
	}
	for (size_t i = 0; i < results->npoints; i++) {
		int length = (int)strlen(point_label(&results->points[i]));

		width = length > width ? length : width;
	}
	print_head(out, results, "medians", width);
	for (size_t i = 0; i < results->npoints; i++)
		print_medians(out, results, i, point_label(&results->points[i]),
			      width);
}

static void print_traffic(FILE *out, const struct plan *plan,
			  const struct traffic *t)
{
	fprintf(out, "traffic: %zu %s, %.0f bytes on average, %s\n", t->n,
		t->n == 1 ? "frame" : "frames", (double)t->used / (double)t->n,
		t->source);
	if (t->runts)
		fprintf(out,
			"  skipped %llu frames that are shorter than an Ethernet header\n",
			(unsigned long long)t->runts);
	if (t->truncated)
		fprintf(out,
			"  %llu frames are truncated in the file and sent as they are\n",
			(unsigned long long)t->truncated);
	if (t->cut && plan->options->traffic)
		fprintf(out, "  only the first 512 MiB of the file are sent\n");
}

static void print_placement(FILE *out, const struct results *results)
{
	const struct plan *plan = results->plan;

	if (plan->workers == 1) {
		fprintf(out, "receiver on CPU %d", plan->placement.receiver);
	} else {
		fprintf(out, "receivers on CPUs");
		for (unsigned i = 0; i < plan->workers; i++)
			fprintf(out, "%s %d", i ? "," : "", plan->cpus[i]);
	}
	if (plan->sender)
		fprintf(out, ", sender on CPU %d", plan->placement.sender);
	fprintf(out, ": %s\n", plan->placement.reason);
	for (size_t i = 0; i < plan->nnotes; i++)
		fprintf(out, "note: %s\n", plan->notes[i]);
	for (size_t i = 0; i < results->nreceivers; i++)
		if (*results->failures[i].text)
			fprintf(out, "note: %s\n", results->failures[i].text);
	fputc('\n', out);
}

/* Prints what was measured, and on which CPUs. */
static void print_settings(FILE *out, const struct results *results)
{
	const struct plan *plan = results->plan;
	const struct scenario *scenario =
		results->points[results->headline].scenario;
	const struct receiver_config *config = &scenario->config;
	const struct traffic *traffic = scenario->traffic ? scenario->traffic :
							    config->traffic;

	fprintf(out, "%s, %u run%s of %g s", scenario->uri, plan->options->runs,
		plan->options->runs == 1 ? "" : "s", plan->options->seconds);
	for (size_t i = 0; i < config->nsettings; i++)
		fprintf(out, ", %s=%s", config->settings[i].name,
			config->settings[i].value);
	fputc('\n', out);
	if (traffic)
		print_traffic(out, plan, traffic);
	if (config->live && config->ring_size) {
		fprintf(out, "ring: %.1f MiB",
			(double)config->ring_size / (double)(1 << 20));
		if (config->block_size)
			fprintf(out,
				" in blocks of %.0f KiB, retired after %.0f ms",
				(double)config->block_size / (double)(1 << 10),
				(double)config->block_timeout / 1e6);
		fputc('\n', out);
	}
	print_placement(out, results);
}

/* Prints the ratio of the rates, if nothing but the receivers limits them. */
static void print_speedup(FILE *out, const struct results *results,
			  size_t point, const struct receiver *other)
{
	struct spread speedup = results_speedup(results, point, other);

	if (!isnan(speedup.median))
		fprintf(out, "%s / %s: %.2f times the rate (%.2f to %.2f)\n",
			plan_receiver_name(results->plan,
					   results->plan->tested),
			other->name, speedup.median, speedup.min, speedup.max);
}

static void print_ratios(FILE *out, const struct results *results, size_t point)
{
	const struct plan *plan = results->plan;
	const char *name = plan_receiver_name(plan, plan->tested);
	const struct point *p = &results->points[point];

	for (size_t i = 1; i < results->nreceivers; i++) {
		const struct receiver *other = results->receivers[i];
		struct spread ratio = results_cpu_ratio(results, point, other);

		if (!results_has_runs(results, point, other))
			continue;
		if (results->npoints > 1)
			fprintf(out, "%s: ", point_label(p));
		if (isnan(ratio.median))
			fprintf(out, "%s / %s: nothing to compare\n", name,
				other->name);
		else
			fprintf(out,
				"%s / %s: %.2f times the CPU time per frame (%.2f to %.2f)\n",
				name, other->name, ratio.median, ratio.min,
				ratio.max);
		if (!p->scenario->config.live)
			print_speedup(out, results, point, other);
	}
}

/* Prints the shares of the workers in the last run at the headline point. */
static void print_shares(FILE *out, const struct results *results)
{
	for (size_t i = 0; i < results->nreceivers; i++) {
		const struct run *last = NULL;

		for (size_t j = 0; j < results->n; j++)
			if (results->runs[j].receiver ==
				    results->receivers[i] &&
			    results->runs[j].point == results->headline &&
			    results->runs[j].nworkers > 0)
				last = &results->runs[j];
		if (!last || last->values[RECEIVED] == 0)
			continue;
		fprintf(out, "%s, %u rings: ",
			plan_receiver_name(results->plan, last->receiver),
			last->nworkers);
		for (unsigned j = 0; j < last->nworkers; j++) {
			const struct run_worker *w = &last->workers[j];

			fprintf(out, "%sCPU %d %.1f %%", j ? ", " : "", w->cpu,
				100 * (double)w->result.received /
					last->values[RECEIVED]);
		}
		fputs(" of the frames\n", out);
	}
}

static void print_invalid(FILE *out, const struct results *results)
{
	size_t invalid = 0;

	for (size_t i = 0; i < results->n; i++)
		invalid += !results->runs[i].valid;
	if (!invalid)
		return;
	fprintf(out,
		"%zu of %zu runs are invalid: not all of their frames are accounted for. They are in no median.\n",
		invalid, results->n);
	for (size_t i = 0; i < results->n; i++) {
		const struct run *run = &results->runs[i];

		if (!run->valid)
			fprintf(out, "  %s, run %u: %s\n",
				plan_receiver_name(results->plan,
						   run->receiver),
				run->number, run->reason);
	}
}

static void print_findings(FILE *out, const struct results *results)
{
	double failed = 0;

	for (size_t i = 0; i < results->nfindings; i++)
		fprintf(out, "%s\n", results->findings[i].text);
	for (size_t i = 0; i < results->n; i++)
		if (!isnan(results->runs[i].values[FAILED]))
			failed += results->runs[i].values[FAILED];
	if (failed > 0)
		fprintf(out,
			"The interface of the sender refused %.0f frames; they do not count as sent.\n",
			failed);
	print_invalid(out, results);
	if (!results->interrupted)
		return;
	if (results->npoints == 1)
		fprintf(out, "Interrupted after %zu of %zu runs.\n", results->n,
			results->plan->options->runs * results->nreceivers);
	else
		fprintf(out, "Interrupted after %zu runs.\n", results->n);
}

/* In a search, the receivers have only the first point in common. */
static bool is_compared(const struct results *results, size_t point)
{
	enum mode mode = results->plan->options->mode;

	if (mode == MODE_SEARCH || mode == MODE_BURST)
		return point == results->headline;
	return mode != MODE_IDLE &&
	       results->points[point].purpose == PURPOSE_MEASURE;
}

void output_table(FILE *out, const struct results *results)
{
	print_settings(out, results);
	print_table(out, results);
	if (results->nreceivers > 1)
		fputc('\n', out);
	for (size_t i = 0; i < results->npoints; i++)
		if (is_compared(results, i))
			print_ratios(out, results, i);
	if (results->nfindings > 0)
		fputc('\n', out);
	print_shares(out, results);
	print_findings(out, results);
}
