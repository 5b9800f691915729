/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PROGRESS_H
#define PKTIO_BENCH_PROGRESS_H

/* One line on standard error that is written over; if that is a terminal. */
void progress_show(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void progress_clear(void);

/* So many trials come from now on; 0: nobody knows. Then how long the rest will
 * take is shown, too. */
void progress_expect(unsigned trials);
/* One is over. */
void progress_step(void);

#endif
