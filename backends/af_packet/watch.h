/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_WATCH_H
#define PKTIO_AF_PACKET_WATCH_H

/*
 * How a ring learns of changes: a netlink socket that reports changes of
 * interfaces while it is subscribed, and a timer. Both are opened with the
 * ring, so that recv neither opens a descriptor nor enters a network namespace.
 */
#include <stdbool.h>
#include <stdint.h>

struct af_packet;

struct watch {
	int route, timer; /* -1: none */
	bool subscribed;
};

int watch_open(struct af_packet *p);
void watch_close(struct watch *w);
/* Starts or ends the reports. -errno. */
int watch_subscribe(struct watch *w, bool on);
/* The timer expires once, in so many ms; 0: never. */
void watch_set_timer(const struct watch *w, uint64_t ms);
/* Reads a descriptor until it is empty. The content does not matter: the ring
 * asks the kernel for the state as it is now. */
void watch_drain(int fd);

#endif
