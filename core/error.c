/* SPDX-License-Identifier: BSD-3-Clause */
/* The last error of a ring. */
#include <stdarg.h>
#include <stdio.h>

#include <pktio/backend.h>

int pktio_fail(struct pktio_ring *r, int code, const char *format, ...)
{
	int n = snprintf(r->error, sizeof(r->error), "%s: ", r->ops->name);
	va_list args;

	va_start(args, format);
	vsnprintf(r->error + n, sizeof(r->error) - (size_t)n, format, args);
	va_end(args);
	return code;
}

const char *pktio_last_error(const struct pktio_ring *r)
{
	return r->error;
}
