/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said when something is wrong. */
#include "diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"

int complain(int status, const char *format, ...)
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

#define LONGEST 32U

/* Letters to insert, to leave out and to change to get from a to b. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1];
	size_t n = strlen(b);

	if (strlen(a) > LONGEST || n > LONGEST)
		return LONGEST;
	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		unsigned diagonal = row[0]++;

		for (size_t j = 0; j < n; j++) {
			unsigned changed = diagonal + (a[i] != b[j]);
			unsigned other = row[j] < row[j + 1] ? row[j] :
							       row[j + 1];

			diagonal = row[j + 1];
			row[j + 1] = changed <= other ? changed : other + 1;
		}
	}
	return row[n];
}

const char *nearest(const char *said, const char *const *names, unsigned n)
{
	const char *best = NULL;
	unsigned least = 3; /* so many are too many */

	for (unsigned i = 0; i < n; i++) {
		unsigned d = distance(said, names[i]);

		if (d < least && d < strlen(said)) {
			least = d;
			best = names[i];
		}
	}
	return best;
}
