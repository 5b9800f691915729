/* SPDX-License-Identifier: BSD-3-Clause */
/* Several workers, and the sum of their results. */
#include "receive/workers.h"

#include <stdlib.h>
#include <string.h>

#include "traffic/marker.h"
#include "util/error.h"

struct workers {
	unsigned n, running;
	uint32_t flows;
	bool latency;
	struct worker **list;
	struct marker_reader **readers; /* NULL: markers are not read */
};

static void free_workers(struct workers *workers)
{
	for (unsigned i = 0; workers->readers && i < workers->n; i++)
		marker_reader_free(workers->readers[i]);
	free(workers->readers);
	free(workers->list);
	free(workers);
}

static struct workers *new_workers(const struct workers_config *config)
{
	struct workers *workers = calloc(1, sizeof(*workers));

	if (!workers)
		return NULL;
	workers->n = config->n;
	workers->flows = config->flows;
	workers->latency = config->latency;
	workers->list = calloc(workers->n, sizeof(struct worker *));
	if (config->markers)
		workers->readers =
			calloc(workers->n, sizeof(struct marker_reader *));
	if (!workers->list || (config->markers && !workers->readers)) {
		free_workers(workers);
		return NULL;
	}
	for (unsigned i = 0; workers->readers && i < workers->n; i++) {
		workers->readers[i] =
			marker_reader_new(config->flows, config->latency);
		if (!workers->readers[i]) {
			free_workers(workers);
			return NULL;
		}
	}
	return workers;
}

int workers_start(struct workers **ret, const struct workers_config *config,
		  struct pktio_error *reterr)
{
	struct workers *workers = new_workers(config);
	int r = 0;

	if (!workers)
		return error_set(reterr, -ENOMEM, "out of memory");
	for (unsigned i = 0; r == 0 && i < workers->n; i++) {
		struct worker_config one = {
			.receiver = config->receiver,
			.config = config->config,
			.cpu = config->cpus[i],
			.index = i,
			.count = workers->n,
			.deadline = config->deadline,
			.stalled = config->stalled,
			.markers = workers->readers ? workers->readers[i] :
						      NULL,
		};

		r = worker_start(&workers->list[i], &one, reterr);
		workers->running += r == 0;
	}
	if (r < 0) {
		struct worker_result ignored;

		for (unsigned i = 0; i < workers->running; i++)
			worker_stop(workers->list[i], &ignored, reterr);
		free_workers(workers);
		return r;
	}
	*ret = workers;
	return 0;
}

void workers_resume(struct workers *workers)
{
	for (unsigned i = 0; i < workers->n; i++)
		worker_resume(workers->list[i]);
}

uint64_t workers_received(const struct workers *workers)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < workers->n; i++)
		n += worker_received(workers->list[i]);
	return n;
}

bool workers_done(const struct workers *workers)
{
	for (unsigned i = 0; i < workers->n; i++)
		if (!worker_done(workers->list[i]))
			return false;
	return true;
}

bool workers_wait_for_cpu(const struct workers *workers)
{
	for (unsigned i = 0; i < workers->n; i++)
		if (worker_waits_for_cpu(workers->list[i]))
			return true;
	return false;
}

/* ---- Results ------------------------------------------------------------ */

static void add(struct worker_result *sum, const struct worker_result *one)
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

/* A flow is split if its frames, of either direction, were received on more
 * than one ring. */
static void count_flows(const struct workers *workers,
			struct workers_result *ret)
{
	for (uint32_t flow = 0; flow < workers->flows; flow++) {
		size_t both = 2 * (size_t)flow;
		unsigned rings = 0;

		for (unsigned i = 0; i < workers->n; i++)
			rings += workers->readers[i]->seen[both] ||
				 workers->readers[i]->seen[both + 1];
		ret->flows += rings > 0;
		ret->split += rings > 1;
	}
}

static int merge_readers(const struct workers *workers,
			 struct workers_result *ret)
{
	if (!workers->readers)
		return 0;
	count_flows(workers, ret);
	for (unsigned i = 0; i < workers->n; i++)
		ret->foreign += workers->readers[i]->foreign;
	if (!workers->latency)
		return 0;
	ret->latency = calloc(1, sizeof(*ret->latency));
	if (!ret->latency)
		return -ENOMEM;
	for (unsigned i = 0; i < workers->n; i++)
		histogram_merge(ret->latency, workers->readers[i]->latency);
	return 0;
}

int workers_stop(struct workers *workers, struct workers_result *ret,
		 struct pktio_error *reterr)
{
	int r = 0;

	*ret = (struct workers_result){ .total = { .counted = true },
					.n = workers->n };
	ret->workers = calloc(workers->n, sizeof(*ret->workers));
	for (unsigned i = 0; i < workers->n; i++) {
		struct worker_result one;
		struct pktio_error reason;
		int error = worker_stop(workers->list[i], &one, &reason);

		if (error < 0 && r == 0) {
			r = error;
			if (reterr)
				*reterr = reason;
		}
		add(&ret->total, &one);
		if (ret->workers)
			ret->workers[i] = one;
	}
	if (!ret->workers || merge_readers(workers, ret) < 0)
		r = error_set(reterr, -ENOMEM, "out of memory");
	free_workers(workers);
	if (r < 0)
		workers_result_free(ret);
	return r;
}

void workers_result_free(struct workers_result *result)
{
	free(result->workers);
	free(result->latency);
	result->workers = NULL;
	result->latency = NULL;
}
