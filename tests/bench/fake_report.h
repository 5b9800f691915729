/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BENCH_FAKE_REPORT_H
#define PKTIO_TESTS_BENCH_FAKE_REPORT_H

#include <stddef.h>

#include <jansson.h>

/* Reports as bench would write them, with figures that are made up. */

#define FAKE_MAX_RUNS 8

/* Of one receiver: a figure for each run. */
struct fake_receiver {
	const char *name, *kind;
	double cpu[FAKE_MAX_RUNS], loss[FAKE_MAX_RUNS];
};

/* One point, and a series of the loss over three loads for each receiver. */
json_t *fake_report(const char *mode, const struct fake_receiver *receivers,
		    size_t n, size_t runs);

/* Writes it to a new file in /tmp, and is done with it. */
void fake_report_file(char *path, size_t size, json_t *report);

#endif
