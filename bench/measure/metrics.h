/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_METRICS_H
#define PKTIO_BENCH_METRICS_H

#include <stdbool.h>

#include "netns/netns.h"
#include "receive/workers.h"
#include "scenario/plan.h"
#include "system/cpu_counters.h"
#include "traffic/sender.h"

/* What is measured in a run. A metric that is not known is NAN. */
enum metric {
	SENT,        /* frames that reached the interface, or of the source */
	RECEIVED,    /* frames */
	BYTES,       /* captured bytes of these frames */
	DROPPED,     /* frames dropped at any stage: */
	RING,        /* - because the ring was full */
	SOFTNET,     /* - before the ring */
	FILTERED,    /* frames that a filter rejected */
	UNACCOUNTED, /* SENT - RECEIVED - DROPPED - FILTERED: must be 0 */
	FAILED,      /* frames that the sender's interface refused */
	SECONDS,     /* of sending, or of receiving if nothing is sent */
	PPS,         /* RECEIVED / SECONDS */
	BPS,         /* BYTES / SECONDS */
	OFFERED,     /* frames per second of the sender's schedule */
	SENT_PPS,    /* frames per second that the sender reached */
	PACING,      /* SENT_PPS / OFFERED - 1 */
	LAG,         /* ns: the largest delay behind the schedule */
	LOSS,        /* DROPPED / SENT */
	CPU,         /* ns per frame of the workers' threads: */
	USER,        /* - in user space */
	SYSTEM,      /* - in the kernel */
	RX_USER,     /* ns per frame of the workers' CPUs, from /proc/stat */
	RX_SYSTEM,
	RX_SOFTIRQ,
	TX_USER, /* ns per frame of the sender's CPU, from /proc/stat */
	TX_SYSTEM,
	TX_SOFTIRQ,
	WAKEUPS,      /* of the workers' threads */
	PREEMPTIONS,  /* of the workers' threads */
	WAKEUP_CPU,   /* ns of CPU time per wake-up */
	CPU_SHARE,    /* CPU time of the workers' threads / elapsed time */
	TIMERS,       /* timer interrupts per second on the workers' CPUs */
	INSTRUCTIONS, /* per frame, of the workers' threads */
	CACHE_MISSES, /* per frame, of the workers' threads */
	MEMORY,       /* bytes by which the process grew */
	FLOWS,        /* flows that were seen */
	SPLIT,        /* flows that were seen on more than one ring */
	LATENCY_P50,
	LATENCY_P90,
	LATENCY_P99,
	LATENCY_P999,
	LATENCY_MAX,
	METRICS,
};

/* The name of a metric in the JSON document, and if its values are integers. */
extern const struct metric_name {
	const char *name;
	bool whole;
} metric_names[METRICS];

/* Why a point is measured. */
enum purpose {
	PURPOSE_MEASURE,
	PURPOSE_LIMIT, /* to find the highest rate of the sender */
	PURPOSE_FLOWS, /* to find the rings that each flow reaches */
};

/* A scenario at one rate, burst length or number of workers. */
struct point {
	const struct scenario *scenario;
	enum purpose purpose;
	unsigned workers;
	double rate;     /* frames per second; 0: no schedule */
	uint64_t frames; /* of a burst; 0: send for the time of a run */
	double seconds;  /* of a run */
	bool markers;    /* read the marker of each frame */
	char label[128];
};

/* What one of several workers did. */
struct run_worker {
	int cpu;
	struct worker_result result;
};

struct run {
	unsigned number; /* from 1 */
	size_t point;    /* index in results->points */
	const struct receiver *receiver;
	bool valid; /* every frame is accounted for; if not: */
	char reason[256];
	double values[METRICS];
	struct run_worker *workers;
	unsigned nworkers;         /* 0 if there was one worker */
	struct histogram *latency; /* NULL: not measured */
};

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
