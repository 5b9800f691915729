/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_LOAD_H
#define PKTIO_BENCH_LOAD_H

#include <jansson.h>

#include <pktio/pktio.h>

/*
 * Reports that were written before, as docs/bench.md has them. A file holds one
 * of them, or those of a suite. What is not there, or null, is NAN or "".
 */

/* The file as it is; json_decref() afterwards. Refuses other schemas. */
int report_load(json_t **ret, const char *path, struct pktio_error *reterr);

/* Its reports: one, or as many as the suite has. */
size_t report_count(const json_t *file);
const json_t *report_at(const json_t *file, size_t i);

double report_number(const json_t *object, const char *name);
const char *report_text(const json_t *object, const char *name);

/* The one of this name in a list of them; NULL: there is none. */
const json_t *report_named(const json_t *list, const char *name);

/*
 * A metric over the valid runs of a receiver at a point: puts up to `size`
 * values into `ret`, in the order of the runs; returns how many.
 */
size_t report_runs(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double *ret, size_t size);

/* The same of one run, by its number; NAN: it is not there, or invalid. */
double report_run(const json_t *report, const char *receiver, size_t point,
		  const char *metric, unsigned number);

/* The least and the most of these; both NAN where there is none. */
void report_spread(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double ret[2]);

/* The label of a point; "" if it has none. */
const char *report_label(const json_t *report, size_t point);

#endif
