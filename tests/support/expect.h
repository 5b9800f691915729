/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_EXPECT_H
#define PKTIO_TESTS_EXPECT_H

/*
 * The checks of all tests. EXPECT continues after a failure, REQUIRE ends the
 * test. Each reports the place and the compared values; a format and its
 * arguments may follow, to report more.
 *
 * They replace Criterion's own macros, which expand to code so deeply nested
 * that clang-tidy finds any test of several checks too complex.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <criterion/criterion.h>

#define EXPECT(condition, ...) \
	EXPECT_TRUE(false, (condition), #condition, __VA_ARGS__)
#define REQUIRE(condition, ...) \
	EXPECT_TRUE(true, (condition), #condition, __VA_ARGS__)

/* Integers of any type. */
#define EXPECT_EQ(a, b, ...) \
	EXPECT_COMPARE(false, a, ==, b, #a " == " #b, __VA_ARGS__)
#define EXPECT_NE(a, b, ...) \
	EXPECT_COMPARE(false, a, !=, b, #a " != " #b, __VA_ARGS__)
#define EXPECT_LT(a, b, ...) \
	EXPECT_COMPARE(false, a, <, b, #a " < " #b, __VA_ARGS__)
#define EXPECT_LE(a, b, ...) \
	EXPECT_COMPARE(false, a, <=, b, #a " <= " #b, __VA_ARGS__)
#define EXPECT_GT(a, b, ...) \
	EXPECT_COMPARE(false, a, >, b, #a " > " #b, __VA_ARGS__)
#define EXPECT_GE(a, b, ...) \
	EXPECT_COMPARE(false, a, >=, b, #a " >= " #b, __VA_ARGS__)
#define REQUIRE_EQ(a, b, ...) \
	EXPECT_COMPARE(true, a, ==, b, #a " == " #b, __VA_ARGS__)
#define REQUIRE_NE(a, b, ...) \
	EXPECT_COMPARE(true, a, !=, b, #a " != " #b, __VA_ARGS__)
#define REQUIRE_LT(a, b, ...) \
	EXPECT_COMPARE(true, a, <, b, #a " < " #b, __VA_ARGS__)
#define REQUIRE_LE(a, b, ...) \
	EXPECT_COMPARE(true, a, <=, b, #a " <= " #b, __VA_ARGS__)
#define REQUIRE_GT(a, b, ...) \
	EXPECT_COMPARE(true, a, >, b, #a " > " #b, __VA_ARGS__)
#define REQUIRE_GE(a, b, ...) \
	EXPECT_COMPARE(true, a, >=, b, #a " >= " #b, __VA_ARGS__)

/* Strings; NULL is equal to NULL alone. */
#define EXPECT_STR(a, b, ...) \
	expect_str(EXPECT_HERE(false), (a), (b), #a, ": " __VA_ARGS__)
#define REQUIRE_STR(a, b, ...) \
	expect_str(EXPECT_HERE(true), (a), (b), #a, ": " __VA_ARGS__)
/* The string contains the other string. */
#define EXPECT_CONTAINS(a, b, ...) \
	expect_contains(EXPECT_HERE(false), (a), (b), #a, ": " __VA_ARGS__)

/* `size` bytes at two addresses. */
#define EXPECT_BYTES(a, b, size, ...)                                     \
	expect_bytes(EXPECT_HERE(false), (a), (b), (size), #a " and " #b, \
		     ": " __VA_ARGS__)
#define REQUIRE_BYTES(a, b, size, ...)                                   \
	expect_bytes(EXPECT_HERE(true), (a), (b), (size), #a " and " #b, \
		     ": " __VA_ARGS__)

/* ---- What the macros expand to ------------------------------------------ */

#define EXPECT_HERE(fatal) \
	((struct expect_place){ __FILE__, __LINE__, (fatal) })
#define EXPECT_TRUE(fatal, condition, what, ...) \
	expect_true(EXPECT_HERE(fatal), condition, what, ": " __VA_ARGS__)
#define EXPECT_COMPARE(fatal, a, op, b, what, ...)               \
	expect_compare(EXPECT_HERE(fatal), (expect_int)(a), #op, \
		       (expect_int)(b), what, ": " __VA_ARGS__)

/* Where a check is, and whether its failure ends the test. */
struct expect_place {
	const char *file;
	int line;
	bool fatal;
};

/* Holds every value of int64_t and of uint64_t. */
__extension__ typedef __int128 expect_int;

#define EXPECT_PRINTF(n, first) __attribute__((format(printf, n, first)))

void expect_true(struct expect_place at, bool holds, const char *what,
		 const char *format, ...) EXPECT_PRINTF(4, 5);
void expect_compare(struct expect_place at, expect_int a, const char *op,
		    expect_int b, const char *what, const char *format, ...)
	EXPECT_PRINTF(6, 7);
void expect_str(struct expect_place at, const char *a, const char *b,
		const char *what, const char *format, ...) EXPECT_PRINTF(5, 6);
void expect_contains(struct expect_place at, const char *a, const char *b,
		     const char *what, const char *format, ...)
	EXPECT_PRINTF(5, 6);
void expect_bytes(struct expect_place at, const void *a, const void *b,
		  size_t size, const char *what, const char *format, ...)
	EXPECT_PRINTF(6, 7);

#endif
