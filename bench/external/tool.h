/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TOOL_H
#define PKTIO_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "receive/receiver.h"

/* What a program said of itself at its end, in frames. */
struct peer_count {
	uint64_t received, dropped;
};

/*
 * An installed program that captures, as a black box: started on the interface,
 * and asked for its counts with SIGINT.
 */
struct peer {
	const char *name;
	const char *program; /* if that is another name */
	/* Words of its command line; %i is the interface, %b, %k and %m the
	 * memory that our ring has in bytes, KiB and MiB. */
	const char *arguments;
	const char *version; /* the option that prints it; NULL: none does */
	/* False: it did not say what it is to say. */
	bool (*parse)(const char *said, struct peer_count *ret);
	bool silent; /* of what it loses */
	bool nudge;  /* its last counts come with one more frame */
	bool asked;  /* none of "installed": it takes more than the program */
};

/* Whether the program is installed: on the PATH, or where system tools are. */
bool peer_installed(const struct peer *peer);

/* How it is started, and the first line of what it says of its version; "" if
 * it does not. */
void peer_command(const struct peer *peer, const struct contest *contest,
		  char *ret, size_t size);
void peer_version(const struct peer *peer, char *ret, size_t size);

/* ---- For the contenders that they are ----------------------------------- */

int peer_open(void **ret, const struct peer *peer,
	      const struct contest *contest, struct pktio_error *reterr);
int peer_loop(void *state, struct tally *tally, struct pktio_error *reterr);
void peer_wake(void *state);
int peer_lost(void *state, struct losses *ret, struct pktio_error *reterr);
void peer_cost(void *state, struct contender_cost *ret);
void peer_close(void *state);

#endif
