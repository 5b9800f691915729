/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_H
#define PKTIO_AF_PACKET_H

#include <stdbool.h>

#include <net/if.h>
#include <sys/socket.h>

#include <pktio/backend.h>

enum af_packet_fanout {
	FANOUT_AUTO, /* hash, if there are several rings */
	FANOUT_NONE,
	FANOUT_HASH,
};

/* The options; docs in af_packet.c. */
struct af_packet_conf {
	uint64_t ring_size, block_size; /* bytes */
	uint64_t block_timeout;         /* ns */
	uint64_t fanout;                /* enum af_packet_fanout */
	uint64_t fanout_id;             /* 0: derived */
	bool promisc, rxhash, qdisc_bypass;
};

/* A cookie is the number of a block, or from here on that of a slot to send. */
#define AF_PACKET_SLOT (UINT64_C(1) << 32)

/* Frames that wait for one sendmmsg(), and those given out by alloc. */
#define TX_QUEUE 64U
#define TX_SLOTS (4 * TX_QUEUE)

struct af_packet_tx {
	struct pktio_slab *slab;
	uint32_t slot_size;
	int error; /* of a flush that the caller does not know of yet */
	unsigned queued;
	struct mmsghdr msgs[TX_QUEUE];
	struct iovec vecs[TX_QUEUE];
	uint64_t cookies[TX_QUEUE];
};

struct af_packet {
	struct pktio_ring ring;
	const struct af_packet_conf *conf;
	int sock;
	int ifindex;
	uint16_t linktype;

	/* The ring, and where in it we are: see rx.c. */
	uint8_t *map; /* NULL: none */
	size_t map_size, block_size;
	uint32_t blocks;
	uint32_t *held;   /* per block: frames not released yet */
	uint32_t cursor;  /* the block to be opened next */
	uint32_t current; /* the open one */
	uint32_t left;    /* frames in it not delivered yet */
	uint8_t *next;    /* the first of them */
	uint32_t flags;   /* PKTIO_F_ bits of every frame */
	uint32_t loss;    /* PKTIO_F_LOSS for the next frame, or 0 */
	bool stalled;
	uint32_t unsure; /* blocks to come that an earlier filter let frames in
			  */
	int64_t looked_at; /* ms: when a dry recv last looked for events */

	struct af_packet_tx tx;
};

static inline struct af_packet *af_packet_of(struct pktio_ring *r)
{
	return (struct af_packet *)r;
}

/* geometry.c: sets block_size and blocks, or says which value would do. */
int af_packet_geometry(struct af_packet *p, unsigned mtu);

/* rx.c */
int af_packet_rx_open(struct af_packet *p);
void af_packet_rx_close(struct af_packet *p);
int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);
int af_packet_ready(struct pktio_ring *r, int polled);
int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);
int af_packet_get_stats(struct pktio_ring *r);

/* join.c: binds, joins the fanout group, lets frames in: in an order that lets
 * no frame through that the ring should not have. */
int af_packet_join(struct af_packet *p, const struct pktio_open_ctx *ctx);
int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog);

/* link.c */
int af_packet_find(struct af_packet *p, const char *name, unsigned *mtu);
uint32_t af_packet_link(const struct af_packet *p);

/* tx.c */
int af_packet_tx_open(struct af_packet *p, unsigned mtu);
void af_packet_tx_close(struct af_packet *p);
int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
void af_packet_unalloc(struct af_packet *p, uint64_t cookie);
int af_packet_flush(struct pktio_ring *r);

#endif
