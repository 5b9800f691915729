/* SPDX-License-Identifier: BSD-3-Clause */
/* The schedule of a sender. The caller reads the clock. */
#include "traffic/pace.h"

#include "util/clock.h"

void pace_start(struct pace *p, double rate, uint64_t now)
{
	*p = (struct pace){ .rate = rate, .start = now };
}

static uint64_t due_at(const struct pace *p, uint64_t frame)
{
	return p->start + (uint64_t)((double)frame / p->rate * NS_PER_S);
}

unsigned pace_take(struct pace *p, uint64_t now, unsigned max)
{
	uint64_t next;
	uint64_t lag;
	double n;

	if (p->rate <= 0) {
		p->due += max;
		return max;
	}
	next = due_at(p, p->due);
	if (now < next)
		return 0;
	lag = now - next;
	if (lag > p->lag_max)
		p->lag_max = lag;
	if (lag > PACE_MAX_LAG)
		p->start += lag - PACE_MAX_LAG;
	n = (double)(now - p->start) / NS_PER_S * p->rate - (double)p->due + 1;
	if (n < 1)
		n = 1;
	if (n < (double)max)
		max = (unsigned)n;
	p->due += max;
	return max;
}

uint64_t pace_wait(const struct pace *p, uint64_t now)
{
	uint64_t next;

	if (p->rate <= 0)
		return 0;
	next = due_at(p, p->due);
	return next > now ? next - now : 0;
}
