/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_MARKER_H
#define PKTIO_BENCH_MARKER_H

#include <stdbool.h>
#include <string.h>

#include "measure/statistics.h"
#include "traffic/traffic.h"
#include "util/clock.h"

/*
 * The last 16 bytes of a marker frame: a magic number, the flow of the frame
 * and the time at which it was sent. No header is there, and a VLAN tag that
 * the kernel removes does not move the end of the frame.
 */
struct marker {
	uint32_t magic;
	uint32_t flow; /* 2 x number of the flow, + 1 for the other direction */
	uint64_t sent; /* ns of CLOCK_MONOTONIC */
};

#define MARKER_MAGIC 0x6f696b70U
#define MARKER_SIZE sizeof(struct marker)

/*
 * Numbers the flows of the traffic, both directions with the same number, and
 * writes a marker with that number into each frame. Fails if a frame is too
 * short. The second call has no effect.
 */
int markers_write(struct traffic *t, struct pktio_error *reterr);

/* Writes the time of sending into the marker of a frame that ends at `end`. */
static inline void marker_set_time(uint8_t *end, uint64_t now)
{
	memcpy(end - sizeof(now), &now, sizeof(now));
}

/* What one worker reads from the markers. */
struct marker_reader {
	struct histogram *latency; /* NULL: not measured */
	uint8_t *seen;             /* indexed by marker.flow; 1: received */
	uint32_t flows;            /* `seen` has twice as many elements */
	uint64_t foreign;          /* frames without a marker */
};

struct marker_reader *marker_reader_new(uint32_t flows, bool latency);
/* Accepts NULL; returns NULL. */
struct marker_reader *marker_reader_free(struct marker_reader *p);

/* Reads the marker of a frame that the application received at `now`. */
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

#endif
