/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_PROGRAM_H
#define PKTIO_TESTS_PROGRAM_H

/* A program run as a user runs it: what it prints, and its exit status. */

#include <stddef.h>

#include <sys/types.h>

#define PROGRAM_TEXT 262144

/* The result of a program that has ended. */
struct outcome {
	int status;             /* exit status; -1 if a signal ended it */
	int signal;             /* the signal that ended it, or 0 */
	char out[PROGRAM_TEXT]; /* standard output, up to the first NUL */
	char err[PROGRAM_TEXT]; /* standard error */
	size_t out_size;
};

/* A running program. */
struct program;

struct program_setup {
	const char *directory; /* to run in; NULL: the current one */
	int in;                /* standard input; -1: /dev/null */
	int out;               /* standard output; -1: kept for the outcome */
	void (*prepare)(void); /* called in the new process; NULL: nothing */
};

/*
 * Starts the program with the words of `line`, which blanks separate; '...' is
 * one word.
 */
struct program *program_start(const char *path, const char *line,
			      const struct program_setup *setup);
pid_t program_pid(const struct program *p);
/* Waits until the program ends, and frees it. */
void program_finish(struct program *p, struct outcome *ret);

#endif
