/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_LIST_H
#define PKTIO_CLI_LIST_H

#include <stdbool.h>

/* The backends there are, a line each, and their options if asked for. */
void list_backends(bool verbose);

/* The options of one; negative if there is no such backend. */
int list_options(const char *backend);

#endif
