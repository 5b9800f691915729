/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A generator of frames, and a sink for sent frames.
 *
 * Open builds each different frame once: one for each flow, direction and size.
 * recv returns pointers to these frames, so a frame costs only the writing of
 * its struct pktio_frame, and can be held until the ring is closed. Frame i
 * depends only on the options and on i: first all flows in one direction, then
 * all in the other. Each flow uses each size in turn.
 *
 * Of n rings, ring i generates the flows f with f % n == i, with the same bytes
 * as a single ring. The options count, first-time and interval apply to each
 * ring.
 */
#include <stdlib.h>

#include <sys/mman.h>

#include <pktio/backend.h>

#include "frame.h"

#define CACHE_LINE 64U
#define IP_ALIGN 2U /* aligns the IP header to 4 bytes, as NICs do */
#define MAX_MEMORY (UINT64_C(1) << 30)
#define MAX_SIZES 3U

enum gen_ip { IP_4, IP_6, IP_BOTH };
enum gen_proto { PROTO_UDP, PROTO_TCP, PROTO_BOTH };
enum gen_vlan { VLAN_NONE, VLAN_8021Q, VLAN_QINQ, VLAN_PRIORITY };

struct gen_conf {
	uint64_t size, imix, flows, ip, proto;
	uint64_t vlan, vlan_id, vlan_outer_id, vlan_priority, vlan_strip;
	uint64_t count, seed, snaplen, first_time, interval;
	uint64_t tx_buffers, tx_buffer_size;
};

