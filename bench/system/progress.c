/* SPDX-License-Identifier: BSD-3-Clause */
/* What is going on, for somebody who waits. */
#include "system/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "system/clock.h"

/* Asked once: standard error does not change. -1: not asked yet. */
static int terminal = -1;
static bool shown;

/* Trials that are known to come, those that are over, and since when. */
static unsigned expected, done;
static uint64_t began;

void progress_expect(unsigned trials)
{
	expected = trials;
	done = 0;
	began = clock_now();
}

void progress_step(void)
{
	done++;
}

/* As long as those before it took, on average. */
static void show_rest(void)
{
	double seconds = (double)(clock_now() - began) / NS_PER_S;

	if (done >= expected)
		return;
	fprintf(stderr, "  trial %u of %u", done + 1, expected);
	if (done > 0)
		fprintf(stderr, ", about %.0f s left",
			seconds / done * (expected - done));
}

void progress_show(const char *format, ...)
{
	va_list args;

	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (!terminal)
		return;
	fputs("\r\033[K", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	show_rest();
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
