/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_TEST_NETWORK_H
#define PKTIO_TESTS_TEST_NETWORK_H

/* A private network for one test, and frames sent into it without pktio. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* The two ends of the veth pair: tests send on A and receive on B. */
#define LAB_A "lab-a"
#define LAB_B "lab-b"

/* Frames that the tests number carry this EtherType, for local experiments. */
#define LAB_ETHERTYPE 0x88b5

/* A new network namespace with the veth pair, both ends up. */
void lab_enter(void);
void lab_set_up(const char *interface, bool up);

/* Opens, or fails the test with the library's words. */
struct pktio_ring *lab_open(const char *uri,
			    const struct pktio_open_args *args);

/* A packet socket that sends on the interface and receives nothing. */
int lab_socket(const char *interface);
void lab_send(int sock, const void *frame, size_t size);

/* A frame of `size` bytes (at least 60) with a number in it. */
void lab_frame(uint8_t *frame, size_t size, uint32_t number);
void lab_send_numbers(int sock, uint32_t first, uint32_t count);

/* Sends numbers from 0 on until it is told to stop; for pthread_create(). */
struct lab_flood {
	int sock;
	uint32_t sent;
	int stop;
};
void *lab_flood(void *flood);

/* The number in a frame; -1: it is none of ours. */
int64_t lab_number(const struct pktio_frame *f);

/* Receives until nothing came for `quiet_ms`, or longer where the machine is
 * slow; returns how many frames, and counts each number below `size` in seen[]
 * if that is not NULL. */
uint64_t lab_drain(struct pktio_ring *ring, int quiet_ms, uint8_t *seen,
		   size_t size);

/* How often poll() says in this time that there is something, while all that
 * comes is received and none of it released. */
unsigned lab_polls(struct pktio_ring *ring, unsigned ms, unsigned *received);

struct pktio_stats lab_stats(struct pktio_ring *ring);
struct pktio_info lab_info(const struct pktio_ring *ring);

void lab_nap(unsigned ms);

/* CPU time of this thread and the clock, in ns. */
uint64_t lab_cpu_ns(void);
/*
 * That a second of waiting, or of polling the descriptor as lab_polls() does,
 * finds nothing and takes less than one per cent of a core. There are three
 * tries, for what the machine does besides may be counted into one.
 */
void lab_expect_idle(struct pktio_ring *ring);
void lab_expect_idle_polls(struct pktio_ring *ring, unsigned most_events);
uint64_t lab_now_ns(void);

#endif
