/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TRAFFIC_H
#define PKTIO_BENCH_TRAFFIC_H

#include <stdbool.h>

#include <pktio/pktio.h>

/* A frame as it is on the wire, with its VLAN tags: `len` bytes from `at`. */
struct traffic_frame {
	size_t at;
	uint32_t len;
};

/* The frames that are sent repeatedly, stored back to back in memory. */
struct traffic {
	uint8_t *bytes;
	struct traffic_frame *frames;
	size_t used, room;     /* of bytes */
	size_t n, frames_room; /* of frames */
	uint32_t longest;      /* bytes */
	uint32_t flows;        /* 0: not counted; see markers_write() */
	uint64_t runts;        /* skipped: shorter than an Ethernet header */
	uint64_t truncated;    /* frames that the file contains only partly */
	bool even;             /* all frames have the same size */
	bool cut;              /* the source has more frames */
	char source[256];      /* text: where the frames come from */
};

/* Generates frames with the backend gen and these options of it. */
int traffic_generate(struct traffic **ret, const struct pktio_setting *settings,
		     size_t nsettings, struct pktio_error *reterr);

/* Reads the frames of a capture file. */
int traffic_load(struct traffic **ret, const char *path,
		 struct pktio_error *reterr);

/* Accepts NULL; returns NULL. */
struct traffic *traffic_free(struct traffic *t);

/*
 * "backend:target" for pktio_open(). Characters with a meaning in a URI are
 * written as %XX. The caller frees it. NULL: out of memory.
 */
char *traffic_uri(const char *backend, const char *target);

#endif
