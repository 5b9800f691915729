/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/output.h"

#include <stdlib.h>
#include <string.h>

/* The length of the first character; 0: it is not UTF-8. */
static size_t character(const char *text)
{
	for (size_t length = 1; length <= 4 && text[length - 1]; length++) {
		json_t *one = json_stringn(text, length);

		json_decref(one);
		if (one)
			return length;
	}
	return 0;
}

json_t *output_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	const size_t size = sizeof(replacement) - 1;
	json_t *value;
	char *copy;
	size_t n = 0;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	copy = malloc(size * strlen(text));
	while (copy && *text) {
		size_t length = character(text);

		memcpy(copy + n, length ? text : replacement,
		       length ? length : size);
		n += length ? length : size;
		text += length ? length : 1;
	}
	value = copy ? json_stringn(copy, n) : NULL;
	free(copy);
	return value;
}
