/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of an af_packet ring, without a kernel: every state and event. */
#include <stdio.h>
#include <string.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lifecycle.h"
#include "support/expect.h"

static const char *const events[LIFECYCLE_EVENTS] = {
	[LIFECYCLE_ATTACHED] = "attached", [LIFECYCLE_BOUND] = "bound",
	[LIFECYCLE_JOINED] = "joined",     [LIFECYCLE_STARTED] = "started",
	[LIFECYCLE_BUSY] = "busy",         [LIFECYCLE_FAILED] = "failed",
	[LIFECYCLE_REPORTED] = "reported", [LIFECYCLE_CHANGED] = "changed",
	[LIFECYCLE_LINK_UP] = "link-up",   [LIFECYCLE_LINK_DOWN] = "link-down",
	[LIFECYCLE_REMOVED] = "removed",   [LIFECYCLE_DRAINED] = "drained",
	[LIFECYCLE_TIMER] = "timer",       [LIFECYCLE_CLOSED] = "closed",
};

static const char *const actions[] = {
	[LIFECYCLE_NOTHING] = "",
	[LIFECYCLE_ATTACH] = "attach",
	[LIFECYCLE_JOIN] = "join",
	[LIFECYCLE_TICK] = "tick",
	[LIFECYCLE_CHECK_LINK] = "check-link",
	[LIFECYCLE_DRAIN] = "drain",
	[LIFECYCLE_SETTLE] = "settle",
	[LIFECYCLE_RETRY] = "retry",
};

/* The possible pairs, independent of the table under test. */
static const struct {
	const char *state, *event, *next, *action;
} expected[] = {
	/* Opening. */
	{ "none", "attached", "running", "check-link" },
	{ "none", "bound", "blocked", "" },
	{ "none", "failed", "absent", "settle" },
	/* Looking for an interface. */
	{ "absent", "attached", "running", "check-link" },
	{ "absent", "bound", "blocked", "join" },
	{ "absent", "failed", "absent", "retry" },
	{ "absent", "reported", "absent", "" },
	{ "absent", "changed", "absent", "settle" },
	{ "absent", "timer", "absent", "attach" },
	/* Joining a group. */
	{ "blocked", "joined", "waiting-group", "retry" },
	{ "blocked", "started", "running", "check-link" },
	{ "blocked", "busy", "blocked", "retry" },
	{ "blocked", "failed", "absent", "retry" },
	{ "blocked", "reported", "blocked", "" },
	{ "blocked", "changed", "blocked", "" },
	{ "blocked", "timer", "blocked", "join" },
	/* Waiting for the other rings. */
	{ "waiting-group", "joined", "waiting-group", "retry" },
	{ "waiting-group", "started", "running", "check-link" },
	{ "waiting-group", "busy", "waiting-group", "retry" },
	{ "waiting-group", "reported", "waiting-group", "check-link" },
	{ "waiting-group", "changed", "waiting-group", "check-link" },
	{ "waiting-group", "link-up", "waiting-group", "" },
	{ "waiting-group", "link-down", "waiting-group", "" },
	{ "waiting-group", "removed", "gone", "retry" },
	{ "waiting-group", "timer", "waiting-group", "tick" },
	/* Receiving. */
	{ "running", "reported", "running", "check-link" },
	{ "running", "changed", "running", "" },
	{ "running", "link-up", "running", "" },
	{ "running", "link-down", "link-down", "check-link" },
	{ "running", "removed", "gone", "retry" },
	{ "running", "timer", "running", "" },
	/* The interface is down. */
	{ "link-down", "reported", "link-down", "check-link" },
	{ "link-down", "changed", "link-down", "check-link" },
	{ "link-down", "link-up", "running", "" },
	{ "link-down", "link-down", "link-down", "" },
	{ "link-down", "removed", "gone", "retry" },
	{ "link-down", "timer", "link-down", "" },
	/* The interface was removed. */
	{ "gone", "reported", "gone", "" },
	{ "gone", "changed", "gone", "" },
	{ "gone", "drained", "absent", "settle" },
	{ "gone", "timer", "gone", "drain" },
	/* Closing, also after an open that failed. */
	{ "none", "closed", "none", "" },
	{ "absent", "closed", "none", "" },
	{ "blocked", "closed", "none", "" },
	{ "waiting-group", "closed", "none", "" },
	{ "running", "closed", "none", "" },
	{ "link-down", "closed", "none", "" },
	{ "gone", "closed", "none", "" },
};
#define EXPECTED (sizeof(expected) / sizeof(expected[0]))

