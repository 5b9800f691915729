/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_LIVE_HANDLE_H
#define PKTIO_PCAP_LIVE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/if_packet.h>
#include <pcap/pcap.h>

#include <pktio/backend.h>

/*
 * A protocol that no frame has: it is below the first EtherType and above the
 * values of the kernel for frames without EtherType. A socket that is bound to
 * it receives nothing.
 */
#define NO_PROTOCOL 0x5ff

struct pcap_live {
	struct pktio_ring ring;
	pcap_t *pcap;
	struct pktio_slab *slab; /* memory of the slots */
	uint8_t **free;          /* the free slots, a stack */
	uint32_t nfree, slot_size;
	uint32_t ts_factor;          /* ns per unit of tv_usec */
	struct pktio_frame template; /* the common fields of all frames */
	struct pktio_frame *next;    /* the frame to fill in the callback */
	uint64_t bytes, truncated;   /* of the filled frames */
	struct pktio_frame ahead;    /* the next frame, if has_ahead */
	bool has_ahead;
	bool drained;   /* the last dispatch returned all frames */
	bool was_down;  /* libpcap has noticed that the interface is down */
	bool full;      /* the send buffer of the socket is full */
	int error;      /* the next recv returns it */
	int send_error; /* the next flush returns it */
	uint32_t last_drop;
	struct pktio_bpf
		*recheck;       /* for frames that passed the previous filter */
	uint64_t recheck_until; /* at least; ns, CLOCK_MONOTONIC */
	char name[64];          /* of the device */
};

static inline struct pcap_live *pcap_live_of(struct pktio_ring *r)
{
	return (struct pcap_live *)r;
}

/* The address of the socket of libpcap; false: it is not a packet socket. */
bool pcap_live_bound_to(const struct pcap_live *l, struct sockaddr_ll *ret);

/* Returns the frame slots. */
void pcap_live_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);

#endif
