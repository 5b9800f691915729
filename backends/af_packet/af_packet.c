/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux AF_PACKET. Frames are received through a TPACKET_V3 ring: blocks of
 * memory that are shared with the kernel. The kernel fills one block after the
 * other with frames, and retires a block when it is full or its timeout is
 * over: it writes a status word in the header of the block. The application
 * reads the frames in place; releasing them writes the status word again.
 * Frames are sent with sendmmsg(). See also lifecycle.h.
 */
#include "af_packet.h"

#include "events.h"
#include "filter.h"
#include "group/group.h"
#include "interface.h"
#include "interfaces.h"
#include "offload/gro.h"
#include "receive.h"
#include "ring/geometry.h"
#include "ring/memory.h"
#include "ring/timestamp.h"
#include "socket.h"
#include "tx.h"

#include <string.h>

#include <unistd.h>

static void af_packet_close(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int locked;

	af_packet_tx_close(p);
	af_packet_gro_close(p);
	af_packet_timestamp_close(p);
	events_close(p);
	replacement_close(p);
	locked = group_leave(p);
	ring_mem_close(&p->mem);
	ring_mem_close_retired(p);
	filter_close(p);
	if (p->sock >= 0)
		close(p->sock);
	if (p->query >= 0)
		close(p->query);
	p->query = -1;
	group_left(p, locked);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

static int open_parts(struct af_packet *p, const struct pktio_open_ctx *ctx)
{
	unsigned mtu = 0;
	int ret = af_packet_link_options(p);
	bool absent = false;

	if (ret == 0)
		ret = group_check(p, ctx);
	if (ret == 0)
		ret = af_packet_open_socket(p);
	if (ret == 0) {
		ret = af_packet_find(p, &mtu);
		absent = ret == -ENODEV && p->conf->wait_for_interface;
	}
	if (absent)
		ret = 0;
	if (ret == 0 && p->cooked && ctx->mode & PKTIO_SEND)
		ret = pktio_fail(
			&p->ring, -ENOTSUP,
			"cannot send on '%s': the kernel accepts no frames with the cooked header of its link type; open an Ethernet interface",
			p->name);
	if (ret == 0)
		ret = filter_open(p, ctx->filter);
	if (ret == 0 && ctx->mode & PKTIO_RECV) {
		ret = af_packet_geometry(p, mtu);
		if (ret == 0)
			ret = ring_mem_open(p);
		if (ret == 0)
			ret = events_open(p);
		if (ret == 0 && p->conf->gro)
			ret = af_packet_gro_open(p);
	}
	if (ret == 0 && ctx->mode & PKTIO_SEND)
		ret = af_packet_tx_open(p, mtu);
	if (ret < 0)
		return ret;
	return events_attach(p, absent);
}

static int af_packet_open(struct pktio_ring *r, const void *conf,
			  const struct pktio_open_ctx *ctx)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	p->conf = conf;
	p->name = ctx->target;
	p->index = ctx->index;
	p->count = ctx->count;
	p->filter.ebpf = -1;
	p->sock = -1;
	p->query = -1;
	p->take_fd = p->conf->fd != 0;
	p->flags = PKTIO_F_WRITABLE | PKTIO_F_PKTTYPE |
		   (p->conf->rxhash ? PKTIO_F_HASH : 0);
	p->watch = (struct watch){ .route = -1, .timer = -1 };
	p->vnet = (ctx->mode & PKTIO_RECV && p->conf->gro) ||
		  (ctx->mode & PKTIO_SEND && p->conf->gso);
	if (!*ctx->target)
		return pktio_fail(
			r, -EINVAL,
			"no interface is given; write for example af_packet:eth0");
	ret = open_parts(p, ctx);
	if (ret == 0 && p->conf->fanout_unique && r->info.fanout_id == 0) {
		/* The kernel may choose id 0, which other rings cannot join:
		 * fanout-id=0 means a derived id. The next id is not 0. */
		af_packet_close(r);
		/* The socket of option fd is still in that group: the second
		 * one is made here. */
		p->take_fd = false;
		ret = open_parts(p, ctx);
	}
	if (ret < 0)
		af_packet_close(r);
	return ret;
}

static int af_packet_get_info(const struct pktio_ring *r,
			      struct pktio_info *info)
{
	const struct af_packet *p = (const struct af_packet *)r;

	info->link = af_packet_link(p);
	info->state = p->life.state;
	info->socket = p->sock;
	return 0;
}

PKTIO_BACKEND(af_packet) = {
	PKTIO_BACKEND_SIZES,
	.name = "af_packet",
	.doc = "a Linux interface, through a memory ring shared with the kernel",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct af_packet),
	.conf_size = sizeof(struct af_packet_conf),
	.opts = af_packet_options,
	.renamed = af_packet_renamed_options,
	.open = af_packet_open,
	.close = af_packet_close,
	.recv = af_packet_recv,
	.release = af_packet_release,
	.ready = af_packet_ready,
	.alloc = af_packet_alloc,
	.send = af_packet_send,
	.flush = af_packet_flush,
	.inject = af_packet_inject,
	.set_filter = af_packet_set_filter,
	.get_info = af_packet_get_info,
	.get_stats = af_packet_get_stats,
	.interfaces = af_packet_interfaces,
};
