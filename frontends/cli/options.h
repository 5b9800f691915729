/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_OPTIONS_H
#define PKTIO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define OPTIONS_MOST_SETTINGS 64

#define OPTIONS_MOST_ADDED 4

/* Options for a ring, with places left for what is added to them. */
struct settings {
	struct pktio_setting list[OPTIONS_MOST_SETTINGS + OPTIONS_MOST_ADDED];
	size_t n;
};

/* The command line of copy. Texts are those of argv. */
struct options {
	bool help, quiet, stats;
	const char *source, *destination;
	const char *filter;            /* NULL: none */
	uint64_t count;                /* UINT64_MAX: all */
	uint32_t snaplen;              /* UINT32_MAX: whole frames */
	struct settings read, written; /* -o, -O */
};

/* STATUS_OK, or it has complained and returns STATUS_USAGE. */
int options_parse(struct options *ret, int argc, char **argv);

#endif
