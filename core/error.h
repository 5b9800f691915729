/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_ERROR_H
#define PKTIO_CORE_ERROR_H

#include <pktio/pktio.h>

/* Sets *reterr, if there is one, and returns the code. */
int error_set(struct pktio_error *reterr, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The one of `names` (NULL at its end) that was probably meant, or NULL. */
const char *error_nearest(const char *said, const char *const *names);

#endif
