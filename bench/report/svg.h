/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SVG_H
#define PKTIO_BENCH_SVG_H

#include <stdio.h>

#include "report/chart.h"

/* Text as XML has it: what is a sign there is written as text. */
void svg_text(FILE *out, const char *text);

/* The chart as a <figure> with its titles; colours are those of the page. */
void svg_write(FILE *out, const struct chart *chart);

#endif
