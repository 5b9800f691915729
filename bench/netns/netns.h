/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_NETNS_H
#define PKTIO_BENCH_NETNS_H

/*
 * Private networks for bench and for the tests: network namespaces, veth pairs
 * and their counters. Uses libmnl; ip(8) is not needed.
 */

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

/*
 * Moves the process into a new network namespace, in which `lo` is down.
 * Without privileges, also creates a user namespace in which the process is
 * root; that works only while the process has one thread.
 *
 * This function and the others return 0 or a negative errno value, with a
 * message in *reterr if that is not NULL.
 */
int netns_enter(struct pktio_error *reterr);

/* Creates two connected interfaces. Both are up and send nothing by themselves:
 * they have no IPv6 and no ARP. */
int netns_veth(const char *a, const char *b, struct pktio_error *reterr);

/* Sets the interface up or down. `up` returns when it can transmit. */
int netns_set_up(const char *name, bool up, struct pktio_error *reterr);

int netns_set_mtu(const char *name, unsigned mtu, struct pktio_error *reterr);
int netns_delete(const char *name, struct pktio_error *reterr);
/* Adds an alternative name. */
int netns_add_altname(const char *name, const char *altname,
		      struct pktio_error *reterr);

/* The counters of an interface; see struct rtnl_link_stats64. */
struct netns_counters {
	uint64_t rx_packets, tx_packets, rx_dropped, tx_dropped;
	uint32_t promiscuity; /* number of users that need promiscuous mode */
};
int netns_get_counters(const char *name, struct netns_counters *ret,
		       struct pktio_error *reterr);

#endif
