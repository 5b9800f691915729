/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_COMMAND_H
#define PKTIO_TESTS_COMMAND_H

/* The command pktio, run as a user runs it: what it prints, and its status. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_TEXT 16384

/* The result of a program that has ended. */
struct outcome {
	int status;             /* exit status; -1 if a signal killed it */
	int signal;             /* the signal that killed it, or 0 */
	char out[COMMAND_TEXT]; /* standard output, up to the first NUL */
	char err[COMMAND_TEXT]; /* standard error */
	size_t out_size;
};

/* A running command. It runs in scratch_directory(). */
struct command;

/*
 * Starts the command with the words of `line`, which blanks separate; '...' is
 * one word. `in` and `out` are its standard input and output. If `in` is -1,
 * the command reads nothing; if `out` is -1, the output is kept for the
 * outcome.
 */
struct command *command_start(const char *line, int in, int out);
pid_t command_pid(const struct command *c);
/* Waits until the command ends, and frees it. */
void command_finish(struct command *c, struct outcome *ret);
/* Starts and finishes a command. */
void command_run(struct outcome *ret, const char *line);

/* Counts the frames of a file in scratch_directory(); -1 if it is damaged. */
int command_frames(const char *name);
/* Creates a file with this number of frames of the backend gen there. */
void command_make(const char *name, unsigned frames);

#endif
