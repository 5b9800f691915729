/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The results as a JSON document, schema 3 in docs/bench.md. Every metric is a
 * member with its name in metric_names. It is null if it is not known.
 */
#include "output/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "external/tool.h"

static json_t *number(enum metric metric, double value)
{
	if (!isfinite(value))
		return json_null();
	return metric_names[metric].whole ? json_integer((json_int_t)value) :
					    json_real(value);
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* The dropped frames by stage. */
static json_t *stages(double ring, double softnet)
{
	return json_pack("{s:o, s:o}", "ring", number(RING, ring), "softnet",
			 number(SOFTNET, softnet));
}

static void set_metric(json_t *object, enum metric metric, double value)
{
	if (metric != RING && metric != SOFTNET)
		json_object_set_new(object, metric_names[metric].name,
				    number(metric, value));
}

json_t *output_latency(const struct histogram *h)
{
	if (!h || h->n == 0)
		return json_null();
	return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I}", "count",
			 (json_int_t)h->n, "min", (json_int_t)h->min, "mean",
			 h->sum / (double)h->n, "p50",
			 (json_int_t)histogram_quantile(h, 0.5), "p90",
			 (json_int_t)histogram_quantile(h, 0.9), "p99",
			 (json_int_t)histogram_quantile(h, 0.99), "p99_9",
			 (json_int_t)histogram_quantile(h, 0.999), "max",
			 (json_int_t)h->max);
}

/* ---- Runs --------------------------------------------------------------- */

static json_t *worker_objects(const struct run *run, const struct plan *plan)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < run->nworkers; i++) {
		const struct worker_result *w = &run->workers[i].result;
		double n = (double)w->received;
		int node =
			placement_node(&plan->placement, run->workers[i].cpu);

		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:I, s:o, s:I, s:o, s:o}", "cpu",
				  run->workers[i].cpu, "node",
				  node < 0 ? json_null() : json_integer(node),
				  "received", (json_int_t)w->received, "share",
				  real(n / run->values[RECEIVED]), "dropped",
				  (json_int_t)w->lost.dropped, "pps",
				  real(n / run->values[SECONDS]),
				  "cpu_ns_per_packet",
				  real((double)w->cpu / n)));
	}
	return list;
}

/* The metrics of a run. */
static json_t *run_object(const struct run *run)
{
	json_t *object = json_pack("{s:i, s:b}", "run", (int)run->number,
				   "valid", (int)run->valid);

	for (int i = 0; i < METRICS; i++)
		set_metric(object, (enum metric)i, run->values[i]);
	json_object_set_new(object, "dropped_by_stage",
			    stages(run->values[RING], run->values[SOFTNET]));
	return object;
}

static json_t *run_objects(const struct results *results)
{
	json_t *list = json_array();

	for (size_t i = 0; i < results->n; i++) {
		const struct run *run = &results->runs[i];
		json_t *object = run_object(run);

		json_object_set_new(object, "receiver",
				    json_string(plan_receiver_name(
					    results->plan, run->receiver)));
		json_object_set_new(object, "point",
				    json_integer((json_int_t)run->point));
		json_object_set_new(object, "reason",
				    run->valid ? json_null() :
						 json_string(run->reason));
		json_object_set_new(object, "workers",
				    worker_objects(run, results->plan));
		json_object_set_new(object, "latency",
				    output_latency(run->latency));
		json_array_append_new(list, object);
	}
	return list;
}

/* ---- Points ------------------------------------------------------------- */

/* Adds the command line and the version of an external tool. */
static void set_tool(json_t *object, const struct tool *tool,
		     const struct receiver_config *config)
{
	char text[512];

	tool_command(tool, config, text, sizeof(text));
	json_object_set_new(object, "command", json_string(text));
	tool_version(tool, text, sizeof(text));
	json_object_set_new(object, "tool_version",
			    *text ? output_text(text) : json_null());
}

static json_t *result_object(const struct results *results, size_t point,
			     const struct receiver *receiver)
{
	json_t *object = json_pack(
		"{s:s, s:s, s:i}", "name",
		plan_receiver_name(results->plan, receiver), "kind",
		receiver == results->receivers[0] ? "backend" :
		receiver->tool                    ? "tool" :
						    "loop",
		"invalid_runs", (int)results_invalid(results, point, receiver));

	if (receiver->tool)
		set_tool(object, receiver->tool,
			 &results->points[point].scenario->config);
	for (int i = 0; i < METRICS; i++)
		set_metric(object, (enum metric)i,
			   results_median(results, point, receiver,
					  (enum metric)i));
	json_object_set_new(
		object, "dropped_by_stage",
		stages(results_median(results, point, receiver, RING),
		       results_median(results, point, receiver, SOFTNET)));
	return object;
}

