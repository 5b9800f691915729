/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_WORKERS_H
#define PKTIO_BENCH_WORKERS_H

#include "measure/histogram.h"
#include "receive/worker.h"

/* Receivers that share an interface: one ring, one thread, one CPU each. */
struct crew;

struct crew_order {
	const struct contender *contender;
	const struct contest *contest;
	const int *cpus;
	unsigned n;
	uint64_t deadline; /* as of a receiver */
	bool stalled;
	bool probe, latency; /* look at each frame; and at its time */
	uint32_t flows;
};

struct crew_result {
	struct receiver_result total;
	struct receiver_result *workers; /* n of them */
	unsigned n;
	uint64_t foreign;          /* frames that say that they are not ours */
	uint32_t flows, split;     /* seen; and on more than one ring */
	struct histogram *latency; /* NULL: not wanted */
};

/* Starts them one after the other; on failure none is left. */
int crew_start(struct crew **ret, const struct crew_order *order,
	       struct pktio_error *reterr);

void crew_go(struct crew *crew);

/* Frames received so far by all; and whether there will be no more. */
uint64_t crew_seen(const struct crew *crew);
bool crew_done(const struct crew *crew);

/* One of them could go on, but has no CPU. */
bool crew_waits_for_cpu(const struct crew *crew);

/* Ends them all; the crew is gone in any case. */
int crew_stop(struct crew *crew, struct crew_result *ret,
	      struct pktio_error *reterr);
void crew_result_free(struct crew_result *result);

#endif
