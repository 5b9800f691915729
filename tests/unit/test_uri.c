/* SPDX-License-Identifier: BSD-3-Clause */
/* URIs and settings: their parts, and the errors of invalid ones. */
#include <stdlib.h>
#include <string.h>

#include "support/expect.h"
#include "support/fake_backends.h"

static struct pktio_error error;

static struct fake *open_with(const char *uri,
			      const struct pktio_open_args *args)
{
	struct pktio_ring *ring = NULL;
	int r = pktio_open(&ring, uri, args, &error);

	REQUIRE(r == 0, "'%s': %s", uri, error.text);
	return (struct fake *)ring;
}

static void close_fake(struct fake *fake)
{
	EXPECT(!pktio_close(&fake->ring), "close returns NULL");
}

static void expect_failure(const char *uri, const struct pktio_open_args *args,
			   int code, const char *message)
{
	static struct fake none;
	struct pktio_ring *const before = &none.ring;
	struct pktio_ring *ring = before;
	int opened = fake_open_rings;
	int r = pktio_open(&ring, uri, args, &error);

	EXPECT(r == code, "'%s': %d, not %d", uri, r, code);
	EXPECT_EQ(error.code, code);
	EXPECT_STR(error.text, message);
	EXPECT(ring == before, "'%s' changed ret", uri);
	EXPECT_EQ(fake_open_rings, opened);
}

Test(uri, target_and_options_are_separated)
{
	struct fake *fake =
		open_with("fake:the/target?number=7&text=a b=c?d&yes=on", NULL);

	EXPECT_STR(fake->target, "the/target");
	EXPECT_EQ(fake->conf->number, 7);
	EXPECT_STR(fake->conf->text, "a b=c?d");
	EXPECT_EQ(fake->conf->yes, true);
	EXPECT_EQ(fake->mode, PKTIO_RECV);
	EXPECT_EQ(fake->index, 0);
	EXPECT_EQ(fake->count, 1);
	close_fake(fake);
}

Test(uri, a_target_may_contain_colons_and_equal_signs)
{
	struct fake *fake = open_with("fake:a:b=c&d:", NULL);

	EXPECT_STR(fake->target, "a:b=c&d:");
	close_fake(fake);
}

Test(uri, a_target_and_a_query_may_be_empty)
{
	static const char *const uris[] = { "fake:", "fake:?",
					    "plain:", "plain:?" };

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct fake *fake = open_with(uris[i], NULL);

		EXPECT_STR(fake->target, "");
		close_fake(fake);
	}
}

Test(uri, percent_signs_are_decoded_once_in_target_and_values)
{
	struct fake *fake = open_with(
		"fake:a%3Fb%2525%7e%C3%A4?text=x%26y%3d%25z&other=%20", NULL);

	EXPECT_STR(fake->target, "a?b%25~\xc3\xa4");
	EXPECT_STR(fake->conf->text, "x&y=%z");
	EXPECT_STR(fake->conf->other, " ");
	close_fake(fake);
}

#define PERCENT_WORDS \
	": % must be followed by two hexadecimal digits other than 00; write %25 for % itself"

Test(uri, a_percent_sign_needs_two_digits_other_than_00)
{
	expect_failure("fake:%", NULL, -EINVAL, "'%'" PERCENT_WORDS);
	expect_failure("fake:a%4", NULL, -EINVAL, "'a%4'" PERCENT_WORDS);
	expect_failure("fake:a%4g", NULL, -EINVAL, "'a%4g'" PERCENT_WORDS);
	expect_failure("fake:a%x4", NULL, -EINVAL, "'a%x4'" PERCENT_WORDS);
	expect_failure("fake:a%00b", NULL, -EINVAL, "'a%00b'" PERCENT_WORDS);
	expect_failure("fake:?text=%00", NULL, -EINVAL, "'%00'" PERCENT_WORDS);
	expect_failure("fake:?text=%@0", NULL, -EINVAL, "'%@0'" PERCENT_WORDS);
	expect_failure("fake:a%\x14\x11", NULL, -EINVAL,
		       "'a%\x14\x11'" PERCENT_WORDS);
	expect_failure("fake:?text=%1`", NULL, -EINVAL, "'%1`'" PERCENT_WORDS);
}

Test(uri, errors_quote_the_text_before_decoding)
{
	expect_failure("fake:a%41b%zz", NULL, -EINVAL,
		       "'a%41b%zz'" PERCENT_WORDS);
}

Test(uri, a_uri_without_a_backend_is_refused)
{
	expect_failure(
		"eth0", NULL, -EINVAL,
		"'eth0' names no backend; write backend:target, for example af_packet:eth0");
	expect_failure(
		"", NULL, -EINVAL,
		"'' names no backend; write backend:target, for example af_packet:eth0");
	expect_failure(
		":eth0", NULL, -EINVAL,
		"':eth0' names no backend; write backend:target, for example af_packet:eth0");
}

Test(uri, an_unknown_backend_gets_the_nearest_suggestion)
{
	expect_failure("fke:x", NULL, -ENOENT,
		       "no backend 'fke'; did you mean 'fake'?");
	expect_failure("something:x", NULL, -ENOENT, "no backend 'something'");
	expect_failure("../fake:x", NULL, -ENOENT,
		       "no backend '../fake'; did you mean 'fake'?");
}

