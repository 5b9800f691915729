/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct pktio_error *reterr, int code, const char *format, ...)
{
	if (reterr) {
		va_list args;

		va_start(args, format);
		reterr->code = code;
		vsnprintf(reterr->text, sizeof(reterr->text), format, args);
		va_end(args);
	}
	return code;
}
