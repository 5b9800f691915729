/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_EVENTS_H
#define PKTIO_AF_PACKET_EVENTS_H

/*
 * The events of a ring, which are not frames: this reads them, passes them to
 * lifecycle_event(), and does what that returns. Each function does a bounded
 * number of system calls that do not wait, but for those of open and close.
 */
#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct pktio_ring;

struct events {
	int64_t polled_at;  /* ms: when events_poll() last took events */
	unsigned dry_calls; /* of events_poll() since then */
	int error;          /* for recv to return, once */
	int reported;       /* the last of these */
	int attempt; /* the result of the last attempt to attach or join */
	bool away;   /* the ring was on no interface since it last ran */
	uint64_t drain_at; /* ms: the kernel retires the last blocks until then
			    */
};

/* Makes the descriptor that the application polls: an epoll set. */
int events_open(struct af_packet *p);
void events_close(struct af_packet *p);
/* Binds the socket of an open ring, and joins its group. `absent`: there is no
 * interface yet. */
int events_attach(struct af_packet *p, bool absent);

/* Adds or removes a packet socket. */
int events_add_socket(struct af_packet *p, int sock);
void events_remove(struct af_packet *p, int fd);
/* The descriptor is readable once more for a block that is ours already. */
void events_rearm(struct af_packet *p);

/* Takes what made the descriptor readable, but for frames. */
void events_take(struct af_packet *p);
/* Called by each recv that finds no frame: takes events now and then, for a
 * program that polls the descriptor itself and never calls pktio_wait(). */
void events_poll(struct af_packet *p);
/* A ring that only sends has no events. It found that its interface was
 * removed; true if it is on an interface again. */
bool events_sender_lost(struct af_packet *p);

#endif
