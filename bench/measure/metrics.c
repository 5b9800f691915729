/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From what was read off to what is said of a run. The account:
 *
 *      sent      counted by the send path, and what is lost before it counts
 *      softnet   lost between the two interfaces: the counters of the veth
 *      ring      lost for want of room: the receivers' own statistics
 *      filtered  refused by a filter, by the same
 *      received  counted by the receivers, frame by frame
 *
 * Sender, receiver and kernel each count for themselves, so the sum is a check.
 */
#include "measure/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "measure/accounting.h"
#include "system/clock.h"
#include "system/interrupt.h"

const struct metric_name metric_names[METRICS] = {
	[SENT] = { "sent", true },
	[RECEIVED] = { "received", true },
	[BYTES] = { "bytes", true },
	[DROPPED] = { "dropped", true },
	[RING] = { "dropped_ring", true },
	[SOFTNET] = { "dropped_softnet", true },
	[FILTERED] = { "filtered", true },
	[UNACCOUNTED] = { "unaccounted", true },
	[FAILED] = { "send_failed", true },
	[SECONDS] = { "seconds", false },
	[PPS] = { "pps", false },
	[BPS] = { "bytes_per_second", false },
	[OFFERED] = { "offered_pps", false },
	[SENT_PPS] = { "sent_pps", false },
	[PACING] = { "pacing_error", false },
	[LAG] = { "pacing_lag_max_ns", true },
	[LOSS] = { "loss", false },
	[CPU] = { "cpu_ns_per_packet", false },
	[USER] = { "cpu_user_ns_per_packet", false },
	[SYSTEM] = { "cpu_system_ns_per_packet", false },
	[RX_USER] = { "receiver_user_ns_per_packet", false },
	[RX_SYSTEM] = { "receiver_system_ns_per_packet", false },
	[RX_SOFTIRQ] = { "receiver_softirq_ns_per_packet", false },
	[TX_USER] = { "sender_user_ns_per_packet", false },
	[TX_SYSTEM] = { "sender_system_ns_per_packet", false },
	[TX_SOFTIRQ] = { "sender_softirq_ns_per_packet", false },
	[WAKEUPS] = { "wakeups", true },
	[PREEMPTIONS] = { "preemptions", true },
	[WAKEUP_CPU] = { "cpu_ns_per_wakeup", false },
	[CPU_SHARE] = { "cpu_share", false },
	[TIMERS] = { "timer_interrupts_per_second", false },
	[INSTRUCTIONS] = { "instructions_per_packet", false },
	[CACHE_MISSES] = { "cache_misses_per_packet", false },
	[MEMORY] = { "memory", true },
	[FLOWS] = { "flows", true },
	[SPLIT] = { "split_flows", true },
	[LATENCY_P50] = { "latency_p50_ns", true },
	[LATENCY_P90] = { "latency_p90_ns", true },
	[LATENCY_P99] = { "latency_p99_ns", true },
	[LATENCY_P999] = { "latency_p99_9_ns", true },
	[LATENCY_MAX] = { "latency_max_ns", true },
};

