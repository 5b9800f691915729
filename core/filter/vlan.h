/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FILTER_VLAN_H
#define PKTIO_FILTER_VLAN_H

#include <linux/filter.h>

/*
 * Converts a program for the bytes of Ethernet frames on the wire. The new
 * program has the same result, also if the outermost VLAN tag was removed from
 * the bytes. The caller frees ret->filter.
 *
 * Returns 0. -E2BIG: the result is too long; -ENOSPC: the program uses all
 * memory words; -ENOMEM.
 */
int vlan_rewrite(struct sock_fprog *ret, const struct sock_fprog *prog);

/* Copies a program, for link types without VLAN tags. */
int vlan_keep(struct sock_fprog *ret, const struct sock_fprog *prog);

#endif
