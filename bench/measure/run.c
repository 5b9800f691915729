/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One run: the workers open their rings, the sender sends for the time of a
 * run, the workers receive until no frame has arrived for some time, and then
 * metrics.c compares what each side has counted.
 */
#include "measure/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netns/netns.h"
#include "system/process.h"
#include "traffic/sender.h"
#include "util/clock.h"
#include "util/error.h"

#define TICK_NS (10 * NS_PER_MS)
#define SHORT_TICK_NS (200 * NS_PER_US)
#define PROGRESS_MS 200U
#define QUIET_MS 300U
#define CPU_WAIT_NS (10 * NS_PER_S) /* for a worker without a CPU */
#define QUIET_TIMEOUTS 3U /* a partly filled block is retired after one */

void run_free(struct run *run)
{
	free(run->workers);
	free(run->latency);
	run->workers = NULL;
	run->latency = NULL;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec tick = { .tv_nsec = (long)ns };

	nanosleep(&tick, NULL);
}

/* ---- Waiting ------------------------------------------------------------ */

/* A run in progress. */
struct active_run {
	struct run *run;
	const struct plan *plan;
	const struct point *point;
	struct workers *workers;
	struct sender *sender; /* NULL: nothing is sent */
};

static void show(const struct active_run *t, double seconds)
{
	progress_show("run %u of %u  %s%s%-10s %4.1f of %.1f s  %.2f Mpps",
		      t->run->number, t->plan->options->runs, t->point->label,
		      *t->point->label ? "  " : "",
		      plan_receiver_name(t->plan, t->run->receiver), seconds,
		      t->point->seconds,
		      seconds > 0 ? (double)workers_received(t->workers) /
					    seconds / 1e6 :
				    0);
}

static bool is_over(const struct active_run *t)
{
	return workers_done(t->workers) ||
	       (t->sender && sender_done(t->sender));
}

/* Waits until the time is over, all frames are sent or received, or a signal
 * arrives. */
static void wait_time(const struct active_run *t)
{
	const struct scenario *scenario = t->point->scenario;
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	uint64_t end = start + (uint64_t)(t->point->seconds * NS_PER_S);
	uint64_t shown = 0;
	/* A source that ends is read to the end; writing may stop anywhere. */
	bool ends = (!scenario->config.live && !scenario->endless &&
		     !scenario->config.traffic) ||
		    t->point->frames;

	while (!interrupt_pending() && !is_over(t)) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		if (!ends && now >= end)
			break;
		if (now - shown >= PROGRESS_MS * NS_PER_MS) {
			show(t, (double)(now - start) / NS_PER_S);
			shown = now;
		}
		sleep_ns(t->point->frames ? SHORT_TICK_NS : TICK_NS);
	}
}

/*
 * Waits until no frame has arrived for some time: one block timeout if all sent
 * frames were received, or else the longer of QUIET_MS and three timeouts. A
 * worker that waits for its CPU is not quiet.
 */
static void wait_quiet(const struct active_run *t, uint64_t sent)
{
	uint64_t timeout = t->point->scenario->config.block_timeout;
	uint64_t quiet = QUIET_MS * NS_PER_MS;
	uint64_t since = clock_ns(CLOCK_MONOTONIC);
	uint64_t last = since + CPU_WAIT_NS;
	uint64_t seen = workers_received(t->workers);

	if (quiet < timeout * QUIET_TIMEOUTS)
		quiet = timeout * QUIET_TIMEOUTS;
	while (!workers_done(t->workers) &&
	       clock_ns(CLOCK_MONOTONIC) - since <
		       (seen == sent ? timeout : quiet)) {
		uint64_t now_seen;

		sleep_ns(TICK_NS);
		now_seen = workers_received(t->workers);
		if (now_seen != seen ||
		    (seen != sent && clock_ns(CLOCK_MONOTONIC) < last &&
		     workers_wait_for_cpu(t->workers)))
			since = clock_ns(CLOCK_MONOTONIC);
		seen = now_seen;
	}
}

/* ---- Sending ------------------------------------------------------------ */

static int check_sender(const struct sender_result *sent,
			struct pktio_error *reterr)
{
	if (sent->error < 0)
		return error_set(reterr, sent->error, "sender: %s",
				 sent->reason.text);
	if (sent->count.sent == 0)
		return error_set(reterr, -EIO,
				 "sender: the interface accepted no frame");
	return 0;
}

