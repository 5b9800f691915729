/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PLAN_H
#define PKTIO_BENCH_PLAN_H

#include "options.h"
#include "place.h"
#include "traffic.h"

/* Everything that is settled before the first run. */
struct plan {
	const struct options *options;
	struct placement placement;
	struct contest contest;
	const struct contender *ours;
	struct pktio_setting settings[OPTIONS_MOST_SETTINGS + 1];
	char *uri;
	const char *sender;      /* interface to send on; NULL: none */
	struct traffic *traffic; /* NULL: nothing is sent */
	uint64_t source_frames;  /* of a source that ends, a pass; 0: unknown */
	bool endless;            /* there is no end of a pass */
};

/*
 * Chooses CPUs, loads the traffic, makes the private network and enters it.
 * plan_free() afterwards, also when it failed.
 */
int plan_make(struct plan *ret, const struct options *options,
	      struct pktio_error *reterr);
void plan_free(struct plan *plan);

#endif
