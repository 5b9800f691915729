/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FILES_H
#define PKTIO_TESTS_FILES_H

/* Files of a test, in a directory of its own, and the tools that read them. */

#include <stddef.h>

#include <sys/resource.h>

/* The directory of this test; created by the first call. */
const char *scratch_directory(void);
/* The path of a file there; valid for the next seven calls. */
const char *scratch(const char *name);
/* Writes a file there and returns its path. */
const char *scratch_file(const char *name, const void *data, size_t size);
/* The size of a file there; -1 if it does not exist. */
long scratch_size(const char *name);
/* Removes the directory; the .fini of a suite. */
void scratch_remove(void);

/* Skips the test and removes the directory: Criterion does not call .fini. */
void skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads a whole text file. */
void read_text(const char *path, char *ret, size_t size);

/*
 * Runs a program, found in PATH, with its output in the file `out` (NULL: the
 * output is discarded). Skips the test if the program is not installed. Returns
 * the exit status.
 */
int run_tool(const char *out, const char *const *argv);

/*
 * Writing beyond `bytes` in any file fails with EFBIG. The test removes the
 * limit before it ends, because Criterion reports through a file.
 */
void limit_file_size(rlim_t bytes);
void unlimit_file_size(void);

#endif
