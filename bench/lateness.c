/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How late do the frames of a file come that is replayed? With shift=now a
 * frame's time is the one at which it is due, so that it can be compared with
 * the clock the moment that pktio_recv() returns it.
 */
#include "lateness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "interrupt.h"
#include "place.h"
#include "traffic.h"

#define BURST 64U
#define BIN 100U     /* ns */
#define BINS 100000U /* so up to 10 ms; later ones are in the last */
#define NS_PER_US 1000.0

struct lateness {
	uint32_t bins[BINS];
	uint64_t frames, most; /* ns */
};

static void note(struct lateness *l, uint64_t ns)
{
	uint64_t bin = ns / BIN;

	l->bins[bin < BINS ? bin : BINS - 1]++;
	l->frames++;
	l->most = ns > l->most ? ns : l->most;
}

/* Frames that were less than this late, in ns. */
static uint64_t below(const struct lateness *l, uint64_t ns)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < ns / BIN && i < BINS; i++)
		n += l->bins[i];
	return n;
}

/* So late, in us, was the frame after this share of all. */
static double quantile(const struct lateness *l, double share)
{
	uint64_t rank = (uint64_t)(share * (double)l->frames);
	uint64_t n = 0;
	size_t i = 0;

	while (i < BINS - 1 && (n += l->bins[i]) <= rank)
		i++;
	return i == BINS - 1 ? (double)l->most / NS_PER_US :
			       (double)((i + 1) * BIN) / NS_PER_US;
}

static void print(FILE *out, const struct lateness *l, double seconds,
		  double cpu)
{
	static const uint64_t limits[] = {
		1000,   2000,   5000,   10000,   20000,    50000,
		100000, 200000, 500000, 1000000, 10000000,
	};
	uint64_t done = 0;

	fprintf(out, "%" PRIu64 " frames in %.1f s, %.1f %% of a CPU\n",
		l->frames, seconds, 100 * cpu / seconds);
	fprintf(out,
		"late by: p50 %.1f us, p90 %.1f us, p99 %.1f us, p99.9 %.1f us, max %.1f us\n",
		quantile(l, 0.5), quantile(l, 0.9), quantile(l, 0.99),
		quantile(l, 0.999), (double)l->most / NS_PER_US);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		uint64_t n = below(l, limits[i]);

		fprintf(out, "  below %5" PRIu64 " us %10" PRIu64 " %8.3f %%\n",
			limits[i] / 1000, n - done,
			100 * (double)(n - done) / (double)l->frames);
		done = n;
	}
	fprintf(out, "  more           %10" PRIu64 "\n", l->frames - done);
}

/* Until the end, or the time is over. */
static int receive(struct lateness *l, struct pktio_ring *ring, uint64_t end,
		   struct pktio_error *reterr)
{
	struct pktio_frame frames[BURST];
	int n = 0;

	while (clock_now() < end && !interrupt_came()) {
		uint64_t now;

		n = pktio_wait(ring, 100);
		if (n > 0)
			n = pktio_recv(ring, frames, BURST);
		if (n < 0)
			break;
		now = clock_read(CLOCK_REALTIME);
		for (int i = 0; i < n; i++)
			note(l, now > frames[i].ts ? now - frames[i].ts : 0);
		pktio_release(ring, frames, (unsigned)n);
	}
	if (n < 0 && n != PKTIO_EOF)
		return bench_fail(reterr, n, "%s", pktio_strerror(ring));
	if (l->frames == 0)
		return bench_fail(reterr, -EINVAL, "not one frame was due");
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
	struct pktio_setting settings[OPTIONS_MOST_SETTINGS + 2];
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
		bench_fail(reterr, r, "out of memory");
	free(uri);
	return r;
}

int lateness_measure(FILE *out, const struct options *options,
		     struct pktio_error *reterr)
{
	struct lateness *l = calloc(1, sizeof(*l));
	struct pktio_ring *ring = NULL;
	struct placement placement = { 0 };
	uint64_t start;
	uint64_t cpu;
	int r = -ENOMEM;

	if (!l)
		return bench_fail(reterr, r, "out of memory");
	r = place_choose(&placement, NULL, false, reterr);
	if (r == 0)
		r = open_replay(&ring, options, reterr);
	if (r == 0) {
		place_bind(placement.receiver);
		start = clock_now();
		cpu = clock_read(CLOCK_THREAD_CPUTIME_ID);
		r = receive(l, ring,
			    start + (uint64_t)(options->seconds * NS_PER_S),
			    reterr);
		cpu = clock_read(CLOCK_THREAD_CPUTIME_ID) - cpu;
		if (r == 0)
			print(out, l, (double)(clock_now() - start) / NS_PER_S,
			      (double)cpu / NS_PER_S);
	}
	pktio_close(ring);
	free(placement.topology);
	free(l);
	return r;
}
