/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sender thread: sends by one of the methods, with or without a schedule.
 * It busy-waits for frames that are due soon, because a thread that sleeps
 * wakes up late; it has its own CPU.
 */
#include "traffic/sender.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "system/process.h"
#include "system/topology.h"
#include "traffic/pace.h"
#include "util/clock.h"
#include "util/error.h"

/* ---- The sender thread -------------------------------------------------- */

/* Of longer waits, only the end is a busy-wait. */
#define BUSY_WAIT_NS 200000U
#define LONGEST_SLEEP_NS 50000000U

struct sender {
	pthread_t thread;
	sem_t started; /* it runs on its CPU: the time of a run starts here */
	struct sender_config config;
	void *state; /* of the method */
	int stop;    /* atomic: set by sender_stop() */
	int done;    /* atomic */
	struct sender_result result;
};

static void sleep_until_due(uint64_t ns)
{
	struct timespec nap = { 0 };

	if (ns <= BUSY_WAIT_NS)
		return;
	ns -= BUSY_WAIT_NS;
	nap.tv_nsec = (long)(ns < LONGEST_SLEEP_NS ? ns : LONGEST_SLEEP_NS);
	nanosleep(&nap, NULL);
}

static unsigned next_burst(const struct sender *s, uint64_t done)
{
	uint64_t max = s->config.method->burst;
	uint64_t left = s->config.frames - done;

	return (unsigned)(s->config.frames && left < max ? left : max);
}

static bool is_stopped(const struct sender *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_RELAXED);
}

static int send_paced(struct sender *s, uint64_t *lag_max)
{
	const struct send_method *method = s->config.method;
	double rate = s->config.send.rate;
	struct pace pace;
	int error = 0;

	pace_start(&pace, rate, clock_ns(CLOCK_MONOTONIC));
	/* Send at least one burst, however short the run is. */
	while (error == 0 && (pace.due == 0 || !is_stopped(s)) &&
	       (s->config.frames == 0 || pace.due < s->config.frames)) {
		uint64_t now = rate > 0 ? clock_ns(CLOCK_MONOTONIC) : 0;
		unsigned n = pace_take(&pace, now, next_burst(s, pace.due));

		if (n > 0)
			error = method->send(s->state, n, &s->result.reason);
		else
			sleep_until_due(pace_wait(&pace, now));
	}
	*lag_max = pace.lag_max;
	return error;
}

/* The method keeps the schedule. One call sends all frames, or as many as one
 * call can. */
static int send_all(struct sender *s)
{
	uint64_t frames = s->config.frames;
	int error;

	do
		error = s->config.method->send(s->state,
					       frames && frames < UINT_MAX ?
						       (unsigned)frames :
						       UINT_MAX,
					       &s->result.reason);
	while (error == 0 && frames == 0 && !is_stopped(s));
	return error;
}

static void *run(void *data)
{
	struct sender *s = data;
	struct send_counts *count = &s->result.count;
	uint64_t lag_max = 0;
	uint64_t start;

	affinity_set(s->config.cpu);
	sem_post(&s->started);
	start = clock_ns(CLOCK_MONOTONIC);
	s->result.error = s->config.method->keeps_schedule ?
				  send_all(s) :
				  send_paced(s, &lag_max);
	s->config.method->finish(s->state, count);
	if (!s->config.method->keeps_schedule) {
		count->took = clock_ns(CLOCK_MONOTONIC) - start;
		count->lag_max = lag_max;
	}
	s->result.seconds = (double)count->took / NS_PER_S;
	__atomic_store_n(&s->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

int sender_start(struct sender **ret, const struct sender_config *config,
		 struct pktio_error *reterr)
{
	struct sender *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return error_set(reterr, -ENOMEM, "out of memory");
	s->config = *config;
	r = config->method->open(&s->state, &config->send, reterr);
	if (r < 0) {
		free(s);
		return r;
	}
	sem_init(&s->started, 0, 0);
	interrupt_block();
	r = -pthread_create(&s->thread, NULL, run, s);
	interrupt_unblock();
	if (r < 0) {
		config->method->close(s->state);
		sem_destroy(&s->started);
		free(s);
		return error_set(reterr, r,
				 "cannot start the sender thread: %s",
				 strerror(-r));
	}
	while (sem_wait(&s->started) < 0)
		; /* interrupted by a signal */
	*ret = s;
	return 0;
}

bool sender_done(const struct sender *s)
{
	return __atomic_load_n(&s->done, __ATOMIC_ACQUIRE);
}

struct sender *sender_stop(struct sender *s, struct sender_result *ret)
{
	static const struct timespec tick = { .tv_nsec = NS_PER_MS };

	if (s) {
		__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
		while (s->config.method->stop && !sender_done(s)) {
			s->config.method->stop(s->state, s->thread);
			nanosleep(&tick, NULL);
		}
		pthread_join(s->thread, NULL);
		*ret = s->result;
		s->config.method->close(s->state);
		sem_destroy(&s->started);
		free(s);
	}
	return NULL;
}

/* ---- Methods ------------------------------------------------------------ */

const struct send_method *const send_methods[] = {
	&send_ring,
	&send_mmsg,
	&send_xdp,
	NULL,
};

const struct send_method *send_method_find(const char *name)
{
	for (const struct send_method *const *m = send_methods; *m; m++)
		if (strcmp((*m)->name, name) == 0)
			return *m;
	return NULL;
}
