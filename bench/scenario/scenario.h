/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SCENARIO_H
#define PKTIO_BENCH_SCENARIO_H

#include "scenario/plan.h"

/*
 * Combines each traffic of the plan with each value of the options that are
 * varied. The interfaces must exist already.
 */
int scenarios_make(struct plan *plan, struct pktio_error *reterr);

#endif
