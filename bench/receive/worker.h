/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_WORKER_H
#define PKTIO_BENCH_WORKER_H

#include "receive/receiver.h"

/* A thread that runs a receiver on one CPU. */
struct worker;

struct worker_config {
	const struct receiver *receiver;
	const struct receiver_config *config;
	int cpu;
	unsigned index, count; /* ring `index` of `count` in a fanout group */
	/* A source that ends is opened again until this time (ns of
	 * CLOCK_MONOTONIC). 0: the worker ends with the source. */
	uint64_t deadline;
	bool stalled; /* open, but do not receive before worker_resume() */
	struct marker_reader *markers; /* NULL: do not read markers */
};

struct worker_result {
	uint64_t received, bytes;
	struct losses lost;
	uint64_t passes;      /* over a source that ends */
	uint64_t wakeups;     /* times that the thread slept and was woken */
	uint64_t preemptions; /* times that another thread took its CPU */
	/* ns, of the loops alone: elapsed time and CPU time */
	uint64_t elapsed, cpu, user, system;
	bool counted; /* the hardware counted: */
	uint64_t instructions, cache_misses;
};

/*
 * Starts a thread on the CPU and opens the receiver in it. Returns when the
 * thread receives, or is ready to receive.
 */
int worker_start(struct worker **ret, const struct worker_config *config,
		 struct pktio_error *reterr);

/* Starts a stalled worker. No effect on other workers. */
void worker_resume(struct worker *w);

/* Frames received so far. */
uint64_t worker_received(const struct worker *w);

/* True if the worker has ended by itself. */
bool worker_done(const struct worker *w);

/* True if the thread is runnable but has no CPU. It may be behind. */
bool worker_waits_for_cpu(const struct worker *w);

/* Stops the worker and frees it. Fails if the receiver has failed. */
int worker_stop(struct worker *w, struct worker_result *ret,
		struct pktio_error *reterr);

#endif
