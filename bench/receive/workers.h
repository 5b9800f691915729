/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_WORKERS_H
#define PKTIO_BENCH_WORKERS_H

#include "measure/statistics.h"
#include "receive/worker.h"

/* Workers that share one interface. Each has its own ring, thread and CPU. */
struct workers;

struct workers_config {
	const struct receiver *receiver;
	const struct receiver_config *config;
	const int *cpus;
	unsigned n;
	uint64_t deadline; /* as in struct worker_config */
	bool stalled;
	bool markers, latency; /* read the markers; and measure the latency */
	uint32_t flows;        /* in the traffic */
};

struct workers_result {
	struct worker_result total;
	struct worker_result *workers;
	unsigned n;
	uint64_t foreign;          /* frames without a marker */
	uint32_t flows, split;     /* seen; seen on more than one ring */
	struct histogram *latency; /* NULL: not measured */
};

/* Starts the workers in order. If one fails, all are stopped. */
int workers_start(struct workers **ret, const struct workers_config *config,
		  struct pktio_error *reterr);

/* These apply the functions of one worker to all workers. */
void workers_resume(struct workers *workers);
uint64_t workers_received(const struct workers *workers);
bool workers_done(const struct workers *workers);

/* True if at least one worker waits for its CPU. */
bool workers_wait_for_cpu(const struct workers *workers);

/* Stops all workers and frees them, also on failure. */
int workers_stop(struct workers *workers, struct workers_result *ret,
		 struct pktio_error *reterr);
void workers_result_free(struct workers_result *result);

#endif
