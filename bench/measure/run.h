/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RUN_H
#define PKTIO_BENCH_RUN_H

#include "measure/metrics.h"

/* Makes one run of one receiver. Call run_free() afterwards, also if it fails.
 */
int run_execute(struct run *ret, const struct plan *plan,
		const struct point *point, const struct receiver *receiver,
		unsigned number, struct pktio_error *reterr);
void run_free(struct run *run);

#endif
