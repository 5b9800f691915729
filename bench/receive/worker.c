/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that is measured. It opens the ring itself, after it was bound to
 * its CPU: the kernel takes the ring's memory from the NUMA node of whoever
 * asks. CPU time is read right before and after the loop, so that opening and
 * closing are not part of it.
 */
#include "receive/worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "netns/fail.h"
#include "system/clock.h"
#include "system/hw_counters.h"
#include "system/interrupt.h"
#include "system/topology.h"

struct receiver {
	pthread_t thread;
	pid_t id;     /* of it, for the kernel; known when it has opened */
	sem_t opened; /* or failed to: */
	int open_error;
	sem_t gate; /* passed when it may receive */
	bool gone;  /* the gate was opened */
	const struct contender *contender;
	struct contest contest;
	uint64_t deadline;
	int cpu;

	void *state; /* the contender's; NULL: not open */
	/* Of the state, once it is open: it may be opened anew while somebody
	 * is about to wake it. */
	pthread_mutex_t lock;
	struct counters_fds fds;
	struct tally tally;
	int done; /* atomic */
	int error;
	struct pktio_error words;
	struct receiver_result result;
};

/* What the thread has used up to now. */
struct usage {
	uint64_t now, cpu;
	uint64_t user, system; /* ns; see receive() */
	uint64_t wakeups, preemptions;
	struct counters counted;
};

static uint64_t ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000U + (uint64_t)t->tv_usec * 1000U;
}

static struct usage use(const struct counters_fds *fds)
{
	struct rusage rusage;

	getrusage(RUSAGE_THREAD, &rusage);
	return (struct usage){
		.now = clock_now(),
		.cpu = clock_read(CLOCK_THREAD_CPUTIME_ID),
		.user = ns(&rusage.ru_utime),
		.system = ns(&rusage.ru_stime),
		.wakeups = (uint64_t)rusage.ru_nvcsw,
		.preemptions = (uint64_t)rusage.ru_nivcsw,
		.counted = counters_read(fds),
	};
}

/*
 * Receives until the end of the source, or until it is stopped. The CPU time is
 * exact. How it divides into user and system is known to the kernel by samples
 * only, one a timer tick, unless it was built with precise accounting
 * (CONFIG_VIRT_CPU_ACCOUNTING); so the shares are taken from there, and the sum
 * from here.
 */
static int receive(struct receiver *r)
{
	struct receiver_result *result = &r->result;
	struct usage before = use(&r->fds);
	int error = r->contender->loop(r->state, &r->tally, &r->words);
	struct usage after = use(&r->fds);
	uint64_t cpu = after.cpu - before.cpu;
	uint64_t user = after.user - before.user;
	uint64_t system = after.system - before.system;
	struct losses lost = { 0 };

	if (r->contender->cost && error == 0) {
		struct contender_cost cost;

		r->contender->cost(r->state, &cost);
		/* Not what it took it to end. */
		after.now = before.now + cost.elapsed;
		cpu = cost.cpu;
		user = cost.user;
		system = cost.cpu - cost.user;
		after.wakeups = before.wakeups + cost.wakeups;
		after.preemptions = before.preemptions + cost.preemptions;
		after.counted.known = false;
	}
	result->elapsed += after.now - before.now;
	result->cpu += cpu;
	result->wakeups += after.wakeups - before.wakeups;
	result->preemptions += after.preemptions - before.preemptions;
	result->counted = before.counted.known && after.counted.known;
	result->instructions +=
		after.counted.instructions - before.counted.instructions;
	result->cache_misses +=
		after.counted.cache_misses - before.counted.cache_misses;
	user = user + system ? (uint64_t)((double)cpu * (double)user /
					  (double)(user + system)) :
			       cpu;
	result->user += user;
	result->system += cpu - user;
	if (error == 0 && r->contender->lost)
		error = r->contender->lost(r->state, &lost, &r->words);
	result->lost.dropped += lost.dropped;
	result->lost.filtered += lost.filtered;
	result->lost.unknown = result->lost.unknown || lost.unknown;
	result->passes++;
	return error;
}

