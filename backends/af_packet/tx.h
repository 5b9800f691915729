/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_TX_H
#define PKTIO_AF_PACKET_TX_H

#include <stdint.h>

#include <sys/socket.h>

struct af_packet;
struct pktio_frame;
struct pktio_ring;
struct pktio_slab;

/* Frames that wait for one sendmmsg(), and those given out by alloc. */
#define TX_QUEUE 64U
#define TX_SLOTS (4 * TX_QUEUE)

struct af_packet_tx {
	struct pktio_slab *slab;
	uint32_t slot_size;
	uint32_t mtu;
	int error; /* of a flush that the caller does not know of yet */
	unsigned queued;
	struct mmsghdr msgs[TX_QUEUE];
	struct iovec vecs[TX_QUEUE];
	uint64_t cookies[TX_QUEUE];
};

int af_packet_tx_open(struct af_packet *p, unsigned mtu);
int af_packet_tx_setup(struct af_packet *p);
void af_packet_tx_close(struct af_packet *p);
void af_packet_unalloc(struct af_packet *p, uint64_t cookie);
int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int af_packet_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n);
int af_packet_flush(struct pktio_ring *r);

#endif
