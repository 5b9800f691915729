/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames from the blocks of pcapng files. Nearly every block is an enhanced
 * packet block, and a fast path reads these blocks. The fast path makes the
 * same checks as the general path. It leaves all other blocks and all invalid
 * blocks to the general path, which parses all block types and reports errors.
 *
 * The header of a block stays unchanged, because pktio_meta_get() reads the
 * options after the packet while the frame is held. So the cookie of a frame is
 * the position of its block, and frames have no headroom.
 */
#include <errno.h>
#include <inttypes.h>

#include "format/pseudo_header.h"
#include "read/pcapng.h"

/*
 * A cookie. The lower half contains, from bit 0: the chunk (mask
 * PCAP_FILE_CHUNK), the bits of merge.c, and one bit for the byte order. The
 * upper half contains the offset of the block in the chunk.
 */
#define COOKIE_SWAPPED (UINT64_C(1) << 31)
#define COOKIE_SHIFT 32

#define TRAILER_SIZE 4U
#define MIN_SIZE (PCAPNG_ENHANCED_SIZE + TRAILER_SIZE)
#define MIN_OPTIONS 4U

/* ---- The fast path ------------------------------------------------------ */

static inline __attribute__((always_inline)) bool has_options(uint32_t size,
							      uint32_t caplen)
{
	return ((caplen + 3) & ~3U) + MIN_OPTIONS <= size - MIN_SIZE;
}

/* This case is rare. The function is not inlined, because the loop needs all
 * registers. */
static __attribute__((noinline)) void
take_options(struct pktio_frame *f, const uint8_t *block, bool swapped)
{
	struct pcapng_options options;

	if (pcapng_packet_options(block, swapped, &options))
		pcapng_flags(f, options);
}

static inline __attribute__((always_inline)) unsigned
walk_enhanced(struct pcap_file *p, struct pktio_frame *frames, unsigned n,
	      bool swapped)
{
	struct chunks *c = &p->reader.chunks;
	const struct pcapng *ng = &p->reader.pcapng;
	const struct pcapng_interface *interfaces = ng->interfaces;
	const uint32_t ninterface = ng->ninterface;
	const uint8_t *const memory = c->all[c->current].memory;
	const uint64_t cookie = c->current | (swapped ? COOKIE_SWAPPED : 0);
	uint8_t *at = c->at;
	/* The loop stops at this end, so no block can exceed the limit. */
	const uint8_t *const end = (size_t)(c->end - at) > ng->max_block ?
					   at + ng->max_block :
					   c->end;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	unsigned i = 0;

	for (; i < n; i++) {
		const struct pcapng_interface *interface;
		struct pktio_frame *f = &frames[i];
		size_t left = (size_t)(end - at);
		uint32_t size, number, caplen, wirelen;

		chunks_prefetch(at);
		if (left < MIN_SIZE ||
		    pcapng_load(at, swapped) != PCAPNG_ENHANCED)
			break;
		size = pcapng_load(at + 4, swapped);
		number = pcapng_load(at + 8, swapped);
		caplen = pcapng_load(at + 20, swapped);
		wirelen = pcapng_load(at + 24, swapped);
		if (size > left || size % 4 != 0 ||
		    (uint64_t)caplen + MIN_SIZE > size ||
		    number >= ninterface ||
		    pcapng_load(at + size - TRAILER_SIZE, swapped) != size)
			break;
		interface = &interfaces[number];
		if (__builtin_expect(interface->odd, 0))
			break;
		*f = interface->template;
		f->data = at + PCAPNG_ENHANCED_SIZE;
		f->ts = interface->offset +
			pcapng_load_time(at + 12, swapped) * interface->scale;
		f->cookie = cookie | (uint64_t)(at - memory) << COOKIE_SHIFT;
		f->caplen = caplen;
		f->wirelen = wirelen;
		f->flags = PKTIO_F_WRITABLE |
			   (caplen < wirelen ? PKTIO_F_TRUNCATED : 0);
		if (has_options(size, caplen))
			take_options(f, at, swapped);
		bytes += caplen;
		truncated += caplen < wirelen;
		at += size;
	}
	c->at = at;
	c->all[c->current].held += i;
	p->ring.stats.received += i;
	p->ring.stats.received_bytes += bytes;
	p->ring.stats.truncated += truncated;
	return i;
}

