/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_WRAPPER_BACKEND_H
#define PKTIO_TESTS_WRAPPER_BACKEND_H

/*
 * A backend that wraps rings of other backends: one ring over several. The
 * target is their URIs, separated by commas: `wrapper:gen:,pcap_file:a.pcap`.
 * It receives one frame of each inner ring in turn, and sends through the
 * first.
 */
#include <stdbool.h>

#include <pktio/backend.h>

#define WRAPPER_MOST 4U     /* inner rings */
#define WRAPPER_SLOTS 4096U /* held frames */

struct wrapper_inner {
	struct pktio_ring *ring;
	struct pktio_stats seen;
	bool ended;
};

/* A held or allocated frame: its inner ring, and its cookie there. */
struct wrapper_held {
	struct pktio_ring *inner;
	uint64_t cookie;
};

/* A ring of "wrapper" is one of these. */
struct wrapper {
	struct pktio_ring ring;
	struct wrapper_inner inner[WRAPPER_MOST];
	unsigned n, next;
	/* A cookie is an index into `held`. */
	struct wrapper_held held[WRAPPER_SLOTS];
	uint16_t free[WRAPPER_SLOTS]; /* a stack of unused cookies */
	unsigned nfree;
};

extern const struct pktio_backend wrapper_backend;

#endif
