/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/expect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The one place where a check of Criterion's expands. */
static void report(bool fatal, bool holds, const char *text)
{
	cr_expect(holds, "%s", text);
	if (fatal && !holds)
		criterion_abort_test();
}

void expect_true(const char *file, int line, bool fatal, bool holds,
		 const char *what, const char *format, ...)
{
	char said[512];
	char text[768];
	va_list args;

	/* Words may be there only if it does not hold. */
	if (holds) {
		report(fatal, true, "");
		return;
	}
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "%s:%d: %s: %s", file, line, what, said);
	report(fatal, false, text);
}

void expect_eq(const char *file, int line, bool fatal, int64_t a, int64_t b,
	       const char *what)
{
	char text[512];

	snprintf(text, sizeof(text), "%s:%d: %s: %" PRId64 " is not %" PRId64,
		 file, line, what, a, b);
	report(fatal, a == b, text);
}

void expect_str(const char *file, int line, const char *a, const char *b,
		const char *what)
{
	bool same = a && b ? !strcmp(a, b) : a == b;
	char text[1024];

	snprintf(text, sizeof(text), "%s:%d: %s is\n  '%s', not\n  '%s'", file,
		 line, what, a ? a : "(null)", b ? b : "(null)");
	report(false, same, text);
}
