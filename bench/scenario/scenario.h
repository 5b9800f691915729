/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SCENARIO_H
#define PKTIO_BENCH_SCENARIO_H

#include "scenario/plan.h"

/*
 * Makes the scenarios of a plan: each traffic with each choice of the options
 * that are varied. Its sender's and receiver's interfaces are there already.
 */
int scenario_make_all(struct plan *plan, struct pktio_error *reterr);

#endif
