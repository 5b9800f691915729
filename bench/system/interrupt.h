/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_INTERRUPT_H
#define PKTIO_BENCH_INTERRUPT_H

#include <stdbool.h>
#include <sys/types.h>

/* From now on SIGINT, SIGTERM and SIGHUP are noted; one that comes later than
 * half a second after the first kills as usual. */
void interrupt_install(void);
bool interrupt_pending(void);

/* To whom it is passed on; 0: to nobody any more. */
void interrupt_forward(pid_t pid);

/* Threads started between the two leave these signals to the others. */
void interrupt_block(void);
void interrupt_unblock(void);

#endif
