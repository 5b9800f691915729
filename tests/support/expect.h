/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_EXPECT_H
#define PKTIO_TESTS_EXPECT_H

/*
 * Criterion's checks as function calls. What its own macros expand to is so
 * deeply nested that any test of several checks is too complex for clang-tidy.
 *
 * EXPECT goes on after a failure, REQUIRE ends the test.
 */

#include <stdbool.h>
#include <stdint.h>

#include <criterion/criterion.h>

#define EXPECT_HERE __FILE__, __LINE__

/* The condition, then a format and its arguments for when it does not hold. */
#define EXPECT(condition, ...) \
	expect_true(EXPECT_HERE, false, (condition), #condition, __VA_ARGS__)
#define REQUIRE(condition, ...) \
	expect_true(EXPECT_HERE, true, (condition), #condition, __VA_ARGS__)
/* Of any integer types. */
#define EXPECT_EQ(a, b) \
	expect_eq(EXPECT_HERE, false, (int64_t)(a), (int64_t)(b), #a " == " #b)
#define REQUIRE_EQ(a, b) \
	expect_eq(EXPECT_HERE, true, (int64_t)(a), (int64_t)(b), #a " == " #b)
#define EXPECT_STR(a, b) expect_str(EXPECT_HERE, (a), (b), #a)

void expect_true(const char *file, int line, bool fatal, bool holds,
		 const char *what, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void expect_eq(const char *file, int line, bool fatal, int64_t a, int64_t b,
	       const char *what);
void expect_str(const char *file, int line, const char *a, const char *b,
		const char *what);

#endif