/* One copy of the loop for each byte order avoids a test at every field. */
static __attribute__((noinline)) unsigned
walk_native(struct pcap_file *p, struct pktio_frame *frames, unsigned n)
{
	return walk_enhanced(p, frames, n, false);
}

static __attribute__((noinline)) unsigned
walk_swapped(struct pcap_file *p, struct pktio_frame *frames, unsigned n)
{
	return walk_enhanced(p, frames, n, true);
}

/* ---- The general path --------------------------------------------------- */

/* Parses the next block. Returns the same values as pcapng_parse_block(). */
static int64_t parse_next(struct pcap_file *p, struct pcapng_block *block)
{
	const struct chunks *c = &p->reader.chunks;
	size_t left = (size_t)(c->end - c->at);

	return pcapng_parse_block(&p->reader.pcapng, c->at, left,
				  p->reader.offset - left, block);
}

/* Skips complete blocks that are not packets. Returns the same values as
 * pcapng_parse_block(). */
static int64_t next_packet(struct pcap_file *p, struct pcapng_block *block)
{
	int64_t r;

	while ((r = parse_next(p, block)) == 0 &&
	       !pcapng_is_packet(block->type)) {
		r = pcapng_process(&p->reader.pcapng, block, &p->ring.stats);
		if (r < 0)
			break;
		p->reader.chunks.at += block->size;
	}
	return r;
}

static void make_frame(struct pcap_file *p, const struct pcapng_block *block,
		       const struct pcapng_packet *packet,
		       struct pktio_frame *ret)
{
	const struct pcapng *ng = &p->reader.pcapng;
	const struct pcapng_interface *interface =
		&ng->interfaces[packet->interface];
	struct chunks *c = &p->reader.chunks;
	uint64_t place = (uint64_t)(c->at - c->all[c->current].memory);
	uint8_t *data = c->at + packet->start;
	uint32_t wirelen = packet->wirelen;
	struct pcapng_options options;

	if (interface->needs_fix)
		pseudo_header_fix(interface->template.linktype, ng->swapped,
				  data, packet->caplen, &wirelen);
	*ret = interface->template;
	ret->data = data;
	ret->ts = interface->offset +
		  (interface->scale ? packet->ticks * interface->scale :
				      pcapng_time(interface, packet->ticks));
	ret->cookie = c->current | (ng->swapped ? COOKIE_SWAPPED : 0) |
		      place << COOKIE_SHIFT;
	ret->caplen = packet->caplen;
	ret->wirelen = wirelen;
	ret->flags = PKTIO_F_WRITABLE |
		     (packet->caplen < wirelen ? PKTIO_F_TRUNCATED : 0) |
		     (packet->lost ? PKTIO_F_LOSS | PKTIO_F_META : 0);
	if (packet->timeless) {
		ret->ts = 0; /* without the time offset of the interface */
		ret->clock = PKTIO_CLOCK_UNKNOWN;
	}
	if (pcapng_packet_options(block->at, ng->swapped, &options))
		pcapng_flags(ret, options);
	c->all[c->current].held++;
	c->at += block->size;
	p->ring.stats.received++;
	p->ring.stats.received_bytes += packet->caplen;
	p->ring.stats.truncated += packet->caplen < wirelen;
}

/* Reads one packet of any type; false: none, or an error. */
static bool read_packet(struct pcap_file *p, struct pktio_frame *ret)
{
	struct pcapng_block block;
	struct pcapng_packet packet;

	if (next_packet(p, &block) != 0 ||
	    pcapng_packet(&p->reader.pcapng, &block, &packet) < 0)
		return false;
	make_frame(p, &block, &packet, ret);
	return true;
}

static int pcapng_walk(struct pcap_file *p, struct pktio_frame *frames,
		       unsigned n)
{
	unsigned i = 0;

	while (i < n) {
		i += p->reader.pcapng.swapped ?
			     walk_swapped(p, frames + i, n - i) :
			     walk_native(p, frames + i, n - i);
		if (i == n || !read_packet(p, frames + i))
			break;
		i++;
	}
	return (int)i;
}