/* The results of all receivers at a point, each with its runs if `with_runs`.
 */
static json_t *result_objects(const struct results *results, size_t point,
			      bool with_runs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < results->nreceivers; i++) {
		const struct receiver *c = results->receivers[i];
		json_t *object;
		json_t *runs;

		if (!results_has_runs(results, point, c))
			continue;
		object = result_object(results, point, c);
		runs = json_array();
		for (size_t j = 0; j < results->n; j++)
			if (results->runs[j].receiver == c &&
			    results->runs[j].point == point)
				json_array_append_new(
					runs, run_object(&results->runs[j]));
		if (with_runs)
			json_object_set_new(object, "runs", runs);
		else
			json_decref(runs);
		json_array_append_new(list, object);
	}
	return list;
}

typedef struct spread ratio_of(const struct results *results, size_t point,
			       const struct receiver *other);

static json_t *ratio_objects(const struct results *results, size_t point,
			     ratio_of *of, bool spread)
{
	json_t *object = json_object();

	for (size_t i = 1; i < results->nreceivers; i++) {
		struct spread r = of(results, point, results->receivers[i]);
		json_t *value = real(r.median);

		if (spread)
			value = json_pack("{s:o, s:o, s:o}", "median", value,
					  "min", real(r.min), "max",
					  real(r.max));
		json_object_set_new(object, results->receivers[i]->name, value);
	}
	return object;
}

/* Adds the results and ratios of a point to an object. */
static void set_results(json_t *object, const struct results *results,
			size_t point, bool with_runs)
{
	json_object_set_new(object, "results",
			    result_objects(results, point, with_runs));
	json_object_set_new(object, "ratios",
			    ratio_objects(results, point, results_cpu_ratio,
					  false));
	json_object_set_new(object, "ratio_spread",
			    ratio_objects(results, point, results_cpu_ratio,
					  true));
	json_object_set_new(object, "speedups",
			    ratio_objects(results, point, results_speedup,
					  false));
	json_object_set_new(object, "speedup_spread",
			    ratio_objects(results, point, results_speedup,
					  true));
}

static json_t *settings_object(const struct pktio_setting *settings, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, settings[i].name,
				    output_text(settings[i].value));
	return object;
}

static json_t *size_of(const struct scenario *scenario)
{
	char *end;
	long size;

	if (!scenario->size)
		return scenario->traffic && scenario->traffic->even ?
			       json_integer(scenario->traffic->longest) :
			       json_null();
	size = strtol(scenario->size, &end, 10);
	return *end ? json_string(scenario->size) : json_integer(size);
}

static json_t *parameters_object(const struct point *point)
{
	static const char *const purposes[] = {
		[PURPOSE_MEASURE] = "measure",
		[PURPOSE_LIMIT] = "limit",
		[PURPOSE_FLOWS] = "flows",
	};
	const struct scenario *scenario = point->scenario;

	return json_pack(
		"{s:o, s:o, s:s?, s:s?, s:s?, s:i, s:o, s:o, s:s}", "size",
		size_of(scenario), "options",
		settings_object(scenario->varied, scenario->nvaried), "format",
		scenario->format, "codec", scenario->codec, "sender",
		scenario->method ? scenario->method->name : NULL, "workers",
		(int)point->workers, "rate",
		point->rate > 0 ? json_real(point->rate) : json_null(), "burst",
		point->frames ? json_integer((json_int_t)point->frames) :
				json_null(),
		"purpose", purposes[point->purpose]);
}

static json_t *point_objects(const struct results *results)
{
	json_t *list = json_array();

	for (size_t i = 0; i < results->npoints; i++) {
		json_t *object = json_pack(
			"{s:i, s:o, s:o}", "index", (int)i, "label",
			output_text(results->points[i].label), "parameters",
			parameters_object(&results->points[i]));

		set_results(object, results, i, false);
		json_array_append_new(list, object);
	}
	return list;
}

/* ---- Document ----------------------------------------------------------- */

