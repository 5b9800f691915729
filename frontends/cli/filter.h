/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_FILTER_H
#define PKTIO_CLI_FILTER_H

#include <pktio/pktio.h>

/*
 * A filter expression for the frames of a ring. If all frames have one link
 * type, the ring runs the filter, in the kernel where possible. A file may
 * contain several link types: then this module compiles one program for each
 * link type when its first frame arrives.
 */
struct filter {
	const char *expression; /* NULL: all frames match */
	struct pktio_bpf *programs[8];
	uint16_t linktypes[8]; /* of the programs */
	unsigned n;
	uint64_t rejected; /* frames that this module rejected, not the ring */
	struct pktio_error error;
};

/*
 * Returns 0, or an error with a message in filter->error. Call filter_close()
 * in either case.
 */
int filter_open(struct filter *filter, const char *expression,
		struct pktio_ring *ring);
void filter_close(struct filter *filter);

/*
 * Moves the frames that match to the front, releases the others, and returns
 * the number of matching frames, or an error with a message in filter->error.
 */
int filter_burst(struct filter *filter, struct pktio_ring *ring,
		 struct pktio_frame *frames, int n);

#endif
