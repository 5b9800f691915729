/* SPDX-License-Identifier: BSD-3-Clause */
/* What is going on, for somebody who waits. */
#include "progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Asked once: standard error does not change. -1: not asked yet. */
static int terminal = -1;
static bool shown;

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
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
