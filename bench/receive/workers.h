/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_WORKERS_H
#define PKTIO_BENCH_WORKERS_H

#include "measure/histogram.h"
#include "receive/worker.h"

/* Receivers that share an interface: one ring, one thread, one CPU each. */
struct workers;

struct workers_order {
	const struct receiver *receiver;
	const struct receiver_config *config;
	const int *cpus;
	unsigned n;
	uint64_t deadline; /* as of a receiver */
	bool stalled;
	bool markers, latency; /* read_markers at each frame; and at its time */
	uint32_t flows;
};

struct workers_result {
	struct worker_result total;
	struct worker_result *workers; /* n of them */
	unsigned n;
	uint64_t foreign;          /* frames that say that they are not ours */
	uint32_t flows, split;     /* seen; and on more than one ring */
	struct histogram *latency; /* NULL: not wanted */
};

/* Starts them one after the other; on failure none is left. */
int workers_start(struct workers **ret, const struct workers_order *order,
		  struct pktio_error *reterr);

void workers_resume(struct workers *workers);

/* Frames received so far by all; and whether there will be no more. */
uint64_t workers_received(const struct workers *workers);
bool workers_done(const struct workers *workers);

/* One of them could go on, but has no CPU. */
bool workers_waits_for_cpu(const struct workers *workers);

/* Ends them all; the workers is gone in any case. */
int workers_stop(struct workers *workers, struct workers_result *ret,
		 struct pktio_error *reterr);
void workers_result_free(struct workers_result *result);

#endif
