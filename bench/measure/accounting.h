/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_ACCOUNTING_H
#define PKTIO_BENCH_ACCOUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each side of a trial counted for itself, in frames. */
struct frame_accounting {
	bool sent_known;
	uint64_t sent;     /* taken by the send path, and what was lost after */
	uint64_t received; /* by all workers */
	uint64_t ring;     /* lost for want of room */
	uint64_t softnet;  /* lost before any ring */
	uint64_t filtered; /* refused by a filter */
	const uint64_t *workers; /* what each one received; may be NULL */
	size_t nworkers;
	/* Where each frame says who it is: those that did not. */
	uint64_t foreign;
};

/*
 * Whether all frames are accounted for. If not, `reason` says what is wrong.
 */
bool accounting_check(const struct frame_accounting *a, char *reason,
		      size_t size);

/* Frames that are in no count; below 0: that came from nowhere. */
int64_t accounting_missing(const struct frame_accounting *a);

#endif
