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

#include <fcntl.h>
#include <linux/if_packet.h>
#include <unistd.h>

#define MODE(mode) (AF_PACKET_FANOUT_FIRST + PACKET_FANOUT_##mode)

static const struct pktio_opt_value fanout_values[] = {
	{ "auto", AF_PACKET_FANOUT_AUTO,
	  "hash if several rings share the interface" },
	{ "none", AF_PACKET_FANOUT_NONE, "every ring gets every frame" },
	{ "hash", MODE(HASH), "by flow, both directions to one ring" },
	{ "lb", MODE(LB), "in turn, frame by frame" },
	{ "cpu", MODE(CPU), "by the CPU that the frame came in on" },
	{ "rollover", MODE(ROLLOVER), "fills one ring, then the next" },
	{ "rnd", MODE(RND), "at random, frame by frame" },
	{ "qm", MODE(QM), "by the NIC's queue; queue q to ring q + 1" },
	{ "cbpf", MODE(CBPF),
	  "by flow, in a tunnel of one level that inside; no privilege" },
	{ "ebpf", MODE(EBPF),
	  "by the innermost flow, ring by ring replaceable; takes CAP_BPF" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value flag_values[] = {
	{ "defrag", PACKET_FANOUT_FLAG_DEFRAG,
	  "put IPv4 fragments together first; the fragments are not seen" },
	{ "rollover", PACKET_FANOUT_FLAG_ROLLOVER,
	  "to another ring when one is full; flows get out of order" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value vlan_values[] = {
	{ "meta", 0, "beside the bytes, as the kernel has it" },
	{ "insert", 1, "in the bytes, as on the wire" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value steer_values[] = {
	{ "flow", AF_PACKET_STEER_BY_FLOW, "addresses, ports and protocol" },
	{ "addresses", AF_PACKET_STEER_BY_ADDRESSES,
	  "these alone: fragments are surely where the rest is" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value gro_values[] = {
	{ "keep", 0, "one frame of up to 64 KiB, flagged if it is TCP" },
	{ "split", 1, "cut into the frames of the wire, checksums filled in" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value profile_values[] = {
	{ "throughput", AF_PACKET_THROUGHPUT,
	  "large ring and blocks: fewest losses and wakes, 50 ms late at most" },
	{ "balanced", AF_PACKET_BALANCED, "10 ms late at most" },
	{ "latency", AF_PACKET_LATENCY,
	  "each frame is handed over as it comes, in a slot of its own" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value timestamp_values[] = {
	{ "kernel", AF_PACKET_STAMP_KERNEL,
	  "by the kernel, at the latest as the frame reaches the ring" },
	{ "software", AF_PACKET_STAMP_SOFTWARE,
	  "by the kernel, as the frame reaches it; costs every socket some" },
	{ "hardware", AF_PACKET_STAMP_HARDWARE,
	  "by the NIC, which is set to do so while the ring is open" },
	{ NULL, 0, NULL },
};

#define OPTION(field) .offset = offsetof(struct af_packet_conf, field)

/* The ranges are the kernel's; ring/geometry.c has what depends on two of them.
 */
static const struct pktio_opt options[] = {
	{ .name = "profile",
	  .doc = "sets what is not given of ring-size, block-size, block-timeout and frame-size, from link speed and MTU",
	  .initial = "balanced",
	  .type = PKTIO_OPT_ENUM,
	  .values = profile_values,
	  OPTION(profile) },
	{ .name = "ring-size",
	  .doc = "memory for frames that wait, unswappable; whole blocks; 0: by profile",
	  .initial = "0",
	  .type = PKTIO_OPT_SIZE,
	  .max = UINT64_C(1) << 40,
	  OPTION(ring_size) },
	{ .name = "block-size",
	  .doc = "what the kernel hands over at once; whole pages; 0: by profile",
	  .initial = "0",
	  .type = PKTIO_OPT_SIZE,
	  .max = UINT64_C(1) << 30,
	  OPTION(block_size) },
	{ .name = "block-timeout",
	  .doc = "a block that is not full is handed over after this long (not how long a wait is); whole milliseconds; 0: by profile",
	  .initial = "0",
	  .type = PKTIO_OPT_TIME,
	  .max = UINT64_C(65535) * 1000000,
	  OPTION(block_timeout) },
	{ .name = "frame-size",
	  .doc = "with profile=latency: room for a frame and 100 bytes, longer ones are cut; 0: by profile",
	  .initial = "0",
	  .type = PKTIO_OPT_SIZE,
	  .max = UINT64_C(1) << 20,
	  .flags = PKTIO_OPT_POW2,
	  OPTION(frame_size) },
	{ .name = "exact",
	  .doc = "fail, rather than take a smaller ring or one on another NUMA node, when memory is short",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(exact) },
	{ .name = "numa",
	  .doc = "node to have the ring's memory on: a number, auto (the NIC's) or none",
	  .initial = "auto",
	  .type = PKTIO_OPT_STRING,
	  OPTION(numa) },
	{ .name = "timestamp",
	  .doc = "who takes the time of a frame",
	  .initial = "kernel",
	  .type = PKTIO_OPT_ENUM,
	  .values = timestamp_values,
	  OPTION(timestamp) },
	{ .name = "link-type",
	  .doc = "of the frames: a name such as EN10MB, RAW or LINUX_SLL2, or tcpdump.org's number; auto: as the interface says",
	  .initial = "auto",
	  .type = PKTIO_OPT_STRING,
	  OPTION(link_type) },
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
	{ .name = "fanout-unique",
	  .doc = "the kernel finds an id that is free; others join by it",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(fanout_unique) },
	{ .name = "fanout-flags",
	  .doc = "what else the group does",
	  .initial = "none",
	  .type = PKTIO_OPT_FLAGS,
	  .values = flag_values,
	  OPTION(fanout_flags) },
	{ .name = "fanout-max",
	  .doc = "rings that a group may have, 0: 256; the first to join decides",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = 65536,
	  OPTION(fanout_max) },
	{ .name = "fanout-wait",
	  .doc = "let nothing in until all rings of a group are there, but no longer than this; 0: each at once",
	  .initial = "5s",
	  .type = PKTIO_OPT_TIME,
	  .max = UINT64_C(3600) * 1000000000,
	  OPTION(fanout_wait) },
	{ .name = "fanout-program",
	  .doc = "with fanout=ebpf: choose the ring by a program of yours, FILE.o or FILE.o:SECTION, instead of ours",
	  .initial = "",
	  .type = PKTIO_OPT_STRING,
	  OPTION(fanout_program) },
	{ .name = "steer-by",
	  .doc = "with fanout=ebpf or cbpf: what has to be equal to come to the same ring",
	  .initial = "flow",
	  .type = PKTIO_OPT_ENUM,
	  .values = steer_values,
	  OPTION(steer_by) },
	{ .name = "steer-weights",
	  .doc = "with fanout=ebpf: shares of the rings by index, as 3:1:1; empty: equal ones",
	  .initial = "",
	  .type = PKTIO_OPT_STRING,
	  OPTION(steer_weights) },
	{ .name = "steer-seed",
	  .doc = "with fanout=ebpf or cbpf: a secret, so that nobody can make flows for one ring",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = UINT32_MAX,
	  OPTION(steer_seed) },
	{ .name = "filter-program",
	  .doc = "a filter in eBPF, FILE.o or FILE.o:SECTION: the bytes to keep of a frame, 0 refuses it",
	  .initial = "",
	  .type = PKTIO_OPT_STRING,
	  OPTION(filter_program) },
	{ .name = "outgoing",
	  .doc = "receive also what this host sends",
	  .initial = "yes",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(outgoing) },
	{ .name = "vlan",
	  .doc = "where the outermost VLAN tag of a frame is",
	  .initial = "meta",
	  .type = PKTIO_OPT_ENUM,
	  .values = vlan_values,
	  OPTION(vlan) },
	{ .name = "gro",
	  .doc = "frames that the kernel merged, or that a NIC is to cut",
	  .initial = "keep",
	  .type = PKTIO_OPT_ENUM,
	  .values = gro_values,
	  OPTION(gro) },
	{ .name = "netns",
	  .doc = "network namespace of the interface: a name of ip-netns(8) or a path; empty: this one",
	  .initial = "",
	  .type = PKTIO_OPT_STRING,
	  OPTION(netns) },
	{ .name = "wait",
	  .doc = "open also if the interface does not exist yet",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(wait) },
	{ .name = "fd",
	  .doc = "a packet socket (SOCK_RAW, protocol 0, unbound) made by who may; 0: make one",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = INT32_MAX,
	  OPTION(fd) },
	{ .name = "spin",
	  .doc = "look out for frames this long before sleeping in a wait; takes a core",
	  .initial = "0us",
	  .type = PKTIO_OPT_TIME,
	  .max = UINT64_C(10) * 1000000,
	  OPTION(spin) },
	{ .name = "busy-poll",
	  .doc = "have the kernel ask the NIC itself this long in a wait, which up to Linux 6.18 it does not for packet sockets; whole microseconds",
	  .initial = "0us",
	  .type = PKTIO_OPT_TIME,
	  .max = UINT64_C(10) * 1000000,
	  .flags = PKTIO_OPT_EXPERT,
	  OPTION(busy_poll) },
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
	{ .name = "gso",
	  .doc = "send TCP that is longer than the MTU in segments that are not",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  OPTION(gso) },
	{ .name = "gso-size",
	  .doc = "payload of such a segment, of UDP as well, which is not cut otherwise; 0: as the MTU allows",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = UINT16_MAX,
	  .flags = PKTIO_OPT_EXPERT,
	  OPTION(gso_size) },
	{ 0 },
};

/* The kernel leaves the link header out where we make another. */
static int type_of_socket(const struct af_packet *p)
{
	return p->cooked ? SOCK_DGRAM : SOCK_RAW;
}

/* The socket is whose it was; the ring has a descriptor of its own for it. */
static int take_socket(struct af_packet *p)
{
	int domain = 0;
	int type = 0;
	socklen_t size = sizeof(int);
	int fd = (int)p->conf->fd;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return pktio_fail(&p->ring, -errno, "fd %d: %s", fd,
				  strerror(errno));
	if (domain != AF_PACKET || type != type_of_socket(p))
		return pktio_fail(
			&p->ring, -EINVAL,
			"fd %d is not a packet socket as it takes here; make it by socket(AF_PACKET, %s, 0)",
			fd, p->cooked ? "SOCK_DGRAM" : "SOCK_RAW");
	p->sock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return p->sock < 0 ? pktio_fail(&p->ring, -errno, "fd %d: %s", fd,
					strerror(errno)) :
			     0;
}

static int set_busy_poll(struct af_packet *p)
{
	int us = (int)(p->conf->busy_poll / 1000);

	if (us > 0 &&
	    setsockopt(p->sock, SOL_SOCKET, SO_BUSY_POLL, &us, sizeof(us)) < 0)
		return pktio_fail(
			&p->ring, -errno,
			"cannot set busy-poll to %d us: %s; more than the sysctl net.core.busy_read takes CAP_NET_ADMIN",
			us, strerror(errno));
	return 0;
}

/* What a new socket has to be told before it has a ring. */
static int set_up_socket(struct af_packet *p)
{
	int one = 1;

	if (p->vnet && p->cooked)
		return pktio_fail(
			&p->ring, -EINVAL,
			"gro=split takes frames with a link header, and '%s' has none",
			p->name);
	if (p->vnet && setsockopt(p->sock, SOL_PACKET, PACKET_VNET_HDR, &one,
				  sizeof(one)) < 0)
		return pktio_fail(
			&p->ring, -errno,
			"cannot set PACKET_VNET_HDR, which gro=split and gso need: %s",
			strerror(errno));
	return set_busy_poll(p);
}

static int fail_socket(struct af_packet *p)
{
	if (*p->conf->netns && errno != EMFILE)
		return pktio_fail(
			&p->ring, -errno,
			"cannot open a packet socket in network namespace '%s': %s; entering it takes CAP_SYS_ADMIN",
			p->conf->netns, strerror(errno));
	if (errno == EPERM)
		return pktio_fail(
			&p->ring, -EPERM,
			"no privilege to open a packet socket; it takes CAP_NET_RAW: run as root, 'setcap cap_net_raw+ep' the program, or hand it one with fd");
	return pktio_fail(&p->ring, -errno, "cannot open a packet socket: %s",
			  strerror(errno));
}

int af_packet_open_socket(struct af_packet *p)
{
	if (p->conf->fd && !p->was_bound) {
		int ret = take_socket(p);

		return ret < 0 ? ret : set_up_socket(p);
	}
	/* Protocol 0: nothing is received before the interface is chosen. */
	p->sock = af_packet_socket(p, AF_PACKET, type_of_socket(p), 0);
	return p->sock < 0 ? fail_socket(p) : set_up_socket(p);
}

static void af_packet_close(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	int locked;

	af_packet_tx_close(p);
	af_packet_gro_close(p);
	af_packet_timestamp_close(p);
	af_packet_start_leave(p);
	af_packet_life_close(p);
	locked = af_packet_steer_leave(p);
	af_packet_ring_close(p);
	af_packet_ring_close_retired(p);
	af_packet_keep_filter(p, NULL);
	if (p->sock >= 0)
		close(p->sock);
	af_packet_steer_left(p, locked);
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
		ret = af_packet_check_fanout(p, ctx);
	if (ret == 0)
		ret = af_packet_open_socket(p);
	if (ret == 0) {
		ret = af_packet_find(p, &mtu);
		absent = ret == -ENODEV && p->conf->wait;
	}
	if (absent)
		ret = 0;
	if (ret == 0 && p->cooked && ctx->mode & PKTIO_SEND)
		ret = pktio_fail(
			&p->ring, -ENOTSUP,
			"cannot send on '%s': frames of its link type have a header that is made here; open an interface",
			p->name);
	if (ret == 0 && ctx->filter)
		ret = p->cooked ? af_packet_cooked_filter(p, ctx->filter) :
				  af_packet_keep_filter(p, ctx->filter);
	if (ret == 0 && *p->conf->filter_program)
		ret = af_packet_load_filter(p);
	if (ret == 0 && ctx->mode & PKTIO_RECV) {
		ret = af_packet_geometry(p, mtu);
		if (ret == 0)
			ret = af_packet_ring_open(p);
		if (ret == 0 && p->conf->gro)
			ret = af_packet_gro_open(p);
	}
	if (ret == 0 && ctx->mode & PKTIO_SEND)
		ret = af_packet_tx_open(p, mtu);
	if (ret < 0)
		return ret;
	if (!absent)
		return af_packet_join(p);
	return ctx->mode & PKTIO_RECV ? af_packet_be_gone(p) : 0;
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
	p->filter_program = -1;
	p->sock = -1;
	p->route = -1;
	p->timer = -1;
	p->start.timer = -1;
	p->vnet = (ctx->mode & PKTIO_RECV && p->conf->gro) ||
		  (ctx->mode & PKTIO_SEND && p->conf->gso);
	if (!*ctx->target)
		return pktio_fail(
			r, -EINVAL,
			"no interface is given; write for example af_packet:eth0");
	ret = open_parts(p, ctx);
	if (ret == 0 && p->conf->fanout_unique && r->info.fanout_id == 0) {
		/* The kernel's first free id may be 0, by which nobody could
		 * join: that is "derived" here. The next one is another. */
		af_packet_close(r);
		p->in_group = false;
		/* A socket that was handed in is in that group still: the
		 * second is made here. */
		p->was_bound = p->conf->fd != 0;
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
	info->socket = p->sock > 0 ? (uint32_t)p->sock : 0;
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
	.inject = af_packet_inject,
	.set_filter = af_packet_set_filter,
	.get_info = af_packet_get_info,
	.get_stats = af_packet_get_stats,
};
