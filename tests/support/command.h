/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_COMMAND_H
#define PKTIO_TESTS_COMMAND_H

/* The command pktio, run as a user runs it: what it prints and exits with. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_TEXT 16384

/* What a program that has ended left behind. */
struct outcome {
	int status;             /* of its exit */
	int signal;             /* that killed it, 0: none */
	char out[COMMAND_TEXT]; /* standard output, up to the first NUL */
	char err[COMMAND_TEXT]; /* standard error */
	size_t out_size;
};

/*
 * A command under way. In its words DIR/ at the start stands for a directory of
 * this test's own, which is also where it runs.
 */
struct command;

/* Words of `line` at blanks; '...' is one word. Input and output are
 * descriptors to give to it, -1: nothing to read, and kept for the outcome. */
struct command *command_start(const char *line, int in, int out);
pid_t command_pid(const struct command *c);
/* Waits for its end, and frees it. */
void command_finish(struct command *c, struct outcome *ret);
/* Both. */
void command_run(struct outcome *ret, const char *line);

/* A file in that directory: its name, which stays for a few calls. */
const char *command_path(const char *name);
void command_write(const char *name, const void *data, size_t size);
/* The size of a file; -1: there is none. */
long command_size(const char *name);
/* Removes it all: as .fini of the suite. */
void command_clean(void);

/* How many frames are in a file, read to its end; -1: it is damaged. */
int command_frames(const char *name);
/* Makes a file of so many frames of the backend gen. */
void command_make(const char *name, unsigned frames);

#endif
