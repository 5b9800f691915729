/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_SAME_FILE_H
#define PKTIO_CLI_SAME_FILE_H

#include <stdbool.h>

/*
 * True if writing to `destination` would overwrite the source. Both arguments
 * are file names or "-"; the source may also be a directory or a pattern.
 */
bool same_file(const char *source, const char *destination);

#endif
