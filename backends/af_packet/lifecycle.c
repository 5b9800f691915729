/* SPDX-License-Identifier: BSD-3-Clause */
#include "lifecycle.h"

#include <assert.h>

struct transition {
	bool possible;
	enum pktio_state next;
	enum lifecycle_action action;
};

#define TO(state, action)                                     \
	{                                                     \
		true, PKTIO_STATE_##state, LIFECYCLE_##action \
	}

/* Pairs that are not here are impossible. */
static const struct transition
	transitions[LIFECYCLE_STATES][LIFECYCLE_EVENTS] = {
	[PKTIO_STATE_NONE] = {
		[LIFECYCLE_ATTACHED] = TO(RUNNING, CHECK_LINK),
		[LIFECYCLE_BOUND] = TO(BLOCKED, NOTHING), /* open joins */
		[LIFECYCLE_FAILED] = TO(ABSENT, SETTLE),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_ABSENT] = {
		[LIFECYCLE_ATTACHED] = TO(RUNNING, CHECK_LINK),
		[LIFECYCLE_BOUND] = TO(BLOCKED, JOIN),
		[LIFECYCLE_FAILED] = TO(ABSENT, RETRY),
		/* The error of the removed interface. */
		[LIFECYCLE_REPORTED] = TO(ABSENT, NOTHING),
		[LIFECYCLE_CHANGED] = TO(ABSENT, SETTLE),
		[LIFECYCLE_TIMER] = TO(ABSENT, ATTACH),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_BLOCKED] = {
		[LIFECYCLE_JOINED] = TO(WAITING_GROUP, RETRY),
		[LIFECYCLE_STARTED] = TO(RUNNING, CHECK_LINK),
		[LIFECYCLE_BUSY] = TO(BLOCKED, RETRY),
		/* Also if the interface was removed since. */
		[LIFECYCLE_FAILED] = TO(ABSENT, RETRY),
		[LIFECYCLE_REPORTED] = TO(BLOCKED, NOTHING),
		[LIFECYCLE_CHANGED] = TO(BLOCKED, NOTHING),
		[LIFECYCLE_TIMER] = TO(BLOCKED, JOIN),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_WAITING_GROUP] = {
		[LIFECYCLE_JOINED] = TO(WAITING_GROUP, RETRY),
		[LIFECYCLE_STARTED] = TO(RUNNING, CHECK_LINK),
		[LIFECYCLE_BUSY] = TO(WAITING_GROUP, RETRY),
		[LIFECYCLE_REPORTED] = TO(WAITING_GROUP, CHECK_LINK),
		[LIFECYCLE_CHANGED] = TO(WAITING_GROUP, CHECK_LINK),
		[LIFECYCLE_LINK_UP] = TO(WAITING_GROUP, NOTHING),
		[LIFECYCLE_LINK_DOWN] = TO(WAITING_GROUP, NOTHING),
		[LIFECYCLE_REMOVED] = TO(GONE, RETRY),
		[LIFECYCLE_TIMER] = TO(WAITING_GROUP, TICK),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_RUNNING] = {
		[LIFECYCLE_REPORTED] = TO(RUNNING, CHECK_LINK),
		/* These were on their way when the state changed. */
		[LIFECYCLE_CHANGED] = TO(RUNNING, NOTHING),
		[LIFECYCLE_TIMER] = TO(RUNNING, NOTHING),
		[LIFECYCLE_LINK_UP] = TO(RUNNING, NOTHING),
		/* Again: nobody watched the interface before. */
		[LIFECYCLE_LINK_DOWN] = TO(LINK_DOWN, CHECK_LINK),
		[LIFECYCLE_REMOVED] = TO(GONE, RETRY),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_LINK_DOWN] = {
		[LIFECYCLE_REPORTED] = TO(LINK_DOWN, CHECK_LINK),
		[LIFECYCLE_CHANGED] = TO(LINK_DOWN, CHECK_LINK),
		[LIFECYCLE_TIMER] = TO(LINK_DOWN, NOTHING),
		[LIFECYCLE_LINK_UP] = TO(RUNNING, NOTHING),
		[LIFECYCLE_LINK_DOWN] = TO(LINK_DOWN, NOTHING),
		[LIFECYCLE_REMOVED] = TO(GONE, RETRY),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
	[PKTIO_STATE_GONE] = {
		[LIFECYCLE_REPORTED] = TO(GONE, NOTHING),
		[LIFECYCLE_CHANGED] = TO(GONE, NOTHING),
		[LIFECYCLE_TIMER] = TO(GONE, DRAIN),
		[LIFECYCLE_DRAINED] = TO(ABSENT, SETTLE),
		[LIFECYCLE_CLOSED] = TO(NONE, NOTHING),
	},
};

bool lifecycle_handles(enum pktio_state state, enum lifecycle_event event)
{
	return transitions[state][event].possible;
}

enum lifecycle_action lifecycle_event(struct lifecycle *l,
				      enum lifecycle_event event)
{
	const struct transition *t = &transitions[l->state][event];

	assert(t->possible);
	if (!t->possible)
		return LIFECYCLE_NOTHING;
	l->state = t->next;
	return t->action;
}

bool lifecycle_is_attached(const struct lifecycle *l)
{
	return l->state != PKTIO_STATE_NONE && l->state != PKTIO_STATE_ABSENT &&
	       l->state != PKTIO_STATE_GONE;
}
