/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that sends: by one of the methods, to a schedule or as fast as it
 * goes. For what is due soon it spins, since a thread that sleeps is late; it
 * has a CPU of its own.
 */
#include "traffic/sender.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "netns/fail.h"
#include "system/clock.h"
#include "system/interrupt.h"
#include "system/topology.h"
#include "traffic/pace.h"

/* Longer waits are slept through, but for the end of them. */
#define SPIN_NS 200000U
#define LONGEST_SLEEP_NS 50000000U

struct sender {
	pthread_t thread;
	sem_t begun; /* it has a CPU: the time of a run counts from then */
	struct sender_order order;
	void *state; /* the method's */
	int stop;    /* atomic: set by sender_stop() */
	int done;    /* atomic */
	struct sender_result result;
};

static void wait_for(uint64_t ns)
{
	struct timespec nap = { 0 };

	if (ns <= SPIN_NS)
		return;
	ns -= SPIN_NS;
	nap.tv_nsec = (long)(ns < LONGEST_SLEEP_NS ? ns : LONGEST_SLEEP_NS);
	nanosleep(&nap, NULL);
}

static unsigned most_now(const struct sender *s, uint64_t done)
{
	uint64_t most = s->order.method->burst;
	uint64_t left = s->order.frames - done;

	return (unsigned)(s->order.frames && left < most ? left : most);
}

static bool is_stopped(const struct sender *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_RELAXED);
}

static int send_paced(struct sender *s, uint64_t *lag_max)
{
	const struct send_method *method = s->order.method;
	double rate = s->order.what.rate;
	struct pace pace;
	int error = 0;

	pace_start(&pace, rate, clock_now());
	/* One burst at least, however short the time was. */
	while (error == 0 && (pace.due == 0 || !is_stopped(s)) &&
	       (s->order.frames == 0 || pace.due < s->order.frames)) {
		uint64_t now = rate > 0 ? clock_now() : 0;
		unsigned n = pace_take(&pace, now, most_now(s, pace.due));

		if (n > 0)
			error = method->send(s->state, n, &s->result.words);
		else
			wait_for(pace_wait(&pace, now));
	}
	*lag_max = pace.lag_max;
	return error;
}

/* The method does it all, in one call, or in a few where it cannot be as long
 * as it should. */
static int send_whole(struct sender *s)
{
	uint64_t frames = s->order.frames;
	int error;

	do
		error = s->order.method->send(s->state,
					      frames && frames < UINT_MAX ?
						      (unsigned)frames :
						      UINT_MAX,
					      &s->result.words);
	while (error == 0 && frames == 0 && !is_stopped(s));
	return error;
}

static void *run(void *data)
{
	struct sender *s = data;
	struct sent *count = &s->result.count;
	uint64_t lag_max = 0;
	uint64_t start;

	affinity_set(s->order.cpu);
	sem_post(&s->begun);
	start = clock_now();
	s->result.error = s->order.method->whole ? send_whole(s) :
						   send_paced(s, &lag_max);
	s->order.method->finish(s->state, count);
	if (!s->order.method->whole) {
		count->took = clock_now() - start;
		count->lag_max = lag_max;
	}
	s->result.seconds = (double)count->took / NS_PER_S;
	__atomic_store_n(&s->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

int sender_start(struct sender **ret, const struct sender_order *order,
		 struct pktio_error *reterr)
{
	struct sender *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	s->order = *order;
	r = order->method->open(&s->state, &order->what, reterr);
	if (r < 0) {
		free(s);
		return r;
	}
	sem_init(&s->begun, 0, 0);
	interrupt_block();
	r = -pthread_create(&s->thread, NULL, run, s);
	interrupt_unblock();
	if (r < 0) {
		order->method->close(s->state);
		sem_destroy(&s->begun);
		free(s);
		return bench_fail(reterr, r,
				  "cannot start the sender's thread: %s",
				  strerror(-r));
	}
	while (sem_wait(&s->begun) < 0)
		; /* a signal */
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
		while (s->order.method->stop && !sender_done(s)) {
			s->order.method->stop(s->state, s->thread);
			nanosleep(&tick, NULL);
		}
		pthread_join(s->thread, NULL);
		*ret = s->result;
		s->order.method->close(s->state);
		sem_destroy(&s->begun);
		free(s);
	}
	return NULL;
}
