/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_NETNS_H
#define PKTIO_BENCH_NETNS_H

/*
 * Private networks to measure and to test in: namespaces, veth pairs, and what
 * the kernel counted on them. Through libmnl; nothing of ip(8) is needed.
 */

#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

/*
 * A network namespace of this process's own, with `lo` down and nothing else.
 * Without the privilege for that, a user namespace around it, in which the
 * process is root; that works only while the process has one thread.
 */
int netns_enter(struct pktio_error *reterr);

/* Two interfaces joined back to back, up, and silent: no IPv6, no ARP. */
int netns_veth(const char *a, const char *b, struct pktio_error *reterr);

int netns_set_up(const char *name, bool up, struct pktio_error *reterr);
int netns_set_mtu(const char *name, unsigned mtu, struct pktio_error *reterr);
int netns_delete(const char *name, struct pktio_error *reterr);
int netns_add_altname(const char *name, const char *altname,
		      struct pktio_error *reterr);

/* What the kernel counts on an interface: struct rtnl_link_stats64. */
struct netns_counters {
	uint64_t rx_packets, tx_packets, rx_dropped, tx_dropped;
	uint32_t promiscuity; /* how many want it promiscuous */
};
int netns_get_counters(const char *name, struct netns_counters *ret,
		       struct pktio_error *reterr);

#endif
