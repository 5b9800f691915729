/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes pcapng blocks to memory. */
#include "write/pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <net/if.h>

#include "format/epb_flags.h"

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
#define ISB_STARTTIME 2U
#define ISB_ENDTIME 3U
#define ISB_IFDROP 5U
#define ISB_OSDROP 7U
#define ISB_USRDELIV 8U

#define OPTION_HEADER 4U
#define MAX_OPTION_BYTES (96U << 10)     /* of one packet or interface */
#define MAX_DESCRIPTION_BYTES (1U << 20) /* of all interfaces */
#define MAX_DESCRIPTIONS 65536U
#define MAX_RESOLUTION 9U /* 10^-9 s */
#define US_RESOLUTION 6U

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

	return size < WRITE_PCAPNG_TEXT_MAX ? size : WRITE_PCAPNG_TEXT_MAX;
}

/* Writes a text, unless it is "". */
static uint8_t *put_text(uint8_t *to, uint16_t code, const char *text)
{
	return *text ? put_option(to, code, text, text_size(text)) : to;
}

/* Ends the options and the block that starts at `from`; returns its length. */
static size_t end_block(uint8_t *from, uint8_t *to)
{
	uint32_t size;

	to = put32(to, 0);
	size = (uint32_t)(to + 4 - from);
	put32(from + 4, size);
	put32(to, size);
	return size;
}

/* Writes a time in ticks of the interface, the upper half first. */
static uint8_t *put_time(const struct write_pcapng_if *of, uint8_t *to,
			 uint64_t ns)
{
	/* Avoid the slow division: a tick is nearly always 1 ns. */
	uint64_t ticks = of->tick == 1 ? ns : ns / of->tick;

	to = put32(to, (uint32_t)(ticks >> 32));
	return put32(to, (uint32_t)ticks);
}

/* ---- Metadata ----------------------------------------------------------- */

/* How many bytes the value of an option has; 0: any number. */
static size_t fixed_size(bool of_packet, uint16_t code)
{
	static const uint8_t sizes[2][18] = {
		{ [4] = 8,
		  [5] = 17,
		  [6] = 6,
		  [7] = 8,
		  [8] = 8,
		  [9] = 1,
		  [10] = 4,
		  [13] = 1,
		  [14] = 8,
		  [16] = 8,
		  [17] = 8 },
		{ [2] = 4, [4] = 8, [5] = 8, [6] = 4 },
	};

	return code < sizeof(sizes[0]) ? sizes[of_packet][code] : 0;
}

static int append_option(struct write_pcapng_options *options, uint16_t code,
			 const void *value, size_t size)
{
	size_t need = options->used + OPTION_HEADER + padded(size);
	uint8_t *more;

	if (size > UINT16_MAX || need > MAX_OPTION_BYTES)
		return -EMSGSIZE;
	if (!options->bytes || need > options->room) {
		more = realloc(options->bytes, 2 * need);
		if (!more)
			return -ENOMEM;
		options->bytes = more;
		options->room = 2 * need;
	}
	put_option(options->bytes + options->used, code, value, size);
	options->used = need;
	return 0;
}

int write_pcapng_meta_frame(struct write_pcapng *w, uint16_t code,
			    const void *value, size_t size)
{
	size_t fixed = fixed_size(true, code);
	int r;

	if (code == 0 || (fixed && fixed != size))
		return -EINVAL;
	r = append_option(&w->next, code, value, size);
	if (r == 0 && code == PKTIO_META_FRAME_FLAGS)
		w->next.flags = true;
	return r;
}

static struct write_pcapng_description *
find_description(const struct write_pcapng *w, uint32_t ifindex)
{
	for (uint32_t i = w->ndescriptions; i-- > 0;)
		if (w->descriptions[i].ifindex == ifindex)
			return &w->descriptions[i];
	return NULL;
}

static struct write_pcapng_description *get_description(struct write_pcapng *w,
							uint32_t ifindex)
{
	struct write_pcapng_description *description =
		find_description(w, ifindex);

	if (description || w->ndescriptions == MAX_DESCRIPTIONS)
		return description;
	description = realloc(w->descriptions,
			      (w->ndescriptions + 1) * sizeof(*description));
	if (!description)
		return NULL;
	w->descriptions = description;
	description += w->ndescriptions++;
	*description = (struct write_pcapng_description){ .ifindex = ifindex };
	return description;
}