static size_t pcapng_need(struct pcap_file *p)
{
	struct pcapng_block block;
	struct pcapng_packet packet;
	int64_t r = next_packet(p, &block);

	if (r > 0)
		return (size_t)r;
	if (r == 0)
		r = pcapng_packet(&p->reader.pcapng, &block, &packet);
	p->reader.pcapng_code = (int)r;
	return r == 0 ? block.size : 0;
}

/* pcapng_need() has set the message. */
static int pcapng_damaged(struct pcap_file *p)
{
	return pktio_fail(&p->ring, p->reader.pcapng_code, "%s%s", p->name,
			  p->reader.pcapng.reason);
}

/* ---- Metadata ----------------------------------------------------------- */

static bool is_pcapng(const struct pcap_file *p)
{
	return p->reader.walk == pcapng_walk;
}

static int get_frame(const struct pcap_file *p, uint64_t cookie, uint16_t code,
		     unsigned index, void *buf, size_t size)
{
	const struct chunks *c = &p->reader.chunks;
	uint32_t chunk = (uint32_t)(cookie & PCAP_FILE_CHUNK);
	size_t place = (size_t)(cookie >> COOKIE_SHIFT);
	bool swapped = cookie & COOKIE_SWAPPED;
	const uint8_t *block;

	if (!is_pcapng(p))
		return -ENOENT;
	/* The cookie can come from another ring; it must not cause a read
	 * outside of a chunk. */
	if (chunk >= c->count || !c->all[chunk].memory ||
	    place + MIN_SIZE > c->all[chunk].size)
		return -ENOENT;
	block = c->all[chunk].memory + place;
	if (pcapng_load(block + 4, swapped) > c->all[chunk].size - place)
		return -ENOENT;
	return pcapng_packet_option(block, swapped, code, index, buf, size);
}

static int get_dropped(const struct pcapng_kept *kept, unsigned index,
		       void *buf, size_t size)
{
	if (!kept->counted || index > 0)
		return -ENOENT;
	return pcapng_number(kept->dropped, buf, size);
}

/* A pcap file has one value: the length of the checksums in its frames. */
static int get_fcs_length(const struct format *format, uint16_t code,
			  unsigned index, void *buf, size_t size)
{
	if (code != PKTIO_META_INTERFACE_FCS_LENGTH || index > 0 ||
	    format->fcs_bits < 0)
		return -ENOENT;
	if (size > 0)
		*(uint8_t *)buf = (uint8_t)format->fcs_bits;
	return 1;
}

static int get_interface(const struct pcap_file *p, uint64_t ifindex,
			 uint16_t code, unsigned index, void *buf, size_t size)
{
	const struct pcapng *ng = &p->reader.pcapng;
	const struct pcapng_kept *kept;

	if (!is_pcapng(p))
		return ifindex == 0 ? get_fcs_length(&p->reader.format, code,
						     index, buf, size) :
				      -ENOENT;
	if (ifindex == 0 || ifindex > ng->nkept)
		return -ENOENT;
	kept = &ng->kept[ifindex - 1];
	if (code == PKTIO_META_INTERFACE_DROPPED)
		return get_dropped(kept, index, buf, size);
	return pcapng_kept_option(ng, kept, code, index, buf, size);
}

int pcap_file_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, unsigned index, void *buf,
		       size_t size)
{
	const struct pcap_file *p = pcap_file_of(r);
	const struct pcapng *ng = &p->reader.pcapng;

	if (!(r->info.mode & PKTIO_RECV))
		return -ENOENT;
	switch (scope) {
	case PKTIO_META_FRAME:
		return get_frame(p, id, code, index, buf, size);
	case PKTIO_META_INTERFACE:
		return get_interface(p, id, code, index, buf, size);
	case PKTIO_META_SECTION:
		return is_pcapng(p) ? pcapng_kept_option(ng, &ng->section, code,
							 index, buf, size) :
				      -ENOENT;
	}
	return -EINVAL;
}

/* ---- Begin -------------------------------------------------------------- */

void pcap_file_begin_pcapng(struct pcap_file *p)
{
	struct reader *reader = &p->reader;

	pcapng_free(&reader->pcapng);
	reader->walk = pcapng_walk;
	reader->need = pcapng_need;
	reader->damaged = pcapng_damaged;
	reader->record = "block";
}
