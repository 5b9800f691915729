/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_MARKER_H
#define PKTIO_BENCH_MARKER_H

#include <stdbool.h>
#include <string.h>

#include "measure/histogram.h"
#include "system/clock.h"

/*
 * What a frame says of itself, in its last 16 bytes: that it is ours, its flow,
 * and when it was sent. There no header is, and tags that are taken out on the
 * way do not move it.
 */
struct mark {
	uint32_t magic;
	uint32_t flow; /* 2 x number of the flow, + 1 the other way around */
	uint64_t sent; /* ns of CLOCK_MONOTONIC */
};

#define MARK_MAGIC 0x6f696b70U
#define MARK_SIZE sizeof(struct mark)

/* Writes the time of sending into the mark of a frame that ends at `end`. */
static inline void mark_sent(uint8_t *end, uint64_t now)
{
	memcpy(end - sizeof(now), &now, sizeof(now));
}

/* What one receiver learns from the marks. Zero to begin with. */
struct probe {
	struct histogram *latency; /* NULL: not wanted */
	uint8_t *seen;             /* by mark.flow: 1 if it came here */
	uint32_t flows;            /* of which there are twice as many */
	uint64_t foreign;          /* frames without a mark */
};

/* A frame that the application got at `now`. */
static inline void probe_frame(struct probe *p, const uint8_t *data,
			       uint32_t caplen, uint64_t now)
{
	struct mark mark = { 0 };

	if (caplen >= MARK_SIZE)
		memcpy(&mark, data + caplen - MARK_SIZE, MARK_SIZE);
	if (mark.magic != MARK_MAGIC || mark.flow >= 2 * p->flows) {
		p->foreign++;
		return;
	}
	p->seen[mark.flow] = 1;
	if (p->latency)
		histogram_add(p->latency,
			      now > mark.sent ? now - mark.sent : 0);
}

struct probe *probe_new(uint32_t flows, bool latency);
/* Takes NULL; returns NULL. */
struct probe *probe_free(struct probe *p);

#endif