static bool is_described(const struct write_pcapng *w, uint32_t ifindex)
{
	for (uint32_t i = 0; i < w->nifs; i++)
		if (w->ifs[i].ifindex == ifindex)
			return true;
	return false;
}

static int add_option(struct write_pcapng *w,
		      struct write_pcapng_description *description,
		      uint16_t code, const void *value, size_t size)
{
	size_t before = description->options.used;
	int r;

	if (w->description_bytes + OPTION_HEADER + padded(size) >
	    MAX_DESCRIPTION_BYTES)
		return -EMSGSIZE;
	r = append_option(&description->options, code, value, size);
	if (r < 0)
		return r;
	description->options.name |= code == PKTIO_META_INTERFACE_NAME;
	w->description_bytes += description->options.used - before;
	if (description->options.used > w->description_max)
		w->description_max = description->options.used;
	return 0;
}

int write_pcapng_meta_interface(struct write_pcapng *w, uint32_t ifindex,
				uint16_t code, const void *value, size_t size)
{
	size_t fixed = code == PKTIO_META_INTERFACE_DROPPED ?
			       sizeof(uint64_t) :
			       fixed_size(false, code);
	struct write_pcapng_description *description;

	if (code == 0 || code == PKTIO_META_INTERFACE_TIME_OFFSET ||
	    (fixed && fixed != size) ||
	    (code == PKTIO_META_INTERFACE_RESOLUTION &&
	     *(const uint8_t *)value > MAX_RESOLUTION))
		return -EINVAL;
	if (code != PKTIO_META_INTERFACE_DROPPED && is_described(w, ifindex))
		return -EBUSY;
	description = get_description(w, ifindex);
	if (!description)
		return -ENOMEM;
	switch (code) {
	case PKTIO_META_INTERFACE_DROPPED:
		memcpy(&description->dropped, value, size);
		return 0;
	case PKTIO_META_INTERFACE_RESOLUTION:
		description->resolved = true;
		memcpy(&description->resolution, value, size);
		return 0;
	default:
		return add_option(w, description, code, value, size);
	}
}

void write_pcapng_free(struct write_pcapng *w)
{
	for (uint32_t i = 0; i < w->ndescriptions; i++)
		free(w->descriptions[i].options.bytes);
	free(w->descriptions);
	free(w->next.bytes);
	free(w->ifs);
}

static uint8_t *put_options(uint8_t *to,
			    const struct write_pcapng_options *options)
{
	if (options->used > 0)
		memcpy(to, options->bytes, options->used);
	return to + options->used;
}

/* ---- Blocks ------------------------------------------------------------- */

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
	at = put64(at, UINT64_MAX); /* the length is unknown */
	at = put_text(at, OPT_COMMENT, texts->comment);
	at = put_text(at, SHB_HARDWARE, texts->hardware);
	at = put_text(at, SHB_OS, texts->os);
	at = put_text(at, SHB_APPLICATION, texts->application);
	return end_block(to, at);
}

static uint8_t resolution_of(const struct write_pcapng *w,
			     const struct write_pcapng_description *description)
{
	if (w->us)
		return US_RESOLUTION;
	return description && description->resolved ? description->resolution :
						      MAX_RESOLUTION;
}

static uint32_t tick_of(uint8_t resolution)
{
	uint32_t tick = 1;

	while (resolution++ < MAX_RESOLUTION)
		tick *= 10;
	return tick;
}

/*
 * Frees the next id. Returns the losses of this interface if it was described
 * before and the description was lost.
 */
static uint64_t take_lost(struct write_pcapng *w, uint16_t linktype,
			  uint32_t ifindex)
{
	uint64_t lost = 0;
	uint32_t i = w->nifs;

	while (i < w->nknown &&
	       (w->ifs[i].linktype != linktype || w->ifs[i].ifindex != ifindex))
		i++;
	if (i == w->nknown)
		w->nknown++;
	else
		lost = w->ifs[i].lost;
	w->ifs[i] = w->ifs[w->nifs];
	return lost;
}

