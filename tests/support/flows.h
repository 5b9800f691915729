/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FLOWS_H
#define PKTIO_TESTS_FLOWS_H

/*
 * Frames of many flows in many kinds of packets, created by scapy (flows.py).
 * Several threads send them with a number in each, and several rings receive
 * them. The test finds out which ring received which flow, and how often each
 * frame.
 */

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define FLOWS_KINDS 28
#define FLOWS_EACH 24 /* flows of a kind */
/* Flows are numbered by kind, then within the kind. */
#define FLOWS (FLOWS_KINDS * FLOWS_EACH)

/* The kinds, in the order of their numbers. */
extern const char *const flows_kinds[FLOWS_KINDS];
unsigned flows_kind(const char *name);

/* Creates the frames, once for all tests; skips the test without scapy. */
void flows_load(void);

/* The frames that all rings have received. */
struct flows_seen {
	uint8_t *times; /* count for each frame number */
	uint32_t size;
	uint32_t rings[FLOWS]; /* bit mask of the rings that received a flow */
	uint64_t received;
};
void flows_seen_init(struct flows_seen *seen, uint32_t size);
void flows_seen_free(struct flows_seen *seen);
uint32_t flows_missing(const struct flows_seen *seen, uint32_t from,
		       uint32_t to);
uint32_t flows_duplicates(const struct flows_seen *seen);

/* Receives all pending frames and records them for ring `index`. */
void flows_receive(struct flows_seen *seen, struct pktio_ring *ring,
		   unsigned index);

/*
 * Sends `count` frames of some kinds (NULL: all) on an interface, one after the
 * other and again from the start, numbered from `first`.
 */
struct flows_sender {
	const char *interface;
	const bool *kinds;
	uint32_t first, count;
	uint32_t sent;     /* atomic: so far */
	uint32_t refused;  /* by the interface; valid at the end */
	unsigned pause_us; /* after 64 frames */
	int stop;
};
void *flows_send(void *arg); /* struct flows_sender; for pthread_create() */
void flows_send_now(const char *interface, const bool *kinds, uint32_t first,
		    uint32_t count);

/* The bytes of frame `i`; NULL if there are fewer frames. */
const uint8_t *flows_frame(uint32_t i, uint32_t *size);

/* The flow of the frame that a sender numbered `number` after `first`. */
unsigned flows_at(const bool *kinds, uint32_t number);

#endif
