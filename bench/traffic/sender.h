/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_SENDER_H
#define PKTIO_BENCH_SENDER_H

#include <pthread.h>

#include "traffic/traffic.h"

/* ---- Ways to send ------------------------------------------------------- */

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

/* All methods; NULL at the end. */
extern const struct send_method *const send_methods[];

/* NULL: there is no such method. */
const struct send_method *send_method_find(const char *name);

/* ---- The schedule ------------------------------------------------------- */

/*
 * Frame i is due i / rate after the start. A sender that is late catches up,
 * but by at most PACE_MAX_LAG. Frames that it missed before are not sent, and
 * the rate that is reached shows that.
 */
#define PACE_MAX_LAG 10000000U /* ns */

struct pace {
	double rate;      /* frames per second; 0: all frames are due */
	uint64_t start;   /* ns */
	uint64_t due;     /* frames taken so far */
	uint64_t lag_max; /* ns: the largest delay */
};

void pace_start(struct pace *p, double rate, uint64_t now);

/* Takes the frames that are due now, at most `max`. */
unsigned pace_take(struct pace *p, uint64_t now, unsigned max);

/* ns until the next frame is due; 0: it is due. */
uint64_t pace_wait(const struct pace *p, uint64_t now);

/* ---- The sender --------------------------------------------------------- */

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
