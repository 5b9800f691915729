/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_WORKER_H
#define PKTIO_TESTS_WORKER_H

/* A mock of Zeek on the test network, and the packets that it received. */

#include <stdbool.h>
#include <stdint.h>

#include "mock_zeek.h"
#include "support/test_network.h"

#define MAX_NUMBERS 8192U

struct worker {
	struct mock_zeek *zeek;
	uint64_t packets;
	uint8_t seen[MAX_NUMBERS]; /* how often each numbered frame arrived */
	int64_t last;              /* last number; -1: none */
	bool ordered;              /* the numbers increased */
	struct mock_zeek_packet packet; /* the last packet */
	uint8_t bytes[64];              /* its first bytes */
	uint64_t waited_us; /* from its timestamp until the callback */
};

/* The .init of a suite: creates the test network and loads the scripts. */
void worker_enter(void);

/* Opens the source, or fails the test with the message of the source. */
struct worker *worker_start(const char *interface);
struct worker *worker_read(const char *path);
/* Expects that the source does not open and that its message contains `text`.
 */
void worker_expect_error(const char *interface, const char *text);

/* Runs until `packets` packets arrived, or fails after a timeout. */
void worker_expect(struct worker *w, uint64_t packets);

/* Closes the source; fails the test after a violation of the contract. */
void worker_stop(struct worker *w);

/* Runs until the log contains `text`, or fails after a timeout. */
void worker_expect_log(struct worker *w, const char *text);

bool worker_logged(const struct worker *w, const char *text);

#endif
