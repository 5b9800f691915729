/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_AF_PACKET_H
#define PKTIO_AF_PACKET_AF_PACKET_H

/*
 * The handle of a ring. Who includes this reads or writes its fields; what
 * needs only a pointer to it declares that.
 */
#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>

#include <pktio/backend.h>

#include "events.h"
#include "filter.h"
#include "group/group.h"
#include "lifecycle.h"
#include "options.h"
#include "replacement.h"
#include "ring/loss.h"
#include "ring/memory.h"
#include "ring/profile.h"
#include "ring/timestamp.h"
#include "tx.h"
#include "watch.h"

/* The cookie of a frame is the number of its block. From here on it is the
 * number of a tx buffer, */
#define AF_PACKET_TX_BUFFER (UINT64_C(1) << 32)
/* and from here on that of a segment buffer (offload/gro.c). */
#define AF_PACKET_SEGMENT (UINT64_C(1) << 33)

struct af_packet {
	struct pktio_ring ring;
	const struct af_packet_conf *conf;
	const char *name;      /* of the interface, as it was opened */
	unsigned index, count; /* of the rings that share it */
	int sock;
	int query;    /* a netlink socket to find a long name, or -1 */
	bool take_fd; /* the socket is that of option fd */
	int ifindex;  /* 0: on none */
	bool any;     /* all interfaces at once; its ifindex is 0 */
	uint16_t linktype;
	uint16_t cooked; /* bytes of the header that we make, or 0 */
	uint32_t speed;  /* of the link, Mb/s; 0: unknown */
	struct nic_timestamps stamps;
	struct filter filter;
	struct group group;

	bool vnet; /* a struct virtio_net_hdr is in front of each frame */
	struct lifecycle life;
	struct watch watch;
	struct events events;

	struct af_packet_shape wanted; /* its memory may come out smaller */
	bool slots;                    /* a V2 ring: a slot for each frame */
	struct ring_mem mem;
	struct ring_retired *retired;
	struct loss loss;
	bool stalled;
	uint32_t flags;            /* PKTIO_F_ bits of every frame */
	struct af_packet_gro *gro; /* gro=split, or NULL */

	struct replacement replacement;
	struct replacement *owner; /* of a handle that replacement.c made */

	struct af_packet_tx tx;
};

static inline struct af_packet *af_packet_of(struct pktio_ring *r)
{
	return (struct af_packet *)r;
}

#endif
