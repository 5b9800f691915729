/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_FLOWS_H
#define PKTIO_BENCH_FLOWS_H

#include "traffic/traffic.h"

/*
 * Numbers the flows of the traffic, both directions of one as the same, and
 * puts a marker (markers.h) with that number at the end of each frame. Fails if
 * a frame is too short for it. Does nothing the second time.
 */
int markers_write(struct traffic *t, struct pktio_error *reterr);

#endif
