/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_METRICS_H
#define PKTIO_BENCH_METRICS_H

#include "measure/run.h"
#include "netns/netns.h"
#include "system/cpu_counters.h"
#include "traffic/sender.h"

/* What was read from counters and clocks during a run. */
struct readings {
	bool sends;     /* bench sent the frames */
	double seconds; /* from the start of sending to the end of draining */
	struct sender_result sent;
	struct netns_counters link_before, link_after; /* of the sender */
	struct cpu_time cpu_before, cpu_after;
	struct workers_result received; /* the run takes over its latency */
};

/* Computes the frame accounting and all metrics of a run. */
void metrics_compute(struct run *run, const struct plan *plan,
		     const struct point *point, struct readings *readings);

/* ---- Frame accounting --------------------------------------------------- */

/* What each side of a run counted, in frames. */
struct frame_accounting {
	bool sent_known;
	uint64_t sent;           /* taken by the interface, or lost behind it */
	uint64_t received;       /* by all workers */
	uint64_t ring;           /* dropped because the ring was full */
	uint64_t softnet;        /* dropped before the ring */
	uint64_t filtered;       /* rejected by a filter */
	const uint64_t *workers; /* received by each worker; may be NULL */
	size_t nworkers;
	uint64_t foreign; /* received without a marker, if markers are read */
};

/*
 * True if every frame is accounted for. If not, `reason` says which counts do
 * not match.
 */
bool accounting_check(const struct frame_accounting *a, char *reason,
		      size_t size);

/* Frames that were sent and that no count contains. Negative if more frames
 * were counted than were sent. */
int64_t accounting_missing(const struct frame_accounting *a);

#endif
