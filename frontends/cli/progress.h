/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_PROGRESS_H
#define PKTIO_CLI_PROGRESS_H

#include <stdint.h>

/* Starts a progress line, if standard error is a terminal. */
void progress_begin(void);
/* Updates the line a few times a second; costs a clock read, or nothing without
 * a terminal. */
void progress_show(uint64_t frames, uint64_t bytes);
void progress_clear(void);

#endif
