/* SPDX-License-Identifier: BSD-3-Clause */
/* Options: each entry in the option tables of the backends is tested. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Both variants of af_packet have the same options. */
#define FIXTURE_ONE_PATH
#include "contract/fixture.h"
#include "support/expect.h"
#include <pktio/backend.h>

/* All options of the backend; a NULL name ends the list. */
static const struct pktio_opt *options_of(const struct fixture *fx)
{
	static struct pktio_opt options[65];
	const struct pktio_backend *b = pktio_backend_find(fx->backend->name);

	REQUIRE(b);
	for (unsigned i = 0; i < 65; i++) {
		options[i] = (struct pktio_opt)PKTIO_OPT_INIT;
		if (pktio_backend_opt(b, i, &options[i]) < 0)
			break;
	}
	return options;
}

/* Opens the source with these settings, and closes it. Returns the result. */
static int try(struct fixture *fx, const struct pktio_setting *settings,
	       size_t n, struct pktio_error *error)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .settings = settings,
					      .nsettings = n };
	struct pktio_ring *ring = NULL;
	char uri[256];
	int r;

	snprintf(uri, sizeof(uri), "%s%s", fx->source, fx->query);
	*error = (struct pktio_error){ 0 };
	r = pktio_open(&ring, uri, &args, error);
	REQUIRE_EQ(r == 0, ring != NULL);
	pktio_close(ring);
	return r;
}

static int try_one(struct fixture *fx, const char *name, const char *value,
		   struct pktio_error *error)
{
	const struct pktio_setting setting = { name, value };

	return try(fx, &setting, 1, error);
}

/* Expects the code, and an error text with backend, option and `message`. */
static void expect_failure(const struct fixture *fx, int r, int code,
			   const char *option, const char *message,
			   const struct pktio_error *error)
{
	const char *backend = fx->backend->name;
	size_t len = strlen(backend);
	char quoted[80];

	snprintf(quoted, sizeof(quoted), "'%s'", option);
	EXPECT_EQ(r, code, "%s: %d: %s", option, r, error->text);
	EXPECT_EQ(error->code, code);
	EXPECT(strncmp(error->text, backend, len) == 0 &&
		       error->text[len] == ':',
	       "%s", error->text);
	EXPECT_CONTAINS(error->text, quoted);
	EXPECT_CONTAINS(error->text, message);
}

static bool is_number(const struct pktio_opt *o)
{
	return o->type == PKTIO_OPT_UINT || o->type == PKTIO_OPT_SIZE ||
	       o->type == PKTIO_OPT_TIME;
}

PROPERTY(every_option_has_one_line_of_help_and_a_valid_default, ALL)
{
	struct pktio_error error;

	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	fx->query[0] = '\0';
	for (const struct pktio_opt *o = options_of(fx); o->name; o++) {
		EXPECT(o->doc && *o->doc && !strchr(o->doc, '\n'), "%s",
		       o->name);
		EXPECT_EQ(!o->initial, o->flags & PKTIO_OPT_REQUIRED, "%s",
			  o->name);
		if (o->initial)
			EXPECT_EQ(try_one(fx, o->name, o->initial, &error), 0,
				  "%s: %s", o->name, error.text);
	}
}

PROPERTY(a_number_out_of_range_fails_with_the_range, ALL)
{
	for (const struct pktio_opt *o = options_of(fx); o->name; o++) {
		const char *unit = o->type == PKTIO_OPT_TIME ? "ns" : "";
		struct pktio_error error;
		char value[40];

		if (!is_number(o))
			continue;
		EXPECT_LT(o->min, o->max, "%s", o->name);
		if (o->max < UINT64_MAX) {
			snprintf(value, sizeof(value), "%" PRIu64 "%s",
				 o->max + 1, unit);
			expect_failure(fx, try_one(fx, o->name, value, &error),
				       -ERANGE, o->name, "the range is",
				       &error);
		}
		if (o->min > 0) {
			snprintf(value, sizeof(value), "%" PRIu64 "%s",
				 o->min - 1, unit);
			expect_failure(fx, try_one(fx, o->name, value, &error),
				       -ERANGE, o->name, "the range is",
				       &error);
		}
	}
}

