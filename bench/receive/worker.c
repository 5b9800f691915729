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

struct worker {
	pthread_t thread;
	pid_t id;     /* of it, for the kernel; known when it has opened */
	sem_t opened; /* or failed to: */
	int open_error;
	sem_t gate; /* passed when it may receive */
	bool gone;  /* the gate was opened */
	const struct receiver *receiver;
	struct receiver_config config;
	uint64_t deadline;
	int cpu;

	void *state; /* the receiver's; NULL: not open */
	/* Of the state, once it is open: it may be opened anew while somebody
	 * is about to wake it. */
	pthread_mutex_t lock;
	struct hw_counters_fds fds;
	struct tally tally;
	int done; /* atomic */
	int error;
	struct pktio_error words;
	struct worker_result result;
};

/* What the thread has used up to now. */
struct usage {
	uint64_t now, cpu;
	uint64_t user, system; /* ns; see receive() */
	uint64_t wakeups, preemptions;
	struct hw_counters counted;
};

static uint64_t ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000U + (uint64_t)t->tv_usec * 1000U;
}

static struct usage use(const struct hw_counters_fds *fds)
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
		.counted = hw_counters_read(fds),
	};
}

/*
 * Receives until the end of the source, or until it is stopped. The CPU time is
 * exact. How it divides into user and system is known to the kernel by samples
 * only, one a timer tick, unless it was built with precise accounting
 * (CONFIG_VIRT_CPU_ACCOUNTING); so the shares are taken from there, and the sum
 * from here.
 */
static int receive(struct worker *w)
{
	struct worker_result *result = &w->result;
	struct usage before = use(&w->fds);
	int error = w->receiver->loop(w->state, &w->tally, &w->words);
	struct usage after = use(&w->fds);
	uint64_t cpu = after.cpu - before.cpu;
	uint64_t user = after.user - before.user;
	uint64_t system = after.system - before.system;
	struct losses lost = { 0 };

	if (w->receiver->cost && error == 0) {
		struct receiver_usage cost;

		w->receiver->cost(w->state, &cost);
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
	if (error == 0 && w->receiver->lost)
		error = w->receiver->lost(w->state, &lost, &w->words);
	result->lost.dropped += lost.dropped;
	result->lost.filtered += lost.filtered;
	result->lost.unknown = result->lost.unknown || lost.unknown;
	result->passes++;
	return error;
}

/* Another pass over a source that has come to its end. */
static bool again(struct worker *w)
{
	bool opened = false;

	if (w->deadline <= clock_now())
		return false;
	pthread_mutex_lock(&w->lock);
	if (!tally_stopped(&w->tally)) {
		w->receiver->close(w->state);
		w->state = NULL;
		w->error = w->receiver->open(&w->state, &w->config, &w->words);
		opened = w->error == 0;
	}
	pthread_mutex_unlock(&w->lock);
	return opened;
}

static void *run(void *data)
{
	struct worker *w = data;

	w->id = gettid();
	affinity_set(w->cpu);
	w->error = w->receiver->open(&w->state, &w->config, &w->words);
	w->open_error = w->error;
	sem_post(&w->opened);
	while (sem_wait(&w->gate) < 0)
		; /* a signal */
	if (w->error == 0) {
		hw_counters_open(&w->fds);
		do
			w->error = receive(w);
		while (w->error == 0 && again(w));
		hw_counters_close(&w->fds);
	}
	w->result.received = w->tally.frames;
	w->result.bytes = w->tally.bytes;
	__atomic_store_n(&w->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void dispose(struct worker *w)
{
	if (w->state)
		w->receiver->close(w->state);
	sem_destroy(&w->opened);
	sem_destroy(&w->gate);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void worker_resume(struct worker *w)
{
	if (!w->gone)
		sem_post(&w->gate);
	w->gone = true;
}

int worker_start(struct worker **ret, const struct worker_order *order,
		 struct pktio_error *reterr)
{
	struct worker *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	w->receiver = order->receiver;
	w->config = *order->config;
	w->config.index = order->index;
	w->config.count = order->count;
	w->cpu = order->cpu;
	w->deadline = order->deadline;
	w->tally.markers = order->markers;
	sem_init(&w->opened, 0, 0);
	sem_init(&w->gate, 0, 0);
	pthread_mutex_init(&w->lock, NULL);
	if (!order->stalled)
		worker_resume(w);
	interrupt_block();
	error = -pthread_create(&w->thread, NULL, run, w);
	interrupt_unblock();
	if (error < 0) {
		dispose(w);
		return bench_fail(reterr, error,
				  "cannot start the receiver's thread: %s",
				  strerror(-error));
	}
	while (sem_wait(&w->opened) < 0)
		; /* a signal */
	error = w->open_error;
	if (error < 0) {
		worker_resume(w);
		pthread_join(w->thread, NULL);
		*reterr = w->words;
		dispose(w);
		return error;
	}
	*ret = w;
	return 0;
}

uint64_t worker_received(const struct worker *w)
{
	return __atomic_load_n(&w->tally.frames, __ATOMIC_RELAXED);
}

bool worker_done(const struct worker *w)
{
	return __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
}

/* The state is a letter after the name, which is in parentheses. */
bool worker_waits_for_cpu(const struct worker *w)
{
	char path[64];
	char line[512];
	const char *state;
	FILE *file;
	bool read;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", w->id);
	file = fopen(path, "re");
	read = file && fgets(line, sizeof(line), file);
	if (file)
		fclose(file);
	state = read ? strrchr(line, ')') : NULL;
	return state && strncmp(state, ") R", 3) == 0;
}

int worker_stop(struct worker *w, struct worker_result *ret,
		struct pktio_error *reterr)
{
	int error;

	worker_resume(w);
	__atomic_store_n(&w->tally.stop, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&w->lock);
	if (w->state)
		w->receiver->wake(w->state);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	*ret = w->result;
	error = w->error;
	if (error < 0)
		*reterr = w->words;
	dispose(w);
	return error;
}
