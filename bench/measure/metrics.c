/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Computes the metrics of a run from its readings. The frame accounting:
 *
 *      sent      counted by the send path, plus softnet
 *      softnet   dropped between the interfaces, counted by the veth
 *      ring      dropped because the ring was full, counted by the receiver
 *      filtered  rejected by a filter, counted by the receiver
 *      received  counted by the workers, frame by frame
 *
 * Sender, kernel and workers count independently, so the sum is a check.
 */
#include "measure/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "system/process.h"
#include "util/clock.h"

/* ---- Metrics ------------------------------------------------------------ */

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
 * If the backlog of the peer interface is full, the frame is lost, and the veth
 * of the sender counts it as dropped. The send path gets an error and does not
 * count the frame as sent. It drops the frame (failed) or sends it again, which
 * counts as another frame here.
 */
static void set_sent(double *v, const struct point *point,
		     const struct readings *readings)
{
	uint64_t lost = readings->link_after.tx_dropped -
			readings->link_before.tx_dropped;
	uint64_t failed = readings->sent.count.failed;

	v[SENT] = (double)(readings->sent.count.sent + lost);
	v[FAILED] = failed > lost ? (double)(failed - lost) : 0;
	v[SOFTNET] = (double)lost;
	v[SECONDS] = readings->sent.seconds;
	v[SENT_PPS] = ratio(v[SENT], v[SECONDS]);
	if (point->rate <= 0)
		return;
	v[OFFERED] = point->rate;
	v[PACING] = v[SENT_PPS] / point->rate - 1;
	v[LAG] = (double)readings->sent.count.lag_max;
}

/* A source that ends: its frames times the number of passes. */
static void set_source(double *v, const struct scenario *scenario,
		       const struct readings *readings)
{
	const struct worker_result *received = &readings->received.total;

	/* The number of frames in an interrupted pass is not known. */
	if (scenario->source_frames && !interrupt_pending())
		v[SENT] = (double)(scenario->source_frames * received->passes);
	if (!scenario->config.live)
		v[SECONDS] = (double)received->elapsed / NS_PER_S;
	else
		v[SECONDS] = readings->seconds;
}

static void set_accounting(struct run *run, const struct readings *readings)
{
	const struct worker_result *received = &readings->received.total;
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
		.nworkers = readings->received.n,
		.foreign = readings->received.foreign,
	};

	for (unsigned i = 0; i < readings->received.n; i++)
		workers[i] = readings->received.workers[i].received;
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

/* From the clocks of the workers' threads. */
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

/* From /proc/stat, if workers and sender have different CPUs. */
static void set_cpus(double *v, const struct plan *plan,
		     const struct readings *readings)
{
	struct cpu_time_split rx =
		cpu_time_diff(&readings->cpu_before.receivers,
			      &readings->cpu_after.receivers);
	struct cpu_time_split tx = cpu_time_diff(&readings->cpu_before.sender,
						 &readings->cpu_after.sender);
	double n = v[RECEIVED];

	if (readings->cpu_before.timers_known)
		v[TIMERS] = ratio((double)(readings->cpu_after.timers -
					   readings->cpu_before.timers),
				  readings->seconds);
	if (readings->cpu_before.memory && readings->cpu_after.memory)
		v[MEMORY] = fmax((double)readings->cpu_after.memory -
					 (double)readings->cpu_before.memory,
				 0);
	if (!readings->cpu_before.known ||
	    !plan_has_separate_cpus(plan, readings->received.n) ||
	    !readings->sends)
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

static void copy_workers(struct run *run, const struct plan *plan,
			 const struct readings *readings)
{
	if (readings->received.n < 2)
		return;
	run->workers = calloc(readings->received.n, sizeof(*run->workers));
	if (!run->workers)
		return;
	run->nworkers = readings->received.n;
	for (unsigned i = 0; i < run->nworkers; i++)
		run->workers[i] =
			(struct run_worker){ plan->cpus[i],
					     readings->received.workers[i] };
}

/* Removes the metrics that do not describe an external tool: those of this
 * process, and those of a CPU on which the tool was started. */
static void clear_unknown(double *v)
{
	static const enum metric metrics[] = {
		BYTES, BPS, RX_USER, RX_SYSTEM, RX_SOFTIRQ, TIMERS, MEMORY,
	};

	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++)
		v[metrics[i]] = NAN;
}

void metrics_compute(struct run *run, const struct plan *plan,
		     const struct point *point, struct readings *readings)
{
	double *v = run->values;

	if (readings->sends)
		set_sent(v, point, readings);
	else
		set_source(v, point->scenario, readings);
	if (plan->options->mode == MODE_IDLE && plan->sender)
		v[SENT] = 0;
	set_accounting(run, readings);
	set_threads(v, &readings->received.total);
	set_cpus(v, plan, readings);
	if (point->markers && point->workers > 1) {
		v[FLOWS] = readings->received.flows;
		v[SPLIT] = readings->received.split;
	}
	set_latency(v, readings->received.latency);
	if (run->receiver->tool)
		clear_unknown(v);
	copy_workers(run, plan, readings);
	run->latency = readings->received.latency;
	readings->received.latency = NULL;
}

/* ---- Frame accounting --------------------------------------------------- */

int64_t accounting_missing(const struct frame_accounting *a)
{
	return (int64_t)(a->sent - a->received - a->ring - a->softnet -
			 a->filtered);
}

static bool check_sum(const struct frame_accounting *a, char *reason,
		      size_t size)
{
	int64_t missing = accounting_missing(a);

	if (!a->sent_known || missing == 0)
		return true;
	snprintf(reason, size,
		 "%" PRIu64 " frames were sent, but %" PRIu64
		 " received + %" PRIu64 " dropped in the ring + %" PRIu64
		 " before it + %" PRIu64 " filtered are %" PRIu64 " %s",
		 a->sent, a->received, a->ring, a->softnet, a->filtered,
		 (uint64_t)(missing < 0 ? -missing : missing),
		 missing < 0 ? "more" : "fewer");
	return false;
}

static bool check_workers(const struct frame_accounting *a, char *reason,
			  size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->nworkers; i++)
		sum += a->workers[i];
	if (!a->workers || sum == a->received)
		return true;
	snprintf(reason, size,
		 "the workers received %" PRIu64
		 " frames, but their sum is %" PRIu64,
		 sum, a->received);
	return false;
}

bool accounting_check(const struct frame_accounting *a, char *reason,
		      size_t size)
{
	*reason = '\0';
	if (!check_sum(a, reason, size) || !check_workers(a, reason, size))
		return false;
	if (a->foreign == 0)
		return true;
	snprintf(reason, size, "%" PRIu64 " received frames have no marker",
		 a->foreign);
	return false;
}
