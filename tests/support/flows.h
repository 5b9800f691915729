/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FLOWS_H
#define PKTIO_TESTS_FLOWS_H

/*
 * Frames of many flows in many kinds of packets, made by scapy (flows.py), sent
 * by several threads at once with a number in each, and received by several
 * rings at once: which ring had which flow, and which frame how often.
 */

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define FLOWS_KINDS 28
#define FLOWS_EACH 24 /* flows of a kind */
/* A flow's number, by its kind and its number in that. */
#define FLOWS (FLOWS_KINDS * FLOWS_EACH)

/* The kinds, in the order of their numbers. */
extern const char *const flows_kinds[FLOWS_KINDS];
unsigned flows_kind(const char *name);

/* Has the frames made, once for all tests; skips the test without scapy. */
void flows_load(void);

/* What the rings got between them. */
struct flows_seen {
	uint8_t *times; /* per number: how often it came */
	uint32_t size;
	uint32_t rings[FLOWS]; /* that had any of a flow, a bit each */
	uint64_t received;
};
void flows_seen_init(struct flows_seen *seen, uint32_t size);
void flows_seen_free(struct flows_seen *seen);
uint32_t flows_missing(const struct flows_seen *seen, uint32_t from,
		       uint32_t to);
uint32_t flows_twice(const struct flows_seen *seen);

/* Receives what there is, and notes it as ring `index`. */
void flows_take(struct flows_seen *seen, struct pktio_ring *ring,
		unsigned index);

/* Sends each of the frames of some kinds (NULL: all) in turn on an interface,
 * numbered from `first` on, `count` in all. */
struct flows_sender {
	const char *interface;
	const bool *kinds;
	uint32_t first, count;
	uint32_t sent;     /* so far: may be read while it runs */
	uint32_t refused;  /* of them, by the interface; when it is done */
	unsigned pause_us; /* after each 64 */
	int stop;
};
void *flows_send(void *arg); /* a sender, for pthread_create() */
void flows_send_now(const char *interface, const bool *kinds, uint32_t first,
		    uint32_t count);

/* The bytes of frame `i` of all frames; NULL: there are fewer. */
const uint8_t *flows_frame(uint32_t i, uint32_t *size);

/* The flow whose frame has a number, counted from `first` on. */
unsigned flows_at(const bool *kinds, uint32_t number);

#endif
