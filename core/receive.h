/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_RECEIVE_H
#define PKTIO_CORE_RECEIVE_H

#include <pktio/backend.h>

/*
 * Checks a program, so that all backends refuse the same programs. Sets *ret
 * only if the backend has no set_filter. Otherwise the backend filters, and a
 * program that only the kernel can run is valid as well.
 */
int receive_check_filter(const struct pktio_ring *r,
			 const struct sock_fprog *prog, struct pktio_bpf **ret);

/* The message for an error of receive_check_filter(). */
const char *receive_filter_text(int code);

#endif
