/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames from the records of pcap files. */
#include <errno.h>
#include <inttypes.h>

#include "format/pseudo_header.h"
#include "read/pcap.h"
#include "util/clock.h"

/* The properties of a format, constant in each compiled walk. */
struct kind {
	uint32_t record_size;
	enum format_order order;
	bool swapped, needs_fix;
};

/*
 * The walk, compiled once for each kind of file. The headroom of a frame is the
 * record header, which is not needed again.
 */
static inline __attribute__((always_inline)) int
walk(struct pcap_file *p, struct pktio_frame *frames, unsigned n,
     const struct kind kind)
{
	struct chunks *c = &p->reader.chunks;
	const uint32_t limit = p->reader.format.limit;
	const uint32_t snaplen = p->reader.format.snaplen;
	const uint32_t tick = p->reader.format.tick;
	const uint32_t chunk = c->current;
	const uint8_t *const end = c->end;
	uint8_t *at = c->at;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	unsigned i = 0;

	for (; i < n; i++) {
		struct pktio_frame *f = &frames[i];
		size_t left = (size_t)(end - at);
		struct format_record record;
		uint32_t caplen;

		if (left < kind.record_size)
			break;
		chunks_prefetch(at);
		record = format_record(at, kind.swapped, kind.order);
		if (record.caplen > limit ||
		    record.caplen > left - kind.record_size)
			break;
		caplen = record.caplen < snaplen ? record.caplen : snaplen;
		if (kind.needs_fix)
			pseudo_header_fix(p->reader.format.linktype,
					  kind.swapped, at + kind.record_size,
					  caplen, &record.wirelen);
		*f = p->reader.template;
		f->data = at + kind.record_size;
		f->ts = record.seconds * NS_PER_S +
			(uint64_t)record.fraction * tick;
		f->cookie = chunk;
		f->caplen = caplen;
		f->wirelen = record.wirelen;
		f->flags = PKTIO_F_WRITABLE |
			   (caplen < record.wirelen ? PKTIO_F_TRUNCATED : 0);
		bytes += caplen;
		truncated += caplen < record.wirelen;
		at += kind.record_size + record.caplen;
	}
	c->at = at;
	c->all[c->current].held += i;
	p->ring.stats.received += i;
	p->ring.stats.received_bytes += bytes;
	p->ring.stats.truncated += truncated;
	return (int)i;
}

static int walk_native(struct pcap_file *p, struct pktio_frame *frames,
		       unsigned n)
{
	return walk(p, frames, n,
		    (struct kind){ FORMAT_RECORD_SIZE, FORMAT_CAPLEN_FIRST,
				   false, false });
}

static int walk_swapped(struct pcap_file *p, struct pktio_frame *frames,
			unsigned n)
{
	return walk(p, frames, n,
		    (struct kind){ FORMAT_RECORD_SIZE, FORMAT_CAPLEN_FIRST,
				   true, false });
}

/* For old variants, and link types whose frames are fixed. */
static int walk_other(struct pcap_file *p, struct pktio_frame *frames,
		      unsigned n)
{
	const struct format *format = &p->reader.format;

	return walk(p, frames, n,
		    (struct kind){ format->record_size, format->order,
				   format->swapped, format->needs_fix });
}

static size_t pcap_need(struct pcap_file *p)
{
	const struct format *format = &p->reader.format;
	const struct chunks *c = &p->reader.chunks;
	uint32_t caplen;

	if ((size_t)(c->end - c->at) < format->record_size)
		return format->record_size;
	caplen = format_record(c->at, format->swapped, format->order).caplen;
	return caplen <= format->limit ? (size_t)format->record_size + caplen :
					 0;
}

static int pcap_damaged(struct pcap_file *p)
{
	const struct format *format = &p->reader.format;
	const struct chunks *c = &p->reader.chunks;

	return pktio_fail(
		&p->ring, -EBADMSG,
		"%s: damaged record at byte %" PRIu64 ": its length is %" PRIu32
		" bytes, the maximum for link type %u is %" PRIu32,
		p->name, p->reader.offset - (uint64_t)(c->end - c->at),
		format_record(c->at, format->swapped, format->order).caplen,
		format->linktype, format->limit);
}

static void choose_walk(struct reader *reader)
{
	const struct format *format = &reader->format;

	if (format->record_size != FORMAT_RECORD_SIZE ||
	    format->order != FORMAT_CAPLEN_FIRST || format->needs_fix)
		reader->walk = walk_other;
	else
		reader->walk = format->swapped ? walk_swapped : walk_native;
	reader->template.headroom = (uint16_t)format->record_size;
}

/*
 * The walk until the first frame. The records show which variant the file is.
 * Open may have read none of them: a pipe may contain only the file header.
 */
static int walk_first(struct pcap_file *p, struct pktio_frame *frames,
		      unsigned n)
{
	struct reader *reader = &p->reader;
	const struct chunks *c = &reader->chunks;
	size_t left = (size_t)(c->end - c->at);

	if (left < pcap_need(p))
		return 0;
	format_guess(&reader->format, c->at, left);
	choose_walk(reader);
	return reader->walk(p, frames, n);
}

int pcap_file_begin_pcap(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	struct format *format = &reader->format;
	struct chunks *c = &reader->chunks;
	char reason[128];
	int r = format_parse(format, c->at, (size_t)(c->end - c->at), reason,
			     sizeof(reason));

	if (r < 0)
		return pktio_fail(&p->ring, r, "%s%s", p->name, reason);
	c->at += format->header_size;
	reader->need = pcap_need;
	reader->damaged = pcap_damaged;
	reader->record = "record";
	reader->template = (struct pktio_frame){ .linktype = format->linktype,
						 .clock = PKTIO_CLOCK_FILE };
	choose_walk(reader);
	if (format->guess)
		reader->walk = walk_first;
	p->ring.info.linktype = format->linktype;
	p->ring.info.snaplen = format->snaplen;
	return 0;
}
