/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_CHECK_H
#define PKTIO_BENCH_OPTIONS_CHECK_H

#include "cli/options.h"

/* Checks which options can be combined, and selects the receivers of --vs. */
int options_check(struct options *o);

#endif
