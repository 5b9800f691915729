/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CHARTS_H
#define PKTIO_BENCH_CHARTS_H

#include "report/chart.h"

/* Makes all charts of a report. Call charts_free() afterwards. Returns 0 or
 * -ENOMEM. */
int charts_of(struct charts *ret, const json_t *report,
	      struct chart_colours *colours);

#endif
