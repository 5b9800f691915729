/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SEND_METHOD_H
#define PKTIO_BENCH_SEND_METHOD_H

#include <pthread.h>

#include "traffic/traffic.h"

/* What is sent, and where. */
struct sending {
	const char *interface; /* to send on, */
	const char *peer;      /* and the one behind it that receives */
	struct traffic *traffic;
	bool stamp;  /* with the time of sending at the end, see markers.h */
	double rate; /* frames a second; 0: as fast as it goes */
};

/* What the send path said. */
struct sent {
	uint64_t sent, failed; /* taken by the interface, and refused by it */
	/* From those that keep the schedule themselves: from the first frame to
	 * the last, and behind it at most, in ns. */
	uint64_t took, lag_max;
};

/* A way to send. All calls are from one thread but open, which is before. */
struct send_method {
	const char *name, *doc;
	unsigned burst; /* most frames of a call, or */
	bool whole;     /* it sends all of them to the schedule, until stop() */
	/* Fails if it cannot send this on this machine; `reterr` says why. */
	int (*open)(void **ret, const struct sending *what,
		    struct pktio_error *reterr);
	/* The next n frames, from the first again after the last. */
	int (*send)(void *state, unsigned n, struct pktio_error *reterr);
	/* Ends a call that is under way; again and again, from another thread.
	 * NULL: they are short. */
	void (*stop)(void *state, pthread_t sender);
	/* All that was queued leaves. */
	void (*finish)(void *state, struct sent *ret);
	void (*close)(void *state);
};

extern const struct send_method send_ring;
extern const struct send_method send_mmsg;
extern const struct send_method send_xdp;

/* All of them; NULL at the end. */
extern const struct send_method *const send_methods[];

/* NULL: there is none */
const struct send_method *send_method_find(const char *name);

#endif
