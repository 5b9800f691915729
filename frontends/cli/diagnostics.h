/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_DIAGNOSTICS_H
#define PKTIO_CLI_DIAGNOSTICS_H

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/* Prints "pktio: ...", as a line of standard error, and returns `status`. */
int complain(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The one of `n` names that was probably meant; NULL: none is near. */
const char *nearest(const char *said, const char *const *names, unsigned n);

#endif
