/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PROCESS_H
#define PKTIO_BENCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* ---- Signals ------------------------------------------------------------ */

/* Installs handlers for SIGINT, SIGTERM and SIGHUP. The first signal asks bench
 * to stop. Another one, half a second later or more, ends the process. */
void interrupt_install(void);

/* True after a signal has arrived. */
bool interrupt_pending(void);

/* Sets the child process that gets the signal, too; 0: none. */
void interrupt_forward(pid_t pid);

/* Threads that are created between these two calls do not get the signals. */
void interrupt_block(void);
void interrupt_unblock(void);

/* ---- Progress ----------------------------------------------------------- */

/* Rewrites one line on standard error, if that is a terminal. */
void progress_show(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void progress_clear(void);

/* Sets how many runs follow; the line then shows the remaining time. 0: not
 * known. */
void progress_expect(unsigned runs);

/* Counts a run that has ended. */
void progress_step(void);

/* ---- Temporary files ---------------------------------------------------- */

/*
 * A template for mkstemp(3) and mkdtemp(3) below $TMPDIR, or /tmp. The caller
 * frees it. NULL: out of memory.
 */
char *temporary_path(void);

#endif
