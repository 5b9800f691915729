/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_RING_H
#define PKTIO_TESTS_RING_H

/* Calls of pktio that end the test if they fail. */

#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* Opens a ring, or ends the test with the error text of pktio_open(). */
struct pktio_ring *ring_open(const char *uri,
			     const struct pktio_open_args *args);

/*
 * Expects that open fails with `code` and an error text that contains `text`,
 * and does not change the handle.
 */
void expect_open_fails(const char *uri, const struct pktio_open_args *args,
		       int code, const char *text);

struct pktio_stats ring_stats(struct pktio_ring *ring);
struct pktio_info ring_info(const struct pktio_ring *ring);

/*
 * Receives until no frame has arrived for `quiet_ms`, or longer on a slow
 * machine. Returns the number of frames. If seen[] is not NULL, counts each
 * frame number below `size` in it.
 */
uint64_t ring_drain(struct pktio_ring *ring, int quiet_ms, uint8_t *seen,
		    size_t size);

/*
 * Polls the descriptor for this time, and receives all frames without releasing
 * one. Returns how often poll() reported an event.
 */
unsigned ring_poll_events(struct pktio_ring *ring, unsigned ms,
			  unsigned *received);

/*
 * Expects that a second of pktio_wait(), or of ring_poll_events(), finds no
 * frame and takes less than one per cent of a core. It tries three times, since
 * other work of the machine may be counted into one try.
 */
void expect_idle(struct pktio_ring *ring);
void expect_idle_polls(struct pktio_ring *ring, unsigned most_events);

#endif
