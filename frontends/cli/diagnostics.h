/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_DIAGNOSTICS_H
#define PKTIO_CLI_DIAGNOSTICS_H

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/* Prints "pktio: MESSAGE" as a line on standard error; returns `status`. */
int print_error(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
