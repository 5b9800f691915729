/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_TEST_NETWORK_H
#define PKTIO_TESTS_TEST_NETWORK_H

/* A private network for one test, and frames sent into it without pktio. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two ends of the veth pair: tests send on A and receive on B. */
#define NET_A "test-a"
#define NET_B "test-b"

/* Enters a new network namespace and creates the veth pair, both ends up. */
void net_create(void);
void net_set_up(const char *interface, bool up);

/* A packet socket that sends on the interface and receives nothing. */
int net_socket(const char *interface);
void net_send(int sock, const void *frame, size_t size);

/* Sends `count` numbered frames of 60 bytes. */
void net_send_numbers(int sock, uint32_t first, uint32_t count);

/* Sends frames numbered from 0 until `stop`; for pthread_create(). */
struct net_flood {
	int sock;
	uint32_t sent;
	int stop;
};
void *net_flood(void *flood);

#endif
