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

enum af_packet_profile {
	AF_PACKET_THROUGHPUT,
	AF_PACKET_BALANCED,
	AF_PACKET_LATENCY, /* a V2 ring, the others are V3 */
};

enum af_packet_timestamp {
	AF_PACKET_STAMP_KERNEL,
	AF_PACKET_STAMP_SOFTWARE,
	AF_PACKET_STAMP_HARDWARE,
};

enum af_packet_steer_by {
	AF_PACKET_STEER_BY_FLOW,
	AF_PACKET_STEER_BY_ADDRESSES,
};

/* The options; docs in af_packet.c. */
struct af_packet_conf {
	uint64_t profile;   /* enum af_packet_profile */
	uint64_t timestamp; /* enum af_packet_timestamp */
	/* Bytes, and ns. 0: as the profile has it. */
	uint64_t ring_size, block_size, frame_size, block_timeout;
	const char *numa;      /* "auto", "none" or a node */
	const char *link_type; /* "auto", a name or a number */
	bool exact;
	uint64_t fanout;          /* enum af_packet_fanout_option */
	uint64_t fanout_flags;    /* PACKET_FANOUT_FLAG_ */
	uint64_t fanout_id;       /* 0: derived */
	uint64_t fanout_max;      /* 0: the kernel's default */
	const char *netns;        /* "": this one */
	uint64_t vlan;            /* 1: put tags back into the bytes */
	uint64_t gro;             /* 1: cut what was merged */
	uint64_t fd;              /* a packet socket; 0: none */
	uint64_t spin, busy_poll; /* ns */
	uint64_t gso_size;        /* bytes; 0: what the MTU allows */
	uint64_t fanout_wait;     /* ns */
	uint64_t steer_by;        /* AF_PACKET_STEER_BY_ */
	uint64_t steer_seed;
	const char *steer_weights;
	const char *fanout_program, *filter_program; /* "": none */
	bool fanout_unique, outgoing, promisc, rxhash, qdisc_bypass, wait;
	bool gso;
};

/* A cookie tells the block of a frame, or from here on a slot to send from. */
#define AF_PACKET_SLOT (UINT64_C(1) << 32)
/* And from here on one with a part of a merged frame: see offload/gro.c. */
#define AF_PACKET_SEGMENT (UINT64_C(1) << 33)

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

/* The shape of a ring: in force, or asked for. */
struct af_packet_shape {
	uint64_t ring_size;     /* bytes */
	uint64_t unit;          /* bytes: a V3 block, or the slot of a frame */
	uint64_t piece;         /* bytes that the kernel allocates at once */
	uint64_t block_timeout; /* ns */
};

struct af_packet_bpf;
struct af_packet_group;

/* A ring that waits for the others of its group: see group/barrier.c. */
struct af_packet_start {
	struct af_packet *next;
	int timer;      /* -1: it need not wait, and knows it */
	bool shut;      /* all frames are refused */
	uint64_t ends;  /* CLOCK_MONOTONIC, ns */
	uint64_t netns; /* cookie */
};

struct af_packet {
	struct pktio_ring ring;
	const struct af_packet_conf *conf;
	const char *name;      /* of the interface, as it was opened */
	unsigned index, count; /* of the rings that share it */
	int sock;
	int ifindex; /* 0: on none */
	bool any;    /* all interfaces at once; its ifindex is 0 */
	uint16_t linktype;
	uint16_t cooked; /* bytes of the header that we make, or 0 */
	uint32_t speed;  /* of the link, Mb/s; 0: unknown */
	bool stamped;    /* the NIC's time stamps were turned on by us: */
	int stamps_before, stamps_ours; /* its rx_filter */
	struct sock_fprog filter;       /* the one in force; a copy */
	int filter_program;             /* in its place, -1: none */
	bool unsorted; /* its group's members, since the interface was down */
	struct af_packet_group *group; /* with fanout=ebpf: see group/ebpf.c */
	struct af_packet_start start;

	/* An interface that went away: see lifecycle.c. */
	bool gone, was_bound;
	bool vnet;     /* a struct virtio_net_hdr is in front of each frame */
	bool in_group; /* the socket is, and so cannot be bound again */
	int error;     /* why the ring could not come back; for recv to tell */
	int told;      /* the last of these */
	uint64_t not_before; /* ms: when it may come back */
	int route, timer;

