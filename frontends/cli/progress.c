/* SPDX-License-Identifier: BSD-3-Clause */
/* A progress line on a terminal. */
#include "progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "util/clock.h"

#define INTERVAL 0.2 /* s */

static bool enabled, shown;
static double began, last; /* s */

static double now(void)
{
	return (double)clock_ns(CLOCK_MONOTONIC_COARSE) / (double)NS_PER_S;
}

void progress_begin(void)
{
	enabled = isatty(STDERR_FILENO);
	began = now();
	last = began;
}

void progress_show(uint64_t frames, uint64_t bytes)
{
	double t;

	if (!enabled)
		return;
	t = now();
	if (t - last < INTERVAL)
		return;
	last = t;
	shown = true;
	fprintf(stderr, "\r\033[K%" PRIu64 " frames, %.1f MB, %.0f s", frames,
		(double)bytes / 1e6, t - began);
	fflush(stderr);
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
