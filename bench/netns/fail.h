/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_FAIL_H
#define PKTIO_BENCH_FAIL_H

#include <pktio/pktio.h>

/* Stores the code and a message in *reterr, if that is not NULL. Returns the
 * code. */
int bench_fail(struct pktio_error *reterr, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
