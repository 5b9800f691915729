/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compares two documents. A metric has changed if the runs of the two sides are
 * unlikely to have the same distribution (see rank_test()) and if their medians
 * differ by more than the tolerance. CPU time is judged by its ratio to a loop
 * that both reports have: other activity of the machine affects both receivers
 * in the same way. Without such a loop, the CPU time itself is judged.
 */
#include "report/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/document.h"
#include "report/scale.h"
#include "report/statistics.h"

#define MAX_RUNS 1024
#define SIGNIFICANCE 0.05
#define LOSS_TOLERANCE \
	0.001 /* of all frames; relative to no loss, any loss is infinite */

/* The values of a metric in one document. */
struct sample {
	double values[MAX_RUNS];
	size_t n;
	double median, min, max;
};

struct metric {
	const char *name, *title;
	enum unit unit;
	bool more_is_better;
};

static const struct metric cost = { "cpu_ns_per_packet", "CPU ns/frame",
				    UNIT_COST, false };
static const struct metric judged[] = {
	{ "loss", "loss", UNIT_SHARE, false },
	{ "latency_p50_ns", "latency p50", UNIT_NS, false },
	{ "latency_p99_ns", "latency p99", UNIT_NS, false },
};
static const struct metric rate = { "pps", "frames/s", UNIT_RATE, true };
static const struct metric idle = { "cpu_share", "CPU share", UNIT_SHARE,
				    false };

struct comparison {
	FILE *out;
	double tolerance;
	const json_t *old, *new; /* the reports that are compared */
	unsigned metrics, better, worse, undecided;
};

/* ---- Machine and options ------------------------------------------------ */

static const json_t *member_of(const json_t *report, const char *path)
{
	char name[64];
	size_t part = strcspn(path, ".");

	while (path[part]) {
		snprintf(name, sizeof(name), "%.*s", (int)part, path);
		report = json_object_get(report, name);
		path += part + 1;
		part = strcspn(path, ".");
	}
	return json_object_get(report, path);
}

static char *value_text(const json_t *value)
{
	return value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
}

static void warn(struct comparison *c, const char *path, const json_t *old,
		 const json_t *new)
{
	char *was = value_text(old);
	char *is = value_text(new);

	fprintf(c->out, "warning: %s differs: old %s, new %s\n", path,
		was ? was : "unknown", is ? is : "unknown");
	free(was);
	free(is);
}

/* Warns about differences that make metrics hard to compare. */
static void compare_settings(struct comparison *c)
{
	static const char *const paths[] = {
		"machine.cpu",
		"machine.kernel",
		"machine.architecture",
		"machine.cores",
		"machine.cpus",
		"environment.governor",
		"environment.hypervisor",
		"environment.interface.driver",
		"environment.interface.mtu",
		"environment.interface.offloads",
		"environment.sender.method",
		"placement.receiver",
		"placement.sender",
		"options.backend",
		"options.settings",
		"options.gen",
		"options.traffic",
		"options.time",
		"traffic.mean_size",
		"ring.size",
		"ring.block_size",
		"ring.block_timeout_ns",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const json_t *old = member_of(c->old, paths[i]);
		const json_t *new = member_of(c->new, paths[i]);

		if (old != new && !(old && new &&json_equal(old, new)))
			warn(c, paths[i], old, new);
	}
}

static void warn_invalid(struct comparison *c, const json_t *report,
			 const char *which)
{
	const json_t *runs = json_object_get(report, "runs");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(runs); i++)
		n += json_is_false(
			json_object_get(json_array_get(runs, i), "valid"));
	if (n > 0)
		fprintf(c->out,
			"warning: ignored %zu of %zu runs of the %s report, which are invalid\n",
			n, json_array_size(runs), which);
}

/* ---- Verdicts ----------------------------------------------------------- */

static void finish(struct sample *s)
{
	s->median = sample_median(s->values, s->n);
	s->min = s->n ? s->values[0] : NAN;
	s->max = s->n ? s->values[s->n - 1] : NAN;
}

/* True if the medians differ by more than the tolerance. */
static bool is_large(const struct comparison *c, const struct metric *f,
		     const struct sample *old, const struct sample *new)
{
	double difference = fabs(new->median - old->median);

	if (strcmp(f->name, "loss") == 0)
		return difference > LOSS_TOLERANCE;
	return difference > c->tolerance * fabs(old->median);
}

