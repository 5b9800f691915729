/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A run: the receiver opens, the sender sends for the time that was asked for,
 * the receiver drains until it has been quiet for a while, and then the account
 * is made up from what each side counted for itself:
 *
 *      sent      counted by the sender's ring, and what is lost before it
 * counts softnet   lost between the two interfaces: the counters of the veth
 *      ring      lost for want of room: the receiver's own statistics
 *      received  counted by the receiver, frame by frame
 *
 * Sender, receiver and kernel each count for themselves, so the sum is a check.
 */
#include "measure.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "fail.h"
#include "interrupt.h"
#include "netns.h"
#include "progress.h"
#include "receiver.h"
#include "sender.h"

#define TICK_MS 10U
#define PROGRESS_MS 200U
#define QUIET_MS 300U
#define QUIET_TIMEOUTS 3U /* a part-filled block comes after one */

const struct metric_name metric_names[METRICS] = {
	[SENT] = { "sent", true },
	[RECEIVED] = { "received", true },
	[BYTES] = { "bytes", true },
	[DROPPED] = { "dropped", true },
	[RING] = { "dropped_ring", true },
	[SOFTNET] = { "dropped_softnet", true },
	[UNACCOUNTED] = { "unaccounted", true },
	[FAILED] = { "send_failed", true },
	[SECONDS] = { "seconds", false },
	[PPS] = { "pps", false },
	[BPS] = { "bytes_per_second", false },
	[CPU] = { "cpu_ns_per_packet", false },
	[USER] = { "cpu_user_ns_per_packet", false },
	[SYSTEM] = { "cpu_system_ns_per_packet", false },
	[WAKEUPS] = { "wakeups", true },
};

const char *measure_name(const struct plan *plan,
			 const struct contender *contender)
{
	return contender == plan->ours ? plan->contest.backend :
					 contender->name;
}

static void nap(void)
{
	static const struct timespec tick = { .tv_nsec = (long)TICK_MS *
							 NS_PER_MS };

	nanosleep(&tick, NULL);
}

/* ---- Waiting ------------------------------------------------------------ */

/* Until the time is over, the receiver is, or the user has seen enough. */
static void wait_time(const struct run *run, const struct plan *plan,
		      const struct receiver *receiver)
{
	uint64_t start = clock_now();
	uint64_t end = start + (uint64_t)(plan->options->seconds * NS_PER_S);
	uint64_t shown = 0;
	/* By itself, at the end of a pass; what writes may stop anywhere. */
	bool ends = !plan->contest.live && !plan->endless &&
		    !plan->contest.traffic;

	while (!interrupt_came() && !receiver_done(receiver)) {
		uint64_t now = clock_now();
		double seconds = (double)(now - start) / NS_PER_S;

		if (!ends && now >= end)
			break;
		if (now - shown >= (uint64_t)PROGRESS_MS * NS_PER_MS) {
			progress_show(
				"run %u of %u  %-10s %4.1f of %.1f s  %.2f Mpps",
				run->number, plan->options->runs,
				measure_name(plan, run->contender), seconds,
				plan->options->seconds,
				seconds > 0 ? (double)receiver_seen(receiver) /
						      seconds / 1e6 :
					      0);
			shown = now;
		}
		nap();
	}
}

/* Until nothing has come for long enough. */
static void wait_quiet(const struct plan *plan, const struct receiver *receiver)
{
	uint64_t quiet = (uint64_t)QUIET_MS * NS_PER_MS;
	uint64_t timeouts = plan->contest.block_timeout * QUIET_TIMEOUTS;
	uint64_t since = clock_now();
	uint64_t seen = receiver_seen(receiver);

	quiet = quiet > timeouts ? quiet : timeouts;
	while (!receiver_done(receiver) && clock_now() - since < quiet) {
		uint64_t now_seen;

		nap();
		now_seen = receiver_seen(receiver);
		if (now_seen != seen)
			since = clock_now();
		seen = now_seen;
	}
}

/* ---- The account -------------------------------------------------------- */

