/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_PERCENT_H
#define PKTIO_UTIL_PERCENT_H

#include <stdbool.h>

/*
 * Replaces each %XX in `text` by the byte with that hexadecimal code. Returns
 * false, and changes nothing, if two digits are missing or are 00.
 */
bool percent_decode(char *text);

#endif
