/* SPDX-License-Identifier: BSD-3-Clause */
/* Error messages of the command. */
#include "diagnostics.h"

#include <stdarg.h>
#include <stdio.h>

#include "progress.h"

int print_error(int status, const char *format, ...)
{
	va_list args;

	progress_clear();
	fputs("pktio: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}
