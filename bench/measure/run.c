/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A run: the receivers open, the sender sends for the time that was asked for,
 * the receivers drain until they have been quiet for a while, and then the
 * account is made up from what each side counted for itself; see figures.c.
 */
#include "measure/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure/metrics.h"
#include "netns/fail.h"
#include "netns/netns.h"
#include "system/clock.h"
#include "system/interrupt.h"
#include "system/progress.h"
#include "traffic/sender.h"

#define TICK_NS 10000000U
#define SHORT_TICK_NS 200000U
#define PROGRESS_MS 200U
#define QUIET_MS 300U
#define PATIENCE_NS UINT64_C(10000000000) /* with who gets no CPU */
#define QUIET_TIMEOUTS 3U /* a part-filled block comes after one */

const char *measure_name(const struct plan *plan,
			 const struct receiver *receiver)
{
	return receiver == plan->ours ? plan->options->backend : receiver->name;
}

void run_free(struct run *run)
{
	free(run->workers);
	free(run->latency);
	run->workers = NULL;
	run->latency = NULL;
}

static void nap(uint64_t ns)
{
	struct timespec tick = { .tv_nsec = (long)ns };

	nanosleep(&tick, NULL);
}

/* ---- Waiting ------------------------------------------------------------ */

/* A run that is under way. */
struct trial {
	struct run *run;
	const struct plan *plan;
	const struct point *point;
	struct workers *workers;
	struct sender *sender; /* NULL: nothing is sent */
};

static void show(const struct trial *t, double seconds)
{
	progress_show("run %u of %u  %s%s%-10s %4.1f of %.1f s  %.2f Mpps",
		      t->run->number, t->plan->options->runs, t->point->label,
		      *t->point->label ? "  " : "",
		      measure_name(t->plan, t->run->receiver), seconds,
		      t->point->seconds,
		      seconds > 0 ? (double)workers_received(t->workers) /
					    seconds / 1e6 :
				    0);
}

static bool is_over(const struct trial *t)
{
	return workers_done(t->workers) ||
	       (t->sender && sender_done(t->sender));
}

/* Until the time is over, or all that is to be sent or received has been, or
 * the user has seen enough. */
static void wait_time(const struct trial *t)
{
	const struct scenario *scenario = t->point->scenario;
	uint64_t start = clock_now();
	uint64_t end = start + (uint64_t)(t->point->seconds * NS_PER_S);
	uint64_t shown = 0;
	/* By itself, at the end of a pass; what writes may stop anywhere. */
	bool ends = (!scenario->config.live && !scenario->endless &&
		     !scenario->config.traffic) ||
		    t->point->frames;

	while (!interrupt_pending() && !is_over(t)) {
		uint64_t now = clock_now();

		if (!ends && now >= end)
			break;
		if (now - shown >= (uint64_t)PROGRESS_MS * NS_PER_MS) {
			show(t, (double)(now - start) / NS_PER_S);
			shown = now;
		}
		nap(t->point->frames ? SHORT_TICK_NS : TICK_NS);
	}
}

/*
 * Until nothing has come for long enough: after all that was sent, not for
 * another block; before that, for a few, and a while. Who is kept from his CPU
 * is not quiet.
 */
static void wait_quiet(const struct trial *t, uint64_t sent)
{
	uint64_t timeout = t->point->scenario->config.block_timeout;
	uint64_t quiet = (uint64_t)QUIET_MS * NS_PER_MS;
	uint64_t since = clock_now();
	uint64_t last = since + PATIENCE_NS;
	uint64_t seen = workers_received(t->workers);

	if (quiet < timeout * QUIET_TIMEOUTS)
		quiet = timeout * QUIET_TIMEOUTS;
	while (!workers_done(t->workers) &&
	       clock_now() - since < (seen == sent ? timeout : quiet)) {
		uint64_t now_seen;

		nap(TICK_NS);
		now_seen = workers_received(t->workers);
		if (now_seen != seen || (seen != sent && clock_now() < last &&
					 workers_waits_for_cpu(t->workers)))
			since = clock_now();
		seen = now_seen;
	}
}

/* ---- Sending ------------------------------------------------------------ */

static int check_sender(const struct sender_result *sent,
			struct pktio_error *reterr)
{
	if (sent->error < 0)
		return bench_fail(reterr, sent->error, "sender: %s",
				  sent->words.text);
	if (sent->count.sent == 0)
		return bench_fail(reterr, -EIO,
				  "sender: the interface took no frame");
	return 0;
}

static struct sender_order order_of(const struct trial *t)
{
	const struct scenario *scenario = t->point->scenario;

	return (struct sender_order){
		.method = scenario->method,
		.what = { .interface = t->plan->sender,
			  .peer = t->plan->peer,
			  .traffic = scenario->traffic,
			  .stamp = t->plan->options->latency,
			  .rate = t->point->rate },
		.frames = t->point->frames,
		.cpu = t->plan->placement.sender,
	};
}

/* Sends while the receivers receive. */
static int send_and_drain(struct trial *t, struct readings *f,
			  struct pktio_error *reterr)
{
	struct sender_order order = order_of(t);
	int r = netns_get_counters(t->plan->sender, &f->link_before, reterr);

	if (r == 0)
		r = sender_start(&t->sender, &order, reterr);
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

static int start(struct trial *t, struct pktio_error *reterr)
{
	const struct options *o = t->plan->options;
	const struct scenario *scenario = t->point->scenario;
	struct workers_order order = {
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
		order.deadline =
			clock_now() + (uint64_t)(t->point->seconds * NS_PER_S);
	return workers_start(&t->workers, &order, reterr);
}

static int take_time(struct trial *t, struct readings *f,
		     struct pktio_error *reterr)
{
	f->sends = t->plan->sender && t->plan->options->mode != MODE_IDLE;
	if (f->sends)
		return send_and_drain(t, f, reterr);
	wait_time(t);
	return 0;
}

/* All of it; what was learnt is in f. */
static int run_trial(struct trial *t, struct readings *f,
		     struct pktio_error *reterr)
{
	const struct plan *plan = t->plan;
	struct pktio_error error = { 0 };
	uint64_t began;
	int taken;
	int r;

	f->cpu_before = cpu_time_read(plan->cpus, t->point->workers,
				      plan->placement.sender);
	r = start(t, reterr);
	if (r < 0)
		return r;
	/* They are divided by the time from here on. */
	cpu_time_read_timers(&f->cpu_before, plan->cpus, t->point->workers);
	began = clock_now();
	taken = take_time(t, f, &error);
	f->seconds = (double)(clock_now() - began) / NS_PER_S;
	f->cpu_after = cpu_time_read(plan->cpus, t->point->workers,
				     plan->placement.sender);
	r = workers_stop(t->workers, &f->received, reterr);
	if (r == 0 && taken < 0) {
		*reterr = error;
		r = taken;
		workers_result_free(&f->received);
	}
	return r;
}

int measure_run(struct run *ret, const struct plan *plan,
		const struct point *point, const struct receiver *receiver,
		unsigned number, struct pktio_error *reterr)
{
	struct readings f = { 0 };
	struct trial trial = { .run = ret, .plan = plan, .point = point };
	int r;

	*ret = (struct run){ .number = number, .receiver = receiver };
	for (int i = 0; i < METRICS; i++)
		ret->values[i] = NAN;
	r = run_trial(&trial, &f, reterr);
	progress_clear();
	if (r < 0)
		return r;
	metrics_compute(ret, plan, point, &f);
	workers_result_free(&f.received);
	return 0;
}
