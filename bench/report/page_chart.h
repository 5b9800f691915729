/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PAGE_CHART_H
#define PKTIO_BENCH_PAGE_CHART_H

#include <stdio.h>

#include "report/chart.h"

/* Writes text and escapes the characters that have a meaning in XML. */
void page_text(FILE *out, const char *text);

/* Writes a chart as a <figure> with an SVG. The style sheet of the page defines
 * its colours. */
void page_chart(FILE *out, const struct chart *chart);

#endif
