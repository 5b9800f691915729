/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Typed options. The table of a backend is the only source for parsing, for
 * messages and for help, so they always agree.
 */
#include "opt.h"
#include "util/error.h"
#include "util/nearest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* The largest unit first: formatting takes the first that divides. */
static const struct unit size_units[] = {
	{ "T", UINT64_C(1) << 40 },
	{ "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 },
	{ "", 1 },
	{ NULL, 0 },
};
static const struct unit time_units[] = {
	{ "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 },
	{ "ns", 1 },         { NULL, 0 },
};
static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };

static const struct unit *units_of(enum pktio_opt_type type)
{
	if (type == PKTIO_OPT_SIZE)
		return size_units;
	return type == PKTIO_OPT_TIME ? time_units : no_units;
}

void opt_format(char *ret, size_t size, enum pktio_opt_type type,
		uint64_t value)
{
	const struct unit *u = units_of(type);

	while (u[1].name && (value < u->factor || value % u->factor))
		u++;
	snprintf(ret, size, "%" PRIu64 "%s", value / u->factor, u->name);
}

/* Parses a number with one of these units, such as 64K. */
static bool parse_number(const char *text, const struct unit *units,
			 uint64_t *ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long number;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, hex ? 16 : 10);
	if (errno)
		return false;
	for (const struct unit *u = units; u->name; u++) {
		bool fits = number <= UINT64_MAX / u->factor;

		if (!strcasecmp(end, u->name)) {
			*ret = fits ? number * u->factor : UINT64_MAX;
			return fits;
		}
	}
	/* Zero needs no unit. */
	*ret = 0;
	return number == 0 && *end == '\0';
}

static bool parse_bool(const char *text, bool *ret)
{
	static const char *const words[] = { "no",  "yes", "false", "true",
					     "off", "on",  "0",     "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i])) {
			*ret = i % 2;
			return true;
		}
	}
	return false;
}

static const struct pktio_opt_value *
find_value(const struct pktio_opt_value *values, const char *name, size_t len)
{
	for (; values->name; values++)
		if (strlen(values->name) == len &&
		    !strncmp(values->name, name, len))
			return values;
	return NULL;
}

static int fail_value(const struct opt_parser *p,
		      const struct pktio_opt_decl *o, const char *said,
		      size_t len, struct pktio_error *reterr)
{
	char list[160] = "";
	size_t used = 0;

	for (const struct pktio_opt_value *v = o->values; v->name; v++) {
		int n = snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", v->name);

		if (n < 0 || (size_t)n >= sizeof(list) - used)
			break;
		used += (size_t)n;
	}
	return error_set(reterr, -EINVAL,
			 "%s: option '%s' has no value '%.*s'; use %s %s",
			 p->backend, o->name, (int)len, said,
			 o->type == PKTIO_OPT_FLAGS ?
				 "one or more (joined by '+') of" :
				 "one of",
			 list);
}

