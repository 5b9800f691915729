/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PLAN_MAKE_H
#define PKTIO_BENCH_PLAN_MAKE_H

#include "scenario/plan.h"

/*
 * Chooses CPUs, loads the traffic, creates the private network and enters it.
 * Call plan_free() afterwards, also if it fails.
 */
int plan_make(struct plan *ret, const struct options *options,
	      struct pktio_error *reterr);
void plan_free(struct plan *plan);

#endif
