/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_LIFECYCLE_H
#define PKTIO_AF_PACKET_LIFECYCLE_H

/*
 * The states of a ring, from open to close:
 *
 *	           ATTACHED
 *	  NONE ----------------------------------> RUNNING <--------+
 *	   |  \ BOUND                               ^  ^ |  LINK_UP |
 *	   |   +---> BLOCKED ---------- STARTED ----+  | |          |
 *	   |          |  ^ \  JOINED                   | | LINK_DOWN|
 *	   |   FAILED |  |  +---> WAITING_GROUP -------+ +-> LINK_DOWN
 *	   | FAILED   |  |BOUND        |     STARTED     |      |
 *	   v          v  |             | REMOVED         |      | REMOVED
 *	  ABSENT <-----  +             v                 |      |
 *	   |  ^ ATTACHED (to RUNNING)  GONE <------------+------+
 *	   +--|--                       |        REMOVED
 *	      +--------- DRAINED -------+
 *
 *	any state ---- CLOSED ----> NONE
 *
 * NONE           the ring is not open.
 * ABSENT         the socket is on no interface. Each change of an interface,
 *                and a timer after a failure, start an attempt to attach it.
 * BLOCKED        the socket is bound and drops all frames, because it is not in
 *                its fanout group yet. The timer starts an attempt to join.
 * WAITING_GROUP  the socket is in its group and drops all frames until the
 *                other rings have joined. The timer looks for them.
 * RUNNING        frames come.
 * LINK_DOWN      the interface is down. The socket stays bound; netlink reports
 *                when the interface is up, or removed.
 * GONE           the interface was removed. recv delivers the last frames; the
 *                timer checks whether it has.
 *
 * This file has no system calls: lifecycle_event() changes the state and
 *returns what to do, and events.c does it.
 */
#include <stdbool.h>

#include <pktio/pktio.h>

enum lifecycle_event {
	LIFECYCLE_ATTACHED, /* bound, and the ring's filter is in force */
	LIFECYCLE_BOUND,    /* bound, to join a fanout group next */
	LIFECYCLE_JOINED,   /* in its group, which waits for other rings */
	LIFECYCLE_STARTED,  /* its group runs, and its filter is in force */
	LIFECYCLE_BUSY,     /* another ring has a lock of the group */
	LIFECYCLE_FAILED,   /* an attempt to attach or to join failed */
	LIFECYCLE_REPORTED, /* the socket reported that the interface is down */
	LIFECYCLE_CHANGED,  /* netlink reported a change of some interface */
	LIFECYCLE_LINK_UP,  /* the interface was found up, */
	LIFECYCLE_LINK_DOWN, /* or down, */
	LIFECYCLE_REMOVED,   /* or removed */
	LIFECYCLE_DRAINED,   /* recv delivered the last frames */
	LIFECYCLE_TIMER,     /* the timer of the state expired */
	LIFECYCLE_CLOSED,
	LIFECYCLE_EVENTS
};

/* What lifecycle_event() asks of its caller. */
enum lifecycle_action {
	LIFECYCLE_NOTHING,
	LIFECYCLE_ATTACH,     /* find the interface and bind the socket */
	LIFECYCLE_JOIN,       /* join the group and start */
	LIFECYCLE_TICK,       /* look for the other members of the group */
	LIFECYCLE_CHECK_LINK, /* find out whether the interface is up */
	LIFECYCLE_DRAIN,      /* find out whether frames of it are left */
	LIFECYCLE_SETTLE, /* attach soon: interfaces are renamed and set up */
	LIFECYCLE_RETRY,  /* set the timer for another attempt */
};

struct lifecycle {
	enum pktio_state state; /* only lifecycle_event() writes it */
};

#define LIFECYCLE_STATES (PKTIO_STATE_GONE + 1U)

enum lifecycle_action lifecycle_event(struct lifecycle *l,
				      enum lifecycle_event event);

/* False for a pair that cannot be: lifecycle_event() asserts that it is not. */
bool lifecycle_handles(enum pktio_state state, enum lifecycle_event event);

/* Whether the socket is bound to an interface that exists. */
bool lifecycle_is_attached(const struct lifecycle *l);

#endif
