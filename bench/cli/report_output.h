/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_REPORT_OUTPUT_H
#define PKTIO_BENCH_REPORT_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "cli/options.h"

/*
 * Before anything is measured: opens the file for the JSON (NULL: standard
 * output, or none is wanted), which keeps what is in it until
 * report_output_write(), and tries whether a page and a picture can be written.
 */
int report_output_open(FILE **ret, const struct options *o,
		       struct pktio_error *reterr);

/*
 * Writes a report, or a suite of them, as everything that was asked for: JSON
 * to `json`, unless that is NULL, a page, a picture. It is done with the report
 * in any case. All are tried; the first failure is told.
 */
int report_output_write(const struct options *o, FILE *json, json_t *report,
			struct pktio_error *reterr);

/* Of a file that was written before. */
int report_output_convert(const struct options *o, struct pktio_error *reterr);

#endif
