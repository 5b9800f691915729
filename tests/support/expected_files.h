/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_EXPECTED_FILES_H
#define PKTIO_TESTS_EXPECTED_FILES_H

/* Frames to write, and the frames that other tools must find in the files. */
#include <stdbool.h>

#include "support/capture.h"

/* A sequence of frames, defined by its seed. */
struct frames {
	uint64_t seed;
	uint32_t longest;   /* caplen */
	uint32_t linktypes; /* number of different ones, from 1 */
	uint32_t ifs;       /* number of different ifindex */
	bool tags;          /* some frames have stripped VLAN tags */
	bool late;          /* some times are after 2106 */
};

/*
 * The i-th frame. Its bytes are written to `room`, which has `longest` bytes.
 */
struct pktio_frame frames_make(const struct frames *of, unsigned i,
			       uint8_t *room);

/*
 * Injects frames [from, to) in bursts. Returns the number of accepted frames.
 */
unsigned frames_inject(struct pktio_ring *ring, const struct frames *of,
		       unsigned from, unsigned to);

/*
 * The expected result of reading frames [from, to), with times in units of
 * `tick`.
 */
struct capture frames_expected(const struct frames *of, unsigned from,
			       unsigned to, uint64_t tick, uint32_t snaplen);

/* Moves the frames of a capture to the end of another one. */
void capture_append(struct capture *to, struct capture *from);

/*
 * Decompresses a file with zcat, zstdcat or lz4cat, according to its extension,
 * and returns the new name; other files are returned as they are. The tool must
 * succeed unless the file was `cut`.
 */
const char *uncompressed(const char *path, bool cut);

/*
 * Expects that libpcap reads these frames from the file, after uncompressed().
 */
void expect_file(const char *path, const struct capture *expected,
		 const char *what);

#endif