static const char *judge(struct comparison *c, const struct metric *f,
			 const struct sample *old, const struct sample *new,
			 double p)
{
	bool more = new->median > old->median;

	if (rank_test_min(old->n, new->n) >= SIGNIFICANCE) {
		c->undecided++;
		return "too few runs";
	}
	if (p >= SIGNIFICANCE)
		return "no significant difference";
	if (!is_large(c, f, old, new))
		return "within the tolerance";
	if (more == f->more_is_better) {
		c->better++;
		return "better";
	}
	c->worse++;
	return "WORSE";
}

static void print_side(const struct comparison *c, const struct metric *f,
		       const struct sample *s)
{
	char texts[3][SCALE_TEXT_SIZE];
	char all[4 * SCALE_TEXT_SIZE];

	snprintf(all, sizeof(all), "%s (%s to %s)",
		 scale_write(texts[0], s->median, f->unit),
		 scale_write(texts[1], s->min, f->unit),
		 scale_write(texts[2], s->max, f->unit));
	fprintf(c->out, "  %-26s", all);
}

static void print(struct comparison *c, const char *name,
		  const struct metric *f, const struct sample *old,
		  const struct sample *new, double p, const char *verdict)
{
	double change = new->median / old->median - 1;

	fprintf(c->out, "  %-32s %-14s", name, f->title);
	print_side(c, f, old);
	print_side(c, f, new);
	if (isfinite(change))
		fprintf(c->out, " %+7.1f %%", 100 * change);
	else
		fprintf(c->out, "         -");
	fprintf(c->out, "  p %-6.2g  %s\n", p, verdict);
}

/* Prints a metric; judges it if `is_judged`. */
static void compare(struct comparison *c, const char *name,
		    const struct metric *f, struct sample *old,
		    struct sample *new, bool is_judged)
{
	const char *verdict = "not judged";
	double p;

	if (old->n == 0 || new->n == 0)
		return;
	p = rank_test(old->values, old->n, new->values, new->n);
	finish(old);
	finish(new);
	c->metrics++;
	if (is_judged)
		verdict = judge(c, f, old, new, p);
	print(c, name, f, old, new, p, verdict);
}

/* ---- Points ------------------------------------------------------------- */

static bool is_measure(const json_t *point)
{
	return strcmp(report_text(json_object_get(point, "parameters"),
				  "purpose"),
		      "measure") == 0;
}

/* The index of the point with this label; -1: there is none. */
static int find_point(const json_t *report, const char *label)
{
	const json_t *points = json_object_get(report, "points");

	for (size_t i = 0; i < json_array_size(points); i++)
		if (is_measure(json_array_get(points, i)) &&
		    strcmp(report_label(report, i), label) == 0)
			return (int)i;
	return -1;
}

static const char *kind_at(const json_t *report, size_t point,
			   const char *receiver)
{
	const json_t *p =
		json_array_get(json_object_get(report, "points"), point);

	return report_text(
		report_named(json_object_get(p, "results"), receiver), "kind");
}

static void compare_metric(struct comparison *c, const size_t points[2],
			   const char *name, const char *receiver,
			   const struct metric *f, bool is_judged)
{
	static struct sample old;
	static struct sample new;

	old.n = report_runs(c->old, receiver, points[0], f->name, old.values,
			    MAX_RUNS);
	new.n = report_runs(c->new, receiver, points[1], f->name, new.values,
			    MAX_RUNS);
	compare(c, name, f, &old, &new, is_judged);
}

/* CPU time of `tested` divided by that of `other`, for each pair of valid runs.
 */
static size_t ratios_of(const json_t *report, size_t point, const char *tested,
			const char *other, double *ret)
{
	double runs = report_number(json_object_get(report, "options"), "runs");
	size_t n = 0;

	for (unsigned i = 1; i <= runs && n < MAX_RUNS; i++) {
		ret[n] = report_run(report, tested, point, cost.name, i) /
			 report_run(report, other, point, cost.name, i);
		n += isfinite(ret[n]) != 0;
	}
	return n;
}

