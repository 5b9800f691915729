/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_NEAREST_H
#define PKTIO_UTIL_NEAREST_H

#include <stddef.h>

/*
 * Finds the name that a mistyped word probably means: the one with the smallest
 * edit distance. Returns NULL if no name is close enough.
 */
const char *nearest_name(const char *word, const char *const *names, size_t n);

#endif
