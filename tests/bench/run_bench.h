/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BENCH_RUN_BENCH_H
#define PKTIO_TESTS_BENCH_RUN_BENCH_H

#include <stdint.h>

#include <jansson.h>

#include "support/program.h"

/* Runs bench with the arguments in `line`. */
void run_bench(struct outcome *ret, const char *line);

/* The same; skips the test if network namespaces are not available. */
void bench_live(struct outcome *ret, const char *line);

/* The same, without privileges outside of a user namespace. */
void bench_unprivileged(struct outcome *ret, const char *line);

/* Starts bench, for tests that do something before program_finish(). */
struct program *bench_start(const char *line);

/* The document on standard output. The exit status must be 0. */
json_t *bench_json(const struct outcome *o);

/* The value of a member, which must be a number. */
double bench_number(const json_t *object, const char *name);

/*
 * Writes a capture of three frames to a file in /tmp: one with a VLAN tag, and
 * one longer than an MTU of 1500.
 */
void bench_capture(char *ret, size_t size);
uint64_t bench_capture_bytes(uint64_t n); /* bytes of n frames, in turn */
/* Appends a frame. */
void bench_capture_grow(const char *path);

#endif
