/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_COMMANDS_H
#define PKTIO_BENCH_COMMANDS_H

#include <stdio.h>

#include <jansson.h>

#include "cli/options.h"

/* ---- Report files ------------------------------------------------------- */

/*
 * Checks before a measurement that the report can be written. Opens the file of
 * --json and keeps its content until report_output_write(); *ret is NULL if the
 * JSON document goes to standard output, or is not wanted. Checks that the
 * files of --html and --plot are writable and that gnuplot runs.
 */
int report_output_open(FILE **ret, const struct options *o,
		       struct pktio_error *reterr);

/*
 * Writes a document as JSON to `json`, if that is not NULL, and to the files of
 * --html and --plot. Releases the document, also on failure. Tries all of them
 * and returns the first error.
 */
int report_output_write(const struct options *o, FILE *json, json_t *document,
			struct pktio_error *reterr);

/* Writes the files of --html and --plot from the JSON file of --report. */
int report_output_convert(const struct options *o, struct pktio_error *reterr);

/* Compares the two JSON files of --compare. Returns 1 if a metric is worse, 0
 * if none is, or an error. */
int report_output_compare(const struct options *o, struct pktio_error *reterr);

/* ---- Suites ------------------------------------------------------------- */

/* The names of all suites, for messages. */
#define SUITE_NAMES "smoke, quick, full"
bool suite_exists(const char *name);

/*
 * Runs the parts of a suite in order. Each part is a new process of this
 * program. Its table goes to `table`. Returns the document of the suite; NULL:
 * out of memory. Sets *status to a failure if a part has failed.
 */
json_t *suite_run(const struct options *o, FILE *table, int *status);

/* ---- Replay jitter ------------------------------------------------------ */

/*
 * Replays a file and prints a histogram of the delay of its frames. Writes the
 * report as report_output_write() does.
 */
int replay_jitter_measure(FILE *out, FILE *json, const struct options *options,
			  struct pktio_error *reterr);

#endif