Test(uri, an_option_needs_a_value)
{
	expect_failure("fake:?number", NULL, -EINVAL,
		       "fake: option 'number' has no value; write number=...");
	expect_failure("fake:?number=7&yes", NULL, -EINVAL,
		       "fake: option 'yes' has no value; write yes=...");
	expect_failure("fake:?=7", NULL, -EINVAL, "fake: no option ''");
	expect_failure("fake:?&number=7", NULL, -EINVAL,
		       "fake: option '' has no value; write =...");
	expect_failure("fake:?number=", NULL, -EINVAL,
		       "fake: option 'number' must be a whole number, not ''");
}

Test(uri, a_missing_required_option_is_reported)
{
	expect_failure(
		"needy:", NULL, -EINVAL,
		"needy: option 'needed' is required: what it cannot do without");
	close_fake(open_with("needy:?needed=0", NULL));
}

Test(uri, a_backend_without_options_refuses_options)
{
	expect_failure("plain:?number=1", NULL, -EINVAL,
		       "plain: no option 'number'");
}

Test(uri, settings_add_to_the_uri_without_quoting)
{
	char text[] = "50%25 & more?";
	const struct pktio_setting settings[] = { { "text", text },
						  { "other", "" },
						  { "number", "9" } };
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = settings,
					.nsettings = 3 };
	struct fake *fake = open_with("fake:there?yes=yes", &args);

	memset(text, 'x', sizeof(text) - 1);
	EXPECT_STR(fake->target, "there");
	EXPECT_STR(fake->conf->text, "50%25 & more?");
	EXPECT_STR(fake->conf->other, "");
	EXPECT_EQ(fake->conf->number, 9);
	EXPECT_EQ(fake->conf->yes, true);
	close_fake(fake);
}

Test(uri, an_option_in_uri_and_settings_is_a_duplicate)
{
	const struct pktio_setting settings[] = { { "number", "9" },
						  { "number", "9" } };
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = settings,
					.nsettings = 1 };

	expect_failure("fake:?number=9", &args, -EINVAL,
		       "fake: option 'number' is given twice");
	expect_failure("fake:?yes=1&yes=1", NULL, -EINVAL,
		       "fake: option 'yes' is given twice");
	args.nsettings = 2;
	expect_failure("fake:", &args, -EINVAL,
		       "fake: option 'number' is given twice");
}

Test(uri, a_long_error_is_truncated_to_its_buffer)
{
	enum { LONG = 100000 };
	char *uri = malloc(LONG + 1);
	struct pktio_ring *ring = NULL;

	REQUIRE(uri, "no memory");
	memset(uri, 'a', LONG);
	uri[LONG] = '\0';
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -EINVAL);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
	uri[LONG / 2] = ':';
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -ENOENT);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
	memcpy(uri, "fake:?", 6);
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -EINVAL);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
	uri[LONG / 2] = '=';
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -EINVAL);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
	memcpy(uri, "fake:?text=", 11);
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), 0);
	EXPECT(!pktio_close(ring), "closed");
	free(uri);
}

Test(uri, the_error_text_of_a_backend_reaches_the_caller)
{
	expect_failure("fake:broken", NULL, -EIO, "fake: it is broken");
	expect_failure("fake:mute", NULL, -EIO, "Input/output error");
	EXPECT_EQ(fake_closed_rings, 0);
}

Test(uri, an_error_may_have_no_destination)
{
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "eth0", NULL, NULL), -EINVAL);
	EXPECT_EQ(pktio_open(&ring, "no:", NULL, NULL), -ENOENT);
	EXPECT_EQ(pktio_open(&ring, "fake:%", NULL, NULL), -EINVAL);
	EXPECT_EQ(pktio_open(&ring, "fake:?number=0", NULL, NULL), -ERANGE);
	EXPECT_EQ(pktio_open(&ring, "fake:broken", NULL, NULL), -EIO);
}

Test(uri, a_successful_open_does_not_change_the_error)
{
	error.code = 42;
	close_fake(open_with("fake:", NULL));
	EXPECT_EQ(error.code, 42);
}

Test(uri, index_count_and_mode_are_checked)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = 2,
					.count = 3 };
	struct fake *fake = open_with("fake:", &args);

	EXPECT_EQ(fake->index, 2);
	EXPECT_EQ(fake->count, 3);
	close_fake(fake);
	args.index = 3;
	expect_failure(
		"fake:", &args, -EINVAL,
		"fake: there is no ring 3 of 3; the index of the first ring is 0");
	args = (struct pktio_open_args){ .size = sizeof(args),
					 .mode = PKTIO_SEND };
	expect_failure("plain:", &args, -ENOTSUP, "plain: cannot send");
	args.mode = 8;
	expect_failure("plain:", &args, -ENOTSUP, "plain: cannot receive");
	args.mode = PKTIO_RECV | PKTIO_SEND;
	fake = open_with("fake:", &args);
	EXPECT_EQ(fake->mode, PKTIO_RECV | PKTIO_SEND);
	close_fake(fake);
}
