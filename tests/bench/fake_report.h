/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BENCH_FAKE_REPORT_H
#define PKTIO_TESTS_BENCH_FAKE_REPORT_H

#include <stddef.h>

#include <jansson.h>

/* Documents in the form of bench, with invented values. */

#define FAKE_MAX_RUNS 8

/* One receiver: a value for each run. */
struct fake_receiver {
	const char *name, *kind;
	double cpu[FAKE_MAX_RUNS], loss[FAKE_MAX_RUNS];
};

/* A report with one point, and a series of the loss for each receiver. */
json_t *fake_report(const char *mode, const struct fake_receiver *receivers,
		    size_t n, size_t runs);

/* Writes a document to a new file in /tmp and releases it. */
void fake_report_file(char *path, size_t size, json_t *report);

#endif
