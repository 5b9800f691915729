/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors with words, and what was probably meant. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <pktio/backend.h>

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

#define LONGEST_NAME 64U

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Insertions, deletions and replacements that make `b` of `a`. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[LONGEST_NAME + 1];
	unsigned la = (unsigned)strnlen(a, LONGEST_NAME);
	unsigned lb = (unsigned)strnlen(b, LONGEST_NAME);

	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *error_nearest(const char *said, const char *const *names)
{
	const char *nearest = NULL;
	unsigned least = 1 + (unsigned)strnlen(said, LONGEST_NAME) / 3;

	for (; *names; names++) {
		unsigned distance = edit_distance(said, *names);

		if (distance <= least) {
			least = distance - (distance > 0);
			nearest = *names;
		}
	}
	return nearest;
}

int pktio_fail(struct pktio_ring *r, int code, const char *format, ...)
{
	int n = snprintf(r->error, sizeof(r->error), "%s: ", r->ops->name);
	va_list args;

	va_start(args, format);
	vsnprintf(r->error + n, sizeof(r->error) - (size_t)n, format, args);
	va_end(args);
	return code;
}

const char *pktio_strerror(const struct pktio_ring *r)
{
	return r->error;
}
