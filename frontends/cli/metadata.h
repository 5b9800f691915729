/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_METADATA_H
#define PKTIO_CLI_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/*
 * What a source says of itself, of its interfaces and of its frames, besides
 * the frames: passed on to a sink that keeps it.
 */
struct describe {
	struct pktio_ring *source, *sink;
	const char *filter; /* the frames have passed; NULL: none */
	bool resolution;    /* of times, is to be that of the source */
	bool off;           /* the sink keeps nothing of the kind */
	uint32_t *seen;     /* the interfaces that frames came from */
	size_t nseen, recent;
	uint64_t refused; /* options of interfaces, and frames with such */
	struct pktio_setting settings[3];
};

/*
 * describe_source - what it says of itself, as settings to open the sink with
 *
 * Returns how many; they last as long as `d`.
 */
size_t describe_source(struct describe *d);

/* describe_begin - before the sink is opened; `filter` may be NULL */
void describe_begin(struct describe *d, const char *filter, bool resolution);

/* describe_interfaces - of frames that are about to be injected; false: out of
 * memory */
bool describe_interfaces(struct describe *d, const struct pktio_frame *frames,
			 unsigned n);

/*
 * describe_frames - the first frame, and how many are to be injected before
 * another call: itself and those behind it of which there is nothing to say
 */
unsigned describe_frames(struct describe *d, const struct pktio_frame *frames,
			 unsigned n);

/* describe_end - what the source lost */
void describe_end(struct describe *d);

void describe_free(struct describe *d);

#endif
