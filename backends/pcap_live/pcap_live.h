/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_H
#define PKTIO_PCAP_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/if_packet.h>
#include <pcap/pcap.h>

#include <pktio/backend.h>

/*
 * A protocol that no frame has: it is below the first EtherType and above what
 * the kernel has for frames without one. A socket bound to it stays empty.
 */
#define NO_PROTOCOL 0x5ff

struct pcap_live {
	struct pktio_ring ring;
	pcap_t *pcap;
	struct pktio_slab *slab; /* memory of the slots */
	uint8_t **free;          /* those that are free, as a stack */
	uint32_t nfree, slot_size;
	uint32_t ts_factor;        /* ns per unit of tv_usec */
	struct pktio_frame model;  /* what all frames have in common */
	struct pktio_frame *next;  /* to fill, while libpcap dispatches */
	uint64_t bytes, truncated; /* of what was filled */
	struct pktio_frame ahead;  /* to be received first, if has_ahead */
	bool has_ahead;
	bool drained;   /* libpcap had no more when last asked */
	bool was_down;  /* libpcap knows that the interface went down */
	bool full;      /* the socket had no room to send */
	int error;      /* to be returned by the next recv */
	int send_error; /* to be returned by the next flush */
	uint32_t last_drop;
	struct pktio_bpf *recheck; /* for frames that passed another filter */
	uint64_t recheck_until;    /* at least, CLOCK_MONOTONIC in ns */
	char name[64];             /* of the device, for messages */
};

static inline struct pcap_live *pcap_live_of(struct pktio_ring *r)
{
	return (struct pcap_live *)r;
}

/* What libpcap's socket is bound to; false if it is no packet socket. */
bool pcap_live_bound_to(const struct pcap_live *l, struct sockaddr_ll *ret);

int pcap_live_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
void pcap_live_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);
int pcap_live_ready(struct pktio_ring *r, int polled);
int pcap_live_get_info(const struct pktio_ring *r, struct pktio_info *info);
int pcap_live_get_stats(struct pktio_ring *r);

/*
 * The first filter, on a socket that was activated with NO_PROTOCOL, which is
 * then bound to `protocol`, or to all of them if that is 0.
 */
int pcap_live_start_filtered(struct pcap_live *l, const struct sock_fprog *prog,
			     uint64_t protocol);
int pcap_live_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);

/*
 * Takes those out of `frames`, just dispatched, that `recheck` refuses; returns
 * how many are left.
 */
int pcap_live_recheck(struct pcap_live *l, struct pktio_frame *frames, int n);

/* No frame waits: after some time none comes that passed the filter before. */
void pcap_live_settle(struct pcap_live *l);

int pcap_live_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int pcap_live_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int pcap_live_flush(struct pktio_ring *r);

#endif
