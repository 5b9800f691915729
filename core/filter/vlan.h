/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FILTER_VLAN_H
#define PKTIO_FILTER_VLAN_H

#include <linux/filter.h>

/*
 * Makes of a program over the bytes of Ethernet frames, as they are on the
 * wire, one that gives the same answer also when the outermost VLAN tag was
 * taken out of them. `ret` gets an array from malloc.
 *
 * 0, or: -ENOMEM; -E2BIG it would be longer than a program may be; -ENOSPC it
 * leaves no word of memory.
 */
int vlan_rewrite(struct sock_fprog *ret, const struct sock_fprog *prog);

/* A copy as it is, for other link types: no tag is taken out of those. */
int vlan_keep(struct sock_fprog *ret, const struct sock_fprog *prog);

#endif
