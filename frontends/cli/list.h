/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_LIST_H
#define PKTIO_CLI_LIST_H

#include <stdbool.h>

/* Prints one line for each backend; if `verbose`, also the options. */
void list_backends(bool verbose);

/* Prints the options of one backend; -ENOENT if no backend has this name. */
int list_options(const char *backend);

#endif
