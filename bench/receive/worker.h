/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_WORKER_H
#define PKTIO_BENCH_WORKER_H

#include "receive/receiver.h"

/* A thread that receives as one of the receivers does. */
struct worker;

struct worker_order {
	const struct receiver *receiver;
	const struct receiver_config *config;
	int cpu;
	unsigned index, count; /* ring `index` of `count` that share it */
	/* A source that ends is opened anew until then (ns of CLOCK_MONOTONIC;
	 * 0: at its end the receiver is done). */
	uint64_t deadline;
	bool stalled; /* it opens, but receives after worker_resume() */
	struct marker_reader *markers; /* NULL: none */
};

struct worker_result {
	uint64_t received, bytes;
	struct losses lost;
	uint64_t passes;      /* through the source, if it has an end */
	uint64_t wakeups;     /* times that the thread slept and was woken */
	uint64_t preemptions; /* and that another took its CPU */
	/* ns, of the loops alone: what they took, and what they took of CPU */
	uint64_t elapsed, cpu, user, system;
	bool counted; /* by the hardware: */
	uint64_t instructions, cache_misses;
};

/*
 * Binds a thread to the CPU, opens the receiver in it, and returns once it
 * receives, or stands ready to.
 */
int worker_start(struct worker **ret, const struct worker_order *order,
		 struct pktio_error *reterr);

/* Lets one that is stalled begin; nothing, for others. */
void worker_resume(struct worker *r);

/* Frames received so far, and whether there will be no more. */
uint64_t worker_received(const struct worker *r);
bool worker_done(const struct worker *r);

/* It could run on, but has not been given its CPU: it may be behind. */
bool worker_waits_for_cpu(const struct worker *r);

/* Ends it; fails if the receiver failed. The receiver is gone in any case. */
int worker_stop(struct worker *r, struct worker_result *ret,
		struct pktio_error *reterr);

#endif
