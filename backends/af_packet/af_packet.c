/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux AF_PACKET. Frames are received through a TPACKET_V3 ring: blocks of
 * memory shared with the kernel, which fills one after the other with frames
 * back to back and hands each over by a word in its header, when it is full or
 * its timeout is over. We read the frames where they lie and hand the block
 * back by the same word. Frames are sent with sendmmsg().
 */
#include "af_packet.h"

#include <stddef.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <unistd.h>

static const struct pktio_opt_value fanout_values[] = {
	{ "auto", FANOUT_AUTO, "hash if several rings share the interface" },
	{ "none", FANOUT_NONE, "every ring gets every frame" },
	{ "hash", FANOUT_HASH, "by flow, both directions to one ring" },
	{ NULL, 0, NULL },
};

#define OPTION(field) .offset = offsetof(struct af_packet_conf, field)

/* The ranges are the kernel's; geometry.c has what depends on two of them. */
static const struct pktio_opt options[] = {
	{ .name = "ring-size",
	  .doc = "memory for frames that wait, unswappable; whole blocks",
	  .initial = "64M",
	  .type = PKTIO_OPT_SIZE,
	  .min = 8192,
	  .max = UINT64_C(1) << 40,
	  OPTION(ring_size) },
	{ .name = "block-size",
	  .doc = "what the kernel hands over at once; whole pages",
	  .initial = "1M",
	  .type = PKTIO_OPT_SIZE,
	  .min = 4096,
	  .max = UINT64_C(1) << 30,
	  OPTION(block_size) },
	{ .name = "block-timeout",
	  .doc = "a block that is not full is handed over after this long; whole milliseconds",
	  .initial = "10ms",
	  .type = PKTIO_OPT_TIME,
	  .min = 1000000,
	  .max = UINT64_C(65535) * 1000000,
	  OPTION(block_timeout) },
	{ .name = "promisc",
	  .doc = "receive frames for other hosts, too",
	  .initial = "yes",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(promisc) },
	{ .name = "fanout",
	  .doc = "how frames are shared out to the rings of a group",
	  .initial = "auto",
	  .type = PKTIO_OPT_ENUM,
	  .values = fanout_values,
	  OPTION(fanout) },
	{ .name = "fanout-id",
	  .doc = "the group, unique in a network namespace; 0: made from interface and ring count",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = UINT16_MAX,
	  OPTION(fanout_id) },
	{ .name = "rxhash",
	  .doc = "give the kernel's or NIC's hash with every frame",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(rxhash) },
	{ .name = "qdisc-bypass",
	  .doc = "send past the queueing discipline: other sniffers see nothing, a busy driver drops",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  .flags = PKTIO_OPT_EXPERT,
	  OPTION(qdisc_bypass) },
	{ 0 },
};

static int open_socket(struct af_packet *p)
{
	struct pktio_ring *r = &p->ring;

	/* Protocol 0: nothing is received before the interface is chosen. */
	p->sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (p->sock >= 0)
		return 0;
	if (errno == EPERM)
		return pktio_fail(
			r, -EPERM,
			"no privilege to open a packet socket; it takes CAP_NET_RAW: run as root, or 'setcap cap_net_raw+ep' the program");
	return pktio_fail(r, -errno, "cannot open a packet socket: %s",
			  strerror(errno));
}

static void af_packet_close(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);

	af_packet_tx_close(p);
	af_packet_rx_close(p);
	if (p->sock >= 0)
		close(p->sock);
}

static int af_packet_open(struct pktio_ring *r, const void *conf,
			  const struct pktio_open_ctx *ctx)
{
	struct af_packet *p = af_packet_of(r);
	unsigned mtu;
	int ret;

	p->conf = conf;
	p->sock = -1;
	if (!*ctx->target)
		return pktio_fail(
			r, -EINVAL,
			"no interface is given; write for example af_packet:eth0");
	ret = open_socket(p);
	if (ret == 0)
		ret = af_packet_find(p, ctx->target, &mtu);
	if (ret == 0 && ctx->mode & PKTIO_RECV) {
		ret = af_packet_geometry(p, mtu);
		if (ret == 0)
			ret = af_packet_rx_open(p);
	}
	if (ret == 0 && ctx->mode & PKTIO_SEND)
		ret = af_packet_tx_open(p, mtu);
	if (ret == 0)
		ret = af_packet_join(p, ctx);
	if (ret < 0)
		af_packet_close(r);
	return ret;
}

static int af_packet_get_info(const struct pktio_ring *r,
			      struct pktio_info *info)
{
	info->link = af_packet_link((const struct af_packet *)r);
	return 0;
}

PKTIO_BACKEND(af_packet) = {
	PKTIO_BACKEND_SIZES,
	.name = "af_packet",
	.doc = "a Linux interface, through a ring shared with the kernel",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct af_packet),
	.conf_size = sizeof(struct af_packet_conf),
	.opts = options,
	.open = af_packet_open,
	.close = af_packet_close,
	.recv = af_packet_recv,
	.release = af_packet_release,
	.ready = af_packet_ready,
	.alloc = af_packet_alloc,
	.send = af_packet_send,
	.flush = af_packet_flush,
	.set_filter = af_packet_set_filter,
	.get_info = af_packet_get_info,
	.get_stats = af_packet_get_stats,
};
