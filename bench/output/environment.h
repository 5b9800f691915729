/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_ENVIRONMENT_H
#define PKTIO_BENCH_ENVIRONMENT_H

#include <jansson.h>

#include "scenario/plan.h"

/* What the machine is, and what of it may be in the figures. */
json_t *environment_machine(const struct placement *p);
json_t *environment_of(const struct plan *plan);

#endif
