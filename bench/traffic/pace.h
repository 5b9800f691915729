/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PACE_H
#define PKTIO_BENCH_PACE_H

#include <stdint.h>

/*
 * Frame i is due i / rate after the start. A sender that is late catches up,
 * but by at most PACE_MAX_LAG. Frames that it missed before are not sent, and
 * the rate that is reached shows that.
 */
#define PACE_MAX_LAG 10000000U /* ns */

struct pace {
	double rate;      /* frames per second; 0: all frames are due */
	uint64_t start;   /* ns */
	uint64_t due;     /* frames taken so far */
	uint64_t lag_max; /* ns: the largest delay */
};

void pace_start(struct pace *p, double rate, uint64_t now);

/* Takes the frames that are due now, at most `max`. */
unsigned pace_take(struct pace *p, uint64_t now, unsigned max);

/* ns until the next frame is due; 0: it is due. */
uint64_t pace_wait(const struct pace *p, uint64_t now);

#endif
