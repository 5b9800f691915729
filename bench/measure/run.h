/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RUN_H
#define PKTIO_BENCH_RUN_H

#include <stdbool.h>

#include "receive/workers.h"
#include "scenario/plan.h"

/* What is known of a run; NAN where it is not known. */
enum metric {
	SENT,        /* frames that reached the interface, or that there are */
	RECEIVED,    /* frames */
	BYTES,       /* of them, as captured */
	DROPPED,     /* frames, at any stage: */
	RING,        /* - for want of room in the ring */
	SOFTNET,     /* - before the ring */
	FILTERED,    /* frames that a filter refused */
	UNACCOUNTED, /* SENT - RECEIVED - DROPPED - FILTERED: must be 0 */
	FAILED,      /* frames that the sender's interface refused */
	SECONDS,     /* of sending, or of receiving if nothing is sent */
	PPS,         /* RECEIVED / SECONDS */
	BPS,         /* BYTES / SECONDS */
	OFFERED,     /* frames a second that the sender was told */
	SENT_PPS,    /* and what it did */
	PACING,      /* by how much it missed that, as a share */
	LAG,         /* ns that it was behind its schedule at most */
	LOSS,        /* DROPPED / SENT */
	CPU,         /* ns of the receivers' threads for a frame, */
	USER,        /* - of it in user space */
	SYSTEM,      /* - of it in the kernel */
	RX_USER,     /* ns of the receivers' CPUs for a frame, by the kernel */
	RX_SYSTEM,
	RX_SOFTIRQ,
	TX_USER, /* of the sender's CPU */
	TX_SYSTEM,
	TX_SOFTIRQ,
	WAKEUPS,      /* of the receivers' threads */
	PREEMPTIONS,  /* of them */
	WAKEUP_CPU,   /* ns of their CPU time for a wake-up */
	CPU_SHARE,    /* of their CPU time, of the time */
	TIMERS,       /* interrupts a second on their CPUs */
	INSTRUCTIONS, /* of the receivers for a frame */
	CACHE_MISSES,
	MEMORY, /* bytes by which the process grew */
	FLOWS,  /* seen, */
	SPLIT,  /* - and of them on more than one ring */
	LATENCY_P50,
	LATENCY_P90,
	LATENCY_P99,
	LATENCY_P999,
	LATENCY_MAX,
	METRICS,
};

/* How a metric is called, and whether it counts whole things. */
extern const struct metric_name {
	const char *name;
	bool whole;
} metric_names[METRICS];

/* Why a point is tried. */
enum purpose {
	PURPOSE_MEASURE,
	PURPOSE_LIMIT, /* to learn how fast the sender is */
	PURPOSE_FLOWS, /* to see which ring each flow comes to */
};

/* A scenario under a load. */
struct point {
	const struct scenario *scenario;
	enum purpose purpose;
	unsigned workers;
	double rate;     /* frames a second; 0: as fast as it goes */
	uint64_t frames; /* of a burst; 0: for the time of a run */
	double seconds;  /* of a run */
	bool markers;    /* look at each frame */
	char label[128];
};

/* What one of several workers did. */
struct run_worker {
	int cpu;
	struct worker_result result;
};

struct run {
	unsigned number; /* from 1 */
	size_t point;    /* index among the results' */
	const struct receiver *receiver;
	bool valid; /* nothing is unaccounted for; */
	char reason[256];
	double values[METRICS];
	struct run_worker *workers; /* nworkers of them */
	unsigned nworkers;
	struct histogram *latency; /* NULL: not measured */
};

/* One run of one receiver. run_free() afterwards, also when it failed. */
int measure_run(struct run *ret, const struct plan *plan,
		const struct point *point, const struct receiver *receiver,
		unsigned number, struct pktio_error *reterr);
void run_free(struct run *run);

/* What our receiver is called: by its backend. */
const char *measure_name(const struct plan *plan,
			 const struct receiver *receiver);

#endif
