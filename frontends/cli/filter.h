/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_FILTER_H
#define PKTIO_CLI_FILTER_H

#include <pktio/pktio.h>

/*
 * An expression, applied to the frames of a ring. Where frames have one link
 * type the ring does it, and so the kernel if it can. Frames of a file may
 * have several: each is judged by a program for its own, compiled when the
 * first one comes.
 */
struct filter {
	const char *expression; /* NULL: everything passes */
	struct pktio_bpf *programs[8];
	uint16_t linktypes[8]; /* of them */
	unsigned n;
	uint64_t refused; /* frames, here and not by the ring */
	struct pktio_error error;
};

/* 0, or an error with words in filter->error; filter_close() in any case. */
int filter_open(struct filter *filter, const char *expression,
		struct pktio_ring *ring);
void filter_close(struct filter *filter);

/*
 * Moves the frames that pass to the front and returns how many they are, or an
 * error with words. The others are released.
 */
int filter_burst(struct filter *filter, struct pktio_ring *ring,
		 struct pktio_frame *frames, int n);

#endif
