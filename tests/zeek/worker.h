/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_WORKER_H
#define PKTIO_TESTS_WORKER_H

/* A stand-in for Zeek in the lab, and what it saw. */

#include <stdbool.h>
#include <stdint.h>

#include "mock_zeek.h"
#include "support/test_network.h"

#define MOST_NUMBERS 8192U

struct worker {
	struct mock_zeek *zeek;
	uint64_t packets;
	uint8_t seen[MOST_NUMBERS];     /* numbered frames, how often */
	int64_t last;                   /* number, -1: none */
	bool ordered;                   /* each number was above the last */
	struct mock_zeek_packet packet; /* the last */
	uint8_t bytes[64];              /* its first */
	uint64_t waited_us;             /* from its time until it was seen */
};

/* To be the .init of a suite: the lab, and the scripts of both plugins. */
void worker_enter(void);

/* Opens, or fails the test with the words of the source. */
struct worker *worker_start(const char *interface);
struct worker *worker_read(const char *path);
/* Opens what must not open, and has to say this of it. */
void worker_refused(const char *interface, const char *text);

/* Runs until so many packets were seen, or nothing comes for long. */
void worker_expect(struct worker *w, uint64_t packets);

/* Closes it, and fails the test if the contract was broken. */
void worker_stop(struct worker *w);

/* Runs until that was logged, or was not for long. */
void worker_expect_log(struct worker *w, const char *text);

bool worker_logged(const struct worker *w, const char *text);

#endif
