/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FUZZ_H
#define PKTIO_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* How long a read may take to come up with something. */
#define TIMEOUT_MS 10000

/* What must hold whatever the input is; libFuzzer keeps the one that fails. */
#define HOLDS(condition)                                              \
	do {                                                          \
		if (!(condition)) {                                   \
			fprintf(stderr, "%s:%d: does not hold: %s\n", \
				__FILE__, __LINE__, #condition);      \
			abort();                                      \
		}                                                     \
	} while (0)

/* What libFuzzer calls; the name is its choice. */
/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