static const struct pktio_opt_value sizes_values[] = {
	{ "fixed", 0, "all frames have `size` bytes" },
	{ "imix", 1, "60, 590 and 1514 bytes, in the ratio 7:4:1" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value ip_values[] = {
	{ "4", IP_4, "IPv4" },
	{ "6", IP_6, "IPv6" },
	{ "both", IP_BOTH, "half of the flows each" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value proto_values[] = {
	{ "udp", PROTO_UDP, "UDP" },
	{ "tcp", PROTO_TCP, "TCP" },
	{ "both", PROTO_BOTH, "half of the flows each" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value vlan_values[] = {
	{ "none", VLAN_NONE, "no tag" },
	{ "802.1q", VLAN_8021Q, "one tag, 0x8100" },
	{ "qinq", VLAN_QINQ, "two tags, 0x88a8 and 0x8100" },
	{ "priority", VLAN_PRIORITY, "one tag, 0x8100, VLAN id 0" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value strip_values[] = {
	{ "none", 0, "all tags are in the bytes" },
	{ "outer", 1, "move the outermost tag to the metadata, like a NIC" },
	{ "all", 2, "move all tags to the metadata" },
	{ NULL, 0, NULL },
};

#define AT(field) offsetof(struct gen_conf, field)
static const struct pktio_opt_decl gen_opts[] = {
	{ "size",
	  "bytes of a frame without VLAN tags and FCS; at least the size of its headers",
	  "60", PKTIO_OPT_UINT, 0, 60, 65535, NULL, AT(size) },
	{ "sizes", "distribution of the frame sizes", "fixed", PKTIO_OPT_ENUM,
	  0, 0, 0, sizes_values, AT(imix) },
	{ "flows", "number of flows, each in both directions, over all rings",
	  "64", PKTIO_OPT_UINT, 0, 1, 1 << 20, NULL, AT(flows) },
	{ "ip", "IP version", "4", PKTIO_OPT_ENUM, 0, 0, 0, ip_values, AT(ip) },
	{ "proto", "transport protocol", "udp", PKTIO_OPT_ENUM, 0, 0, 0,
	  proto_values, AT(proto) },
	{ "vlan", "VLAN tags of a frame", "none", PKTIO_OPT_ENUM, 0, 0, 0,
	  vlan_values, AT(vlan) },
	{ "vlan-id", "VLAN id of the 0x8100 tag, unless it is a priority tag",
	  "100", PKTIO_OPT_UINT, 0, 1, 4094, NULL, AT(vlan_id) },
	{ "vlan-outer-id", "VLAN id of the 0x88a8 tag", "200", PKTIO_OPT_UINT,
	  0, 1, 4094, NULL, AT(vlan_outer_id) },
	{ "vlan-priority", "priority in every VLAN tag", "0", PKTIO_OPT_UINT, 0,
	  0, 7, NULL, AT(vlan_priority) },
	{ "vlan-strip", "VLAN tags to move from the bytes to the metadata",
	  "none", PKTIO_OPT_ENUM, 0, 0, 0, strip_values, AT(vlan_strip) },
	{ "count", "number of frames of each ring; 0: no limit", "0",
	  PKTIO_OPT_UINT, 0, 0, UINT64_MAX, NULL, AT(count) },
	{ "seed", "seed of the random ports, ids and payloads", "1",
	  PKTIO_OPT_UINT, 0, 0, UINT64_MAX, NULL, AT(seed) },
	{ "snaplen", "truncate frames to this many bytes; 0: do not truncate",
	  "0", PKTIO_OPT_UINT, 0, 0, 65535, NULL, AT(snaplen) },
	{ "first-time", "timestamp of the first frame, since 1970",
	  "1000000000s", PKTIO_OPT_TIME, 0, 0, UINT64_MAX, NULL,
	  AT(first_time) },
	{ "interval", "time between two frames", "1us", PKTIO_OPT_TIME, 0, 0,
	  UINT64_C(3600000000000), NULL, AT(interval) },
	{ "tx-buffers", "number of frames that a program can allocate to send",
	  "1024", PKTIO_OPT_UINT, PKTIO_OPT_EXPERT, 1, 1 << 16, NULL,
	  AT(tx_buffers) },
	{ "tx-buffer-size", "size of the longest frame to send", "16K",
	  PKTIO_OPT_SIZE, PKTIO_OPT_EXPERT, 64, UINT16_MAX, NULL,
	  AT(tx_buffer_size) },
	{ NULL },
};

static const struct pktio_renamed_opt gen_renamed_opts[] = {
	{ "slots", "tx-buffers" },
	{ "slot-size", "tx-buffer-size" },
	{ NULL },
};

/* The order of the sizes. Both tables have ORDER steps. */
#define ORDER 12U
static const uint8_t fixed_order[ORDER] = { 0 };
static const uint8_t imix_order[ORDER] = { 0, 1, 0, 1, 0, 2, 0, 1, 0, 1, 0, 0 };
static const uint32_t imix_sizes[MAX_SIZES] = { 60, 590, 1514 };

struct gen {
	struct pktio_ring ring;

	/*
	 * All different frames, without times: the flows in one direction, then
	 * in the other, each with `nsizes` adjacent frames.
	 */
	struct pktio_frame *frames;
	uint32_t nframes, nsizes;
	const uint8_t *order;
	uint8_t *memory; /* their bytes, read-only */
	size_t memory_size;

	/* The next frame. */
	uint32_t at; /* in `frames` */
	uint32_t step,
		first; /* in `order`; the step at which this round began */
	uint64_t ts, interval;
	uint64_t left; /* frames before the end */

	struct pktio_slab *slab; /* the tx buffers */
	uint16_t tx_buffer_size;
};

/* ---- Open --------------------------------------------------------------- */

static unsigned make_tags(const struct gen_conf *conf, struct pktio_vlan *tags)
{
	uint16_t priority = (uint16_t)(conf->vlan_priority << 13);
	struct pktio_vlan *tag = tags;

	if (conf->vlan == VLAN_NONE)
		return 0;
	if (conf->vlan == VLAN_QINQ)
		*tag++ = (struct pktio_vlan){
			0x88a8, (uint16_t)(priority | conf->vlan_outer_id)
		};
	*tag = (struct pktio_vlan){ 0x8100, priority };
	if (conf->vlan != VLAN_PRIORITY)
		tag->tci |= (uint16_t)conf->vlan_id;
	return (unsigned)(tag - tags) + 1;
}

/*
 * True for about half of all flows, and of the flows of each ring: the parity
 * of the bits has no period that could match the number of rings.
 */
static bool is_half(uint32_t flow)
{
	return __builtin_parity(flow);
}

/* Fills the specification of a frame, and its struct without bytes and time. */
static void describe(const struct gen_conf *conf, uint32_t flow, bool back,
		     uint32_t size, struct gen_spec *spec,
		     struct pktio_frame *f)
{
	struct pktio_vlan tags[2];
	unsigned ntags = make_tags(conf, tags);
	unsigned stripped =
		ntags < conf->vlan_strip ? ntags : (unsigned)conf->vlan_strip;

	*spec = (struct gen_spec){
		.seed = conf->seed, .flow = flow, .size = size, .back = back
	};
	spec->ipv6 = conf->ip == IP_6 || (conf->ip == IP_BOTH && is_half(flow));
	/* The division by 3 makes it independent of the IP version. */
	spec->tcp = conf->proto == PROTO_TCP ||
		    (conf->proto == PROTO_BOTH && is_half(flow / 3));
	spec->ntags = ntags - stripped;
	*f = (struct pktio_frame){ .flags = PKTIO_F_HASH,
				   .hash = gen_flow_hash(spec),
				   .linktype = PKTIO_LINKTYPE_ETHERNET,
				   .nvlan = (uint8_t)stripped,
				   .pkttype = PKTIO_PKT_HOST,
				   .csum = PKTIO_CSUM_VALID,
				   .clock = PKTIO_CLOCK_FILE };
	for (unsigned i = 0; i < ntags; i++) {
		if (i < stripped)
			f->vlan[i] = tags[i];
		else
			spec->tags[i - stripped] = tags[i];
	}
	f->wirelen = gen_frame_len(spec);
	f->caplen = f->wirelen;
	if (conf->snaplen && conf->snaplen < f->wirelen) {
		f->caplen = (uint32_t)conf->snaplen;
		f->flags |= PKTIO_F_TRUNCATED;
	}
}

/* An odd number of cache lines, so that frames begin in different sets. */
static size_t room_for(const struct pktio_frame *f)
{
	size_t lines = (IP_ALIGN + f->wirelen + CACHE_LINE - 1) / CACHE_LINE;

	return (lines | 1) * CACHE_LINE;
}

/* Describes frame `i` of the ring. */
static void describe_nth(const struct gen *g, const struct gen_conf *conf,
			 const struct pktio_open_ctx *ctx, uint32_t i,
			 struct gen_spec *spec, struct pktio_frame *f)
{
	uint32_t nflows = g->nframes / g->nsizes / 2;
	uint32_t position = i / g->nsizes;
	uint32_t flow = position % nflows * ctx->count + ctx->index;
	uint32_t size = conf->imix ? imix_sizes[i % g->nsizes] :
				     (uint32_t)conf->size;

	describe(conf, flow, position >= nflows, size, spec, f);
}

static int build_frames(struct gen *g, const struct gen_conf *conf,
			const struct pktio_open_ctx *ctx)
{
	struct gen_spec spec;
	uint64_t total = 0;
	uint8_t *at;

	for (uint32_t i = 0; i < g->nframes && total <= MAX_MEMORY; i++) {
		describe_nth(g, conf, ctx, i, &spec, &g->frames[i]);
		total += room_for(&g->frames[i]);
	}
	if (total > MAX_MEMORY)
		return pktio_fail(
			&g->ring, -E2BIG,
			"%u different frames need more than 1 GiB; lower flows or size",
			g->nframes);
	g->memory = mmap(NULL, total, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (g->memory == MAP_FAILED) {
		g->memory = NULL;
		return pktio_fail(&g->ring, -ENOMEM,
				  "out of memory for %u different frames",
				  g->nframes);
	}
	g->memory_size = total;
	at = g->memory;
	for (uint32_t i = 0; i < g->nframes; i++) {
		describe_nth(g, conf, ctx, i, &spec, &g->frames[i]);
		g->frames[i].data = at + IP_ALIGN;
		gen_frame_build(&spec, at + IP_ALIGN);
		at += room_for(&g->frames[i]);
	}
	/* Each frame is returned many times: writing to it must fail. */
	mprotect(g->memory, g->memory_size, PROT_READ);
	return 0;
}

static int open_source(struct gen *g, const struct gen_conf *conf,
		       const struct pktio_open_ctx *ctx)
{
	uint32_t flows = (uint32_t)conf->flows;

	if (ctx->index >= flows)
		return pktio_fail(
			&g->ring, -EINVAL,
			"%u flows leave none for ring %u of %u; use flows=%u or more",
			flows, ctx->index, ctx->count, ctx->count);
	g->nsizes = conf->imix ? MAX_SIZES : 1;
	g->order = conf->imix ? imix_order : fixed_order;
	g->nframes =
		((flows - ctx->index - 1) / ctx->count + 1) * 2 * g->nsizes;
	g->frames = calloc(g->nframes, sizeof(*g->frames));
	if (!g->frames)
		return pktio_fail(&g->ring, -ENOMEM,
				  "out of memory for %u different frames",
				  g->nframes);
	g->ts = conf->first_time;
	g->interval = conf->interval;
	g->left = conf->count ? conf->count : UINT64_MAX;
	g->ring.info.snaplen = (uint32_t)conf->snaplen;
	return build_frames(g, conf, ctx);
}

static int open_sink(struct gen *g, const struct gen_conf *conf)
{
	g->tx_buffer_size = (uint16_t)conf->tx_buffer_size;
	g->slab = pktio_slab_new((uint32_t)conf->tx_buffers, g->tx_buffer_size);
	if (!g->slab)
		return pktio_fail(
			&g->ring, -ENOMEM,
			"out of memory for %u tx buffers of %u bytes; lower tx-buffers or tx-buffer-size",
			(unsigned)conf->tx_buffers, g->tx_buffer_size);
	return 0;
}

static void gen_close(struct pktio_ring *r)
{
	struct gen *g = (struct gen *)r;

	if (g->memory)
		munmap(g->memory, g->memory_size);
	free(g->frames);
	pktio_slab_free(g->slab);
}

static int gen_open(struct pktio_ring *r, const void *conf,
		    const struct pktio_open_ctx *ctx)
{
	struct gen *g = (struct gen *)r;
	int ret = 0;

	if (*ctx->target)
		return pktio_fail(
			r, -EINVAL,
			"invalid target '%s': gen has no targets; write gen:?option=value",
			ctx->target);
	r->info.linktype = PKTIO_LINKTYPE_ETHERNET;
	if (ctx->mode & PKTIO_RECV)
		ret = open_source(g, conf, ctx);
	if (ret == 0 && ctx->mode & PKTIO_SEND)
		ret = open_sink(g, conf);
	if (ret < 0)
		gen_close(r);
	return ret;
}

/* ---- Receive ------------------------------------------------------------ */

static int gen_recv(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct gen *g = (struct gen *)r;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	uint64_t ts = g->ts;
	uint32_t at = g->at;
	uint32_t step = g->step;

	if (g->left == 0)
		return PKTIO_EOF;
	if (n > g->left)
		n = (unsigned)g->left;
	for (unsigned i = 0; i < n; i++) {
		const struct pktio_frame *f = &g->frames[at + g->order[step]];

		frames[i] = *f;
		frames[i].ts = ts;
		bytes += f->caplen;
		truncated += f->caplen < f->wirelen;
		ts += g->interval;
		at += g->nsizes;
		step = step + 1 < ORDER ? step + 1 : 0;
		if (at == g->nframes) {
			/* In the next round each flow has another size. */
			g->first = g->first + 1 < ORDER ? g->first + 1 : 0;
			step = g->first;
			at = 0;
		}
	}
	g->ts = ts;
	g->at = at;
	g->step = step;
	if (g->left != UINT64_MAX)
		g->left -= n;
	r->stats.received += n;
	r->stats.received_bytes += bytes;
	r->stats.truncated += truncated;
	return (int)n;
}

/* The cookie of a tx buffer is its number plus 1, of a generated frame 0. */
static void gen_release(struct pktio_ring *r, const struct pktio_frame *frames,
			unsigned n)
{
	struct gen *g = (struct gen *)r;

	if (!g->slab)
		return;
	for (unsigned i = 0; i < n; i++)
		if (frames[i].cookie)
			pktio_slab_put(g->slab, frames[i].cookie - 1);
}

/* ---- Send --------------------------------------------------------------- */

static int gen_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		     unsigned n)
{
	struct gen *g = (struct gen *)r;
	unsigned i;

	for (i = 0; i < n; i++) {
		uint64_t slot;
		const uint8_t *data = pktio_slab_get(g->slab, &slot);

		if (!data)
			break;
		frames[i] =
			(struct pktio_frame){ .data = data,
					      .cookie = slot + 1,
					      .flags = PKTIO_F_WRITABLE,
					      .linktype =
						      PKTIO_LINKTYPE_ETHERNET,
					      .tailroom = g->tx_buffer_size };
	}
	return (int)i;
}

static int gen_send(struct pktio_ring *r, const struct pktio_frame *frames,
		    unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		r->stats.sent_bytes += frames[i].caplen + frames[i].nvlan * 4U;
	r->stats.sent += n;
	gen_release(r, frames, n);
	return (int)n;
}

/* Sent frames are dropped at once, so that nothing is queued. */
static int gen_flush(struct pktio_ring *r)
{
	(void)r;
	return 0;
}

PKTIO_BACKEND(gen) = {
	PKTIO_BACKEND_SIZES,
	.name = "gen",
	.doc = "generates frames from a seed; discards frames that are sent",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct gen),
	.conf_size = sizeof(struct gen_conf),
	.opts = gen_opts,
	.renamed = gen_renamed_opts,
	.open = gen_open,
	.close = gen_close,
	.recv = gen_recv,
	.release = gen_release,
	.alloc = gen_alloc,
	.send = gen_send,
	.flush = gen_flush,
};
