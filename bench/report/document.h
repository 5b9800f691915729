/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_DOCUMENT_H
#define PKTIO_BENCH_DOCUMENT_H

#include "report/report.h"

/*
 * Access to a document. It holds one report, or the reports of a suite. A
 * member that is missing or null reads as NAN or "".
 */

/* The number of reports: 1, or as many as the suite has. */
size_t report_count(const json_t *document);
const json_t *report_at(const json_t *document, size_t i);

double report_number(const json_t *object, const char *name);
const char *report_text(const json_t *object, const char *name);

/* The object of this name in a list; NULL: there is none. */
const json_t *report_named(const json_t *list, const char *name);

/* The label of a point; "" if it has none. */
const char *report_label(const json_t *report, size_t point);

/*
 * Stores up to `size` values of a metric: one for each valid run of a receiver
 * at a point. Returns their number.
 */
size_t report_runs(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double *ret, size_t size);

/* The value of the run with this number; NAN: there is none, or it is invalid.
 */
double report_run(const json_t *report, const char *receiver, size_t point,
		  const char *metric, unsigned number);

/* Stores the smallest and the largest of the values; NAN if there is none. */
void report_spread(const json_t *report, const char *receiver, size_t point,
		   const char *metric, double ret[2]);

/* Writes the error message, if reterr is not NULL, and returns the code. */
int report_fail(struct report_error *reterr, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
