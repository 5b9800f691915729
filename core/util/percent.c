/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/percent.h"

#include <string.h>

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);

	return c && at ? (int)(at - digits) : -1;
}

/* The byte of the two hexadecimal digits at `in`; -1: not two digits. */
static int hex_byte(const char *in)
{
	int high = hex_digit(in[0]);
	int low = high < 0 ? -1 : hex_digit(in[1]);

	return low < 0 ? -1 : high << 4 | low;
}

bool percent_decode(char *text)
{
	char *out = text;

	for (const char *in = strchr(text, '%'); in; in = strchr(in + 1, '%'))
		if (hex_byte(in + 1) <= 0)
			return false;
	for (const char *in = text; *in; in++) {
		char c = *in;

		if (c == '%') {
			c = (char)hex_byte(in + 1);
			in += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}
