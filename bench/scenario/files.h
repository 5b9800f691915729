/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_FILES_H
#define PKTIO_BENCH_FILES_H

#include "scenario/plan.h"

/*
 * Writes the traffic to one file for each value of --formats, in a temporary
 * directory, and adds a scenario for each file.
 */
int files_make(struct plan *plan, struct pktio_error *reterr);

/* Removes these files, if there are any. */
void files_remove(struct plan *plan);

#endif
