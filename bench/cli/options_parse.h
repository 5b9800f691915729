/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_PARSE_H
#define PKTIO_BENCH_OPTIONS_PARSE_H

#include <stdio.h>

#include "cli/options.h"

/* Prints errors to standard error and returns -EINVAL. */
int options_parse(struct options *ret, int argc, char **argv);

/* Prints the text of --help. */
void options_help(FILE *out);

#endif