static struct sender_config sender_config_of(const struct active_run *t)
{
	const struct scenario *scenario = t->point->scenario;

	return (struct sender_config){
		.method = scenario->method,
		.send = { .interface = t->plan->sender,
			  .peer = t->plan->peer,
			  .traffic = scenario->traffic,
			  .timestamp = t->plan->options->latency,
			  .rate = t->point->rate },
		.frames = t->point->frames,
		.cpu = t->plan->placement.sender,
	};
}

/* Sends while the workers receive. */
static int send_and_drain(struct active_run *t, struct readings *f,
			  struct pktio_error *reterr)
{
	struct sender_config config = sender_config_of(t);
	int r = netns_get_counters(t->plan->sender, &f->link_before, reterr);

	if (r == 0)
		r = sender_start(&t->sender, &config, reterr);
	if (r < 0)
		return r;
	wait_time(t);
	t->sender = sender_stop(t->sender, &f->sent);
	workers_resume(t->workers);
	wait_quiet(t, f->sent.count.sent);
	r = check_sender(&f->sent, reterr);
	if (r == 0)
		r = netns_get_counters(t->plan->sender, &f->link_after, reterr);
	return r;
}

/* ---- Runs --------------------------------------------------------------- */

static int start(struct active_run *t, struct pktio_error *reterr)
{
	const struct options *o = t->plan->options;
	const struct scenario *scenario = t->point->scenario;
	struct workers_config config = {
		.receiver = t->run->receiver,
		.config = &scenario->config,
		.cpus = t->plan->cpus,
		.n = t->point->workers,
		.stalled = t->point->frames && o->stalled,
		.markers = t->point->markers,
		.latency = t->point->markers && o->latency,
		.flows = scenario->traffic ? scenario->traffic->flows : 0,
	};

	if (!scenario->config.live)
		config.deadline = clock_ns(CLOCK_MONOTONIC) +
				  (uint64_t)(t->point->seconds * NS_PER_S);
	return workers_start(&t->workers, &config, reterr);
}

static int send_or_wait(struct active_run *t, struct readings *f,
			struct pktio_error *reterr)
{
	f->sends = t->plan->sender && t->plan->options->mode != MODE_IDLE;
	if (f->sends)
		return send_and_drain(t, f, reterr);
	wait_time(t);
	return 0;
}

/* Makes the run and stores the readings. */
static int run_and_read(struct active_run *t, struct readings *f,
			struct pktio_error *reterr)
{
	const struct plan *plan = t->plan;
	struct pktio_error error = { 0 };
	uint64_t start_time;
	int sent;
	int r;

	f->cpu_before = cpu_time_read(plan->cpus, t->point->workers,
				      plan->placement.sender);
	r = start(t, reterr);
	if (r < 0)
		return r;
	/* The rate of timer interrupts is measured from here on. */
	cpu_time_read_timers(&f->cpu_before, plan->cpus, t->point->workers);
	start_time = clock_ns(CLOCK_MONOTONIC);
	sent = send_or_wait(t, f, &error);
	f->seconds =
		(double)(clock_ns(CLOCK_MONOTONIC) - start_time) / NS_PER_S;
	f->cpu_after = cpu_time_read(plan->cpus, t->point->workers,
				     plan->placement.sender);
	r = workers_stop(t->workers, &f->received, reterr);
	if (r == 0 && sent < 0) {
		*reterr = error;
		r = sent;
		workers_result_free(&f->received);
	}
	return r;
}

int run_execute(struct run *ret, const struct plan *plan,
		const struct point *point, const struct receiver *receiver,
		unsigned number, struct pktio_error *reterr)
{
	struct readings f = { 0 };
	struct active_run active = { .run = ret, .plan = plan, .point = point };
	int r;

	*ret = (struct run){ .number = number, .receiver = receiver };
	for (int i = 0; i < METRICS; i++)
		ret->values[i] = NAN;
	r = run_and_read(&active, &f, reterr);
	progress_clear();
	if (r < 0)
		return r;
	metrics_compute(ret, plan, point, &f);
	workers_result_free(&f.received);
	return 0;
}
