/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RECEIVERS_H
#define PKTIO_BENCH_RECEIVERS_H

#include "receive/receiver.h"

/* The receivers that --vs can name; NULL at the end. */
extern const struct receiver *const receiver_list[];

/* NULL: no receiver of --vs has this name. */
const struct receiver *receiver_find(const char *name);

#endif