/* Returns false if there is nothing to compare. */
static bool compare_ratio(struct comparison *c, const size_t points[2],
			  const char *label, const char *tested,
			  const char *other, bool is_judged)
{
	static const struct metric metric = { "ratio", "CPU ratio", UNIT_PLAIN,
					      false };
	static struct sample old;
	static struct sample new;
	char name[128];

	old.n = ratios_of(c->old, points[0], tested, other, old.values);
	new.n = ratios_of(c->new, points[1], tested, other, new.values);
	if (old.n == 0 || new.n == 0)
		return false;
	snprintf(name, sizeof(name), "%s%s%s / %s", label, *label ? " " : "",
		 tested, other);
	compare(c, name, &metric, &old, &new, is_judged);
	return true;
}

/* Compares with all other receivers. Judges the ratio to the first loop that
 * both reports have; returns whether there is one. */
static bool compare_ratios(struct comparison *c, const size_t points[2],
			   const char *label, const char *tested)
{
	const json_t *point =
		json_array_get(json_object_get(c->old, "points"), points[0]);
	const json_t *results = json_object_get(point, "results");
	bool found = false;

	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const char *other = report_text(result, "name");
		bool loop = strcmp(report_text(result, "kind"), "loop") == 0;

		if (strcmp(other, tested) == 0)
			continue;
		if (compare_ratio(c, points, label, tested, other,
				  loop && !found))
			found = found || loop;
	}
	return found;
}

static bool is_live(const json_t *report)
{
	return json_is_object(json_object_get(
		json_object_get(report, "environment"), "interface"));
}

static void compare_receiver(struct comparison *c, const size_t points[2],
			     const char *label, const char *receiver)
{
	bool tested = strcmp(kind_at(c->old, points[0], receiver), "backend") ==
		      0;
	bool is_idle = strcmp(report_text(c->old, "mode"), "idle") == 0;
	bool by_ratio = false;
	char name[128];

	snprintf(name, sizeof(name), "%s%s%s", label, *label ? " " : "",
		 receiver);
	if (is_idle) {
		compare_metric(c, points, name, receiver, &idle, tested);
		return;
	}
	if (tested)
		by_ratio = compare_ratios(c, points, label, receiver);
	compare_metric(c, points, name, receiver, &cost, tested && !by_ratio);
	/* The rate on an interface depends on the sender. */
	if (!is_live(c->old))
		compare_metric(c, points, name, receiver, &rate,
			       tested && !by_ratio);
	for (size_t i = 0; i < sizeof(judged) / sizeof(*judged); i++)
		compare_metric(c, points, name, receiver, &judged[i], tested);
}

static void compare_points(struct comparison *c)
{
	const json_t *list = json_object_get(c->old, "points");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *results =
			json_object_get(json_array_get(list, i), "results");
		const char *label = report_label(c->old, i);
		int other = find_point(c->new, label);
		size_t points[2] = { i, (size_t)other };

		if (other < 0 || !is_measure(json_array_get(list, i)))
			continue;
		for (size_t j = 0; j < json_array_size(results); j++)
			compare_receiver(c, points, label,
					 report_text(json_array_get(results, j),
						     "name"));
	}
}

/* ---- Findings ----------------------------------------------------------- */

static const json_t *find_finding(const json_t *report, const json_t *like)
{
	static const char *const members[] = { "name", "receiver", "scenario" };
	const json_t *list = json_object_get(report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		bool same = true;

		for (size_t j = 0; j < sizeof(members) / sizeof(*members); j++)
			same = same &&
			       strcmp(report_text(f, members[j]),
				      report_text(like, members[j])) == 0;
		if (same)
			return f;
	}
	return NULL;
}

/* A finding has only the median and the range of the searches. */
static void set_sample(struct sample *s, const json_t *report,
		       const json_t *finding)
{
	s->n = (size_t)fmax(1, report_number(json_object_get(report, "options"),
					     "runs"));
	s->median = report_number(finding, "value");
	s->min = report_number(finding, "min");
	s->max = report_number(finding, "max");
}

/* True if the value may be higher: the sender could not send more. */
static bool is_limited(const json_t *finding)
{
	return json_is_true(json_object_get(finding, "at_least"));
}

