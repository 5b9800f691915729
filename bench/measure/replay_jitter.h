/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_REPLAY_JITTER_H
#define PKTIO_BENCH_REPLAY_JITTER_H

#include "cli/options.h"

/*
 * Replays a file and prints how late its frames come, as a histogram; also as
 * JSON, if that is not NULL. 0, or an error with words.
 */
int replay_jitter_measure(FILE *out, FILE *json, const struct options *options,
			  struct pktio_error *reterr);

#endif
