/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TOOL_H
#define PKTIO_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "receive/receiver.h"

/* What a program said of itself at its end, in frames. */
struct tool_counts {
	uint64_t received, dropped;
};

/*
 * An installed program that captures, as a black box: started on the interface,
 * and asked for its counts with SIGINT.
 */
struct tool {
	const char *name;
	const char *program; /* if that is another name */
	/* Words of its command line; %i is the interface, %b, %k and %m the
	 * memory that our ring has in bytes, KiB and MiB. */
	const char *arguments;
	const char *version; /* the option that prints it; NULL: none does */
	/* False: it did not say what it is to say. */
	bool (*parse)(const char *said, struct tool_counts *ret);
	bool silent; /* of what it loses */
	bool nudge;  /* its last counts come with one more frame */
	bool asked;  /* none of "installed": it takes more than the program */
};

/* Whether the program is installed: on the PATH, or where system tools are. */
bool tool_installed(const struct tool *tool);

/* How it is started, and the first line of what it says of its version; "" if
 * it does not. */
void tool_command(const struct tool *tool, const struct receiver_config *config,
		  char *ret, size_t size);
void tool_version(const struct tool *tool, char *ret, size_t size);

/* ---- For the receivers that they are ----------------------------------- */

int tool_open(void **ret, const struct tool *tool,
	      const struct receiver_config *config, struct pktio_error *reterr);
int tool_loop(void *state, struct tally *tally, struct pktio_error *reterr);
void tool_wake(void *state);
int tool_lost(void *state, struct losses *ret, struct pktio_error *reterr);
void tool_usage(void *state, struct receiver_usage *ret);
void tool_close(void *state);

#endif
