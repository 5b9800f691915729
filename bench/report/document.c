/* SPDX-License-Identifier: BSD-3-Clause */
/* Loads documents that bench has written, and reads their members. */
#include "report/document.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define MAX_RUNS 4096

int report_fail(struct report_error *reterr, int code, const char *format, ...)
{
	va_list args;

	if (reterr) {
		va_start(args, format);
		vsnprintf(reterr->text, sizeof(reterr->text), format, args);
		va_end(args);
	}
	return code;
}

/* ---- Documents ---------------------------------------------------------- */

static int check_report(const json_t *report, const char *path,
			struct report_error *reterr)
{
	const json_t *schema = json_object_get(report, "schema");

	if (!json_is_integer(schema))
		return report_fail(
			reterr, -EINVAL,
			"'%s' is not a report of bench: it has no member 'schema'",
			path);
	if (json_integer_value(schema) != REPORT_SCHEMA)
		return report_fail(
			reterr, -EPROTO,
			"'%s' has schema %d, but this version of bench reads schema %d; run the measurement again",
			path, (int)json_integer_value(schema), REPORT_SCHEMA);
	if (!json_is_string(json_object_get(report, "mode")))
		return report_fail(
			reterr, -EINVAL,
			"'%s' is not a report of bench: it has no member 'mode'",
			path);
	return 0;
}

int report_load(json_t **ret, const char *path, struct report_error *reterr)
{
	json_error_t error;
	json_t *document = json_load_file(path, 0, &error);
	int r = 0;

	if (!document && error.line < 0)
		return report_fail(reterr, -EINVAL, "cannot read '%s': %s",
				   path, error.text);
	if (!document)
		return report_fail(reterr, -EINVAL,
				   "'%s' is not JSON: line %d: %s", path,
				   error.line, error.text);
	if (report_count(document) == 0)
		r = report_fail(reterr, -EINVAL,
				"'%s' is a suite without any report", path);
	for (size_t i = 0; r == 0 && i < report_count(document); i++)
		r = check_report(report_at(document, i), path, reterr);
	if (r < 0)
		json_decref(document);
	else
		*ret = document;
	return r;
}

size_t report_count(const json_t *document)
{
	const json_t *list = json_object_get(document, "reports");

	return list ? json_array_size(list) : 1;
}

const json_t *report_at(const json_t *document, size_t i)
{
	const json_t *list = json_object_get(document, "reports");

	return list ? json_array_get(list, i) : document;
}

/* ---- Members ------------------------------------------------------------ */

double report_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *report_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

const json_t *report_named(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);

		if (strcmp(report_text(object, "name"), name) == 0)
			return object;
	}
	return NULL;
}

const char *report_label(const json_t *report, size_t point)
{
	return report_text(json_array_get(json_object_get(report, "points"),
					  point),
			   "label");
}

/* ---- Runs --------------------------------------------------------------- */

/* True if this is a valid run of the receiver at the point. */
static bool counts_for(const json_t *run, const char *receiver, size_t point)
{
	return report_number(run, "point") == (double)point &&
	       strcmp(report_text(run, "receiver"), receiver) == 0 &&
	       json_is_true(json_object_get(run, "valid"));
}

size_t report_runs(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double *ret, size_t size)
{
	const json_t *runs = json_object_get(report, "runs");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(runs) && n < size; i++) {
		const json_t *run = json_array_get(runs, i);
		double value = report_number(run, metric);

		if (counts_for(run, receiver, point) && isfinite(value))
			ret[n++] = value;
	}
	return n;
}

double report_run(const json_t *report, const char *receiver, size_t point,
		  const char *metric, unsigned number)
{
	const json_t *runs = json_object_get(report, "runs");

	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);

		if (counts_for(run, receiver, point) &&
		    report_number(run, "run") == number)
			return report_number(run, metric);
	}
	return NAN;
}

void report_spread(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double ret[2])
{
	double values[MAX_RUNS];
	size_t n =
		report_runs(report, receiver, point, metric, values, MAX_RUNS);

	ret[0] = NAN;
	ret[1] = NAN;
	for (size_t i = 0; i < n; i++) {
		ret[0] = fmin(ret[0], values[i]); /* NAN is ignored */
		ret[1] = fmax(ret[1], values[i]);
	}
}
