/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_PROGRESS_H
#define PKTIO_CLI_PROGRESS_H

#include <stdint.h>

/* A line that follows the work, where standard error is a terminal. */
void progress_begin(void);
/* Cheap: mostly it looks at the clock only, without a terminal at nothing. */
void progress_show(uint64_t frames, uint64_t bytes);
void progress_clear(void);

#endif
