/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals, the progress line, and temporary files. */
#include "system/process.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/clock.h"

/* ---- Signals ------------------------------------------------------------ */

/* A signal can arrive twice: timeout(1) sends it to the process and then to its
 * process group. */
#define REPEAT_NS (500 * NS_PER_MS)

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

#define SIGNALS (sizeof(signals) / sizeof(*signals))

static volatile sig_atomic_t pending, child;
static uint64_t first;

static void handle(int number)
{
	if (!pending) {
		pending = 1;
		first = clock_ns(CLOCK_MONOTONIC);
		if (child)
			kill((pid_t)child, SIGTERM);
	} else if (clock_ns(CLOCK_MONOTONIC) - first > REPEAT_NS) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

void interrupt_install(void)
{
	struct sigaction action = { .sa_handler = handle };
	struct sigaction before;

	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&action.sa_mask, signals[i]);
	for (size_t i = 0; i < SIGNALS; i++)
		/* nohup(1) ignores SIGHUP; leave that as it is. */
		if (signals[i] != SIGHUP ||
		    (sigaction(SIGHUP, NULL, &before) == 0 &&
		     before.sa_handler != SIG_IGN))
			sigaction(signals[i], &action, NULL);
}

bool interrupt_pending(void)
{
	return pending;
}

void interrupt_forward(pid_t pid)
{
	child = (sig_atomic_t)pid;
	if (pending && pid > 0)
		kill(pid, SIGTERM);
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(how, &set, NULL);
}

void interrupt_block(void)
{
	mask(SIG_BLOCK);
}

void interrupt_unblock(void)
{
	mask(SIG_UNBLOCK);
}

/* ---- Progress ----------------------------------------------------------- */

/* Whether standard error is a terminal. -1: not checked yet. */
static int terminal = -1;
static bool shown;

/* The expected number of runs, the number of runs done, and their start. */
static unsigned expected, done;
static uint64_t started;

void progress_expect(unsigned runs)
{
	expected = runs;
	done = 0;
	started = clock_ns(CLOCK_MONOTONIC);
}

void progress_step(void)
{
	done++;
}

/* Estimates the remaining time from the mean time of the runs so far. */
static void show_remaining(void)
{
	double seconds =
		(double)(clock_ns(CLOCK_MONOTONIC) - started) / NS_PER_S;

	if (done >= expected)
		return;
	fprintf(stderr, "  run %u of %u", done + 1, expected);
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
	show_remaining();
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

/* ---- Temporary files ---------------------------------------------------- */

char *temporary_path(void)
{
	const char *directory = getenv("TMPDIR");
	char *path;

	return asprintf(&path, "%s/pktio-bench-XXXXXX",
			directory && *directory ? directory : "/tmp") < 0 ?
		       NULL :
		       path;
}
