/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_FILES_H
#define PKTIO_BENCH_FILES_H

#include "scenario/plan.h"

/*
 * Writes the traffic to a file of each format and codec that was asked for, in
 * a directory of its own below $TMPDIR or /tmp, and makes a scenario of each.
 */
int files_make(struct plan *plan, struct pktio_error *reterr);

/* Removes them. Nothing, where none were made. */
void files_remove(struct plan *plan);

/* Whether a name is one of a format and a codec, like pcapng.zst. */
bool files_is_format(const char *name);

/* All of them, NULL at the end. */
extern const char *const files_formats[];

/*
 * A name below $TMPDIR, or /tmp, as mkstemp(3) and mkdtemp(3) want it; free()
 * it. NULL: no memory.
 */
char *files_temporary(void);

#endif
