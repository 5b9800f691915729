/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_REPORT_H
#define PKTIO_BENCH_REPORT_H

#include <stdio.h>

#include "results.h"

/* For people. */
void report_table(FILE *out, const struct results *results);

/* For programs; 0, or -EIO if it could not be written. */
int report_json(FILE *out, const struct results *results);

#endif
