/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OUTPUT_H
#define PKTIO_BENCH_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "measure/results.h"

/*
 * The version of the JSON document. It increases when a member is renamed or
 * removed, or changes its meaning; docs/bench.md describes the document.
 */
#define OUTPUT_SCHEMA 3

/* Prints the results as a table. */
void output_table(FILE *out, const struct results *results);

/* The results as a JSON document. NULL: out of memory. */
json_t *output_json(const struct results *results);

/* Writes a document and releases it. Returns 0 or -EIO. */
int output_write(FILE *out, json_t *document);

/* ---- Parts of the document ---------------------------------------------- */

/* The series of the results: a list of curves to draw. */
json_t *output_series(const struct results *results);

/* The machine, and the environment of the measurement. */
json_t *output_machine(const struct placement *placement);
json_t *output_environment(const struct plan *plan);

/* Text from the user, or null. Bytes that are not UTF-8 are replaced. */
json_t *output_text(const char *text);

/* Count, mean and quantiles; null if the histogram is empty. */
json_t *output_latency(const struct histogram *h);

/* The arguments of the command line. */
json_t *output_arguments(const struct options *o);

#endif
