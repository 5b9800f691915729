/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_OPEN_H
#define PKTIO_CORE_OPEN_H

#include <stdbool.h>

#include <pktio/backend.h>

/*
 * open_ring - allocate a ring of this backend, and open it
 *
 * `conf` belongs to the caller and must live as long as the ring. With `wakes`,
 * the ring gets the descriptor that pktio_wake() needs.
 */
int open_ring(struct pktio_ring **ret, const struct pktio_backend *b,
	      const void *conf, const struct pktio_open_ctx *ctx, bool wakes,
	      struct pktio_error *reterr);

#endif
