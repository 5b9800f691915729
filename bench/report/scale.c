/* SPDX-License-Identifier: BSD-3-Clause */
/* Axes with round numbers, and numbers as text. */
#include "report/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum unit scale_unit(const char *name)
{
	static const struct {
		const char *name;
		enum unit unit;
	} units[] = {
		{ "frames/s", UNIT_RATE }, { "share", UNIT_SHARE },
		{ "ns", UNIT_NS },         { "ns/frame", UNIT_COST },
		{ "bytes", UNIT_BYTES },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].unit;
	return UNIT_PLAIN;
}

/* ---- Numbers ------------------------------------------------------------ */

/* Three significant digits, without trailing zeros. */
static void digits(char *ret, double value)
{
	double size = fabs(value);
	int places = size >= 100 || size == 0 ? 0 :
		     size >= 10               ? 1 :
		     size >= 1                ? 2 :
						3;
	char *dot;

	snprintf(ret, SCALE_TEXT_SIZE / 2, "%.*f", places, value);
	dot = strchr(ret, '.');
	if (!dot)
		return;
	for (char *end = ret + strlen(ret) - 1; end >= dot; end--) {
		if (*end != '0' && *end != '.')
			break;
		*end = '\0';
	}
}

struct step {
	double size;
	const char *name;
};

/* The largest step that is not larger than the number. */
static const struct step *step_of(const struct step *steps, double value)
{
	/* 999.6 is rounded to 1000, so it needs the next step. */
	while (steps->size > 1 && fabs(value) < 0.9995 * steps->size)
		steps++;
	return steps;
}

char *scale_write(char ret[SCALE_TEXT_SIZE], double value, enum unit unit)
{
	static const struct step counts[] = {
		{ 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" }
	};
	static const struct step times[] = {
		{ 1e9, " s" }, { 1e6, " ms" }, { 1e3, " us" }, { 1, " ns" }
	};
	static const struct step rates[] = { { 1e9, " GB/s" },
					     { 1e6, " MB/s" },
					     { 1e3, " kB/s" },
					     { 1, " B/s" } };
	const struct step *step;
	char number[SCALE_TEXT_SIZE / 2];

	if (!isfinite(value)) {
		snprintf(ret, SCALE_TEXT_SIZE, "-");
		return ret;
	}
	if (unit == UNIT_SHARE) {
		bool tiny = value != 0 && fabs(value) < 0.00001;

		digits(number, tiny ? 0.001 : 100 * value);
		snprintf(ret, SCALE_TEXT_SIZE, "%s%s %%", tiny ? "< " : "",
			 number);
		return ret;
	}
	if (unit == UNIT_BYTES) { /* the size of a frame */
		snprintf(ret, SCALE_TEXT_SIZE, "%.0f", value);
		return ret;
	}
	step = step_of(unit == UNIT_NS        ? times :
		       unit == UNIT_BYTE_RATE ? rates :
						counts,
		       value);
	digits(number, value / step->size);
	snprintf(ret, SCALE_TEXT_SIZE, "%s%s", number, step->name);
	return ret;
}

/* ---- Axes --------------------------------------------------------------- */

#define WANTED_TICKS 5.0
#define DETAILED_DECADES 2.0

static void add_tick(struct scale *s, double value)
{
	if (s->nticks < SCALE_MAX_TICKS && value >= s->low * 0.999999 &&
	    value <= s->high * 1.000001)
		s->ticks[s->nticks++] = value;
}

/* The smallest 1, 2 or 5 times a power of ten that is at least `step`. */
static double round_step(double step)
{
	double power = pow(10, floor(log10(step)));
	double part = step / power;

	return power * (part <= 1.001 ? 1 :
			part <= 2.001 ? 2 :
			part <= 5.001 ? 5 :
					10);
}

static void make_linear(struct scale *s, double low, double high)
{
	double step;

	if (!(high > low))
		high = low > 0 ? low * 1.1 : low + 1;
	step = round_step((high - low) / WANTED_TICKS);
	s->low = step * floor(low / step + 1e-9);
	s->high = step * ceil(high / step - 1e-9);
	for (int i = 0; i < SCALE_MAX_TICKS; i++) {
		double tick = s->low + step * i;

		if (tick > s->high + step / 2)
			break;
		s->ticks[s->nticks++] = tick;
	}
}

static void make_logarithmic(struct scale *s, double low, double high)
{
	static const double parts[] = { 1, 2, 5 };
	double decades = log10(high / low);
	size_t n = decades > DETAILED_DECADES ? 1 : 3;
	int every = decades > 8 ? 2 : 1;
	int last = (int)ceil(log10(high));

	s->low = low;
	s->high = high;
	for (int d = (int)floor(log10(low)); d <= last; d += every)
		for (size_t i = 0; i < n; i++)
			add_tick(s, parts[i] * pow(10, d));
}

struct scale scale_make(double low, double high, bool logarithmic,
			bool from_zero)
{
	struct scale s = { .logarithmic = logarithmic && low > 0 };

	if (!isfinite(low) || !isfinite(high)) {
		low = 0;
		high = 1;
		s.logarithmic = false;
	}
	/* A shorter range has too few round numbers. */
	s.logarithmic = s.logarithmic && high >= 10 * low;
	if (s.logarithmic)
		make_logarithmic(&s, low, high);
	else
		make_linear(&s, from_zero ? fmin(low, 0) : low, high);
	return s;
}

double scale_at(const struct scale *scale, double value)
{
	if (scale->logarithmic)
		return value > 0 ? log(value / scale->low) /
					   log(scale->high / scale->low) :
				   0;
	return (value - scale->low) / (scale->high - scale->low);
}
