/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_TOOL_H
#define PKTIO_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "receive/receiver.h"

/* The frame counts that a tool prints when it ends. */
struct tool_counts {
	uint64_t received, dropped;
};

/*
 * An installed capture program, used as a black box: bench starts it on the
 * interface, stops it with SIGINT and reads the counts from its output.
 */
struct tool {
	const char *name;
	const char *program; /* of another name; NULL: `name` */
	/* Arguments. %i is the interface; %b, %k and %m are the memory of the
	 * ring under test in bytes, KiB and MiB. */
	const char *arguments;
	const char *version; /* option that prints the version; NULL: none */
	/* Finds the counts in the output; false: they are not there. */
	bool (*parse)(const char *output, struct tool_counts *ret);
	bool no_drop_count; /* it does not print how many frames it dropped */
	bool needs_frame;   /* it prints its last counts with the next frame */
	bool by_name_only;  /* --vs installed does not include it */
};

/* True if the program is on the PATH, or in /usr/sbin or /sbin. */
bool tool_installed(const struct tool *tool);

/* Writes the command line of the tool. */
void tool_command(const struct tool *tool, const struct receiver_config *config,
		  char *ret, size_t size);

/* Writes the first line that the tool prints about its version, or "". */
void tool_version(const struct tool *tool, char *ret, size_t size);

/* ---- The functions of struct receiver ----------------------------------- */

int tool_open(void **ret, const struct tool *tool,
	      const struct receiver_config *config, struct pktio_error *reterr);
int tool_loop(void *state, struct tally *tally, struct pktio_error *reterr);
void tool_wake(void *state);
int tool_losses(void *state, struct losses *ret, struct pktio_error *reterr);
void tool_usage(void *state, struct receiver_usage *ret);
void tool_close(void *state);

/* The external tools; external/tools.c has a description of each. */
#define RECEIVER_TOOLS 7
extern const struct receiver receiver_tools[RECEIVER_TOOLS];

#endif
