/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_JSON_H
#define PKTIO_BENCH_JSON_H

#include <stdio.h>

#include <jansson.h>

#include "cli/options.h"
#include "measure/histogram.h"

/* Goes up when a member changes its meaning or goes away; docs/bench.md. */
#define JSON_SCHEMA 3

/* A text of the user's, or null; what of it is no UTF-8 is replaced. */
json_t *json_text(const char *text);

/* Count, mean and quantiles; null if there is none. */
json_t *json_latency(const struct histogram *h);

/* The command line as it was given. */
json_t *json_arguments(const struct options *o);

/* Writes a report, and is done with it. 0, or -EIO. */
int json_write(FILE *out, json_t *report);

#endif
