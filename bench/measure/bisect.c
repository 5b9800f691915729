/* SPDX-License-Identifier: BSD-3-Clause */
/* Halving, as RFC 2544 has it for throughput and for bursts. */
#include "measure/bisect.h"

void seek_start(struct seek *s, double least, double most, double resolution)
{
	*s = (struct seek){ .bad = most,
			    .least = least,
			    .resolution = resolution };
}

double seek_next(const struct seek *s)
{
	if (!s->bounded) /* the most first: it may be all there is to do */
		return s->good < s->bad ? s->bad : 0;
	if (s->bad - s->good <= s->resolution * s->bad || s->bad <= s->least)
		return 0;
	return (s->good + s->bad) / 2;
}

void seek_limit(struct seek *s, double most)
{
	if (most < s->bad) {
		s->bad = most;
		s->limited = true;
	}
}

void seek_note(struct seek *s, double tried, bool good)
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
