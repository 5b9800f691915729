/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_EXTERNAL_PROCESS_H
#define PKTIO_BENCH_EXTERNAL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define OUTPUT_SIZE 8192

/* A process that bench has started. */
struct process {
	pid_t pid;         /* 0: it has ended */
	int pidfd;         /* -1: none */
	FILE *output;      /* of the process, both streams */
	char *directory;   /* its working directory; NULL: that of bench */
	double user_share; /* of its CPU time; known after process_reap() */
};

/* What a process has used so far. */
struct process_usage {
	uint64_t now, cpu; /* ns */
	uint64_t wakeups, preemptions;
};

/* Finds a program on the PATH, or in /usr/sbin or /sbin. */
bool process_find(const char *name, char *ret, size_t size);

/* Creates the output file and the working directory. Returns 0 or -errno. */
int process_prepare(struct process *ret);

/*
 * Starts a program. Its signals have the default actions. It does not get the
 * signals of the terminal. Returns 0 or -errno.
 */
int process_start(struct process *p, char *const arguments[]);

/* Waits for the end of the process and collects its status. */
void process_reap(struct process *p);

/* Kills the process if it runs, and removes its files. */
void process_free(struct process *p);

/* Waits up to `timeout` ms; true if the process has ended. */
bool process_ended(const struct process *p, int timeout);

/* The usage of all threads. */
struct process_usage process_get_usage(pid_t pid);

/* Reads the output; of long output, the end. `ret` has OUTPUT_SIZE bytes. */
void process_read_output(const struct process *p, char *ret);

#endif
