/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The report as JSON. Every metric is a member by its name in metric_names,
 * null where it is not known; README.md has their meanings.
 */
#include "report.h"

#include <math.h>
#include <sys/utsname.h>

#include <jansson.h>

/* Goes up when a member changes its meaning or goes away. */
#define SCHEMA 1

static json_t *number(enum metric metric, double value)
{
	if (!isfinite(value))
		return json_null();
	return metric_names[metric].whole ? json_integer((json_int_t)value) :
					    json_real(value);
}

/* By stage, beside the sum of them. */
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

static json_t *contender_object(const struct results *results,
				const struct contender *contender)
{
	json_t *object = json_pack("{s:s, s:i}", "name",
				   measure_name(results->plan, contender),
				   "invalid_runs",
				   (int)results_invalid(results, contender));
	json_t *runs = json_array();

	for (int i = 0; i < METRICS; i++)
		set_metric(object, (enum metric)i,
			   results_median(results, contender, (enum metric)i));
	json_object_set_new(
		object, "dropped_by_stage",
		stages(results_median(results, contender, RING),
		       results_median(results, contender, SOFTNET)));
	for (size_t i = 0; i < results->n; i++)
		if (results->runs[i].contender == contender)
			json_array_append_new(runs,
					      run_object(&results->runs[i]));
	json_object_set_new(object, "runs", runs);
	return object;
}

static json_t *machine_object(const struct placement *p)
{
	struct utsname name = { 0 };

	uname(&name);
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I}", "cpu",
			 p->cpu_model, "kernel", name.release, "architecture",
			 name.machine, "packages", (int)p->packages,
			 "numa_nodes", (int)p->nodes, "cores", (int)p->cores,
			 "cpus", (int)p->cpus, "memory", (json_int_t)p->memory);
}

static json_t *settings_object(const struct pktio_setting *settings, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, settings[i].name,
				    json_string(settings[i].value));
	return object;
}

static json_t *traffic_object(const struct traffic *t)
{
	if (!t)
		return json_null();
	return json_pack("{s:s, s:I, s:f, s:I, s:I, s:I}", "source", t->what,
			 "frames", (json_int_t)t->n, "mean_size",
			 (double)t->used / (double)t->n, "longest",
			 (json_int_t)t->longest, "runts_left_out",
			 (json_int_t)t->runts, "truncated_in_file",
			 (json_int_t)t->truncated);
}

static json_t *options_object(const struct plan *plan)
{
	const struct options *o = plan->options;
	const struct contest *c = &plan->contest;

	return json_pack("{s:s, s:s, s:o, s:o, s:f, s:i, s:s?, s:s?}",
			 "backend", o->backend, "uri", plan->uri, "settings",
			 settings_object(c->settings, c->nsettings), "gen",
			 settings_object(o->gen, o->ngen), "time", o->seconds,
			 "runs", (int)o->runs, "traffic", o->traffic,
			 "interface", o->interface);
}

typedef struct ratio ratio_of(const struct results *results,
			      const struct contender *peer);

static json_t *ratio_objects(const struct results *results, ratio_of *of,
			     bool spread)
{
	json_t *object = json_object();

	for (size_t i = 1; i < results->ncontenders; i++) {
		struct ratio r = of(results, results->contenders[i]);
		json_t *value = number(CPU, r.median);

		if (spread)
			value = json_pack("{s:o, s:o, s:o}", "median", value,
					  "min", number(CPU, r.min), "max",
					  number(CPU, r.max));
		json_object_set_new(object, results->contenders[i]->name,
				    value);
	}
	return object;
}

static json_t *report_object(const struct results *results)
{
	const struct plan *plan = results->plan;
	const struct contest *c = &plan->contest;
	json_t *list = json_array();

	for (size_t i = 0; i < results->ncontenders; i++)
		json_array_append_new(list,
				      contender_object(results,
						       results->contenders[i]));
	return json_pack(
		"{s:i, s:s, s:o, s:{s:i, s:o, s:s}, s:o, s:o, s:{s:I, s:I, s:I}, s:b, s:o, s:o, s:o, s:o, s:o}",
		"schema", SCHEMA, "version", pktio_version(), "machine",
		machine_object(&plan->placement), "placement", "receiver",
		plan->placement.receiver, "sender",
		plan->sender ? json_integer(plan->placement.sender) :
			       json_null(),
		"why", plan->placement.why, "options", options_object(plan),
		"traffic", traffic_object(plan->traffic), "ring", "size",
		(json_int_t)c->ring_size, "block_size",
		(json_int_t)c->block_size, "block_timeout_ns",
		(json_int_t)c->block_timeout, "interrupted",
		(int)results->interrupted, "results", list, "ratios",
		ratio_objects(results, results_ratio, false), "ratio_spread",
		ratio_objects(results, results_ratio, true), "speedups",
		ratio_objects(results, results_speedup, false),
		"speedup_spread",
		ratio_objects(results, results_speedup, true));
}

int report_json(FILE *out, const struct results *results)
{
	json_t *report = report_object(results);
	int r = report ? json_dumpf(report, out,
				    JSON_INDENT(2) | JSON_REAL_PRECISION(9)) :
			 -1;

	json_decref(report);
	if (r < 0 || fputc('\n', out) == EOF || fflush(out) == EOF)
		return -EIO;
	return 0;
}