size_t write_pcapng_add(struct write_pcapng *w, uint8_t *to, uint16_t linktype,
			uint32_t ifindex)
{
	const struct write_pcapng_description *description =
		find_description(w, ifindex);
	uint8_t resolution = resolution_of(w, description);
	char name[IF_NAMESIZE];
	uint64_t lost;
	uint8_t *at;

	if (w->nknown == w->room) {
		uint32_t room = w->room ? w->room * 2 : 4;
		void *ifs = realloc(w->ifs, room * sizeof(w->ifs[0]));

		if (!ifs)
			return 0;
		w->ifs = ifs;
		w->room = room;
	}
	lost = take_lost(w, linktype, ifindex);
	w->recent = w->nifs;
	w->ifs[w->nifs++] =
		(struct write_pcapng_if){ .ifindex = ifindex,
					  .linktype = linktype,
					  .tick = tick_of(resolution),
					  .first = UINT64_MAX,
					  .lost = lost };
	at = put32(to, BLOCK_IDB) + 4;
	at = put16(at, linktype);
	at = put16(at, 0);
	at = put32(at, w->snaplen);
	if (description)
		at = put_options(at, &description->options);
	if (w->names && ifindex &&
	    !(description && description->options.name) &&
	    if_indextoname(ifindex, name))
		at = put_text(at, IF_NAME, name);
	at = put_option(at, IF_TSRESOL, &resolution, 1);
	return end_block(to, at);
}

static uint8_t *put_count(uint8_t *to, uint16_t code, uint64_t count)
{
	return put_option(to, code, &count, sizeof(count));
}

/* The drops of the source. An interface with several link types reports them
 * once. */
static uint64_t dropped_before(const struct write_pcapng *w, uint32_t id)
{
	const struct write_pcapng_description *description =
		find_description(w, w->ifs[id].ifindex);

	if (!description || description->dropped == 0)
		return 0;
	for (uint32_t i = 0; i < id; i++)
		if (w->ifs[i].ifindex == w->ifs[id].ifindex)
			return 0;
	return description->dropped;
}

size_t write_pcapng_isb(uint8_t *to, const struct write_pcapng *w, uint32_t id)
{
	uint64_t dropped = dropped_before(w, id);
	const struct write_pcapng_if *of = &w->ifs[id];
	uint8_t *at = put32(to, BLOCK_ISB) + 4;
	uint8_t time[8];

	at = put32(at, id);
	at = put_time(of, at, of->last);
	if (of->frames > 0) {
		put_time(of, time, of->first);
		at = put_option(at, ISB_STARTTIME, time, sizeof(time));
		put_time(of, time, of->last);
		at = put_option(at, ISB_ENDTIME, time, sizeof(time));
	}
	if (dropped > 0)
		at = put_count(at, ISB_IFDROP, dropped);
	if (of->lost > 0)
		at = put_count(at, ISB_OSDROP, of->lost);
	at = put_count(at, ISB_USRDELIV, of->frames);
	return end_block(to, at);
}

uint8_t *write_pcapng_epb(struct write_pcapng *w, uint8_t *to, uint32_t id,
			  const struct pktio_frame *f, uint32_t caplen,
			  uint32_t wirelen, uint8_t **end)
{
	struct write_pcapng_if *of = &w->ifs[id];
	uint32_t flags = w->next.flags ? 0 : epb_flags_of(f);
	uint32_t options = (uint32_t)w->next.used + (flags ? 8 : 0);
	uint32_t size = 32 + (uint32_t)padded(caplen) + options +
			(options ? OPTION_HEADER : 0);
	uint8_t *data = to + 28;
	uint8_t *at = data + caplen;

	put32(to, BLOCK_EPB);
	put32(to + 4, size);
	put32(to + 8, id);
	put_time(of, to + 12, f->ts);
	put32(to + 20, caplen);
	put32(to + 24, wirelen);
	memset(at, 0, 3); /* padding; the options overwrite the excess */
	at = data + padded(caplen);
	if (flags)
		at = put_option(at, PKTIO_META_FRAME_FLAGS, &flags,
				sizeof(flags));
	if (options) {
		at = put_options(at, &w->next);
		at = put32(at, 0);
		write_pcapng_forget(w);
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

	/* The shortest block has 8 bytes. */
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
