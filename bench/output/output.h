/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OUTPUT_H
#define PKTIO_BENCH_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "measure/results.h"

/* For people. */
void output_table(FILE *out, const struct results *results);

/* For programs, and all that is made of it; NULL: no memory. */
json_t *output_json(const struct results *results);

#endif
