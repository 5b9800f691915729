/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SEND_H
#define PKTIO_BENCH_SEND_H

#include <pthread.h>

#include "traffic/traffic.h"

/* What is sent, and where. */
struct send_config {
	const char *interface; /* to send on */
	const char *peer;      /* the interface at the other end */
	struct traffic *traffic;
	bool timestamp; /* write the time of sending into the marker */
	double rate;    /* frames per second; 0: no schedule */
};

/* The counters of the send path. */
struct send_counts {
	uint64_t sent, failed; /* accepted and refused by the interface */
	/* Only of methods that keep the schedule themselves: the time from the
	 * first frame to the last, and the largest delay, in ns. */
	uint64_t took, lag_max;
};

/* A way to send. The sender thread makes all calls except open() and stop(). */
struct send_method {
	const char *name, *doc;
	unsigned burst;      /* the most frames of one call */
	bool keeps_schedule; /* one call sends everything until stop() */
	/* Fails if the method cannot send this traffic on this machine. */
	int (*open)(void **ret, const struct send_config *config,
		    struct pktio_error *reterr);
	/* Sends the next n frames. After the last frame comes the first. */
	int (*send)(void *state, unsigned n, struct pktio_error *reterr);
	/* Interrupts send(). Called repeatedly, from another thread. NULL:
	 * send() is short. */
	void (*stop)(void *state, pthread_t sender);
	/* Flushes queued frames and reads the counters. */
	void (*finish)(void *state, struct send_counts *ret);
	void (*close)(void *state);
};

extern const struct send_method send_ring;
extern const struct send_method send_mmsg;
extern const struct send_method send_xdp;

#endif