static void account(struct run *run, const struct receiver_result *received)
{
	double *v = run->values;
	double n = (double)received->received;

	v[RECEIVED] = n;
	v[BYTES] = (double)received->bytes;
	v[RING] = (double)received->dropped;
	v[DROPPED] = v[RING] + (isnan(v[SOFTNET]) ? 0 : v[SOFTNET]);
	v[UNACCOUNTED] = v[SENT] - v[RECEIVED] - v[DROPPED];
	if (isnan(v[SECONDS]))
		v[SECONDS] = (double)received->elapsed / NS_PER_S;
	v[PPS] = v[SECONDS] > 0 ? n / v[SECONDS] : NAN;
	v[BPS] = v[SECONDS] > 0 ? v[BYTES] / v[SECONDS] : NAN;
	v[CPU] = n > 0 ? (double)received->cpu / n : NAN;
	v[USER] = n > 0 ? (double)received->user / n : NAN;
	v[SYSTEM] = n > 0 ? (double)received->system / n : NAN;
	v[WAKEUPS] = (double)received->wakeups;
	run->valid = isnan(v[UNACCOUNTED]) || v[UNACCOUNTED] == 0;
}

/*
 * A frame that the peer's backlog has no room for is lost, and the sender's
 * veth counts it as dropped. The send path is told, and does not count it as
 * sent: it gives the frame up (failed), or tries once more, which then counts
 * as another frame here.
 */
static void account_sender(struct run *run, const struct sender_result *sent,
			   const struct netns_counters *before,
			   const struct netns_counters *after)
{
	uint64_t lost = after->tx_dropped - before->tx_dropped;
	uint64_t refused = sent->failed > lost ? sent->failed - lost : 0;

	run->values[SENT] = (double)(sent->sent + lost);
	run->values[FAILED] = (double)refused;
	run->values[SOFTNET] = (double)lost;
	run->values[SECONDS] = sent->seconds;
}

/* ---- Runs --------------------------------------------------------------- */

/* Nothing is sent: an interface as it is, a file, a generator. */
static int run_source(struct run *run, const struct plan *plan,
		      struct pktio_error *reterr)
{
	struct receiver_result received;
	struct receiver *receiver;
	uint64_t deadline = 0;
	int r;

	if (!plan->contest.live)
		deadline = clock_now() +
			   (uint64_t)(plan->options->seconds * NS_PER_S);
	r = receiver_start(&receiver, run->contender, &plan->contest,
			   plan->placement.receiver, deadline, reterr);
	if (r < 0)
		return r;
	wait_time(run, plan, receiver);
	r = receiver_stop(receiver, &received, reterr);
	/* Of a pass that was broken off nobody knows what was in it. */
	if (plan->source_frames && !interrupt_came())
		run->values[SENT] =
			(double)(plan->source_frames * received.passes);
	account(run, &received);
	return r;
}

static int check_sender(const struct sender_result *sent,
			struct pktio_error *reterr)
{
	if (sent->error < 0)
		return bench_fail(reterr, sent->error, "sender: %s",
				  sent->words);
	if (sent->sent == 0)
		return bench_fail(reterr, -EIO,
				  "sender: the interface took no frame");
	return 0;
}

/* Sends while receiver receives. */
static int send_and_drain(struct run *run, const struct plan *plan,
			  const struct receiver *receiver,
			  struct pktio_error *reterr)
{
	struct netns_counters before;
	struct netns_counters after;
	struct sender_result sent = { 0 };
	struct sender *sender = NULL;
	int r = netns_get_counters(plan->sender, &before, reterr);

	if (r == 0)
		r = sender_start(&sender, plan->sender, plan->traffic,
				 plan->placement.sender, reterr);
	if (r < 0)
		return r;
	wait_time(run, plan, receiver);
	sender_stop(sender, &sent);
	wait_quiet(plan, receiver);
	r = check_sender(&sent, reterr);
	if (r == 0)
		r = netns_get_counters(plan->sender, &after, reterr);
	if (r == 0)
		account_sender(run, &sent, &before, &after);
	return r;
}

static int run_network(struct run *run, const struct plan *plan,
		       struct pktio_error *reterr)
{
	struct pktio_error error = { 0 };
	struct receiver_result received;
	struct receiver *receiver;
	int sent;
	int r = receiver_start(&receiver, run->contender, &plan->contest,
			       plan->placement.receiver, 0, reterr);

	if (r < 0)
		return r;
	sent = send_and_drain(run, plan, receiver, &error);
	r = receiver_stop(receiver, &received, reterr);
	if (r < 0)
		return r;
	if (sent < 0) {
		*reterr = error;
		return sent;
	}
	account(run, &received);
	return 0;
}

int measure_run(struct run *ret, const struct plan *plan,
		const struct contender *contender, unsigned number,
		struct pktio_error *reterr)
{
	int r;

	*ret = (struct run){ .number = number, .contender = contender };
	for (int i = 0; i < METRICS; i++)
		ret->values[i] = NAN;
	r = plan->sender ? run_network(ret, plan, reterr) :
			   run_source(ret, plan, reterr);
	progress_clear();
	return r;
}
