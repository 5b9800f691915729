/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/nearest.h"

#include <string.h>

#define LONGEST_NAME 64U

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* The number of letters to insert, delete or replace to get from a to b. */
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

const char *nearest_name(const char *word, const char *const *names, size_t n)
{
	const char *nearest = NULL;
	unsigned least = 1 + (unsigned)strnlen(word, LONGEST_NAME) / 3;

	for (size_t i = 0; i < n; i++) {
		unsigned distance = edit_distance(word, names[i]);

		if (distance <= least) {
			least = distance - (distance > 0);
			nearest = names[i];
		}
	}
	return nearest;
}