static int set_choice(const struct opt_parser *p,
		      const struct pktio_opt_decl *o, const char *text,
		      uint64_t *ret, struct pktio_error *reterr)
{
	uint64_t bits = 0;

	if (o->type == PKTIO_OPT_FLAGS && !strcmp(text, "none")) {
		*ret = 0;
		return 0;
	}
	for (;;) {
		size_t len = o->type == PKTIO_OPT_FLAGS ? strcspn(text, "+") :
							  strlen(text);
		const struct pktio_opt_value *v =
			find_value(o->values, text, len);

		if (!v)
			return fail_value(p, o, text, len, reterr);
		bits |= v->value;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*ret = bits;
	return 0;
}

static const char *const type_texts[] = {
	[PKTIO_OPT_BOOL] = "yes or no",
	[PKTIO_OPT_UINT] = "a whole number",
	[PKTIO_OPT_SIZE] = "a size such as 64K or 1M",
	[PKTIO_OPT_TIME] = "a time such as 250us or 10ms",
};

static uint64_t nearest_power(uint64_t value, uint64_t min)
{
	uint64_t power = 1;

	while (power < min || (power < UINT64_C(1) << 63 && power * 2 <= value))
		power *= 2;
	return power;
}

static int set_number(const struct opt_parser *p,
		      const struct pktio_opt_decl *o, const char *text,
		      uint64_t *ret, struct pktio_error *reterr)
{
	uint64_t value;
	char least[32];
	char most[32];
	char nearest[32];

	if (!parse_number(text, units_of(o->type), &value))
		return error_set(reterr, -EINVAL,
				 "%s: option '%s' must be %s, not '%s'",
				 p->backend, o->name, type_texts[o->type],
				 text);
	if (value < o->min || value > o->max) {
		opt_format(least, sizeof(least), o->type, o->min);
		opt_format(most, sizeof(most), o->type, o->max);
		return error_set(
			reterr, -ERANGE,
			"%s: option '%s': '%s' is out of range; the range is %s to %s",
			p->backend, o->name, text, least, most);
	}
	if (o->flags & PKTIO_OPT_POW2 && value & (value - 1)) {
		opt_format(nearest, sizeof(nearest), o->type,
			   nearest_power(value, o->min));
		return error_set(
			reterr, -EINVAL,
			"%s: option '%s' must be a power of two, not '%s'; the next lower one is %s",
			p->backend, o->name, text, nearest);
	}
	*ret = value;
	return 0;
}

static int set_value(const struct opt_parser *p, const struct pktio_opt_decl *o,
		     const char *text, struct pktio_error *reterr)
{
	void *place = (char *)p->conf + o->offset;

	switch (o->type) {
	case PKTIO_OPT_BOOL:
		if (parse_bool(text, place))
			return 0;
		return error_set(reterr, -EINVAL,
				 "%s: option '%s' must be %s, not '%s'",
				 p->backend, o->name, type_texts[o->type],
				 text);
	case PKTIO_OPT_ENUM:
	case PKTIO_OPT_FLAGS:
		return set_choice(p, o, text, place, reterr);
	case PKTIO_OPT_STRING:
		memcpy(place, &text, sizeof(text));
		return 0;
	default:
		return set_number(p, o, text, place, reterr);
	}
}

int opt_begin(struct opt_parser *p, const struct pktio_backend *backend,
	      void *conf, struct pktio_error *reterr)
{
	*p = (struct opt_parser){ .backend = backend->name,
				  .opts = backend->opts,
				  .renamed = backend->renamed,
				  .conf = conf };
	for (const struct pktio_opt_decl *o = p->opts; o && o->name; o++) {
		int r = o->initial ? set_value(p, o, o->initial, reterr) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int fail_unknown(const struct opt_parser *p, const char *name,
			struct pktio_error *reterr)
{
	const char *names[OPT_MAX];
	const char *nearest;
	size_t n = 0;

	for (const struct pktio_renamed_opt *o = p->renamed; o && o->old_name;
	     o++) {
		if (strcmp(o->old_name, name) != 0)
			continue;
		if (!o->new_name)
			return error_set(reterr, -EINVAL,
					 "%s: no option '%s'; it was removed",
					 p->backend, name);
		return error_set(reterr, -EINVAL,
				 "%s: no option '%s'; it is now '%s'",
				 p->backend, name, o->new_name);
	}
	for (const struct pktio_opt_decl *o = p->opts; o && o->name; o++)
		names[n++] = o->name;
	nearest = nearest_name(name, names, n);
	if (nearest)
		return error_set(reterr, -EINVAL,
				 "%s: no option '%s'; did you mean '%s'?",
				 p->backend, name, nearest);
	return error_set(reterr, -EINVAL, "%s: no option '%s'", p->backend,
			 name);
}

int opt_set(struct opt_parser *p, const char *name, const char *value,
	    struct pktio_error *reterr)
{
	const struct pktio_opt_decl *o = p->opts;
	bool *seen = p->seen;

	while (o && o->name && strcmp(o->name, name) != 0) {
		o++;
		seen++;
	}
	if (!o || !o->name)
		return fail_unknown(p, name, reterr);
	if (*seen)
		return error_set(reterr, -EINVAL,
				 "%s: option '%s' is given twice", p->backend,
				 name);
	*seen = true;
	return set_value(p, o, value, reterr);
}

int opt_end(const struct opt_parser *p, struct pktio_error *reterr)
{
	const bool *seen = p->seen;

	for (const struct pktio_opt_decl *o = p->opts; o && o->name;
	     o++, seen++)
		if (o->flags & PKTIO_OPT_REQUIRED && !*seen)
			return error_set(reterr, -EINVAL,
					 "%s: option '%s' is required: %s",
					 p->backend, o->name, o->doc);
	return 0;
}
