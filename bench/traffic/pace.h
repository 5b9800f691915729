/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PACE_H
#define PKTIO_BENCH_PACE_H

#include <stdint.h>

/*
 * When frames are due that are to be sent at a rate. Frame i is due i / rate
 * after the start. Who falls behind catches up, but not for longer than
 * PACE_MAX_LAG: what was missed before that is let go, and is seen in the rate
 * that was reached.
 */
#define PACE_MAX_LAG 10000000U /* ns */

struct pace {
	double rate;      /* frames a second; 0: all are due at once */
	uint64_t start;   /* ns */
	uint64_t due;     /* frames that were given out */
	uint64_t lag_max; /* ns that one was given out late */
};

void pace_start(struct pace *p, double rate, uint64_t now);

/* Frames to be sent now, at most `most`; they count as given out. */
unsigned pace_take(struct pace *p, uint64_t now, unsigned most);

/* ns until the next frame is due, 0: it is */
uint64_t pace_wait(const struct pace *p, uint64_t now);

#endif
