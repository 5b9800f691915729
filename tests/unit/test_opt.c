/* SPDX-License-Identifier: BSD-3-Clause */
/* Typed options: the accepted values, and the errors for the others. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "opt.h"
#include "support/expect.h"
#include "support/fake_backends.h"

static struct fake_conf conf;
static struct opt_parser parser;
static struct pktio_error error;

static void begin(void)
{
	int r = opt_begin(&parser, &fake_backend, &conf, &error);

	REQUIRE(r == 0, "%s", error.text);
}

/* As if no option was set before. */
static int set(const char *name, const char *value)
{
	memset(&error, 0, sizeof(error));
	memset(parser.seen, 0, sizeof(parser.seen));
	return opt_set(&parser, name, value, &error);
}

static void expect_number(const char *name, const char *value,
			  const uint64_t *place, uint64_t expected)
{
	int r = set(name, value);

	EXPECT(r == 0, "%s=%s: %s", name, value, error.text);
	EXPECT(*place == expected, "%s=%s: %" PRIu64 ", not %" PRIu64, name,
	       value, *place, expected);
}

static void expect_failure(const char *name, const char *value, int code,
			   const char *message)
{
	uint8_t before[sizeof(conf)];
	int r;

	memcpy(before, &conf, sizeof(conf));
	r = set(name, value);
	EXPECT(r == code, "%s=%s: %d, not %d", name, value, r, code);
	EXPECT_EQ(error.code, code);
	EXPECT_STR(error.text, message);
	EXPECT_BYTES(before, (const uint8_t *)&conf, sizeof(conf),
		     "%s=%s changed something", name, value);
}

TestSuite(opt, .init = begin);

Test(opt, defaults_are_set)
{
	EXPECT_EQ(conf.yes, false);
	EXPECT_EQ(conf.number, 5);
	EXPECT_EQ(conf.block_size, 65536);
	EXPECT_EQ(conf.wait, 10000000);
	EXPECT_EQ(conf.speed, 1);
	EXPECT_EQ(conf.flags, 3);
	EXPECT_STR(conf.text, "initially");
	EXPECT(!conf.other, "it is '%s'", conf.other);
}

Test(opt, every_word_for_yes_and_no_is_accepted)
{
	static const char *const message[] = { "no",  "yes", "false", "true",
					       "off", "on",  "0",     "1",
					       "NO",  "Yes" };

	for (size_t i = 0; i < sizeof(message) / sizeof(message[0]); i++) {
		conf.yes = i % 2 == 0;
		EXPECT_EQ(set("yes", message[i]), 0);
		EXPECT(conf.yes == (i % 2 == 1), "%s", message[i]);
	}
	expect_failure("yes", "maybe", -EINVAL,
		       "fake: option 'yes' must be yes or no, not 'maybe'");
	expect_failure("yes", "", -EINVAL,
		       "fake: option 'yes' must be yes or no, not ''");
	expect_failure("yes", "2", -EINVAL,
		       "fake: option 'yes' must be yes or no, not '2'");
}

Test(opt, whole_numbers_are_decimal_or_hexadecimal)
{
	expect_number("number", "1", &conf.number, 1);
	expect_number("number", "100", &conf.number, 100);
	expect_number("number", "0x1f", &conf.number, 31);
	expect_number("number", "0X1F", &conf.number, 31);
	expect_number("number", "010", &conf.number, 10);
	expect_number("any", "18446744073709551615", &conf.any, UINT64_MAX);
	expect_number("any", "0xffffffffffffffff", &conf.any, UINT64_MAX);
}

Test(opt, a_value_that_is_no_whole_number_fails)
{
	static const char *const bad[] = {
		"",    " 1", "1 ",  "-1", "+1",  "x",
		"1.5", "1K", "0xg", "0x", "1e3", "18446744073709551616"
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char message[128];

		snprintf(message, sizeof(message),
			 "fake: option 'any' must be a whole number, not '%s'",
			 bad[i]);
		expect_failure("any", bad[i], -EINVAL, message);
	}
}

Test(opt, sizes_are_in_powers_of_1024)
{
	expect_number("any-size", "7", &conf.any_size, 7);
	expect_number("any-size", "64K", &conf.any_size, 65536);
	expect_number("any-size", "64k", &conf.any_size, 65536);
	expect_number("any-size", "3M", &conf.any_size, 3 << 20);
	expect_number("any-size", "2G", &conf.any_size, UINT64_C(2) << 30);
	expect_number("any-size", "5T", &conf.any_size, UINT64_C(5) << 40);
	expect_number("any-size", "0x10K", &conf.any_size, 16384);
	expect_failure(
		"any-size", "64KB", -EINVAL,
		"fake: option 'any-size' must be a size such as 64K or 1M, not '64KB'");
	expect_failure(
		"any-size", "K", -EINVAL,
		"fake: option 'any-size' must be a size such as 64K or 1M, not 'K'");
}

