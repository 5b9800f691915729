/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SUITE_H
#define PKTIO_BENCH_SUITE_H

#include <stdio.h>

#include <jansson.h>

#include "cli/options.h"

/* The names of the suites, for words; and whether there is one of that name. */
#define SUITE_NAMES "smoke, quick, full"
bool suite_exists(const char *name);

/*
 * Runs the parts of a suite, one after another, each of them as a process of
 * its own that is this program. What they print goes to `table`. Returns the
 * reports as docs/bench.md has them, NULL: no memory; *status gets worse when
 * a part has failed.
 */
json_t *suite_run(const struct options *o, FILE *table, int *status);

#endif
