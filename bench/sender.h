/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SENDER_H
#define PKTIO_BENCH_SENDER_H

#include "traffic.h"

/* A thread that sends traffic, over and over, as fast as it goes. */
struct sender;

/* What the send path said. */
struct sender_result {
	uint64_t sent;   /* taken by the interface */
	uint64_t failed; /* refused by it */
	double seconds;  /* from the first frame to the last */
	int error;       /* not 0: it ended early, and `words` say why */
	char words[252];
};

/*
 * Starts on CPU `cpu` (-1: any). `traffic` must outlive it. On failure nothing
 * is left behind.
 */
int sender_start(struct sender **ret, const char *interface,
		 const struct traffic *traffic, int cpu,
		 struct pktio_error *reterr);

/* Ends it; all that it queued has left, or failed. Returns NULL. */
struct sender *sender_stop(struct sender *s, struct sender_result *ret);

#endif
