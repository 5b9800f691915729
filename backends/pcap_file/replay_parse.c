/* SPDX-License-Identifier: BSD-3-Clause */
/* Parsing of speeds, rates and times, independent of the locale. */
#include "replay_parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "util/clock.h"

#define MAX_DIGITS 18U
#define LAST_YEAR 2553 /* its last ns since 1970 fits in 64 bits */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Parses "2.5" with up to `decimals` digits after the point, as a number of
 * units of the last digit. Returns the end of the number; NULL: not such a
 * number.
 */
static const char *parse_decimal(uint64_t *ret, const char *text,
				 unsigned decimals)
{
	const char *at = text;
	uint64_t value = 0;
	unsigned places = 0;

	for (; is_digit(*at); at++)
		value = value * 10 + (uint64_t)(*at - '0');
	if (at == text || (size_t)(at - text) + decimals > MAX_DIGITS)
		return NULL;
	if (*at == '.') {
		for (at++; is_digit(*at) && places < decimals; at++, places++)
			value = value * 10 + (uint64_t)(*at - '0');
		if (places == 0 || is_digit(*at))
			return NULL;
	}
	for (; places < decimals; places++)
		value *= 10;
	*ret = value;
	return at;
}

/* ---- Pace --------------------------------------------------------------- */

#define DECIMALS 6U /* of REPLAY_ONE */
#define MAX_SPEED (UINT64_C(1000000) * REPLAY_ONE)

static int parse_speed(struct replay_pace *ret, const char *text, char *reason,
		       size_t size)
{
	uint64_t value = 0;
	const char *end;

	if (strcasecmp(text, "max") == 0)
		return 0;
	end = parse_decimal(&value, text, DECIMALS);
	if (!end || *end || value == 0 || value > MAX_SPEED) {
		snprintf(
			reason, size,
			"option 'speed' is 'max' or a factor from 0.000001 to 1000000, such as 2.5; not '%s'",
			text);
		return -EINVAL;
	}
	*ret = (struct replay_pace){ REPLAY_SPEED, value };
	return 0;
}

static int parse_rate(struct replay_pace *ret, const char *text, char *reason,
		      size_t size)
{
	static const struct {
		const char *name;
		uint64_t factor;
	} prefixes[] = {
		{ "", 1 }, { "k", 1000 }, { "M", 1000000 }, { "G", 1000000000 }
	};
	uint64_t value = 0;
	const char *unit = parse_decimal(&value, text, DECIMALS);
	size_t prefix = unit && *unit && strlen(unit) > 3 ? 1 : 0;

	for (size_t i = 0; unit && value > 0 && i < 4; i++) {
		bool frames = strcasecmp(unit + prefix, "pps") == 0;

		if (strlen(prefixes[i].name) != prefix ||
		    strncasecmp(unit, prefixes[i].name, prefix) != 0 ||
		    (!frames && strcasecmp(unit + prefix, "bps") != 0) ||
		    value > UINT64_MAX / prefixes[i].factor)
			continue;
		*ret = (struct replay_pace){ frames ? REPLAY_FRAMES :
						      REPLAY_BITS,
					     value * prefixes[i].factor };
		return 0;
	}
	snprintf(
		reason, size,
		"option 'rate' is a number above 0 with the unit pps, kpps, Mpps, bps, kbps, Mbps or Gbps, such as 100kpps; not '%s'",
		text);
	return -EINVAL;
}

int replay_parse_pace(struct replay_pace *ret, const struct replay_conf *conf,
		      char *reason, size_t size)
{
	int r;

	*ret = (struct replay_pace){ REPLAY_FREE, REPLAY_ONE };
	r = parse_speed(ret, conf->speed, reason, size);
	if (r < 0 || !conf->rate[0])
		return r;
	if (ret->unit != REPLAY_FREE) {
		snprintf(
			reason, size,
			"options 'speed' and 'rate' exclude each other; use one of them");
		return -EINVAL;
	}
	return parse_rate(ret, conf->rate, reason, size);
}

/* ---- Times -------------------------------------------------------------- */

/* "90s", "1.5ms"; 0 needs no unit. */
static bool parse_offset(uint64_t *ret, const char *text)
{
	static const struct {
		const char *name;
		unsigned decimals; /* from the unit to ns */
	} units[] = { { "s", 9 }, { "ms", 6 }, { "us", 3 }, { "ns", 0 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *end = parse_decimal(ret, text, units[i].decimals);

		if (end &&
		    (strcmp(end, units[i].name) == 0 || (*ret == 0 && !*end)))
			return true;
	}
	return false;
}

/* Parses `n` digits and the character after them. */
static const char *parse_field(int *ret, const char *text, unsigned n, char end)
{
	*ret = 0;
	for (unsigned i = 0; text && i < n; i++) {
		if (!is_digit(*text))
			return NULL;
		*ret = *ret * 10 + (*text++ - '0');
	}
	if (text && end && *text++ != end)
		return NULL;
	return text;
}

/* Whether timegm() kept the date: it changes February 30 to March 2. */
static bool is_date(const struct tm *t, time_t seconds)
{
	struct tm back;

	return gmtime_r(&seconds, &back) && back.tm_mon == t->tm_mon &&
	       back.tm_mday == t->tm_mday && back.tm_hour == t->tm_hour &&
	       back.tm_min == t->tm_min && back.tm_sec == t->tm_sec;
}

/* "2026-01-31T12:00:00Z", also with a fraction of the second. */
static bool parse_date(uint64_t *ret, const char *text)
{
	struct tm t = { 0 };
	struct tm copy;
	int year;
	const char *at = parse_field(&year, text, 4, '-');
	uint64_t fraction = 0;
	time_t seconds;

	at = parse_field(&t.tm_mon, at, 2, '-');
	at = parse_field(&t.tm_mday, at, 2, 0);
	if (!at || (*at != 'T' && *at != 't' && *at != ' '))
		return false;
	at = parse_field(&t.tm_hour, at + 1, 2, ':');
	at = parse_field(&t.tm_min, at, 2, ':');
	at = parse_field(&t.tm_sec, at, 2, 0);
	if (at && *at == '.') {
		char number[32];
		const char *end;

		snprintf(number, sizeof(number), "0%.*s",
			 (int)strcspn(at, "Zz"), at);
		end = parse_decimal(&fraction, number, 9);
		if (!end || *end)
			return false;
		at += strcspn(at, "Zz");
	}
	if (!at || (*at != 'Z' && *at != 'z') || at[1])
		return false;
	t.tm_mon--;
	t.tm_year = year - 1900;
	copy = t;
	seconds = timegm(&copy);
	if (year < 1970 || year > LAST_YEAR || !is_date(&t, seconds))
		return false;
	*ret = (uint64_t)seconds * NS_PER_S + fraction;
	return true;
}

int replay_parse_time(struct replay_time *ret, const char *option,
		      const char *text, char *reason, size_t size)
{
	*ret = (struct replay_time){ .given = text[0] };
	if (!text[0] || parse_offset(&ret->ns, text))
		return 0;
	ret->absolute = true;
	if (parse_date(&ret->ns, text))
		return 0;
	snprintf(
		reason, size,
		"option '%s' is a time after the first frame, such as 90s or 1.5ms, or a UTC time, such as 2026-01-31T12:00:00Z; not '%s'",
		option, text);
	return -EINVAL;
}
