/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_MEASURE_H
#define PKTIO_BENCH_MEASURE_H

#include <stdbool.h>

#include "plan.h"

/* What is known of a run; NAN where it is not known. */
enum metric {
	SENT,        /* frames that reached the interface, or that there are */
	RECEIVED,    /* frames */
	BYTES,       /* of them, as captured */
	DROPPED,     /* frames, at any stage: */
	RING,        /* - for want of room in the ring */
	SOFTNET,     /* - before the ring */
	UNACCOUNTED, /* SENT - RECEIVED - DROPPED: must be 0 */
	FAILED,      /* frames that the sender's interface refused */
	SECONDS,     /* of sending, or of receiving if nothing is sent */
	PPS,         /* RECEIVED / SECONDS */
	BPS,         /* BYTES / SECONDS */
	CPU,         /* ns of the receiver's thread for a frame, */
	USER,        /* - of it in user space */
	SYSTEM,      /* - of it in the kernel */
	WAKEUPS,     /* of the receiver's thread */
	METRICS,
};

/* How a metric is called, and whether it counts whole things. */
extern const struct metric_name {
	const char *name;
	bool whole;
} metric_names[METRICS];

struct run {
	unsigned number; /* from 1 */
	const struct contender *contender;
	bool valid; /* nothing is unaccounted for */
	double values[METRICS];
};

/* One run of one contender. */
int measure_run(struct run *ret, const struct plan *plan,
		const struct contender *contender, unsigned number,
		struct pktio_error *reterr);

/* What our contender is called: by its backend. */
const char *measure_name(const struct plan *plan,
			 const struct contender *contender);

#endif