/* The index of a pair in the table above, or EXPECTED. */
static size_t find(unsigned state, unsigned event)
{
	size_t i = 0;

	while (i < EXPECTED &&
	       (strcmp(expected[i].state, pktio_state_name(state)) != 0 ||
		strcmp(expected[i].event, events[event]) != 0))
		i++;
	return i;
}

Test(lifecycle, each_pair_has_the_expected_state_and_action)
{
	size_t seen = 0;

	for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
		for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++) {
			struct lifecycle l = { .state = s };
			size_t i = find(s, e);
			enum lifecycle_action action;

			EXPECT(lifecycle_handles(s, e) == (i < EXPECTED),
			       "%s in state %s", events[e],
			       pktio_state_name(s));
			if (i == EXPECTED || !lifecycle_handles(s, e))
				continue;
			seen++;
			action = lifecycle_event(&l, e);
			EXPECT_STR(pktio_state_name(l.state), expected[i].next);
			EXPECT_STR(actions[action], expected[i].action);
		}
	}
	EXPECT_EQ(seen, EXPECTED);
}

/* Passes a pair to a child process; returns its wait status. */
static int try_pair(unsigned state, unsigned event)
{
	struct lifecycle l = { .state = state };
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		bool kept;

		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(3);
		kept = lifecycle_event(&l, event) == LIFECYCLE_NOTHING &&
		       l.state == state;
		_exit(kept ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

Test(lifecycle, an_impossible_pair_is_asserted_and_changes_nothing)
{
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
		for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++) {
			int status;

			if (lifecycle_handles(s, e))
				continue;
			status = try_pair(s, e);
#ifdef NDEBUG
			EXPECT(status == 0, "%s in state %s", events[e],
			       pktio_state_name(s));
#else
			EXPECT(WIFSIGNALED(status) &&
				       WTERMSIG(status) == SIGABRT,
			       "%s in state %s", events[e],
			       pktio_state_name(s));
#endif
		}
	}
}

/* The states that can follow the states in the mask. */
static unsigned reach(unsigned mask)
{
	unsigned before;

	do {
		before = mask;
		for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
			for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++) {
				struct lifecycle l = { .state = s };

				if (!(mask & 1U << s) ||
				    !lifecycle_handles(s, e))
					continue;
				lifecycle_event(&l, e);
				mask |= 1U << l.state;
			}
		}
	} while (mask != before);
	return mask;
}

Test(lifecycle, each_state_is_reached_and_leads_to_running_again)
{
	EXPECT_EQ(reach(1U << PKTIO_STATE_NONE), (1U << LIFECYCLE_STATES) - 1);
	for (unsigned s = 1; s < LIFECYCLE_STATES; s++)
		EXPECT(reach(1U << s) & 1U << PKTIO_STATE_RUNNING, "%s",
		       pktio_state_name(s));
}

Test(lifecycle, a_ring_is_attached_while_its_interface_exists)
{
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
		struct lifecycle l = { .state = s };
		bool attached = s == PKTIO_STATE_BLOCKED ||
				s == PKTIO_STATE_WAITING_GROUP ||
				s == PKTIO_STATE_RUNNING ||
				s == PKTIO_STATE_LINK_DOWN;

		EXPECT(lifecycle_is_attached(&l) == attached, "%s",
		       pktio_state_name(s));
	}
}

Test(lifecycle, each_state_has_a_name)
{
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++)
		EXPECT(strcmp(pktio_state_name(s), "unknown") != 0, "state %u",
		       s);
	EXPECT_STR(pktio_state_name(LIFECYCLE_STATES), "unknown");
}
