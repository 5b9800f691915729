/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_BACKGROUND_H
#define PKTIO_AF_PACKET_BACKGROUND_H

/*
 * A thread for one slow task. Making a ring and closing a socket wait for the
 * kernel (an RCU grace period, memory), and pktio_recv() does not.
 */
#include <stdbool.h>

#include <pthread.h>
#include <sys/types.h>

struct background {
	pthread_t thread;
	pid_t owner; /* 0: there is no thread */
};

/* Runs the function in a thread that takes no signals. */
int background_start(struct background *b, void *(*run)(void *), void *arg);
/* True if no thread runs; what it wrote is visible then. Does not wait. */
bool background_done(struct background *b);
/* Waits for the thread. */
void background_wait(struct background *b);

#endif