static json_t *traffic_object(const struct scenario *scenario)
{
	const struct traffic *t = scenario->traffic ? scenario->traffic :
						      scenario->config.traffic;

	if (!t)
		return json_null();
	return json_pack("{s:o, s:I, s:o, s:f, s:I, s:I, s:I}", "source",
			 output_text(t->source), "frames", (json_int_t)t->n,
			 "flows",
			 t->flows ? json_integer(t->flows) : json_null(),
			 "mean_size", (double)t->used / (double)t->n, "longest",
			 (json_int_t)t->longest, "runts_skipped",
			 (json_int_t)t->runts, "truncated_in_file",
			 (json_int_t)t->truncated);
}

json_t *output_arguments(const struct options *o)
{
	json_t *list = json_array();

	for (size_t i = 1; i < o->argc; i++)
		json_array_append_new(list, output_text(o->arguments[i]));
	return list;
}

static json_t *options_object(const struct plan *plan,
			      const struct scenario *scenario)
{
	const struct options *o = plan->options;

	return json_pack(
		"{s:s, s:o, s:o, s:o, s:f, s:i, s:o, s:o, s:o}", "backend",
		o->backend, "uri", output_text(scenario->uri), "settings",
		settings_object(o->settings, o->nsettings), "gen",
		settings_object(o->gen, o->ngen), "time", o->seconds, "runs",
		(int)o->runs, "traffic", output_text(o->traffic), "interface",
		output_text(o->interface), "arguments", output_arguments(o));
}

static json_t *placement_object(const struct plan *plan)
{
	json_t *workers = json_array();

	for (unsigned i = 0; i < plan->workers; i++)
		json_array_append_new(workers, json_integer(plan->cpus[i]));
	return json_pack("{s:i, s:o, s:o, s:s, s:s}", "receiver",
			 plan->placement.receiver, "sender",
			 plan->sender ? json_integer(plan->placement.sender) :
					json_null(),
			 "workers", workers, "bind", plan->options->bind,
			 "reason", plan->placement.reason);
}

static json_t *finding_objects(const struct results *results)
{
	json_t *list = json_array();

	for (size_t i = 0; i < results->nfindings; i++) {
		const struct finding *f = &results->findings[i];

		json_array_append_new(
			list,
			json_pack(
				"{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:b, s:o}",
				"name", f->name, "receiver",
				plan_receiver_name(results->plan, f->receiver),
				"scenario", output_text(f->scenario->label),
				"value", real(f->value), "min", real(f->min),
				"max", real(f->max), "unit", f->unit,
				"at_least", (int)f->at_least, "text",
				output_text(f->text)));
	}
	return list;
}

static json_t *note_objects(const struct results *results)
{
	const struct plan *plan = results->plan;
	json_t *list = json_array();

	for (size_t i = 0; i < plan->nnotes; i++)
		json_array_append_new(list, output_text(plan->notes[i]));
	for (size_t i = 0; i < results->nreceivers; i++)
		if (*results->failures[i].text)
			json_array_append_new(
				list, output_text(results->failures[i].text));
	return list;
}

json_t *output_json(const struct results *results)
{
	const struct plan *plan = results->plan;
	const struct scenario *scenario =
		results->points[results->headline].scenario;
	const struct receiver_config *c = &scenario->config;
	json_t *report = json_pack(
		"{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:b, s:i}",
		"schema", OUTPUT_SCHEMA, "version", pktio_version(), "mode",
		options_mode_name(plan->options->mode), "machine",
		output_machine(&plan->placement), "environment",
		output_environment(plan), "placement", placement_object(plan),
		"options", options_object(plan, scenario), "traffic",
		traffic_object(scenario), "ring", "size",
		(json_int_t)c->ring_size, "block_size",
		(json_int_t)c->block_size, "block_timeout_ns",
		(json_int_t)c->block_timeout, "interrupted",
		(int)results->interrupted, "headline", (int)results->headline);

	if (!report)
		return NULL;
	set_results(report, results, results->headline, true);
	json_object_set_new(report, "points", point_objects(results));
	json_object_set_new(report, "runs", run_objects(results));
	json_object_set_new(report, "series", output_series(results));
	json_object_set_new(report, "findings", finding_objects(results));
	json_object_set_new(report, "notes", note_objects(results));
	return report;
}

int output_write(FILE *out, json_t *document)
{
	int r = document ? json_dumpf(document, out,
				      JSON_INDENT(2) | JSON_REAL_PRECISION(9)) :
			   -1;

	json_decref(document);
	if (r < 0 || fputc('\n', out) == EOF || fflush(out) == EOF)
		return -EIO;
	return 0;
}
