/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libpcap as a ring, for devices without a backend of their own.
 *
 * libpcap lends a frame only during its callback. So each frame is copied to a
 * frame slot, and can be held while there are free slots. receive.c copies the
 * frames, filter.c attaches filters, send.c sends. This file has the options
 * and passes them to libpcap.
 */
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <string.h>

#include "filter.h"
#include "handle.h"
#include "interfaces.h"
#include "receive.h"
#include "send.h"
#include "util/clock.h"

#define LONGEST_FRAME 65535U

enum { PRECISION_US, PRECISION_NS };

struct pcap_live_conf {
	uint64_t snaplen, block_timeout, ring_size, frame_slots;
	uint64_t timestamp, timestamp_precision, direction, protocol;
	const char *linktype; /* "auto", a name or a number */
	bool promisc, rfmon, immediate;
};

/* ---- Options ------------------------------------------------------------ */

static const struct pktio_opt_value timestamp_values[] = {
	{ "host", PCAP_TSTAMP_HOST, "by the host, default quality" },
	{ "host_lowprec", PCAP_TSTAMP_HOST_LOWPREC,
	  "by the host, low precision" },
	{ "host_hiprec", PCAP_TSTAMP_HOST_HIPREC,
	  "by the host, high precision" },
	{ "host_hiprec_unsynced", PCAP_TSTAMP_HOST_HIPREC_UNSYNCED,
	  "by the host, high precision, not synchronised with the clock of the host" },
	{ "adapter", PCAP_TSTAMP_ADAPTER,
	  "by the NIC, synchronised with the clock of the host" },
	{ "adapter_unsynced", PCAP_TSTAMP_ADAPTER_UNSYNCED,
	  "by the NIC, with the clock of the NIC" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value precisions[] = {
	{ "us", PRECISION_US, "microseconds" },
	{ "ns", PRECISION_NS,
	  "nanoseconds if the device supports them, otherwise microseconds" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value directions[] = {
	{ "in", PCAP_D_IN, "frames that the host receives" },
	{ "out", PCAP_D_OUT, "frames that the host sends" },
	{ "inout", PCAP_D_INOUT, "frames that the host receives or sends" },
	{ NULL, 0, NULL },
};

#define AT(field) offsetof(struct pcap_live_conf, field)
static const struct pktio_opt_decl opts[] = {
	{ .name = "snaplen",
	  .doc = "truncate frames to this many bytes",
	  .initial = "256K",
	  .type = PKTIO_OPT_SIZE,
	  .min = 1,
	  .max = 262144,
	  .offset = AT(snaplen) },
	{ .name = "promisc",
	  .doc = "also receive frames for other hosts (promiscuous mode)",
	  .initial = "yes",
	  .type = PKTIO_OPT_BOOL,
	  .offset = AT(promisc) },
	{ .name = "rfmon",
	  .doc = "put a Wi-Fi device into monitor mode",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  .offset = AT(rfmon) },
	{ .name = "block-timeout",
	  .doc = "maximum time that libpcap buffers frames; whole milliseconds only",
	  .initial = "10ms",
	  .type = PKTIO_OPT_TIME,
	  .min = NS_PER_MS,
	  .max = UINT64_C(65) * 1000 * NS_PER_MS,
	  .offset = AT(block_timeout) },
	{ .name = "immediate",
	  .doc = "deliver each frame at once; uses more CPU time",
	  .initial = "no",
	  .type = PKTIO_OPT_BOOL,
	  .offset = AT(immediate) },
	{ .name = "ring-size",
	  .doc = "buffer size of libpcap, in bytes",
	  .initial = "16M",
	  .type = PKTIO_OPT_SIZE,
	  .min = UINT64_C(1) << 18,
	  .max = UINT64_C(2047) << 20,
	  .offset = AT(ring_size) },
	{ .name = "frame-slots",
	  .doc = "number of frames that a program can hold or allocate",
	  .initial = "256",
	  .type = PKTIO_OPT_UINT,
	  .min = 1,
	  .max = 65536,
	  .offset = AT(frame_slots) },
	{ .name = "timestamp",
	  .doc = "who takes the timestamp of a frame",
	  .initial = "host",
	  .type = PKTIO_OPT_ENUM,
	  .values = timestamp_values,
	  .offset = AT(timestamp) },
	{ .name = "timestamp-precision",
	  .doc = "unit of the timestamps",
	  .initial = "ns",
	  .type = PKTIO_OPT_ENUM,
	  .values = precisions,
	  .offset = AT(timestamp_precision) },
	{ .name = "direction",
	  .doc = "which frames to receive",
	  .initial = "inout",
	  .type = PKTIO_OPT_ENUM,
	  .values = directions,
	  .offset = AT(direction) },
	{ .name = "linktype",
	  .doc = "link type of the frames: a name or number from tcpdump.org/linktypes.html, such as ETHERNET; auto: the link type of the device",
	  .initial = "auto",
	  .type = PKTIO_OPT_STRING,
	  .offset = AT(linktype) },
	{ .name = "protocol",
	  .doc = "receive only frames with this EtherType; 0: all frames",
	  .initial = "0",
	  .type = PKTIO_OPT_UINT,
	  .max = UINT16_MAX,
	  .flags = PKTIO_OPT_EXPERT,
	  .offset = AT(protocol) },
	{ .name = NULL },
};

static const struct pktio_renamed_opt renamed_opts[] = {
	{ "datalink", "linktype" },
	{ "timeout", "block-timeout" },
	{ "buffer-size", "ring-size" },
	{ "slots", "frame-slots" },
	{ "tstamp-type", "timestamp" },
	{ "tstamp-precision", "timestamp-precision" },
	{ NULL },
};

/* ---- Open and close ----------------------------------------------------- */

/* LINKTYPE_ values are DLT_ values, except where operating systems differ. */
static uint16_t linktype_of(int dlt)
{
	switch (dlt) {
	case DLT_ATM_RFC1483:
		return 100;
	case DLT_RAW:
		return PKTIO_LINKTYPE_RAW;
	case DLT_SLIP_BSDOS:
		return 102;
	case DLT_PPP_BSDOS:
		return 103;
	case DLT_ATM_CLIP:
		return 106;
	default:
		return (uint16_t)dlt;
	}
}

static int fail_activate(struct pcap_live *l, int status)
{
	struct pktio_ring *r = &l->ring;

	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return pktio_fail(
			r, -ENODEV,
			"no device '%s'; 'ip link' lists the interfaces",
			l->name);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return pktio_fail(
			r, -EPERM,
			"no permission to capture on '%s': CAP_NET_RAW is needed; run as root, or run 'setcap cap_net_raw+ep' on the program",
			l->name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return pktio_fail(r, -ENETDOWN,
				  "'%s' is down; run 'ip link set %s up'",
				  l->name, l->name);
	case PCAP_ERROR_RFMON_NOTSUP:
		return pktio_fail(r, -ENOTSUP,
				  "'%s' has no monitor mode; use rfmon=no",
				  l->name);
	case PCAP_WARNING_TSTAMP_TYPE_NOTSUP:
		return pktio_fail(
			r, -ENOTSUP,
			"'%s' does not support this timestamp; timestamp=host always works",
			l->name);
	default:
		return pktio_fail(r, -EIO, "cannot capture on '%s': %s",
				  l->name, pcap_geterr(l->pcap));
	}
}

static int activate(struct pcap_live *l, const struct pcap_live_conf *conf,
		    bool quiet)
{
	uint64_t ms = (conf->block_timeout + NS_PER_MS - 1) / NS_PER_MS;
	int status;

	pcap_set_snaplen(l->pcap, (int)conf->snaplen);
	pcap_set_promisc(l->pcap, conf->promisc);
	pcap_set_rfmon(l->pcap, conf->rfmon);
	pcap_set_timeout(l->pcap, (int)ms);
	pcap_set_immediate_mode(l->pcap, conf->immediate);
	pcap_set_buffer_size(l->pcap, (int)conf->ring_size);
	pcap_set_protocol_linux(l->pcap,
				quiet ? NO_PROTOCOL : (int)conf->protocol);
	if (conf->timestamp != PCAP_TSTAMP_HOST &&
	    pcap_set_tstamp_type(l->pcap, (int)conf->timestamp) != 0)
		return fail_activate(l, PCAP_WARNING_TSTAMP_TYPE_NOTSUP);
	/* Devices without nanoseconds use microseconds. */
	if (conf->timestamp_precision == PRECISION_NS)
		pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(l->pcap);
	if (status < 0 || status == PCAP_WARNING_TSTAMP_TYPE_NOTSUP)
		return fail_activate(l, status);
	return 0;
}

static int set_linktype(struct pcap_live *l, const char *name)
{
	int linktype = pktio_linktype_value(name);
	char list[160] = "";
	size_t used = 0;
	bool done = false;
	int *have;
	int n = pcap_list_datalinks(l->pcap, &have);

	for (int i = 0; i < n && used < sizeof(list); i++) {
		uint16_t value = linktype_of(have[i]);
		const char *one = pktio_linktype_name(value);

		if (value == linktype)
			done = pcap_set_datalink(l->pcap, have[i]) == 0;
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", i > 0 ? ", " : "",
					 one ? one : "?");
	}
	if (n >= 0)
		pcap_free_datalinks(have);
	if (done)
		return 0;
	return pktio_fail(&l->ring, -EINVAL,
			  "'%s' has no link type '%s'; it has %s", l->name,
			  name, list);
}

static int adjust(struct pcap_live *l, const struct pcap_live_conf *conf)
{
	int r = strcmp(conf->linktype, "auto") != 0 ?
			set_linktype(l, conf->linktype) :
			0;

	if (r < 0)
		return r;
	if (conf->direction != PCAP_D_INOUT &&
	    pcap_setdirection(l->pcap, (pcap_direction_t)conf->direction) < 0)
		return pktio_fail(&l->ring, -ENOTSUP,
				  "cannot set the direction on '%s': %s",
				  l->name, pcap_geterr(l->pcap));
	l->ring.fd = pcap_get_selectable_fd(l->pcap);
	if (l->ring.fd < 0)
		return pktio_fail(&l->ring, -ENOTSUP,
				  "'%s' has no descriptor to poll in libpcap",
				  l->name);
	fcntl(l->ring.fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static enum pktio_clock clock_of(const struct pcap_live_conf *conf, bool ns)
{
	if (conf->timestamp == PCAP_TSTAMP_ADAPTER ||
	    conf->timestamp == PCAP_TSTAMP_ADAPTER_UNSYNCED)
		return PKTIO_CLOCK_HARDWARE;
	/* For ns, libpcap requests kernel timestamps at reception. */
	return ns ? PKTIO_CLOCK_SOFTWARE : PKTIO_CLOCK_RING;
}

static void fill_info(struct pcap_live *l, const struct pcap_live_conf *conf)
{
	struct pktio_info *info = &l->ring.info;
	bool ns = pcap_get_tstamp_precision(l->pcap) ==
		  PCAP_TSTAMP_PRECISION_NANO;
	struct sockaddr_ll at;

	info->linktype = linktype_of(pcap_datalink(l->pcap));
	info->snaplen = (uint32_t)pcap_snapshot(l->pcap);
	info->ring_size = conf->ring_size;
	info->max_held = (uint32_t)conf->frame_slots;
	if (!conf->immediate)
		info->block_timeout = (conf->block_timeout + NS_PER_MS - 1) /
				      NS_PER_MS * NS_PER_MS;
	if (pcap_live_bound_to(l, &at))
		info->ifindex = (uint32_t)at.sll_ifindex;
	l->ts_factor = ns ? 1 : 1000;
	l->template = (struct pktio_frame){
		.flags = PKTIO_F_WRITABLE,
		.ifindex = info->ifindex,
		.linktype = (uint16_t)info->linktype,
		.clock = (uint8_t)clock_of(conf, ns),
	};
}

static int get_slots(struct pcap_live *l, const struct pcap_live_conf *conf)
{
	uint32_t slots = (uint32_t)conf->frame_slots;
	uint64_t slot;

	l->slot_size = l->ring.info.snaplen;
	if (l->ring.info.mode & PKTIO_SEND && l->slot_size < LONGEST_FRAME)
		l->slot_size = LONGEST_FRAME;
	l->slab = pktio_slab_new(slots, l->slot_size);
	l->free = l->slab ? malloc(slots * sizeof(l->free[0])) : NULL;
	if (!l->free)
		return pktio_fail(
			&l->ring, -ENOMEM,
			"out of memory for %u frame slots of %u bytes; lower frame-slots or snaplen",
			slots, l->slot_size);
	while (l->nfree < slots)
		l->free[l->nfree++] = pktio_slab_get(l->slab, &slot);
	return 0;
}

static int check_target(struct pcap_live *l, const struct pktio_open_ctx *ctx)
{
	if (!*ctx->target)
		return pktio_fail(
			&l->ring, -EINVAL,
			"no device; write pcap_live:eth0, or pcap_live:any for all interfaces");
	if (ctx->count > 1)
		return pktio_fail(
			&l->ring, -ENOTSUP,
			"each of %u rings would receive all frames of '%s'; af_packet distributes them",
			ctx->count, ctx->target);
	return 0;
}

static void pcap_live_close(struct pktio_ring *r)
{
	struct pcap_live *l = pcap_live_of(r);

	if (l->pcap)
		pcap_close(l->pcap);
	pktio_bpf_free(l->recheck);
	free(l->free);
	pktio_slab_free(l->slab);
}

static int pcap_live_open(struct pktio_ring *r, const void *conf,
			  const struct pktio_open_ctx *ctx)
{
	const struct pcap_live_conf *c = conf;
	struct pcap_live *l = pcap_live_of(r);
	bool receive = ctx->mode & PKTIO_RECV;
	char text[PCAP_ERRBUF_SIZE] = "";
	int ret = check_target(l, ctx);

	if (ret < 0)
		return ret;
	snprintf(l->name, sizeof(l->name), "%s", ctx->target);
	l->pcap = pcap_create(ctx->target, text);
	if (!l->pcap)
		return pktio_fail(r, -EIO, "cannot open '%s': %s", l->name,
				  text);
	/* Before activation: later libpcap would create an unused eventfd. */
	ret = pcap_setnonblock(l->pcap, 1, text);
	if (ret < 0)
		ret = pktio_fail(r, -EIO, "cannot open '%s': %s", l->name,
				 text);
	if (ret == 0)
		ret = activate(l, c, ctx->filter || !receive);
	if (ret == 0)
		ret = adjust(l, c);
	if (ret == 0) {
		fill_info(l, c);
		ret = get_slots(l, c);
	}
	if (ret == 0 && ctx->filter)
		ret = pcap_live_start_filtered(l, ctx->filter, c->protocol);
	l->drained = true;
	if (ret < 0)
		pcap_live_close(r);
	return ret;
}

PKTIO_BACKEND(pcap_live) = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_live",
	.doc = "a device through libpcap, for devices without another backend",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct pcap_live),
	.conf_size = sizeof(struct pcap_live_conf),
	.opts = opts,
	.renamed = renamed_opts,
	.open = pcap_live_open,
	.close = pcap_live_close,
	.recv = pcap_live_recv,
	.release = pcap_live_release,
	.ready = pcap_live_ready,
	.alloc = pcap_live_alloc,
	.send = pcap_live_send,
	.flush = pcap_live_flush,
	.set_filter = pcap_live_set_filter,
	.get_info = pcap_live_get_info,
	.get_stats = pcap_live_get_stats,
	.interfaces = pcap_live_interfaces,
};
