/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FAKE_BACKENDS_H
#define PKTIO_TESTS_FAKE_BACKENDS_H

/*
 * Backends for tests of core, in place of backends_builtin[]: "fake" implements
 * everything and shows its state, "needy" has a required option, "plain" has no
 * options and cannot send.
 */

#include <stdbool.h>

#include <pktio/backend.h>

struct fake_conf {
	bool yes;
	uint64_t number, block_size, wait, speed, flags;
	uint64_t any, any_size, any_time;
	const char *text, *other;
};
extern const struct pktio_opt_decl fake_opts[];
extern const struct pktio_backend fake_backend;

#define FAKE_FRAMES 16U
#define FAKE_ROOM 128U

/* A ring of "fake" is one of these. */
struct fake {
	struct pktio_ring ring;
	const struct fake_conf *conf;
	const char *target;
	unsigned mode, index, count;
	bool filtered; /* open had a filter */
	bool selected; /* selected by text=select, as another implementation */

	struct pktio_frame in[FAKE_FRAMES]; /* to be received */
	unsigned nin, released;
	uint64_t released_cookie; /* of the last released frame */

	uint8_t out[FAKE_FRAMES][FAKE_ROOM]; /* allocated and sent frames */
	uint32_t out_len[FAKE_FRAMES];
	struct pktio_frame last_sent;
	unsigned allocated, nout, flushes, unsent;
	unsigned room; /* number of frames that alloc returns before a flush */
};

/* The number of open rings of "fake", and of closed ones. */
extern int fake_open_rings, fake_closed_rings;

/* Adds a frame to receive, and makes the descriptor readable. */
void fake_feed(struct pktio_ring *r, const struct pktio_frame *f);

#endif
