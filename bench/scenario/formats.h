/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_FORMATS_H
#define PKTIO_BENCH_FORMATS_H

#include <stdbool.h>

/* True if the name is a format and codec, for example pcapng.zst. */
bool format_exists(const char *name);

/* All formats of files; NULL at the end. */
extern const char *const format_names[];

#endif
