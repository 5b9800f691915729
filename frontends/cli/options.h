/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_OPTIONS_H
#define PKTIO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define OPTIONS_MAX_SETTINGS 64

#define OPTIONS_MAX_ADDED 4

/* Options for a ring; copy_main() adds up to OPTIONS_MAX_ADDED of its own. */
struct settings {
	struct pktio_setting list[OPTIONS_MAX_SETTINGS + OPTIONS_MAX_ADDED];
	size_t n;
};

/* The command line of `pktio copy`. Strings point into argv. */
struct options {
	bool help, quiet, stats;
	const char *source, *destination;
	const char *filter; /* NULL: none */
	uint64_t count;     /* UINT64_MAX: no limit */
	uint32_t snaplen;   /* UINT32_MAX: whole frames */
	struct settings source_settings, destination_settings; /* -o, -O */
};

/* Returns STATUS_OK, or STATUS_USAGE after an error message. */
int options_parse(struct options *ret, int argc, char **argv);

#endif
