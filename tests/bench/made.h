/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BENCH_MADE_H
#define PKTIO_TESTS_BENCH_MADE_H

#include <stddef.h>

#include <jansson.h>

/* Reports as bench would write them, with figures that are made up. */

#define MADE_MOST_RUNS 8

/* Of one contender: a figure for each run. */
struct made {
	const char *name, *kind;
	double cpu[MADE_MOST_RUNS], loss[MADE_MOST_RUNS];
};

/* One point, and a series of the loss over three loads for each contender. */
json_t *made_report(const char *mode, const struct made *contenders, size_t n,
		    size_t runs);

/* Writes it to a new file in /tmp, and is done with it. */
void made_file(char *path, size_t size, json_t *report);

#endif
