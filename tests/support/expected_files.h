/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_EXPECTED_FILES_H
#define PKTIO_TESTS_EXPECTED_FILES_H

/* Frames to be written, and what other tools then find in the files. */
#include <stdbool.h>

#include "support/capture.h"

/* A sequence of frames: the i-th is the same whenever it is asked for. */
struct frames {
	uint64_t seed;
	uint32_t longest;   /* caplen */
	uint32_t linktypes; /* so many different ones, from 1 */
	uint32_t ifs;       /* so many different ifindex */
	bool tags;          /* VLAN tags that are out of the bytes */
	bool late;          /* times beyond 2106, too */
};

/* The i-th frame, whose bytes go to `room`, of `longest` bytes at least. */
struct pktio_frame frames_make(const struct frames *of, unsigned i,
			       uint8_t *room);

/* Injects frames [from, to), in bursts. Returns how many were taken. */
unsigned frames_inject(struct pktio_ring *ring, const struct frames *of,
		       unsigned from, unsigned to);

/* What is to be read of frames [from, to), with times in units of `tick`. */
struct capture frames_expected(const struct frames *of, unsigned from,
			       unsigned to, uint64_t tick, uint32_t snaplen);

/* Adds the frames of a capture to another, which it becomes part of. */
void capture_append(struct capture *to, struct capture *from);

/*
 * The name of the uncompressed file: by zcat, zstdcat or lz4cat as the ending
 * says, which have to find it whole unless it was `cut`. Else the file itself.
 */
const char *uncompressed(const char *path, bool cut);

/* That libpcap finds such frames in a file, after uncompressed(). */
void expect_written(const char *path, const struct capture *expected,
		    const char *what);

#endif
