/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_ERROR_H
#define PKTIO_UTIL_ERROR_H

#include <pktio/pktio.h>

/* Fills *reterr, which may be NULL, and returns the code. */
int error_set(struct pktio_error *reterr, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
