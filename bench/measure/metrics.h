/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_METRICS_H
#define PKTIO_BENCH_METRICS_H

#include "measure/run.h"
#include "netns/netns.h"
#include "system/cpu_time.h"
#include "traffic/sender.h"

/* What was read off during a run. */
struct readings {
	bool sends;
	double seconds; /* from the start of sending to the end of draining */
	struct sender_result sent;
	struct netns_counters link_before, link_after; /* of the sender */
	struct cpu_time cpu_before, cpu_after;
	struct workers_result received; /* workers and latency go to the run */
};

/* Makes up the account and all the figures of a run. */
void metrics_compute(struct run *run, const struct plan *plan,
		     const struct point *point, struct readings *f);

#endif
