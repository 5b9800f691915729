/* SPDX-License-Identifier: BSD-3-Clause */
/* Speeds, rates and times as users write them, whatever the locale is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "util/clock.h"

#include "replay.h"

#define MAX_DIGITS 18U
#define LAST_YEAR 2553 /* whole, whose ns since 1970 are known to 64 bits */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads "2.5" with up to `decimals` digits behind the point, as a number of
 * units of the last of them. The end of it, or NULL if it is no such number.
 */
static const char *parse_decimal(uint64_t *ret, const char *text,
				 unsigned decimals)
{
	const char *at = text;
	uint64_t value = 0;
	unsigned behind = 0;

	for (; is_digit(*at); at++)
		value = value * 10 + (uint64_t)(*at - '0');
	if (at == text || (size_t)(at - text) + decimals > MAX_DIGITS)
		return NULL;
	if (*at == '.') {
		for (at++; is_digit(*at) && behind < decimals; at++, behind++)
			value = value * 10 + (uint64_t)(*at - '0');
		if (behind == 0 || is_digit(*at))
			return NULL;
	}
	for (; behind < decimals; behind++)
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
			"option 'speed' is 'max' or how many times as fast as recorded, from 0.000001 to 1000000, like 2.5; not '%s'",
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
		"option 'rate' is a number of frames or bits a second above 0, with pps, kpps, Mpps, bps, kbps, Mbps or Gbps behind it, like 100kpps; not '%s'",
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
			"options 'speed' and 'rate' exclude each other; give one of them");
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
		unsigned decimals; /* of it, down to ns */
	} units[] = { { "s", 9 }, { "ms", 6 }, { "us", 3 }, { "ns", 0 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *end = parse_decimal(ret, text, units[i].decimals);

		if (end &&
		    (strcmp(end, units[i].name) == 0 || (*ret == 0 && !*end)))
			return true;
	}
	return false;
}

/* `n` digits and the character behind them. */
static const char *parse_field(int *ret, const char *text, unsigned n,
			       char behind)
{
	*ret = 0;
	for (unsigned i = 0; text && i < n; i++) {
		if (!is_digit(*text))
			return NULL;
		*ret = *ret * 10 + (*text++ - '0');
	}
	if (text && behind && *text++ != behind)
		return NULL;
	return text;
}

/* What timegm() would otherwise turn into another date. */
static bool is_date(const struct tm *t, time_t seconds)
{
	struct tm back;

	return gmtime_r(&seconds, &back) && back.tm_mon == t->tm_mon &&
	       back.tm_mday == t->tm_mday && back.tm_hour == t->tm_hour &&
	       back.tm_min == t->tm_min && back.tm_sec == t->tm_sec;
}

/* "2026-01-31T12:00:00Z", or with a fraction of the second. */
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
		"option '%s' is a time since the first frame, like 90s or 1.5ms, or one in UTC, like 2026-01-31T12:00:00Z; not '%s'",
		option, text);
	return -EINVAL;
}
