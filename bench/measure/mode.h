/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_MODE_H
#define PKTIO_BENCH_MODE_H

#include "measure/results.h"

/* Makes all runs of the mode; stops early when a signal arrives. */
int mode_run(struct results *ret, const struct plan *plan,
	     struct pktio_error *reterr);

#endif
