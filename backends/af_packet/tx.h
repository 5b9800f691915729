/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_TX_H
#define PKTIO_AF_PACKET_TX_H

#include <stdint.h>

#include <sys/socket.h>

struct af_packet;
struct pktio_frame;
struct pktio_ring;
struct pktio_slab;

/* Frames that one sendmmsg() sends, and buffers for pktio_alloc(). */
#define TX_QUEUE 64U
#define TX_BUFFERS (4 * TX_QUEUE)

struct af_packet_tx {
	struct pktio_slab *slab;
	uint32_t buffer_size;
	uint32_t mtu;
	int error; /* of an earlier flush, not returned to the caller yet */
	unsigned queued;
	struct mmsghdr msgs[TX_QUEUE];
	struct iovec vecs[TX_QUEUE];
	uint64_t cookies[TX_QUEUE];
};

int af_packet_tx_open(struct af_packet *p, unsigned mtu);
/* Sets the options of a new socket. */
int af_packet_tx_setup(struct af_packet *p);
void af_packet_tx_close(struct af_packet *p);
/* Releases a buffer of pktio_alloc(). */
void af_packet_unalloc(struct af_packet *p, uint64_t cookie);

/* The calls of the backend. */
int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int af_packet_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n);
int af_packet_flush(struct pktio_ring *r);

#endif
