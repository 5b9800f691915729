/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as a table: every run, the medians, the ratios. */
#include "report.h"

#include <math.h>
#include <string.h>

/* The columns, after those of run and contender. */
static const struct column {
	enum metric metric;
	const char *head, *unit;
	int width, digits;
	double scale;
} columns[] = {
	{ SENT, "sent", "frames", 11, 0, 1 },
	{ RECEIVED, "received", "frames", 11, 0, 1 },
	{ RING, "ring", "lost", 9, 0, 1 },
	{ SOFTNET, "softnet", "lost", 9, 0, 1 },
	{ UNACCOUNTED, "unaccounted", "frames", 12, 0, 1 },
	{ PPS, "rate", "Mpps", 8, 3, 1e-6 },
	{ BPS, "", "GB/s", 8, 3, 1e-9 },
	{ CPU, "CPU", "ns/frame", 9, 1, 1 },
	{ USER, "user", "ns", 7, 1, 1 },
	{ SYSTEM, "system", "ns", 7, 1, 1 },
	{ WAKEUPS, "wake-ups", "", 9, 0, 1 },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))
#define NAME_WIDTH 16

static void print_value(FILE *out, const struct column *c, double value)
{
	if (isnan(value))
		fprintf(out, " %*s", c->width, "-");
	else
		fprintf(out, " %*.*f", c->width, c->digits, value * c->scale);
}

static void print_head(FILE *out)
{
	fprintf(out, "%6s %-*s", "run", NAME_WIDTH, "contender");
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, " %*s", columns[i].width, columns[i].head);
	fprintf(out, "\n%6s %-*s", "", NAME_WIDTH, "");
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, " %*s", columns[i].width, columns[i].unit);
	fputc('\n', out);
}

static void print_run(FILE *out, const struct plan *plan, const struct run *run)
{
	fprintf(out, "%6u %-*s", run->number, NAME_WIDTH,
		measure_name(plan, run->contender));
	for (size_t i = 0; i < COLUMNS; i++)
		print_value(out, &columns[i], run->values[columns[i].metric]);
	fputs(run->valid ? "\n" : "  INVALID\n", out);
}

static void print_medians(FILE *out, const struct results *results)
{
	for (size_t i = 0; i < results->ncontenders; i++) {
		const struct contender *c = results->contenders[i];

		fprintf(out, "%6s %-*s", "median", NAME_WIDTH,
			measure_name(results->plan, c));
		for (size_t j = 0; j < COLUMNS; j++)
			print_value(out, &columns[j],
				    results_median(results, c,
						   columns[j].metric));
		fputc('\n', out);
	}
}

/* What was measured, and on what. */
static void print_setting(FILE *out, const struct results *results)
{
	const struct plan *plan = results->plan;
	const struct contest *contest = &plan->contest;

	fprintf(out, "%s, %u run%s of %g s", plan->uri, plan->options->runs,
		plan->options->runs == 1 ? "" : "s", plan->options->seconds);
	for (size_t i = 0; i < contest->nsettings; i++)
		fprintf(out, ", %s=%s", contest->settings[i].name,
			contest->settings[i].value);
	fputc('\n', out);
	if (plan->traffic) {
		const struct traffic *t = plan->traffic;

		fprintf(out, "traffic: %zu %s, %.0f bytes on average, %s\n",
			t->n, t->n == 1 ? "frame" : "frames",
			(double)t->used / (double)t->n, t->what);
		if (t->runts)
			fprintf(out,
				"  left out, for being shorter than an Ethernet header: %llu frames\n",
				(unsigned long long)t->runts);
		if (t->truncated)
			fprintf(out,
				"  truncated in the file, and sent so: %llu frames\n",
				(unsigned long long)t->truncated);
		if (t->cut && plan->options->traffic)
			fprintf(out,
				"  left out: what comes after the first 512 MiB\n");
	}
	if (contest->live && contest->ring_size) {
		fprintf(out, "ring: %.1f MiB",
			(double)contest->ring_size / (double)(1 << 20));
		if (contest->block_size)
			fprintf(out,
				" in blocks of %.0f KiB, handed over after %.0f ms",
				(double)contest->block_size / (double)(1 << 10),
				(double)contest->block_timeout / 1e6);
		fputc('\n', out);
	}
	fprintf(out, "receiver on CPU %d", plan->placement.receiver);
	if (plan->sender)
		fprintf(out, ", sender on CPU %d", plan->placement.sender);
	fprintf(out, ": %s\n\n", plan->placement.why);
}

/* Where both read as fast as they can, the rate says something. */
static void print_speedup(FILE *out, const struct results *results,
			  const struct contender *peer)
{
	struct ratio speedup = results_speedup(results, peer);

	if (!isnan(speedup.median))
		fprintf(out,
			"%s / %s: %.2f times as many frames a second (%.2f to %.2f)\n",
			measure_name(results->plan, results->plan->ours),
			peer->name, speedup.median, speedup.min, speedup.max);
}

static void print_ratios(FILE *out, const struct results *results)
{
	const struct plan *plan = results->plan;
	const char *name = measure_name(plan, plan->ours);

	for (size_t i = 1; i < results->ncontenders; i++) {
		struct ratio ratio =
			results_ratio(results, results->contenders[i]);

		if (isnan(ratio.median))
			fprintf(out, "%s / %s: nothing to compare\n", name,
				results->contenders[i]->name);
		else
			fprintf(out,
				"%s / %s: %.2f times the CPU a frame (%.2f to %.2f)\n",
				name, results->contenders[i]->name,
				ratio.median, ratio.min, ratio.max);
		if (!plan->contest.live)
			print_speedup(out, results, results->contenders[i]);
	}
}

static void print_verdict(FILE *out, const struct results *results)
{
	size_t invalid = 0;
	double failed = 0;

	for (size_t i = 0; i < results->ncontenders; i++)
		invalid += results_invalid(results, results->contenders[i]);
	for (size_t i = 0; i < results->n; i++)
		if (!isnan(results->runs[i].values[FAILED]))
			failed += results->runs[i].values[FAILED];
	if (failed > 0)
		fprintf(out,
			"The sender's interface refused %.0f frames; they do not count as sent.\n",
			failed);
	if (invalid)
		fprintf(out,
			"%zu of %zu runs have frames that nobody accounts for: do not trust them.\n",
			invalid, results->n);
	if (results->interrupted)
		fprintf(out, "Interrupted after %zu of %zu runs.\n", results->n,
			results->plan->options->runs * results->ncontenders);
}

void report_table(FILE *out, const struct results *results)
{
	print_setting(out, results);
	print_head(out);
	for (size_t i = 0; i < results->n; i++)
		print_run(out, results->plan, &results->runs[i]);
	fputc('\n', out);
	print_medians(out, results);
	if (results->ncontenders > 1)
		fputc('\n', out);
	print_ratios(out, results);
	print_verdict(out, results);
}
