/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_MODE_H
#define PKTIO_BENCH_MODE_H

#include "measure/results.h"

/* Makes the trials of the mode that was asked for. */
int mode_run(struct results *results, struct pktio_error *reterr);

/* The modes that do more than to try each scenario; one file each. */
int mode_scaling(struct results *results, struct pktio_error *reterr);
int mode_rates(struct results *results, struct pktio_error *reterr);
int mode_search(struct results *results, struct pktio_error *reterr);
int mode_burst(struct results *results, struct pktio_error *reterr);

/* How many frames a second the sender of a scenario makes at most: a short run
 * of ours without a schedule. 0 if it was interrupted. */
int mode_limit(struct results *results, const struct scenario *scenario,
	       double *ret, struct pktio_error *reterr);

/* The name of what was received: " with 60 B", or nothing. */
const char *mode_scenario_words(const struct scenario *scenario, char *buffer,
				size_t size);

#endif
