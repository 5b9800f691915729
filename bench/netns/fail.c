/* SPDX-License-Identifier: BSD-3-Clause */
/* Error codes with messages. */
#include "netns/fail.h"

#include <stdarg.h>
#include <stdio.h>

int bench_fail(struct pktio_error *reterr, int code, const char *format, ...)
{
	va_list args;

	if (reterr) {
		reterr->code = code;
		va_start(args, format);
		vsnprintf(reterr->text, sizeof(reterr->text), format, args);
		va_end(args);
	}
	return code;
}