Test(opt, times_have_units)
{
	expect_number("any-time", "100ns", &conf.any_time, 100);
	expect_number("any-time", "250us", &conf.any_time, 250000);
	expect_number("any-time", "10ms", &conf.any_time, 10000000);
	expect_number("any-time", "3s", &conf.any_time, 3000000000);
	expect_number("any-time", "3MS", &conf.any_time, 3000000);
	expect_failure(
		"any-time", "10", -EINVAL,
		"fake: option 'any-time' must be a time such as 250us or 10ms, not '10'");
	expect_failure(
		"any-time", "1h", -EINVAL,
		"fake: option 'any-time' must be a time such as 250us or 10ms, not '1h'");
}

Test(opt, zero_needs_no_unit_and_may_have_any)
{
	static const char *const sizes[] = { "0", "0K", "0M", "0G", "0T" };
	static const char *const times[] = { "0", "0s", "0ms", "0us", "0ns" };

	for (size_t i = 0; i < 5; i++) {
		conf.any_size = 1;
		conf.any_time = 1;
		expect_number("any-size", sizes[i], &conf.any_size, 0);
		expect_number("any-time", times[i], &conf.any_time, 0);
	}
	expect_failure(
		"any-time", "0K", -EINVAL,
		"fake: option 'any-time' must be a time such as 250us or 10ms, not '0K'");
}

Test(opt, a_value_that_overflows_in_its_unit_fails)
{
	expect_number("any-size", "16777215T", &conf.any_size,
		      UINT64_C(16777215) << 40);
	expect_failure(
		"any-size", "16777216T", -EINVAL,
		"fake: option 'any-size' must be a size such as 64K or 1M, not '16777216T'");
	expect_failure(
		"any-time", "18446744074s", -EINVAL,
		"fake: option 'any-time' must be a time such as 250us or 10ms, not '18446744074s'");
}

Test(opt, ranges_include_their_limits_and_are_reported_in_their_unit)
{
	expect_number("wait", "1us", &conf.wait, 1000);
	expect_number("wait", "1s", &conf.wait, 1000000000);
	expect_failure(
		"wait", "999ns", -ERANGE,
		"fake: option 'wait': '999ns' is out of range; the range is 1us to 1s");
	expect_failure(
		"wait", "1000000001ns", -ERANGE,
		"fake: option 'wait': '1000000001ns' is out of range; the range is 1us to 1s");
	expect_failure(
		"number", "0", -ERANGE,
		"fake: option 'number': '0' is out of range; the range is 1 to 100");
	expect_failure(
		"number", "101", -ERANGE,
		"fake: option 'number': '101' is out of range; the range is 1 to 100");
	expect_failure(
		"block-size", "2M", -ERANGE,
		"fake: option 'block-size': '2M' is out of range; the range is 4K to 1M");
}

Test(opt, a_value_must_be_a_power_of_two_where_required)
{
	expect_number("block-size", "4K", &conf.block_size, 4096);
	expect_number("block-size", "1M", &conf.block_size, 1 << 20);
	expect_failure(
		"block-size", "100K", -EINVAL,
		"fake: option 'block-size' must be a power of two, not '100K'; the next lower one is 64K");
	expect_failure(
		"block-size", "4097", -EINVAL,
		"fake: option 'block-size' must be a power of two, not '4097'; the next lower one is 4K");
}

Test(opt, a_choice_is_one_of_its_values)
{
	expect_number("speed", "fast", &conf.speed, 2);
	expect_failure(
		"speed", "fas", -EINVAL,
		"fake: option 'speed' has no value 'fas'; use one of slow, fast");
	expect_failure(
		"speed", "fast+slow", -EINVAL,
		"fake: option 'speed' has no value 'fast+slow'; use one of slow, fast");
	expect_failure(
		"speed", "", -EINVAL,
		"fake: option 'speed' has no value ''; use one of slow, fast");
	expect_failure(
		"speed", "none", -EINVAL,
		"fake: option 'speed' has no value 'none'; use one of slow, fast");
}

