/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Measures the jitter of a replay: how late pktio_recv() returns the frames of
 * a file. With shift=now the time of a frame is the time at which it is due, so
 * it can be compared with the clock.
 */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"
#include "output/output.h"
#include "system/process.h"
#include "system/topology.h"
#include "traffic/traffic.h"
#include "util/clock.h"
#include "util/error.h"

#define BURST 64U

static double quantile(const struct histogram *h, double share)
{
	return (double)histogram_quantile(h, share) / NS_PER_US;
}

/* The result of the measurement. */
struct replay_jitter {
	struct histogram histogram;
	struct placement placement;
	double seconds, cpu;
};

static void print(FILE *out, const struct replay_jitter *jitter)
{
	const struct histogram *h = &jitter->histogram;
	static const uint64_t limits[] = {
		1000,   2000,   5000,   10000,   20000,    50000,
		100000, 200000, 500000, 1000000, 10000000,
	};
	uint64_t done = 0;

	fprintf(out, "%" PRIu64 " frames in %.1f s, %.1f %% of a CPU\n", h->n,
		jitter->seconds, 100 * jitter->cpu / jitter->seconds);
	fprintf(out,
		"delay: p50 %.1f us, p90 %.1f us, p99 %.1f us, p99.9 %.1f us, max %.1f us\n",
		quantile(h, 0.5), quantile(h, 0.9), quantile(h, 0.99),
		quantile(h, 0.999), (double)h->max / NS_PER_US);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		uint64_t n = histogram_below(h, limits[i]);

		fprintf(out, "  below %5" PRIu64 " us %10" PRIu64 " %8.3f %%\n",
			limits[i] / 1000, n - done,
			100 * (double)(n - done) / (double)h->n);
		done = n;
	}
	fprintf(out, "  above          %10" PRIu64 "\n", h->n - done);
}

/* The report; docs/bench.md describes it. */
static json_t *report(const struct replay_jitter *jitter,
		      const struct options *o)
{
	json_t *points = json_array();
	uint64_t seen = 0;
	uint64_t ns = 0;
	uint64_t n;
	size_t at = 0;

	while ((n = histogram_next(&jitter->histogram, &at, &ns)) > 0)
		json_array_append_new(
			points,
			json_pack("{s:I, s:f, s:I}", "x", (json_int_t)ns, "y",
				  (double)(seen += n) /
					  (double)jitter->histogram.n,
				  "count", (json_int_t)n));
	return json_pack(
		"{s:i, s:s, s:s, s:o, s:{s:s, s:o, s:f, s:o}, s:{s:I, s:f, s:f, s:o}, s:b, s:[{s:s, s:s, s:n, s:{s:s, s:s}, s:{s:s, s:s}, s:o}]}",
		"schema", OUTPUT_SCHEMA, "version", pktio_version(), "mode",
		options_mode_name(o->mode), "machine",
		output_machine(&jitter->placement), "options", "backend",
		o->backend, "uri",
		output_text(o->target ? o->target : o->traffic), "time",
		o->seconds, "arguments", output_arguments(o), "replay_jitter",
		"frames", (json_int_t)jitter->histogram.n, "seconds",
		jitter->seconds, "cpu_share", jitter->cpu / jitter->seconds,
		"latency", output_latency(&jitter->histogram), "interrupted",
		(int)interrupt_pending(), "series", "name", "latency_cdf",
		"receiver", o->backend, "scenario", "x", "name", "latency_ns",
		"unit", "ns", "y", "name", "latency_cdf", "unit", "share",
		"points", points);
}

/* Receives until the end of the file or of the time. */
static int receive(struct histogram *h, struct pktio_ring *ring, uint64_t end,
		   struct pktio_error *reterr)
{
	struct pktio_frame frames[BURST];
	int n = 0;

	while (clock_ns(CLOCK_MONOTONIC) < end && !interrupt_pending()) {
		uint64_t now;

		n = pktio_wait(ring, 100);
		if (n > 0)
			n = pktio_recv(ring, frames, BURST);
		if (n < 0)
			break;
		now = clock_ns(CLOCK_REALTIME);
		for (int i = 0; i < n; i++)
			histogram_add(
				h, now > frames[i].ts ? now - frames[i].ts : 0);
		pktio_release(ring, frames, (unsigned)n);
	}
	if (n < 0 && n != PKTIO_EOF)
		return error_set(reterr, n, "%s", pktio_last_error(ring));
	if (h->n == 0)
		return error_set(
			reterr, -EINVAL,
			"--replay-jitter: no frame was due within --time");
	return 0;
}

static bool is_given(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->nsettings; i++)
		if (strcmp(o->settings[i].name, name) == 0)
			return true;
	return false;
}

static int open_replay(struct pktio_ring **ret, const struct options *o,
		       struct pktio_error *reterr)
{
	struct pktio_setting settings[OPTIONS_MAX_SETTINGS + 2];
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = settings,
					.nsettings = o->nsettings };
	char *uri = traffic_uri(o->backend, o->target ? o->target : o->traffic);
	int r = -ENOMEM;

	memcpy(settings, o->settings, o->nsettings * sizeof(*settings));
	if (!is_given(o, "shift"))
		settings[args.nsettings++] =
			(struct pktio_setting){ "shift", "now" };
	if (!is_given(o, "speed") && !is_given(o, "rate"))
		settings[args.nsettings++] =
			(struct pktio_setting){ "speed", "1" };
	if (uri)
		r = pktio_open(ret, uri, &args, reterr);
	else
		error_set(reterr, r, "out of memory");
	free(uri);
	return r;
}

/* Receives, and measures elapsed time and CPU time. */
static int measure(struct replay_jitter *jitter, struct pktio_ring *ring,
		   const struct options *o, struct pktio_error *reterr)
{
	uint64_t start;
	uint64_t cpu;
	int r;

	affinity_set(jitter->placement.receiver);
	start = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	r = receive(&jitter->histogram, ring,
		    start + (uint64_t)(o->seconds * NS_PER_S), reterr);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	jitter->seconds =
		(double)(clock_ns(CLOCK_MONOTONIC) - start) / NS_PER_S;
	jitter->cpu = (double)cpu / NS_PER_S;
	return r;
}

int replay_jitter_measure(FILE *out, FILE *json, const struct options *options,
			  struct pktio_error *reterr)
{
	struct replay_jitter *jitter = calloc(1, sizeof(*jitter));
	struct pktio_ring *ring = NULL;
	int r = -ENOMEM;

	if (!jitter)
		return error_set(reterr, r, "out of memory");
	r = placement_choose(&jitter->placement, NULL, false, reterr);
	if (r == 0)
		r = open_replay(&ring, options, reterr);
	if (r == 0)
		r = measure(jitter, ring, options, reterr);
	if (r == 0)
		print(out, jitter);
	if (r == 0)
		r = report_output_write(options, json, report(jitter, options),
					reterr);
	pktio_close(ring);
	placement_free(&jitter->placement);
	free(jitter);
	return r;
}