static void compare_finding(struct comparison *c, const json_t *old,
			    const json_t *new)
{
	const char *name = report_text(old, "name");
	const char *scenario = report_text(old, "scenario");
	const char *receiver = report_text(old, "receiver");
	bool burst = strcmp(name, "largest_burst") == 0;
	const struct metric metric = { name,
				       burst ? "longest burst" :
					       "rate w/o loss",
				       burst ? UNIT_PLAIN : UNIT_RATE, true };
	const json_t *results = json_object_get(c->old, "results");
	struct sample a;
	struct sample b;
	const char *verdict = "not judged";
	bool apart;
	bool tested;
	double p;
	char title[128];

	set_sample(&a, c->old, old);
	set_sample(&b, c->new, new);
	if (!isfinite(a.median) || !isfinite(b.median))
		return;
	apart = a.max < b.min || b.max < a.min;
	p = apart ? rank_test_min(a.n, b.n) : 1;
	tested = strcmp(report_text(report_named(results, receiver), "kind"),
			"backend") == 0;
	snprintf(title, sizeof(title), "%s%s%s", scenario, *scenario ? " " : "",
		 receiver);
	c->metrics++;
	/* If the smaller value is a limit of the sender, the difference is
	 * not known. */
	if (tested && is_limited(a.median < b.median ? old : new))
		verdict = "not judged: limited by the sender";
	else if (tested)
		verdict = judge(c, &metric, &a, &b, p);
	print(c, title, &metric, &a, &b, p, verdict);
}

static void compare_findings(struct comparison *c)
{
	const json_t *list = json_object_get(c->old, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *old = json_array_get(list, i);
		const json_t *new = find_finding(c->new, old);
		const char *name = report_text(old, "name");

		if (new && (strcmp(name, "zero_loss_pps") == 0 ||
			    strcmp(name, "largest_burst") == 0))
			compare_finding(c, old, new);
	}
}

/* ---- Reports ------------------------------------------------------------ */

/* The report with the same mode and title; NULL: there is none. */
static const json_t *find_report(const json_t *file, const json_t *like)
{
	for (size_t i = 0; i < report_count(file); i++) {
		const json_t *report = report_at(file, i);

		if (strcmp(report_text(report, "mode"),
			   report_text(like, "mode")) == 0 &&
		    strcmp(report_text(report, "title"),
			   report_text(like, "title")) == 0)
			return report;
	}
	return NULL;
}

static void compare_pair(struct comparison *c)
{
	const char *mode = report_text(c->old, "mode");
	const char *title = report_text(c->old, "title");
	bool searched = strcmp(mode, "search") == 0 ||
			strcmp(mode, "burst") == 0;

	fprintf(c->out, "%s: old and new median (min to max), change\n",
		*title ? title : mode);
	compare_settings(c);
	warn_invalid(c, c->old, "old");
	warn_invalid(c, c->new, "new");
	if (searched) /* each search tries different rates */
		compare_findings(c);
	else
		compare_points(c);
	fputc('\n', c->out);
}

int report_compare(FILE *out, const json_t *old, const json_t *new,
		   double tolerance, struct report_error *reterr)
{
	struct comparison c = { .out = out, .tolerance = tolerance };

	for (size_t i = 0; i < report_count(old); i++) {
		c.old = report_at(old, i);
		c.new = find_report(new, c.old);
		if (c.new)
			compare_pair(&c);
		else
			fprintf(out,
				"warning: the new file has no report of mode %s\n\n",
				report_text(c.old, "mode"));
	}
	if (c.metrics == 0)
		return report_fail(
			reterr, -EINVAL,
			"--compare: the files have no receiver in common at a point with the same label");
	fprintf(out,
		"%u metrics: %u better, %u worse. A metric is better or worse if it differs by more\nthan %g %% (loss: %g %%) and p < %g in the rank test of Mann and Whitney.",
		c.metrics, c.better, c.worse, 100 * tolerance,
		100 * LOSS_TOLERANCE, SIGNIFICANCE);
	if (c.undecided > 0)
		fprintf(out,
			"\n%u metrics have too few runs: the test needs 4 runs in each file, or 3 and 5.",
			c.undecided);
	fputc('\n', out);
	return c.worse > 0;
}
