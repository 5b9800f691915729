/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_RECEIVE_H
#define PKTIO_CORE_RECEIVE_H

#include <pktio/backend.h>

/*
 * Checks a program in any case, so that a bad one is refused alike by every
 * backend. `ret` is for those that leave filtering to the library; where the
 * kernel filters, it says itself what it knows of a frame.
 */
int receive_check_filter(const struct pktio_ring *r,
			 const struct sock_fprog *prog, struct pktio_bpf **ret);

/* The message to an error of receive_check_filter(). */
const char *receive_filter_words(int code);

#endif
