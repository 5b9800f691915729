/* SPDX-License-Identifier: BSD-3-Clause */
/* Error messages of the command. */
#include "diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

#define MAX_NAME 32U

/* Edit distance: letters to insert, delete or replace to get from a to b. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[MAX_NAME + 1];
	size_t n = strlen(b);

	if (strlen(a) > MAX_NAME || n > MAX_NAME)
		return MAX_NAME;
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

const char *closest_name(const char *word, const char *const *names, unsigned n)
{
	const char *best = NULL;
	unsigned least = 3; /* a larger distance is no typing error */

	for (unsigned i = 0; i < n; i++) {
		unsigned d = distance(word, names[i]);

		if (d < least && d < strlen(word)) {
			least = d;
			best = names[i];
		}
	}
	return best;
}
