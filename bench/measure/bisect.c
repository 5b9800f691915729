/* SPDX-License-Identifier: BSD-3-Clause */
/* Halving, as RFC 2544 has it for throughput and for bursts. */
#include "measure/bisect.h"

void bisect_start(struct bisect *s, double min, double max, double resolution)
{
	*s = (struct bisect){ .bad = max,
			      .min = min,
			      .resolution = resolution };
}

double bisect_next(const struct bisect *s)
{
	if (!s->bounded) /* the max first: it may be all there is to do */
		return s->good < s->bad ? s->bad : 0;
	if (s->bad - s->good <= s->resolution * s->bad || s->bad <= s->min)
		return 0;
	return (s->good + s->bad) / 2;
}

void bisect_limit(struct bisect *s, double max)
{
	if (max < s->bad) {
		s->bad = max;
		s->limited = true;
	}
}

void bisect_note(struct bisect *s, double tried, bool good)
{
	if (good) {
		if (tried > s->good)
			s->good = tried;
		return;
	}
	s->bounded = true;
	if (tried < s->bad)
		s->bad = tried;
}
