/* SPDX-License-Identifier: BSD-3-Clause */
/* Several receivers as one, and what they come to together. */
#include "receive/workers.h"

#include <stdlib.h>
#include <string.h>

#include "netns/fail.h"
#include "traffic/marker.h"

struct crew {
	unsigned n, running;
	uint32_t flows;
	bool latency;
	struct receiver **receivers;
	struct probe **probes; /* NULL: none */
};

static void dispose(struct crew *crew)
{
	for (unsigned i = 0; crew->probes && i < crew->n; i++)
		probe_free(crew->probes[i]);
	free(crew->probes);
	free(crew->receivers);
	free(crew);
}

static struct crew *new_crew(const struct crew_order *order)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew)
		return NULL;
	crew->n = order->n;
	crew->flows = order->flows;
	crew->latency = order->latency;
	crew->receivers = calloc(crew->n, sizeof(struct receiver *));
	if (order->probe)
		crew->probes = calloc(crew->n, sizeof(struct probe *));
	if (!crew->receivers || (order->probe && !crew->probes)) {
		dispose(crew);
		return NULL;
	}
	for (unsigned i = 0; crew->probes && i < crew->n; i++) {
		crew->probes[i] = probe_new(order->flows, order->latency);
		if (!crew->probes[i]) {
			dispose(crew);
			return NULL;
		}
	}
	return crew;
}

int crew_start(struct crew **ret, const struct crew_order *order,
	       struct pktio_error *reterr)
{
	struct crew *crew = new_crew(order);
	int r = 0;

	if (!crew)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	for (unsigned i = 0; r == 0 && i < crew->n; i++) {
		struct receiver_order one = {
			.contender = order->contender,
			.contest = order->contest,
			.cpu = order->cpus[i],
			.index = i,
			.count = crew->n,
			.deadline = order->deadline,
			.stalled = order->stalled,
			.probe = crew->probes ? crew->probes[i] : NULL,
		};

		r = receiver_start(&crew->receivers[i], &one, reterr);
		crew->running += r == 0;
	}
	if (r < 0) {
		struct receiver_result ignored;

		for (unsigned i = 0; i < crew->running; i++)
			receiver_stop(crew->receivers[i], &ignored, reterr);
		dispose(crew);
		return r;
	}
	*ret = crew;
	return 0;
}

void crew_go(struct crew *crew)
{
	for (unsigned i = 0; i < crew->n; i++)
		receiver_go(crew->receivers[i]);
}

uint64_t crew_seen(const struct crew *crew)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < crew->n; i++)
		n += receiver_seen(crew->receivers[i]);
	return n;
}

bool crew_done(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n; i++)
		if (!receiver_done(crew->receivers[i]))
			return false;
	return true;
}

bool crew_waits_for_cpu(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n; i++)
		if (receiver_waits_for_cpu(crew->receivers[i]))
			return true;
	return false;
}

/* ---- Together ----------------------------------------------------------- */

static void add(struct receiver_result *sum, const struct receiver_result *one)
{
	sum->received += one->received;
	sum->bytes += one->bytes;
	sum->lost.dropped += one->lost.dropped;
	sum->lost.filtered += one->lost.filtered;
	sum->lost.unknown = sum->lost.unknown || one->lost.unknown;
	sum->passes += one->passes;
	sum->wakeups += one->wakeups;
	sum->preemptions += one->preemptions;
	sum->cpu += one->cpu;
	sum->user += one->user;
	sum->system += one->system;
	sum->counted = sum->counted && one->counted;
	sum->instructions += one->instructions;
	sum->cache_misses += one->cache_misses;
	if (one->elapsed > sum->elapsed)
		sum->elapsed = one->elapsed;
}

/* A flow is split if its two directions, or parts of one, went apart. */
static void count_flows(const struct crew *crew, struct crew_result *ret)
{
	for (uint32_t flow = 0; flow < crew->flows; flow++) {
		size_t both = 2 * (size_t)flow;
		unsigned rings = 0;

		for (unsigned i = 0; i < crew->n; i++)
			rings += crew->probes[i]->seen[both] ||
				 crew->probes[i]->seen[both + 1];
		ret->flows += rings > 0;
		ret->split += rings > 1;
	}
}

static int merge_probes(const struct crew *crew, struct crew_result *ret)
{
	if (!crew->probes)
		return 0;
	count_flows(crew, ret);
	for (unsigned i = 0; i < crew->n; i++)
		ret->foreign += crew->probes[i]->foreign;
	if (!crew->latency)
		return 0;
	ret->latency = calloc(1, sizeof(*ret->latency));
	if (!ret->latency)
		return -ENOMEM;
	for (unsigned i = 0; i < crew->n; i++)
		histogram_merge(ret->latency, crew->probes[i]->latency);
	return 0;
}

int crew_stop(struct crew *crew, struct crew_result *ret,
	      struct pktio_error *reterr)
{
	int r = 0;

	*ret = (struct crew_result){ .total = { .counted = true },
				     .n = crew->n };
	ret->workers = calloc(crew->n, sizeof(*ret->workers));
	for (unsigned i = 0; i < crew->n; i++) {
		struct receiver_result one;
		struct pktio_error words;
		int error = receiver_stop(crew->receivers[i], &one, &words);

		if (error < 0 && r == 0) {
			r = error;
			if (reterr)
				*reterr = words;
		}
		add(&ret->total, &one);
		if (ret->workers)
			ret->workers[i] = one;
	}
	if (!ret->workers || merge_probes(crew, ret) < 0)
		r = bench_fail(reterr, -ENOMEM, "out of memory");
	dispose(crew);
	if (r < 0)
		crew_result_free(ret);
	return r;
}

void crew_result_free(struct crew_result *result)
{
	free(result->workers);
	free(result->latency);
	result->workers = NULL;
	result->latency = NULL;
}
