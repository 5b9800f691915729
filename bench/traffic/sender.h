/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SENDER_H
#define PKTIO_BENCH_SENDER_H

#include "traffic/send.h"

/* All methods; NULL at the end. */
extern const struct send_method *const send_methods[];

/* NULL: there is no such method. */
const struct send_method *send_method_find(const char *name);

/* A thread that sends the traffic repeatedly. */
struct sender;

struct sender_config {
	const struct send_method *method;
	struct send_config send;
	uint64_t frames; /* ends after so many; 0: when it is stopped */
	int cpu;         /* -1: any */
};

struct sender_result {
	struct send_counts count;
	double seconds; /* from the first frame to the last */
	int error;      /* not 0: it failed, and `reason` says why */
	struct pktio_error reason;
};

/* The traffic must outlive the sender. A failure leaves nothing behind. */
int sender_start(struct sender **ret, const struct sender_config *config,
		 struct pktio_error *reterr);

/* True if all frames were sent, or if the sender has failed. */
bool sender_done(const struct sender *s);

/* Stops the thread, waits for queued frames and frees it. Returns NULL. */
struct sender *sender_stop(struct sender *s, struct sender_result *ret);

#endif