	/* The ring, and where in it we are: see ring/v3.c. */
	struct af_packet_shape wanted; /* its memory may come out smaller */
	uint8_t *map;                  /* NULL: none */
	size_t map_size;
	/* A block is a unit here, that is, a slot in a V2 ring: see
	 * ring/block.h. */
	bool slots;
	bool losing; /* the slot before the cursor was marked so */
	bool stalled;
	uint32_t status_at; /* where in a unit its status is */
	size_t block_size;
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
	uint32_t loss_in; /* units to come until it is set; 0: it is not */
	uint32_t marked;  /* blocks to come whose mark is of a loss before */
	uint32_t ahead;   /* blocks from cursor on that are known to be ours */
	uint32_t unsure;  /* blocks to come that an earlier filter let frames in
			   */
	int64_t looked_at; /* ms: when a dry recv last looked for events */
	unsigned in_vain;  /* dry ones since then */
	struct af_packet_gro *gro; /* gro=split, or NULL */

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
/* The cookie of the socket's namespace; 0 before Linux 5.14. */
uint64_t af_packet_netns_of(int sock);

/* interface.c: finds the interface; -ENODEV if there is none of the name. */
int af_packet_find(struct af_packet *p, unsigned *mtu);
uint32_t af_packet_link(const struct af_packet *p);
/* Takes name and link type as they were asked for; before the socket is made.
 */
int af_packet_link_options(struct af_packet *p);

/* ring/cooked.c: makes the header in front of each frame; the bytes they grew
 * by. */
unsigned af_packet_cook(const struct af_packet *p, struct pktio_frame *frames,
			unsigned n);

/* ring/cooked_filter.c: puts a filter over such frames in force, or none. */
int af_packet_cooked_filter(struct af_packet *p, const struct sock_fprog *prog);

/* ring/profile.c: fills in what was not asked for; the shape is good then. */
void af_packet_profile(struct af_packet *p, unsigned mtu,
		       struct af_packet_shape *shape);
/* The longest frame to come, without the headers of the ring. */
uint64_t af_packet_longest(const struct af_packet *p, unsigned mtu);
/* As many units of the shape as there is memory for. */
void af_packet_take_shape(struct af_packet *p, uint32_t blocks);

/* ring/geometry.c: sets `wanted`, or says which value would do. */
int af_packet_geometry(struct af_packet *p, unsigned mtu);

/* ring/numa.c: where the memory of the ring comes from, and came from. */
struct af_packet_policy {
	bool set;
	int mode;
	unsigned long nodes[16];
};
int af_packet_policy_set(struct af_packet *p, struct af_packet_policy *before);
void af_packet_policy_restore(const struct af_packet_policy *before);
int af_packet_placed(struct af_packet *p);

/* ring/timestamp.c: who takes the time; and leaves the NIC as it was. */
int af_packet_timestamp(struct af_packet *p);
void af_packet_timestamp_close(struct af_packet *p);

/* ring/memory.c */
int af_packet_ring_open(struct af_packet *p);
void af_packet_ring_close(struct af_packet *p);
/* Has the descriptor tell once more of a unit that is ours already. */
void af_packet_watch_again(struct af_packet *p);
/* A socket and its ring, with no open block, in whose place another is made:
 * set aside, and then retired, or put back. */
struct af_packet_old {
	int sock;
	uint8_t *map;
	size_t map_size;
	uint32_t *held;
	uint32_t blocks;
	struct pktio_info info;
};
void af_packet_ring_set_aside(struct af_packet *p, struct af_packet_old *ret);
void af_packet_ring_put_back(struct af_packet *p,
			     const struct af_packet_old *old);
int af_packet_ring_retire(struct af_packet *p, const struct af_packet_old *old);
void af_packet_release_retired(struct af_packet *p, uint64_t cookie,
			       unsigned n);
void af_packet_ring_close_retired(struct af_packet *p);

/* ring/v3.c */
int af_packet_recv_blocks(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n);
unsigned af_packet_insert_tag(struct pktio_frame *f);
void af_packet_note_waiting(struct af_packet *p);
int af_packet_fail_held(struct af_packet *p);
int af_packet_none(struct af_packet *p);
int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);
int af_packet_ready(struct pktio_ring *r, int polled);
int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);
int af_packet_get_stats(struct pktio_ring *r);

/* ring/v2.c: recv_blocks of a V2 ring, and what else is particular to it. */
int af_packet_recv_slots(struct af_packet *p, struct pktio_frame *frames,
			 unsigned n);
uint32_t af_packet_slots_unsure(const struct af_packet *p);
uint64_t af_packet_slot_time(const struct af_packet *p, uint32_t slot);

