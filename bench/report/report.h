/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_REPORT_H
#define PKTIO_BENCH_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/*
 * Pages, plots and comparisons of the JSON documents that bench writes. This
 * directory reads only these documents; docs/bench.md describes them. It uses
 * no other part of bench, so it could be a program of its own.
 */

/* The version of the document that this code reads. */
#define REPORT_SCHEMA 3

/* An error message. The functions return a negative errno value with it. */
struct report_error {
	char text[256];
};

/* Reads a document from a file. The caller releases it. Fails if the schema of
 * the document is not REPORT_SCHEMA. */
int report_load(json_t **ret, const char *path, struct report_error *reterr);

/* Writes a page of all reports in the document. The page needs no other file.
 */
int report_write_html(const char *path, const json_t *document,
		      struct report_error *reterr);

/* Draws the charts of all reports in the document as a PNG, with gnuplot(1). */
int report_write_plot(const char *path, const json_t *document,
		      struct report_error *reterr);

/* Checks that gnuplot is installed and can write a PNG. */
int report_check_gnuplot(struct report_error *reterr);

/*
 * Prints which metrics of `new` are better than those of `old`, which are worse
 * and which do not differ, and how the machines and options differ. Changes up
 * to `tolerance`, a share, do not count. Returns 1 if a metric is worse, 0 if
 * none is, and -EINVAL if the documents have nothing in common.
 */
int report_compare(FILE *out, const json_t *old, const json_t *new,
		   double tolerance, struct report_error *reterr);

#endif
