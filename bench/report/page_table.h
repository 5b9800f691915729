/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PAGE_TABLE_H
#define PKTIO_BENCH_PAGE_TABLE_H

#include <stdio.h>

#include <jansson.h>

/* Writes the arguments of the command line, each after a blank. */
void page_arguments(FILE *out, const json_t *report);

/* Writes a table with a row for each point and receiver. Columns without any
 * value are left out. */
void page_metrics(FILE *out, const json_t *report);

/* Writes a table of the machine, its environment and the options. */
void page_facts(FILE *out, const json_t *report);

#endif
