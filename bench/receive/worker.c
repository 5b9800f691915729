/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that is measured. It is bound to its CPU before it opens the ring,
 * because the kernel takes the memory of the ring from the NUMA node of the
 * calling thread. CPU time is read directly before and after the loop, so
 * opening and closing are not included.
 */
#include "receive/worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "system/cpu_counters.h"
#include "system/process.h"
#include "system/topology.h"
#include "util/clock.h"
#include "util/error.h"

struct worker {
	pthread_t thread;
	pid_t id;     /* thread id; valid after `opened` */
	sem_t opened; /* the receiver is open, or has failed with: */
	int open_error;
	sem_t gate;   /* the loop starts after this */
	bool resumed; /* the gate is open */
	const struct receiver *receiver;
	struct receiver_config config;
	uint64_t deadline;
	int cpu;

	void *state; /* of the receiver; NULL: not open */
	/* Protects `state`: the thread may open it again while another
	 * thread calls wake(). */
	pthread_mutex_t lock;
	struct hw_counters_fds fds;
	struct tally tally;
	int done; /* atomic */
	int error;
	struct pktio_error reason;
	struct worker_result result;
};

/* What the thread has used so far. */
struct usage {
	uint64_t now, cpu;
	uint64_t user, system; /* ns; see add_usage() */
	uint64_t wakeups, preemptions;
	struct hw_counters counted;
};

static uint64_t ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * NS_PER_S +
	       (uint64_t)t->tv_usec * NS_PER_US;
}

static struct usage get_usage(const struct hw_counters_fds *fds)
{
	struct rusage rusage;

	getrusage(RUSAGE_THREAD, &rusage);
	return (struct usage){
		.now = clock_ns(CLOCK_MONOTONIC),
		.cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID),
		.user = ns(&rusage.ru_utime),
		.system = ns(&rusage.ru_stime),
		.wakeups = (uint64_t)rusage.ru_nvcsw,
		.preemptions = (uint64_t)rusage.ru_nivcsw,
		.counted = hw_counters_read(fds),
	};
}

/* Replaces the usage of the thread by that of an external tool. It excludes the
 * time in which the tool ended. */
static void use_tool_usage(struct worker *w, const struct usage *before,
			   struct usage *after)
{
	struct receiver_usage tool;

	w->receiver->get_usage(w->state, &tool);
	after->now = before->now + tool.elapsed;
	after->cpu = before->cpu + tool.cpu;
	after->user = before->user + tool.user;
	after->system = before->system + tool.cpu - tool.user;
	after->wakeups = before->wakeups + tool.wakeups;
	after->preemptions = before->preemptions + tool.preemptions;
	after->counted.known = false;
}

/*
 * The CPU time is exact. Its division into user and system time is not: without
 * CONFIG_VIRT_CPU_ACCOUNTING the kernel samples it at timer ticks. So the sum
 * is from the thread clock, and the shares are from getrusage().
 */
static void add_usage(struct worker_result *result, const struct usage *before,
		      const struct usage *after)
{
	uint64_t cpu = after->cpu - before->cpu;
	uint64_t user = after->user - before->user;
	uint64_t system = after->system - before->system;

	result->elapsed += after->now - before->now;
	result->cpu += cpu;
	result->wakeups += after->wakeups - before->wakeups;
	result->preemptions += after->preemptions - before->preemptions;
	result->counted = before->counted.known && after->counted.known;
	result->instructions +=
		after->counted.instructions - before->counted.instructions;
	result->cache_misses +=
		after->counted.cache_misses - before->counted.cache_misses;
	user = user + system ? (uint64_t)((double)cpu * (double)user /
					  (double)(user + system)) :
			       cpu;
	result->user += user;
	result->system += cpu - user;
}

/* Receives until the end of the source, or until the worker is stopped. */
static int receive(struct worker *w)
{
	struct worker_result *result = &w->result;
	struct usage before = get_usage(&w->fds);
	int error = w->receiver->loop(w->state, &w->tally, &w->reason);
	struct usage after = get_usage(&w->fds);
	struct losses lost = { 0 };

	if (w->receiver->get_usage && error == 0)
		use_tool_usage(w, &before, &after);
	add_usage(result, &before, &after);
	if (error == 0 && w->receiver->get_losses)
		error = w->receiver->get_losses(w->state, &lost, &w->reason);
	result->lost.dropped += lost.dropped;
	result->lost.filtered += lost.filtered;
	result->lost.unknown = result->lost.unknown || lost.unknown;
	result->passes++;
	return error;
}

/* Starts another pass over a source that has ended. */
static bool open_again(struct worker *w)
{
	bool opened = false;

	if (w->deadline <= clock_ns(CLOCK_MONOTONIC))
		return false;
	pthread_mutex_lock(&w->lock);
	if (!tally_stopped(&w->tally)) {
		w->receiver->close(w->state);
		w->state = NULL;
		w->error = w->receiver->open(&w->state, &w->config, &w->reason);
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
	w->error = w->receiver->open(&w->state, &w->config, &w->reason);
	w->open_error = w->error;
	sem_post(&w->opened);
	while (sem_wait(&w->gate) < 0)
		; /* interrupted by a signal */
	if (w->error == 0) {
		hw_counters_open(&w->fds);
		do
			w->error = receive(w);
		while (w->error == 0 && open_again(w));
		hw_counters_close(&w->fds);
	}
	w->result.received = w->tally.frames;
	w->result.bytes = w->tally.bytes;
	__atomic_store_n(&w->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void free_worker(struct worker *w)
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
	if (!w->resumed)
		sem_post(&w->gate);
	w->resumed = true;
}

int worker_start(struct worker **ret, const struct worker_config *config,
		 struct pktio_error *reterr)
{
	struct worker *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return error_set(reterr, -ENOMEM, "out of memory");
	w->receiver = config->receiver;
	w->config = *config->config;
	w->config.index = config->index;
	w->config.count = config->count;
	w->cpu = config->cpu;
	w->deadline = config->deadline;
	w->tally.markers = config->markers;
	sem_init(&w->opened, 0, 0);
	sem_init(&w->gate, 0, 0);
	pthread_mutex_init(&w->lock, NULL);
	if (!config->stalled)
		worker_resume(w);
	interrupt_block();
	error = -pthread_create(&w->thread, NULL, run, w);
	interrupt_unblock();
	if (error < 0) {
		free_worker(w);
		return error_set(reterr, error,
				 "cannot start a worker thread: %s",
				 strerror(-error));
	}
	while (sem_wait(&w->opened) < 0)
		; /* interrupted by a signal */
	error = w->open_error;
	if (error < 0) {
		worker_resume(w);
		pthread_join(w->thread, NULL);
		*reterr = w->reason;
		free_worker(w);
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

/* In /proc/.../stat the state is a letter after the name in parentheses. */
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
		*reterr = w->reason;
	free_worker(w);
	return error;
}
