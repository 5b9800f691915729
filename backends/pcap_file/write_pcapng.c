/* SPDX-License-Identifier: BSD-3-Clause */
/* The blocks of a pcapng file, made in memory. */
#include "write_pcapng.h"

#include <stdlib.h>
#include <string.h>

#include <net/if.h>

#define BLOCK_SHB 0x0a0d0d0aU
#define BLOCK_IDB 1U
#define BLOCK_ISB 5U
#define BLOCK_EPB 6U
#define BYTE_ORDER_MAGIC 0x1a2b3c4dU

#define OPT_COMMENT 1U
#define SHB_HARDWARE 2U
#define SHB_OS 3U
#define SHB_APPLICATION 4U
#define IF_NAME 2U
#define IF_TSRESOL 9U
#define EPB_FLAGS 2U
#define ISB_STARTTIME 2U
#define ISB_ENDTIME 3U
#define ISB_OSDROP 7U
#define ISB_USRDELIV 8U

/* epb_flags: direction, how it was received, and what is known of checksums. */
#define FLAGS_INBOUND 1U
#define FLAGS_OUTBOUND 2U
#define FLAGS_UNICAST (1U << 2)
#define FLAGS_MULTICAST (2U << 2)
#define FLAGS_BROADCAST (3U << 2)
#define FLAGS_PROMISCUOUS (4U << 2)
#define FLAGS_CHECKSUM_NOT_READY (1U << 9)
#define FLAGS_CHECKSUM_VALID (1U << 10)

#define NS_PER_US 1000U