/* offload/gro.c: recv, of frames as on the wire. */
int af_packet_gro_open(struct af_packet *p);
void af_packet_gro_close(struct af_packet *p);
int af_packet_gro_recv(struct af_packet *p, struct pktio_frame *frames,
		       unsigned n);
void af_packet_gro_release(struct af_packet *p, uint64_t cookie);
/* Frames that were fetched from the ring and not delivered yet. */
bool af_packet_gro_waits(const struct af_packet *p);

/* group/bind.c: binds, joins the fanout group, lets frames in: in an order that
 * lets no frame through that the ring should not have. */
int af_packet_join(struct af_packet *p);
int af_packet_attach(struct af_packet *p, const struct sock_fprog *prog);
int af_packet_keep_filter(struct af_packet *p, const struct sock_fprog *prog);
int af_packet_load_filter(struct af_packet *p);
/* Puts the kept filter in force; without words, which the other has. */
int af_packet_let_in(struct af_packet *p);
int af_packet_fail_filter(struct af_packet *p, int error);

/*
 * group/barrier.c: lets frames into the ring of a group, now or when the others
 * are there, at which start_look looks. While it waits, another thread may do
 * that, so its filter is changed between hold and unhold.
 */
int af_packet_start(struct af_packet *p);
int af_packet_start_look(struct af_packet *p);
int af_packet_start_mark(const struct af_packet *p, bool begun);
void af_packet_start_leave(struct af_packet *p);
void af_packet_start_hold(struct af_packet *p);
void af_packet_start_unhold(struct af_packet *p);

/* group/fanout.c; id 0: one that is free. */
bool af_packet_shares(const struct af_packet *p);
int af_packet_fanout(struct af_packet *p);
int af_packet_join_group(struct af_packet *p, uint32_t id, uint16_t type_flags);
int af_packet_check_fanout(struct af_packet *p,
			   const struct pktio_open_ctx *ctx);
const char *af_packet_fanout_name(unsigned mode);

/* group/cbpf.c: has a program of classic BPF choose the ring. */
int af_packet_steer_classic(struct af_packet *p);

/*
 * group/ebpf.c: has a program of eBPF choose the ring, by a table. A ring
 * joins, and starts to have flows. When all have, the group is complete, or
 * was. To leave, it closes its socket between leave, which returns what left
 * wants, and left. A ring whose socket is gone already forgets its group.
 */
int af_packet_steer_join(struct af_packet *p, uint32_t id, uint16_t type_flags);
int af_packet_program_join(struct af_packet *p, uint32_t id,
			   uint16_t type_flags);
int af_packet_steer_start(struct af_packet *p);
bool af_packet_steer_complete(const struct af_packet *p);
int af_packet_steer_leave(struct af_packet *p);
void af_packet_steer_left(struct af_packet *p, int locked);
void af_packet_steer_forget(struct af_packet *p);
void af_packet_steer_sort(struct af_packet *p);
void af_packet_steer_look(struct af_packet *p);
/* With or without a carrier; `sock` is any socket of its namespace. */
bool af_packet_is_up(int sock, int ifindex);

/* The weights of all rings into ret[], if that is not NULL; -EINVAL. */
int af_packet_steer_weights(const struct af_packet *p, uint32_t *ret);

/* group/bpf_loader.c: the module, or NULL with the error in *ret; a program
 * from an object file, as a descriptor. */
const struct af_packet_bpf *af_packet_bpf(struct af_packet *p, int *ret);
int af_packet_load_program(struct af_packet *p, const char *option,
			   const char *file);

/* group/sock_diag.c: the cookies of a group's sockets on an interface, up to
 * `max`; how many there are, or an error. */
int af_packet_diag_members(const struct af_packet *p, uint16_t id,
			   uint32_t ifindex, uint64_t *cookies, unsigned max);

/* group/sock_diag.c: the members of the ring's group. */
struct af_packet_census {
	unsigned members;
	bool listed; /* the ring is among them */
	bool begun;  /* one of the others bears the mark of group/barrier.c */
};
int af_packet_diag_census(const struct af_packet *p,
			  struct af_packet_census *ret);

/* group/sock_diag.c: who has a fanout group, in words; false: nobody that is
 * known. */
bool af_packet_diag_group(const struct af_packet *p, uint16_t id, char *ret,
			  size_t size);

/* lifecycle.c: takes what made the descriptor readable, but for frames. */
void af_packet_take_events(struct af_packet *p);
void af_packet_look_after(struct af_packet *p);
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
int af_packet_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n);
int af_packet_flush(struct pktio_ring *r);

#endif
