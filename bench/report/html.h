/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_HTML_H
#define PKTIO_BENCH_HTML_H

#include <jansson.h>

#include <pktio/pktio.h>

/*
 * One page of all the reports in a file, as report_load() gives it: words,
 * charts and tables, with nothing to be fetched from elsewhere.
 */
int html_write(const char *path, const json_t *file,
	       struct pktio_error *reterr);

#endif