static double ratio(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

/*
 * A frame that the peer's backlog has no room for is lost, and the sender's
 * veth counts it as dropped. The send path is told, and does not count it as
 * sent: it gives the frame up (failed), or tries once more, which then counts
 * as another frame here.
 */
static void set_sent(double *v, const struct point *point,
		     const struct readings *f)
{
	uint64_t lost = f->link_after.tx_dropped - f->link_before.tx_dropped;
	uint64_t failed = f->sent.count.failed;

	v[SENT] = (double)(f->sent.count.sent + lost);
	v[FAILED] = failed > lost ? (double)(failed - lost) : 0;
	v[SOFTNET] = (double)lost;
	v[SECONDS] = f->sent.seconds;
	v[SENT_PPS] = ratio(v[SENT], v[SECONDS]);
	if (point->rate <= 0)
		return;
	v[OFFERED] = point->rate;
	v[PACING] = v[SENT_PPS] / point->rate - 1;
	v[LAG] = (double)f->sent.count.lag_max;
}

/* Of a source that ends: what is in it, as often as it was read. */
static void set_source(double *v, const struct scenario *scenario,
		       const struct readings *f)
{
	const struct worker_result *received = &f->received.total;

	/* Of a pass that was broken off nobody knows what was in it. */
	if (scenario->source_frames && !interrupt_pending())
		v[SENT] = (double)(scenario->source_frames * received->passes);
	if (!scenario->config.live)
		v[SECONDS] = (double)received->elapsed / NS_PER_S;
	else
		v[SECONDS] = f->seconds;
}

static void set_accounting(struct run *run, const struct readings *f)
{
	const struct worker_result *received = &f->received.total;
	double *v = run->values;
	uint64_t workers[AFFINITY_MAX_WORKERS];
	struct frame_accounting a = {
		.sent_known = !isnan(v[SENT]) && !received->lost.unknown,
		.sent = isnan(v[SENT]) ? 0 : (uint64_t)v[SENT],
		.received = received->received,
		.ring = received->lost.dropped,
		.softnet = isnan(v[SOFTNET]) ? 0 : (uint64_t)v[SOFTNET],
		.filtered = received->lost.filtered,
		.workers = workers,
		.nworkers = f->received.n,
		.foreign = f->received.foreign,
	};

	for (unsigned i = 0; i < f->received.n; i++)
		workers[i] = f->received.workers[i].received;
	v[RECEIVED] = (double)a.received;
	v[BYTES] = (double)received->bytes;
	v[RING] = (double)a.ring;
	v[DROPPED] = (double)(a.ring + a.softnet);
	v[FILTERED] = (double)a.filtered;
	if (a.sent_known)
		v[UNACCOUNTED] = (double)accounting_missing(&a);
	if (received->lost.unknown) {
		v[RING] = NAN;
		v[DROPPED] = NAN;
		v[UNACCOUNTED] = NAN;
	}
	v[LOSS] = ratio(v[DROPPED], v[SENT]);
	v[PPS] = ratio(v[RECEIVED], v[SECONDS]);
	v[BPS] = ratio(v[BYTES], v[SECONDS]);
	run->valid = accounting_check(&a, run->reason, sizeof(run->reason));
}

/* By the clocks of the receivers' threads. */
static void set_threads(double *v, const struct worker_result *total)
{
	double n = (double)total->received;

	v[CPU] = ratio((double)total->cpu, n);
	v[USER] = ratio((double)total->user, n);
	v[SYSTEM] = ratio((double)total->system, n);
	v[WAKEUPS] = (double)total->wakeups;
	v[PREEMPTIONS] = (double)total->preemptions;
	v[WAKEUP_CPU] = ratio((double)total->cpu, v[WAKEUPS]);
	v[CPU_SHARE] = ratio((double)total->cpu, (double)total->elapsed);
	if (!total->counted)
		return;
	v[INSTRUCTIONS] = ratio((double)total->instructions, n);
	v[CACHE_MISSES] = ratio((double)total->cache_misses, n);
}

/* By the kernel's account of the CPUs, if nobody else shares them. */
static void set_cpus(double *v, const struct plan *plan,
		     const struct readings *f)
{
	struct cpu_time_split rx = cpu_time_diff(&f->cpu_before.receivers,
						 &f->cpu_after.receivers);
	struct cpu_time_split tx =
		cpu_time_diff(&f->cpu_before.sender, &f->cpu_after.sender);
	double n = v[RECEIVED];

	if (f->cpu_before.timers_known)
		v[TIMERS] = ratio(
			(double)(f->cpu_after.timers - f->cpu_before.timers),
			f->seconds);
	if (f->cpu_before.memory && f->cpu_after.memory)
		v[MEMORY] = fmax((double)f->cpu_after.memory -
					 (double)f->cpu_before.memory,
				 0);
	if (!f->cpu_before.known || !plan_apart(plan, f->received.n) ||
	    !f->sends)
		return;
	v[RX_USER] = ratio((double)rx.user, n);
	v[RX_SYSTEM] = ratio((double)rx.system, n);
	v[RX_SOFTIRQ] = ratio((double)rx.softirq, n);
	v[TX_USER] = ratio((double)tx.user, v[SENT]);
	v[TX_SYSTEM] = ratio((double)tx.system, v[SENT]);
	v[TX_SOFTIRQ] = ratio((double)tx.softirq, v[SENT]);
}

static void set_latency(double *v, const struct histogram *h)
{
	if (!h || h->n == 0)
		return;
	v[LATENCY_P50] = (double)histogram_quantile(h, 0.5);
	v[LATENCY_P90] = (double)histogram_quantile(h, 0.9);
	v[LATENCY_P99] = (double)histogram_quantile(h, 0.99);
	v[LATENCY_P999] = (double)histogram_quantile(h, 0.999);
	v[LATENCY_MAX] = (double)h->max;
}

static void keep_workers(struct run *run, const struct plan *plan,
			 const struct readings *f)
{
	if (f->received.n < 2)
		return;
	run->workers = calloc(f->received.n, sizeof(*run->workers));
	if (!run->workers)
		return;
	run->nworkers = f->received.n;
	for (unsigned i = 0; i < run->nworkers; i++)
		run->workers[i] = (struct run_worker){ plan->cpus[i],
						       f->received.workers[i] };
}

/* What is of this process, or of a CPU on which a program was started, too. */
static void forget_ours(double *v)
{
	static const enum metric metrics[] = {
		BYTES, BPS, RX_USER, RX_SYSTEM, RX_SOFTIRQ, TIMERS, MEMORY,
	};

	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++)
		v[metrics[i]] = NAN;
}

void metrics_compute(struct run *run, const struct plan *plan,
		     const struct point *point, struct readings *f)
{
	double *v = run->values;

	if (f->sends)
		set_sent(v, point, f);
	else
		set_source(v, point->scenario, f);
	if (plan->options->mode == MODE_IDLE && plan->sender)
		v[SENT] = 0;
	set_accounting(run, f);
	set_threads(v, &f->received.total);
	set_cpus(v, plan, f);
	if (point->markers && point->workers > 1) {
		v[FLOWS] = f->received.flows;
		v[SPLIT] = f->received.split;
	}
	set_latency(v, f->received.latency);
	if (run->receiver->tool)
		forget_ours(v);
	keep_workers(run, plan, f);
	run->latency = f->received.latency;
	f->received.latency = NULL;
}