Test(opt, flags_are_joined_by_plus)
{
	expect_number("flags", "a", &conf.flags, 1);
	expect_number("flags", "long-one+a", &conf.flags, 5);
	expect_number("flags", "a+a", &conf.flags, 1);
	expect_number("flags", "a+b+long-one", &conf.flags, 7);
	expect_number("flags", "none", &conf.flags, 0);
	expect_failure(
		"flags", "a+c", -EINVAL,
		"fake: option 'flags' has no value 'c'; use one or more (joined by '+') of a, b, long-one");
	expect_failure(
		"flags", "a+", -EINVAL,
		"fake: option 'flags' has no value ''; use one or more (joined by '+') of a, b, long-one");
	expect_failure(
		"flags", "a+none", -EINVAL,
		"fake: option 'flags' has no value 'none'; use one or more (joined by '+') of a, b, long-one");
}

Test(opt, a_text_is_stored_unchanged)
{
	static const char text[] = "any +& text";

	EXPECT_EQ(set("text", text), 0);
	EXPECT(conf.text == text, "it was copied");
	EXPECT_EQ(set("text", ""), 0);
	EXPECT_STR(conf.text, "");
}

Test(opt, an_unknown_name_gets_the_nearest_suggestion)
{
	expect_failure(
		"blok-size", "64K", -EINVAL,
		"fake: no option 'blok-size'; did you mean 'block-size'?");
	expect_failure("Number", "1", -EINVAL,
		       "fake: no option 'Number'; did you mean 'number'?");
	expect_failure("temperature", "1", -EINVAL,
		       "fake: no option 'temperature'");
	expect_failure("", "1", -EINVAL, "fake: no option ''");
}

Test(opt, an_old_name_is_refused_with_the_new_one)
{
	expect_failure("rate", "1", -EINVAL,
		       "fake: no option 'rate'; it is now 'speed'");
	expect_failure("colour", "1", -EINVAL,
		       "fake: no option 'colour'; it was removed");
}

Test(opt, an_option_given_twice_fails)
{
	EXPECT_EQ(opt_set(&parser, "number", "1", &error), 0);
	EXPECT_EQ(opt_set(&parser, "number", "1", &error), -EINVAL);
	EXPECT_STR(error.text, "fake: option 'number' is given twice");
}

Test(opt, a_missing_required_option_is_named)
{
	static const struct pktio_opt_decl opts[] = {
		{ "a", "first", "1", PKTIO_OPT_UINT, 0, 0, 9, NULL,
		  offsetof(struct fake_conf, number) },
		{ "b", "second", NULL, PKTIO_OPT_UINT, PKTIO_OPT_REQUIRED, 0, 9,
		  NULL, offsetof(struct fake_conf, any) },
		{ NULL },
	};
	const struct pktio_backend needy = { .name = "needy", .opts = opts };

	REQUIRE_EQ(opt_begin(&parser, &needy, &conf, &error), 0);
	EXPECT_EQ(opt_end(&parser, &error), -EINVAL);
	EXPECT_STR(error.text, "needy: option 'b' is required: second");
	EXPECT_EQ(opt_set(&parser, "b", "0", &error), 0);
	EXPECT_EQ(opt_end(&parser, &error), 0);
}

Test(opt, errors_may_have_no_destination)
{
	memset(parser.seen, 0, sizeof(parser.seen));
	EXPECT_EQ(opt_set(&parser, "number", "0", NULL), -ERANGE);
	EXPECT_EQ(opt_set(&parser, "speed", "?", NULL), -EINVAL);
	EXPECT_EQ(opt_set(&parser, "nothing", "0", NULL), -EINVAL);
}

static void expect_format(enum pktio_opt_type type, uint64_t value,
			  const char *expected)
{
	char text[32];

	opt_format(text, sizeof(text), type, value);
	EXPECT_STR(text, expected);
}

Test(opt, numbers_are_formatted_in_their_largest_exact_unit)
{
	expect_format(PKTIO_OPT_SIZE, 0, "0");
	expect_format(PKTIO_OPT_SIZE, 1023, "1023");
	expect_format(PKTIO_OPT_SIZE, 1024, "1K");
	expect_format(PKTIO_OPT_SIZE, 1536, "1536");
	expect_format(PKTIO_OPT_SIZE, 3 << 20, "3M");
	expect_format(PKTIO_OPT_SIZE, UINT64_C(2) << 40, "2T");
	expect_format(PKTIO_OPT_TIME, 0, "0ns");
	expect_format(PKTIO_OPT_TIME, 1500, "1500ns");
	expect_format(PKTIO_OPT_TIME, 250000, "250us");
	expect_format(PKTIO_OPT_TIME, 3000000000, "3s");
	expect_format(PKTIO_OPT_UINT, 65536, "65536");
	expect_format(PKTIO_OPT_UINT, UINT64_MAX, "18446744073709551615");
}
