/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SENDER_H
#define PKTIO_BENCH_SENDER_H

#include "traffic/send_method.h"

/* A thread that sends traffic, over and over. */
struct sender;

struct sender_order {
	const struct send_method *method;
	struct sending what;
	uint64_t frames; /* then it ends; 0: when it is stopped */
	int cpu;         /* -1: any */
};

struct sender_result {
	struct sent count;
	double seconds; /* from the first frame to the last */
	int error;      /* not 0: it ended early, and why: */
	struct pktio_error words;
};

/* The traffic must outlive it. On failure nothing is left behind. */
int sender_start(struct sender **ret, const struct sender_order *order,
		 struct pktio_error *reterr);

/* True when all that was ordered has been sent, or it failed. */
bool sender_done(const struct sender *s);

/* Ends it; all that it queued has left, or failed. Returns NULL. */
struct sender *sender_stop(struct sender *s, struct sender_result *ret);

#endif