static uint8_t *put16(uint8_t *to, uint16_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static uint8_t *put64(uint8_t *to, uint64_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static uint8_t *put_option(uint8_t *to, uint16_t code, const void *value,
			   size_t size)
{
	to = put16(to, code);
	to = put16(to, (uint16_t)size);
	memcpy(to, value, size);
	memset(to + size, 0, padded(size) - size);
	return to + padded(size);
}

static size_t text_size(const char *text)
{
	size_t size = strlen(text);

	return size < WRITE_PCAPNG_TEXT_MOST ? size : WRITE_PCAPNG_TEXT_MOST;
}

/* A text that is not "". */
static uint8_t *put_text(uint8_t *to, uint16_t code, const char *text)
{
	return *text ? put_option(to, code, text, text_size(text)) : to;
}

/* Ends the options, and the block that starts at `from`; its length. */
static size_t end_block(uint8_t *from, uint8_t *to)
{
	uint32_t size;

	to = put32(to, 0);
	size = (uint32_t)(to + 4 - from);
	put32(from + 4, size);
	put32(to, size);
	return size;
}

/* A time as two halves, the upper one first, in the unit of the file. */
static uint8_t *put_time(const struct write_pcapng *w, uint8_t *to, uint64_t ns)
{
	uint64_t ticks = w->us ? ns / NS_PER_US : ns;

	to = put32(to, (uint32_t)(ticks >> 32));
	return put32(to, (uint32_t)ticks);
}

size_t write_pcapng_shb_size(const struct write_pcapng_texts *texts)
{
	return 36 + 4 * 4 + padded(text_size(texts->comment)) +
	       padded(text_size(texts->hardware)) +
	       padded(text_size(texts->os)) +
	       padded(text_size(texts->application));
}

size_t write_pcapng_shb(uint8_t *to, const struct write_pcapng_texts *texts)
{
	uint8_t *at = put32(to, BLOCK_SHB) + 4;

	at = put32(at, BYTE_ORDER_MAGIC);
	at = put16(at, 1); /* version 1.0 */
	at = put16(at, 0);
	at = put64(at, UINT64_MAX); /* the length is not known beforehand */
	at = put_text(at, OPT_COMMENT, texts->comment);
	at = put_text(at, SHB_HARDWARE, texts->hardware);
	at = put_text(at, SHB_OS, texts->os);
	at = put_text(at, SHB_APPLICATION, texts->application);
	return end_block(to, at);
}

size_t write_pcapng_add(struct write_pcapng *w, uint8_t *to, uint16_t linktype,
			uint32_t ifindex)
{
	uint8_t resolution = w->us ? 6 : 9;
	char name[IF_NAMESIZE];
	uint8_t *at;

	if (w->nifs == w->room) {
		uint32_t room = w->room ? w->room * 2 : 4;
		void *ifs = realloc(w->ifs, room * sizeof(w->ifs[0]));

		if (!ifs)
			return 0;
		w->ifs = ifs;
		w->room = room;
	}
	w->recent = w->nifs;
	w->ifs[w->nifs++] = (struct write_pcapng_if){ .ifindex = ifindex,
						      .linktype = linktype,
						      .first = UINT64_MAX };
	at = put32(to, BLOCK_IDB) + 4;
	at = put16(at, linktype);
	at = put16(at, 0);
	at = put32(at, w->snaplen);
	if (w->names && ifindex && if_indextoname(ifindex, name))
		at = put_text(at, IF_NAME, name);
	at = put_option(at, IF_TSRESOL, &resolution, 1);
	return end_block(to, at);
}

static uint8_t *put_count(uint8_t *to, uint16_t code, uint64_t count)
{
	return put_option(to, code, &count, sizeof(count));
}

size_t write_pcapng_isb(uint8_t *to, const struct write_pcapng *w, uint32_t id)
{
	const struct write_pcapng_if *of = &w->ifs[id];
	uint8_t *at = put32(to, BLOCK_ISB) + 4;
	uint8_t time[8];

	at = put32(at, id);
	at = put_time(w, at, of->last);
	if (of->frames > 0) {
		put_time(w, time, of->first);
		at = put_option(at, ISB_STARTTIME, time, sizeof(time));
		put_time(w, time, of->last);
		at = put_option(at, ISB_ENDTIME, time, sizeof(time));
	}
	if (of->lost > 0)
		at = put_count(at, ISB_OSDROP, of->lost);
	at = put_count(at, ISB_USRDELIV, of->frames);
	return end_block(to, at);
}

/*
 * What epb_flags has to say, 0: nothing. A frame from the kernel says how it
 * was received; of others, PKTIO_PKT_HOST is only what a zero means.
 */
static uint32_t flags_of(const struct pktio_frame *f)
{
	static const uint32_t types[] = {
		[PKTIO_PKT_HOST] = FLAGS_INBOUND | FLAGS_UNICAST,
		[PKTIO_PKT_BROADCAST] = FLAGS_INBOUND | FLAGS_BROADCAST,
		[PKTIO_PKT_MULTICAST] = FLAGS_INBOUND | FLAGS_MULTICAST,
		[PKTIO_PKT_OTHERHOST] = FLAGS_INBOUND | FLAGS_PROMISCUOUS,
		[PKTIO_PKT_OUTGOING] = FLAGS_OUTBOUND,
	};
	bool kernel = f->clock == PKTIO_CLOCK_RING ||
		      f->clock == PKTIO_CLOCK_SOFTWARE ||
		      f->clock == PKTIO_CLOCK_HARDWARE;
	uint32_t flags = 0;

	if ((f->pkttype != PKTIO_PKT_HOST || kernel) &&
	    f->pkttype < sizeof(types) / sizeof(types[0]))
		flags = types[f->pkttype];
	if (f->csum == PKTIO_CSUM_PARTIAL)
		flags |= FLAGS_CHECKSUM_NOT_READY;
	if (f->csum == PKTIO_CSUM_VALID)
		flags |= FLAGS_CHECKSUM_VALID;
	return flags;
}

uint8_t *write_pcapng_epb(struct write_pcapng *w, uint8_t *to, uint32_t id,
			  const struct pktio_frame *f, uint32_t caplen,
			  uint32_t wirelen, uint8_t **end)
{
	struct write_pcapng_if *of = &w->ifs[id];
	uint32_t flags = flags_of(f);
	uint32_t size = 32 + (uint32_t)padded(caplen) + (flags ? 12 : 0);
	uint8_t *data = to + 28;
	uint8_t *at = data + caplen;

	put32(to, BLOCK_EPB);
	put32(to + 4, size);
	put32(to + 8, id);
	put_time(w, to + 12, f->ts);
	put32(to + 20, caplen);
	put32(to + 24, wirelen);
	memset(at, 0, 3); /* padding; what is too much is written over */
	at = data + padded(caplen);
	if (flags) {
		at = put_option(at, EPB_FLAGS, &flags, sizeof(flags));
		at = put32(at, 0);
	}
	*end = put32(at, size);
	of->frames++;
	if (f->ts < of->first)
		of->first = f->ts;
	if (f->ts > of->last)
		of->last = f->ts;
	return data;
}

struct write_pcapng_block write_pcapng_block(const uint8_t *at)
{
	uint32_t words[6];

	/* Not all blocks are so long, but any has 8 bytes. */
	memcpy(words, at, 8);
	if (words[0] != BLOCK_EPB)
		return (struct write_pcapng_block){
			.size = words[1], .idb = words[0] == BLOCK_IDB
		};
	memcpy(words, at, sizeof(words));
	return (struct write_pcapng_block){ .size = words[1],
					    .packet = true,
					    .id = words[2],
					    .caplen = words[5] };
}
