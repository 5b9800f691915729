/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_H
#define PKTIO_AF_PACKET_H

#include <stdbool.h>

#include <linux/filter.h>
#include <net/if.h>
#include <sys/socket.h>

#include <pktio/backend.h>

enum af_packet_fanout_option {
	AF_PACKET_FANOUT_AUTO, /* hash, if there are several rings */
	AF_PACKET_FANOUT_NONE,
	AF_PACKET_FANOUT_FIRST, /* and from here on the kernel's modes */
};

/* The options; docs in af_packet.c. */
struct af_packet_conf {
	uint64_t ring_size, block_size; /* bytes */
	uint64_t block_timeout;         /* ns */
	uint64_t fanout;                /* enum af_packet_fanout_option */
	uint64_t fanout_flags;          /* PACKET_FANOUT_FLAG_ */
	uint64_t fanout_id;             /* 0: derived */
	uint64_t fanout_max;            /* 0: the kernel's default */
	const char *netns;              /* "": this one */
	uint64_t vlan;                  /* 1: put tags back into the bytes */
	uint64_t fd;                    /* a packet socket; 0: none */
	uint64_t spin, busy_poll;       /* ns */
	bool fanout_unique, outgoing, promisc, rxhash, qdisc_bypass, wait;
};

/* A cookie tells the block of a frame, or from here on a slot to send from. */
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
	const char *name; /* of the interface, as it was opened */
	unsigned count;   /* rings that share it */
	int sock;
	int ifindex; /* 0: on none */
	uint16_t linktype;
	struct sock_fprog filter; /* the one in force; a copy */

	/* An interface that went away: see life.c. */
	bool gone, was_bound;
	bool in_group; /* the socket is, and so cannot be bound again */
	int error;     /* why the ring could not come back; for recv to tell */
	int route, timer;

	/* The ring, and where in it we are: see rx.c. */
	uint8_t *map; /* NULL: none */
	size_t map_size, block_size;
	uint32_t blocks;
	uint64_t base; /* the cookie of block 0 */
	struct af_packet_retired *retired;
	uint32_t *held;   /* per block: frames not released yet */
	uint32_t cursor;  /* the block to be opened next */
	uint32_t current; /* the open one */
	uint32_t left;    /* frames in it not delivered yet */
	uint8_t *next;    /* the first of them */
	uint32_t flags;   /* PKTIO_F_ bits of every frame */
	uint32_t loss;    /* PKTIO_F_LOSS for the next frame, or 0 */
	uint32_t ahead;   /* blocks from cursor on that are known to be ours */
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

/* af_packet.c */
int af_packet_open_socket(struct af_packet *p);

/* netns.c: as socket(2), in the namespace of the option. */
int af_packet_socket(const struct af_packet *p, int family, int type,
		     int protocol);

/* link.c: finds the interface; -ENODEV if there is none of the name. */
int af_packet_find(struct af_packet *p, unsigned *mtu);
uint32_t af_packet_link(const struct af_packet *p);

/* geometry.c: sets block_size and blocks, or says which value would do. */
int af_packet_geometry(struct af_packet *p, unsigned mtu);

/* ring.c */
int af_packet_ring_open(struct af_packet *p);
void af_packet_ring_close(struct af_packet *p);
int af_packet_ring_retire(struct af_packet *p);
void af_packet_release_retired(struct af_packet *p, uint64_t cookie,
			       unsigned n);
void af_packet_ring_close_retired(struct af_packet *p);

/* rx.c */
int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);
int af_packet_ready(struct pktio_ring *r, int polled);
int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);
int af_packet_get_stats(struct pktio_ring *r);

/* join.c: binds, joins the fanout group, lets frames in: in an order that lets
 * no frame through that the ring should not have. */
int af_packet_join(struct af_packet *p);
int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog);
int af_packet_keep_filter(struct af_packet *p, const struct sock_fprog *prog);

/* fanout.c */
bool af_packet_shares(const struct af_packet *p);
int af_packet_fanout(struct af_packet *p);
const char *af_packet_fanout_name(unsigned mode);

/* diag.c: who has a fanout group, in words; false: nobody that is known. */
bool af_packet_diag_group(const struct af_packet *p, uint16_t id, char *ret,
			  size_t size);

/* life.c: takes what made the descriptor readable, but for frames. */
void af_packet_take_events(struct af_packet *p);
int af_packet_be_gone(struct af_packet *p);
bool af_packet_sender_back(struct af_packet *p);
void af_packet_life_close(struct af_packet *p);

/* tx.c */
int af_packet_tx_open(struct af_packet *p, unsigned mtu);
int af_packet_tx_setup(struct af_packet *p);
void af_packet_tx_close(struct af_packet *p);
void af_packet_unalloc(struct af_packet *p, uint64_t cookie);
int af_packet_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int af_packet_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int af_packet_flush(struct pktio_ring *r);

#endif