PROPERTY(a_value_of_the_wrong_type_fails_with_the_right_type, ALL)
{
	static const char *const message[] = {
		[PKTIO_OPT_BOOL] = "must be yes or no",
		[PKTIO_OPT_UINT] = "must be a whole number",
		[PKTIO_OPT_SIZE] = "must be a size",
		[PKTIO_OPT_TIME] = "must be a time",
		[PKTIO_OPT_ENUM] = "use one of",
		[PKTIO_OPT_FLAGS] = "use one or more",
	};
	static const char *const wrong[] = { "quux", "", "-1", "1x" };
	struct pktio_error error;

	for (const struct pktio_opt *o = options_of(fx); o->name; o++) {
		if (o->type == PKTIO_OPT_STRING)
			continue;
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			expect_failure(fx,
				       try_one(fx, o->name, wrong[i], &error),
				       -EINVAL, o->name, message[o->type],
				       &error);
		if (o->flags & PKTIO_OPT_POW2)
			expect_failure(fx, try_one(fx, o->name, "3", &error),
				       -EINVAL, o->name, "a power of two",
				       &error);
	}
}

PROPERTY(every_listed_choice_of_an_option_is_known, ALL)
{
	struct pktio_error error;

	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	fx->query[0] = '\0';
	for (const struct pktio_opt *o = options_of(fx); o->name; o++) {
		if (o->type != PKTIO_OPT_ENUM && o->type != PKTIO_OPT_FLAGS)
			continue;
		for (const struct pktio_opt_value *v = o->values; v->name;
		     v++) {
			/*
			 * The device may not support the value, which is
			 * another error.
			 */
			try_one(fx, o->name, v->name, &error);
			EXPECT(!strstr(error.text, "has no value"), "%s",
			       error.text);
			EXPECT(v->doc && *v->doc, "%s", v->name);
		}
	}
}

PROPERTY(an_unknown_option_fails_with_a_suggestion, ALL)
{
	const struct pktio_opt *all = options_of(fx);
	struct pktio_error error;
	char typo[80];

	for (const struct pktio_opt *o = all; o->name; o++) {
		char message[128];

		/* The nearest name is that of the option itself. */
		snprintf(typo, sizeof(typo), "%s-", o->name);
		snprintf(message, sizeof(message), "did you mean '%s'?",
			 o->name);
		expect_failure(fx, try_one(fx, typo, "1", &error), -EINVAL,
			       typo, message, &error);
	}
	expect_failure(fx, try_one(fx, "nothing-like-this-at-all", "1", &error),
		       -EINVAL, "nothing-like-this-at-all", "no option",
		       &error);
	EXPECT(!strstr(error.text, "did you mean"), "%s", error.text);
}

PROPERTY(a_renamed_option_fails_with_the_new_name, ALL)
{
	const struct pktio_backend *b = pktio_backend_find(fx->backend->name);
	struct pktio_error error;

	for (const struct pktio_renamed_opt *renamed = b->renamed;
	     renamed && renamed->old_name; renamed++) {
		const struct pktio_opt *o = options_of(fx);
		char message[128] = "it was removed";
		int r = try_one(fx, renamed->old_name, "1", &error);

		if (renamed->new_name) {
			while (o->name &&
			       strcmp(o->name, renamed->new_name) != 0)
				o++;
			EXPECT(o->name, "'%s' is not an option",
			       renamed->new_name);
			snprintf(message, sizeof(message), "it is now '%s'",
				 renamed->new_name);
		}
		expect_failure(fx, r, -EINVAL, renamed->old_name, message,
			       &error);
	}
}

PROPERTY(an_option_given_twice_fails, ALL)
{
	for (const struct pktio_opt *o = options_of(fx); o->name; o++) {
		const struct pktio_setting both[] = {
			{ o->name, o->initial ? o->initial : "1" },
			{ o->name, o->initial ? o->initial : "1" },
		};
		struct pktio_error error;

		expect_failure(fx, try(fx, both, 2, &error), -EINVAL, o->name,
			       "is given twice", &error);
	}
}

PROPERTY(a_required_option_that_is_missing_fails, ALL)
{
	unsigned required = 0;
	struct pktio_error error;
	int r;

	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	fx->query[0] = '\0';
	for (const struct pktio_opt *o = options_of(fx); o->name; o++)
		required += o->flags & PKTIO_OPT_REQUIRED ? 1 : 0;
	r = try(fx, NULL, 0, &error);
	EXPECT_EQ(r == 0, required == 0, "%s", error.text);
	if (required)
		EXPECT_CONTAINS(error.text, "is required");
}

PROPERTY(a_mistyped_backend_fails_with_a_suggestion, ALL)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	char message[128];
	char uri[80];

	snprintf(uri, sizeof(uri), "%sx:", fx->backend->name);
	snprintf(message, sizeof(message),
		 "no backend '%sx'; did you mean '%s'?", fx->backend->name,
		 fx->backend->name);
	EXPECT_EQ(pktio_open(&ring, uri, NULL, &error), -ENOENT);
	EXPECT_STR(error.text, message);
	EXPECT(!ring);
}
