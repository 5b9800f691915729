/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FUZZ_H
#define PKTIO_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The time limit of one read. */
#define TIMEOUT_MS 10000

/*
 * A condition that must hold for every input; libFuzzer keeps an input that
 * fails.
 */
#define HOLDS(condition)                                              \
	do {                                                          \
		if (!(condition)) {                                   \
			fprintf(stderr, "%s:%d: does not hold: %s\n", \
				__FILE__, __LINE__, #condition);      \
			abort();                                      \
		}                                                     \
	} while (0)

/* libFuzzer calls a function of this name. */
/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
