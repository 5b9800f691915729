/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RECEIVER_H
#define PKTIO_BENCH_RECEIVER_H

#include "contender.h"

/* A thread that receives as one of the contenders does. */
struct receiver;

struct receiver_result {
	uint64_t received, bytes, dropped;
	uint64_t passes;  /* through the source, if it has an end */
	uint64_t wakeups; /* times that the thread slept and was woken */
	/* ns, of the loops alone: what they took, and what they took of CPU */
	uint64_t elapsed, cpu, user, system;
};

/*
 * Binds a thread to the CPU, opens the contender in it, and returns once it
 * receives. A source that ends is opened anew until `deadline` (ns of
 * CLOCK_MONOTONIC; 0: at its end the receiver is done).
 */
int receiver_start(struct receiver **ret, const struct contender *contender,
		   const struct contest *contest, int cpu, uint64_t deadline,
		   struct pktio_error *reterr);

/* Frames received so far, and whether there will be no more. */
uint64_t receiver_seen(const struct receiver *r);
bool receiver_done(const struct receiver *r);

/* Ends it; fails if the contender failed. The receiver is gone in any case. */
int receiver_stop(struct receiver *r, struct receiver_result *ret,
		  struct pktio_error *reterr);

#endif
