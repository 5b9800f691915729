/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TRAFFIC_H
#define PKTIO_BENCH_TRAFFIC_H

#include <stdbool.h>

#include <pktio/pktio.h>

/* A frame as it is on the wire, tags included: `len` bytes from `at` on. */
struct traffic_frame {
	size_t at;
	uint32_t len;
};

/* What is sent, over and over: frames in memory, back to back. */
struct traffic {
	uint8_t *bytes;
	struct traffic_frame *frames;
	size_t used, room;     /* of bytes */
	size_t n, frames_room; /* of frames */
	uint32_t longest;      /* bytes */
	uint32_t flows;        /* 0: not counted, see flows.h */
	uint64_t runts;        /* left out: less than an Ethernet header */
	uint64_t truncated;    /* frames that the file has only a part of */
	bool even;             /* all frames are of one size */
	bool cut;              /* there was more than is kept in memory */
	char what[256];        /* in words */
};

/* Frames of the backend gen, with these options for it. */
int traffic_generate(struct traffic **ret, const struct pktio_setting *settings,
		     size_t nsettings, struct pktio_error *reterr);

/* The frames of a capture file. */
int traffic_load(struct traffic **ret, const char *path,
		 struct pktio_error *reterr);

/* Takes NULL; returns NULL. */
struct traffic *traffic_free(struct traffic *t);

/*
 * "backend:target", with what would mean something else in a URI written as
 * %XX. The caller frees it; NULL: no memory.
 */
char *traffic_uri(const char *backend, const char *target);

#endif
