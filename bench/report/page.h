/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PAGE_H
#define PKTIO_BENCH_PAGE_H

#include <stdio.h>

#include "report/chart.h"

/* ---- Parts of an HTML page ---------------------------------------------- */

/* Writes text and escapes the characters that have a meaning in XML. */
void page_text(FILE *out, const char *text);

/* Writes a chart as a <figure> with an SVG. The style sheet of the page defines
 * its colours. */
void page_chart(FILE *out, const struct chart *chart);

/* Writes the arguments of the command line, each after a blank. */
void page_arguments(FILE *out, const json_t *report);

/* Writes a table with a row for each point and receiver. Columns without any
 * value are left out. */
void page_metrics(FILE *out, const json_t *report);

/* Writes a table of the machine, its environment and the options. */
void page_facts(FILE *out, const json_t *report);

#endif
