/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_COPY_H
#define PKTIO_CLI_COPY_H

#include <stdio.h>

void copy_help(FILE *out);

/* argv[0] is the verb; returns the exit status. */
int copy_main(int argc, char **argv);

#endif