/* Another pass over a source that has come to its end. */
static bool again(struct receiver *r)
{
	bool opened = false;

	if (r->deadline <= clock_now())
		return false;
	pthread_mutex_lock(&r->lock);
	if (!tally_stopped(&r->tally)) {
		r->contender->close(r->state);
		r->state = NULL;
		r->error =
			r->contender->open(&r->state, &r->contest, &r->words);
		opened = r->error == 0;
	}
	pthread_mutex_unlock(&r->lock);
	return opened;
}

static void *run(void *data)
{
	struct receiver *r = data;

	r->id = gettid();
	place_bind(r->cpu);
	r->error = r->contender->open(&r->state, &r->contest, &r->words);
	r->open_error = r->error;
	sem_post(&r->opened);
	while (sem_wait(&r->gate) < 0)
		; /* a signal */
	if (r->error == 0) {
		counters_open(&r->fds);
		do
			r->error = receive(r);
		while (r->error == 0 && again(r));
		counters_close(&r->fds);
	}
	r->result.received = r->tally.frames;
	r->result.bytes = r->tally.bytes;
	__atomic_store_n(&r->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void dispose(struct receiver *r)
{
	if (r->state)
		r->contender->close(r->state);
	sem_destroy(&r->opened);
	sem_destroy(&r->gate);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void receiver_go(struct receiver *r)
{
	if (!r->gone)
		sem_post(&r->gate);
	r->gone = true;
}

int receiver_start(struct receiver **ret, const struct receiver_order *order,
		   struct pktio_error *reterr)
{
	struct receiver *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	r->contender = order->contender;
	r->contest = *order->contest;
	r->contest.index = order->index;
	r->contest.count = order->count;
	r->cpu = order->cpu;
	r->deadline = order->deadline;
	r->tally.probe = order->probe;
	sem_init(&r->opened, 0, 0);
	sem_init(&r->gate, 0, 0);
	pthread_mutex_init(&r->lock, NULL);
	if (!order->stalled)
		receiver_go(r);
	interrupt_block();
	error = -pthread_create(&r->thread, NULL, run, r);
	interrupt_unblock();
	if (error < 0) {
		dispose(r);
		return bench_fail(reterr, error,
				  "cannot start the receiver's thread: %s",
				  strerror(-error));
	}
	while (sem_wait(&r->opened) < 0)
		; /* a signal */
	error = r->open_error;
	if (error < 0) {
		receiver_go(r);
		pthread_join(r->thread, NULL);
		*reterr = r->words;
		dispose(r);
		return error;
	}
	*ret = r;
	return 0;
}

uint64_t receiver_seen(const struct receiver *r)
{
	return __atomic_load_n(&r->tally.frames, __ATOMIC_RELAXED);
}

bool receiver_done(const struct receiver *r)
{
	return __atomic_load_n(&r->done, __ATOMIC_ACQUIRE);
}

/* The state is a letter after the name, which is in parentheses. */
bool receiver_waits_for_cpu(const struct receiver *r)
{
	char path[64];
	char line[512];
	const char *state;
	FILE *file;
	bool read;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", r->id);
	file = fopen(path, "re");
	read = file && fgets(line, sizeof(line), file);
	if (file)
		fclose(file);
	state = read ? strrchr(line, ')') : NULL;
	return state && strncmp(state, ") R", 3) == 0;
}

int receiver_stop(struct receiver *r, struct receiver_result *ret,
		  struct pktio_error *reterr)
{
	int error;

	receiver_go(r);
	__atomic_store_n(&r->tally.stop, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&r->lock);
	if (r->state)
		r->contender->wake(r->state);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	*ret = r->result;
	error = r->error;
	if (error < 0)
		*reterr = r->words;
	dispose(r);
	return error;
}
