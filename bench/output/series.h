/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SERIES_H
#define PKTIO_BENCH_SERIES_H

#include <jansson.h>

#include "measure/results.h"

/* Curves over the points, ready to be drawn: a list as docs/bench.md has it. */
json_t *series_of(const struct results *results);

#endif
