/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BENCH_RUN_BENCH_H
#define PKTIO_TESTS_BENCH_RUN_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <jansson.h>

#define TEXT_SIZE 262144

/* What a program that has ended left behind. */
struct outcome {
	int status; /* of its exit; -1: a signal killed it */
	char out[TEXT_SIZE], err[TEXT_SIZE];
};

/* Runs bench with the words of a line. */
void run_bench(struct outcome *ret, const char *line);

/* The same, for what needs a network of its own. */
void bench_live(struct outcome *ret, const char *line);

/* The same, as somebody who has no privilege outside of his user namespace. */
void bench_unprivileged(struct outcome *ret, const char *line);

/* In two steps, for what is to happen in between. */
FILE *bench_scratch(void);
pid_t bench_start(const char *line, FILE *out, FILE *err);
void bench_finish(struct outcome *ret, pid_t pid, FILE *out, FILE *err);

/* What it printed when all went well. */
json_t *bench_json(const struct outcome *o);

/* A member that is a number. */
double bench_number(const json_t *object, const char *name);

/*
 * Writes a capture of three frames to a file in /tmp: one with a VLAN tag, and
 * one longer than the usual MTU.
 */
void bench_capture(char *ret, size_t size);
uint64_t bench_capture_bytes(uint64_t n); /* of so many, in turn */
/* One more at its end. */
void bench_capture_grow(const char *path);

#endif
