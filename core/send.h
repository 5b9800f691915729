/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_SEND_H
#define PKTIO_CORE_SEND_H

#include <stdbool.h>

#include <pktio/backend.h>

/* 0 if the ring was opened to send and the backend can do it. */
int send_check(struct pktio_ring *r, bool can);

#endif
