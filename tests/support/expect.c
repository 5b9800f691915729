/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/expect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The only checks of Criterion. */
static void pass(void)
{
	cr_expect(true);
}

static void fail(bool fatal, const char *text)
{
	cr_expect(false, "%s", text);
	if (fatal)
		criterion_abort_test();
}

/*
 * Reports a failure: the check with its values, and the message of the test,
 * which starts with ": " and may be empty after that.
 */
__attribute__((format(printf, 3, 0))) static void report(struct expect_place at,
							 const char *check,
							 const char *format,
							 va_list args)
{
	char message[512];
	char text[2048];

	vsnprintf(message, sizeof(message), format, args);
	snprintf(text, sizeof(text), "%s:%d: %s%s", at.file, at.line, check,
		 message[2] ? message : "");
	fail(at.fatal, text);
}

void expect_true(struct expect_place at, bool holds, const char *what,
		 const char *format, ...)
{
	va_list args;

	/* The arguments may be valid only if the check fails. */
	if (holds) {
		pass();
		return;
	}
	va_start(args, format);
	report(at, what, format, args);
	va_end(args);
}

static bool compare(expect_int a, const char *op, expect_int b)
{
	bool or_equal = op[1] == '=';

	switch (op[0]) {
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return a < b || (or_equal && a == b);
	default:
		return a > b || (or_equal && a == b);
	}
}

/* The digits of a number. */
static const char *print(char ret[24], expect_int value)
{
	if (value < 0)
		snprintf(ret, 24, "%" PRId64, (int64_t)value);
	else
		snprintf(ret, 24, "%" PRIu64, (uint64_t)value);
	return ret;
}

void expect_compare(struct expect_place at, expect_int a, const char *op,
		    expect_int b, const char *what, const char *format, ...)
{
	char digits[2][24];
	char check[512];
	va_list args;

	if (compare(a, op, b)) {
		pass();
		return;
	}
	snprintf(check, sizeof(check), "%s: not %s %s %s", what,
		 print(digits[0], a), op, print(digits[1], b));
	va_start(args, format);
	report(at, check, format, args);
	va_end(args);
}

void expect_str(struct expect_place at, const char *a, const char *b,
		const char *what, const char *format, ...)
{
	char check[1024];
	va_list args;

	if (a && b ? !strcmp(a, b) : a == b) {
		pass();
		return;
	}
	snprintf(check, sizeof(check), "%s is\n  '%s', not\n  '%s'", what,
		 a ? a : "(null)", b ? b : "(null)");
	va_start(args, format);
	report(at, check, format, args);
	va_end(args);
}

void expect_contains(struct expect_place at, const char *a, const char *b,
		     const char *what, const char *format, ...)
{
	char check[1024];
	va_list args;

	if (a && strstr(a, b)) {
		pass();
		return;
	}
	snprintf(check, sizeof(check), "%s is\n  '%s', without\n  '%s'", what,
		 a ? a : "(null)", b);
	va_start(args, format);
	report(at, check, format, args);
	va_end(args);
}

void expect_bytes(struct expect_place at, const void *a, const void *b,
		  size_t size, const char *what, const char *format, ...)
{
	const uint8_t *ours = a;
	const uint8_t *theirs = b;
	char check[512];
	va_list args;
	size_t i = 0;

	while (i < size && ours[i] == theirs[i])
		i++;
	if (i == size) {
		pass();
		return;
	}
	snprintf(check, sizeof(check),
		 "%s differ at byte %zu of %zu: 0x%02x, not 0x%02x", what, i,
		 size, ours[i], theirs[i]);
	va_start(args, format);
	report(at, check, format, args);
	va_end(args);
}
