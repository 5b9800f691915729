/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_INTERRUPT_H
#define PKTIO_BENCH_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT is noted, once: a second one kills as usual. */
void interrupt_catch(void);
bool interrupt_came(void);

/* Threads started between the two leave SIGINT to the others. */
void interrupt_block(void);
void interrupt_unblock(void);

#endif
