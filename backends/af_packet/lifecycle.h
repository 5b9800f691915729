/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_LIFECYCLE_H
#define PKTIO_AF_PACKET_LIFECYCLE_H

/*
 * The states of a ring, from open to close:
 *
 *	         +---------- no fanout group -----------+
 *	         |                                      v
 *	NONE ----+--> BLOCKED --> WAITING_GROUP --> RUNNING <--> LINK_DOWN
 *	  |      |     |   |            |            ^   |          |
 *	  v      |     |   +------------|------------+   |          |
 *	ABSENT --+ <---+                +----> GONE <----+----------+
 *	  ^                                     |
 *	  +-------------------------------------+
 *
 *	state          event and next state
 *	NONE           ATTACHED: RUNNING, BOUND: BLOCKED, FAILED: ABSENT
 *	ABSENT         ATTACHED: RUNNING, BOUND: BLOCKED
 *	BLOCKED        JOINED: WAITING_GROUP, STARTED: RUNNING, FAILED: ABSENT
 *	WAITING_GROUP  STARTED: RUNNING, REMOVED: GONE
 *	RUNNING        LINK_DOWN: LINK_DOWN, REMOVED: GONE
 *	LINK_DOWN      LINK_UP: RUNNING, REMOVED: GONE
 *	GONE           DRAINED: ABSENT
 *	any state      CLOSED: NONE
 *
 * NONE           The ring is not open.
 * ABSENT         The socket is on no interface. Each change of an interface,
 *                and a timer after a failure, start an attempt to attach it.
 * BLOCKED        The socket is bound and drops all frames, because it is not in
 *                its fanout group yet. The timer starts an attempt to join.
 * WAITING_GROUP  The socket is in its group and drops all frames until the
 *                other rings have joined. The timer looks for them.
 * RUNNING        The ring receives frames.
 * LINK_DOWN      The interface is down. The socket stays bound; netlink reports
 *                when the interface is up or removed.
 * GONE           The interface was removed. recv delivers its last frames; the
 *                timer checks whether recv has delivered all of them.
 *
 * This file makes no system calls. lifecycle_event() changes the state and
 * returns an action, which events.c does.
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
