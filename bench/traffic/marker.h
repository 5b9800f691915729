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
struct marker {
	uint32_t magic;
	uint32_t flow; /* 2 x number of the flow, + 1 the other way around */
	uint64_t sent; /* ns of CLOCK_MONOTONIC */
};

#define MARKER_MAGIC 0x6f696b70U
#define MARKER_SIZE sizeof(struct marker)

/* Writes the time of sending into the marker of a frame that ends at `end`. */
static inline void marker_set_time(uint8_t *end, uint64_t now)
{
	memcpy(end - sizeof(now), &now, sizeof(now));
}

/* What one receiver learns from the marks. Zero to begin with. */
struct marker_reader {
	struct histogram *latency; /* NULL: not wanted */
	uint8_t *seen;             /* by marker.flow: 1 if it came here */
	uint32_t flows;            /* of which there are twice as many */
	uint64_t foreign;          /* frames without a marker */
};

/* A frame that the application got at `now`. */
static inline void marker_read(struct marker_reader *p, const uint8_t *data,
			       uint32_t caplen, uint64_t now)
{
	struct marker marker = { 0 };

	if (caplen >= MARKER_SIZE)
		memcpy(&marker, data + caplen - MARKER_SIZE, MARKER_SIZE);
	if (marker.magic != MARKER_MAGIC || marker.flow >= 2 * p->flows) {
		p->foreign++;
		return;
	}
	p->seen[marker.flow] = 1;
	if (p->latency)
		histogram_add(p->latency,
			      now > marker.sent ? now - marker.sent : 0);
}

struct marker_reader *marker_reader_new(uint32_t flows, bool latency);
/* Takes NULL; returns NULL. */
struct marker_reader *marker_reader_free(struct marker_reader *p);

#endif
