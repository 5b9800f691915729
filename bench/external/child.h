/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_CHILD_H
#define PKTIO_BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define OUTPUT_SIZE 8192

/* A process that bench has started. */
struct child {
	pid_t pid;         /* 0: it has ended */
	int pidfd;         /* -1: none */
	FILE *output;      /* of the process, both streams */
	char *directory;   /* its working directory; NULL: that of bench */
	double user_share; /* of its CPU time; known after child_reap() */
};

/* What a process has used so far. */
struct child_usage {
	uint64_t now, cpu; /* ns */
	uint64_t wakeups, preemptions;
};

/* Finds a program on the PATH, or in /usr/sbin or /sbin. */
bool child_find_program(const char *name, char *ret, size_t size);

/* Creates the output file and the working directory. Returns 0 or -errno. */
int child_prepare(struct child *ret);

/*
 * Starts a program. Its signals have the default actions. It does not get the
 * signals of the terminal. Returns 0 or -errno.
 */
int child_start(struct child *p, char *const arguments[]);

/* Waits for the end of the process and collects its status. */
void child_reap(struct child *p);

/* Kills the process if it runs, and removes its files. */
void child_free(struct child *p);

/* Waits up to `timeout` ms; true if the process has ended. */
bool child_ended(const struct child *p, int timeout);

/* The usage of all threads. */
struct child_usage child_get_usage(pid_t pid);

/* Reads the output; of long output, the end. `ret` has OUTPUT_SIZE bytes. */
void child_read_output(const struct child *p, char *ret);

#endif
