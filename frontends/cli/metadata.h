/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_METADATA_H
#define PKTIO_CLI_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/*
 * Metadata of a source, of its interfaces and of its frames. If the sink
 * supports metadata, these functions copy it from the source to the sink.
 */
struct metadata {
	struct pktio_ring *source, *sink;
	const char *filter; /* of `pktio copy -f`; NULL: none */
	bool resolution;    /* copy the time resolution of the source */
	bool unsupported;   /* the sink stores no metadata */
	uint32_t *seen;     /* interfaces of the frames so far */
	size_t nseen, recent;
	uint64_t rejected; /* interface values and frames with invalid metadata
			    */
	struct pktio_setting settings[3];
};

/*
 * metadata_read_source - read the file metadata of the source into d->settings
 *
 * Returns the number of settings to open the sink with. They are valid until
 * metadata_free().
 */
size_t metadata_read_source(struct metadata *d);

/* metadata_begin - prepare a copy, before the sink opens; `filter` may be NULL
 */
void metadata_begin(struct metadata *d, const char *filter, bool resolution);

/*
 * metadata_copy_interfaces - copy the metadata of the interfaces of these
 * frames
 *
 * Call it before the frames are injected. Returns false if out of memory.
 */
bool metadata_copy_interfaces(struct metadata *d,
			      const struct pktio_frame *frames, unsigned n);

/*
 * metadata_copy_frame - copy the metadata of the first frame
 *
 * Returns how many frames to inject before the next call: the first frame and
 * those after it that have no metadata.
 */
unsigned metadata_copy_frame(struct metadata *d,
			     const struct pktio_frame *frames, unsigned n);

/* metadata_end - write how many frames the source lost */
void metadata_end(struct metadata *d);

void metadata_free(struct metadata *d);

#endif
