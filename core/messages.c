/* SPDX-License-Identifier: BSD-3-Clause */
/* The last error and the notices of a ring. */
#include <stdarg.h>
#include <stdio.h>

#include <pktio/backend.h>

const char *pktio_version(void)
{
	return PKTIO_VERSION;
}

#define NOTICES (sizeof(((struct pktio_ring *)0)->notices) / PKTIO_TEXT)

__attribute__((format(printf, 3, 0))) static void
set_text(char *ret, const struct pktio_ring *r, const char *format,
	 va_list args)
{
	int n = snprintf(ret, PKTIO_TEXT, "%s: ", r->ops->name);

	vsnprintf(ret + n, PKTIO_TEXT - (size_t)n, format, args);
}

int pktio_fail(struct pktio_ring *r, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(r->error, r, format, args);
	va_end(args);
	return code;
}

const char *pktio_last_error(const struct pktio_ring *r)
{
	return r->error;
}

void pktio_note(struct pktio_ring *r, const char *format, ...)
{
	va_list args;

	if (r->notices_written - r->notices_read == NOTICES)
		r->notices_read++;
	va_start(args, format);
	set_text(r->notices[r->notices_written++ % NOTICES], r, format, args);
	va_end(args);
}

const char *pktio_next_notice(struct pktio_ring *r)
{
	if (r->notices_read == r->notices_written)
		return NULL;
	return r->notices[r->notices_read++ % NOTICES];
}
