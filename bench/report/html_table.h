/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_HTML_TABLE_H
#define PKTIO_BENCH_HTML_TABLE_H

#include <stdio.h>

#include <jansson.h>

/* The words of the command line, each after a blank. */
void html_arguments(FILE *out, const json_t *report);

/* A line for each point and receiver, without the columns nobody knows. */
void html_metrics(FILE *out, const json_t *report);

/* The machine, its environment, and what was asked for. */
void html_facts(FILE *out, const json_t *report);

#endif
