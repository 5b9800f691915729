/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parsing of pcapng blocks; nothing here reads a file. Every length is checked
 * against its block before use, and sums are computed with 64 bits.
 */
#include "format/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/epb_flags.h"
#include "format/pcap.h"
#include "format/pseudo_header.h"
#include "util/clock.h"

#define ORDER_MAGIC 0x1a2b3c4dU
#define VERSION_MAJOR 1U

#define INTERFACE 1U
#define PACKET 2U
#define SIMPLE 3U
#define STATISTICS 5U

/* Sizes before the options or the bytes of the packet. */
#define SECTION_SIZE 24U
#define INTERFACE_SIZE 16U
#define SIMPLE_SIZE 12U
#define STATISTICS_SIZE 20U
#define ORDER_AT 8U
#define TRAILER_SIZE 4U

/* Larger values mean damage or malice. */
#define MAX_INTERFACES 65536U
#define MAX_KEPT_BYTES (1U << 20)
#define MAX_BLOCK (16U << 20)
#define MAX_OPTIONS (128U << 10) /* bytes, besides the packet */

#define OPTION_SIZE 4U
#define END_OF_OPTIONS 0U
#define CUSTOM_TEXT 2988U
#define CUSTOM_BYTES 2989U
#define ENTERPRISE_SIZE 4U /* a number before the value of both */
#define IF_TSRESOL 9U
#define IF_TSOFFSET 14U
#define PACKET_FLAGS 2U
#define PACKET_DROPS 4U
#define STATISTICS_IFDROP 5U
#define STATISTICS_OSDROP 7U

#define DEFAULT_RESOLUTION 6U /* 10^-6 s */
#define BINARY 0x80U          /* the resolution is a power of 2 */
#define NO_DROPS 0xffffU      /* in a packet: unknown */

static uint16_t load16(const uint8_t *at, bool swapped)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

static uint64_t load64(const uint8_t *at, bool swapped)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap64(value) : value;
}

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

void pcapng_init(struct pcapng *ng)
{
	*ng = (struct pcapng){ .max_block = MAX_BLOCK };
}

void pcapng_free(struct pcapng *ng)
{
	free(ng->interfaces);
	free(ng->kept);
	free(ng->kept_bytes);
	pcapng_init(ng);
}

/* ---- Options ------------------------------------------------------------ */

struct option {
	uint16_t code, size;
	const uint8_t *value;
};

/* Reads the next option. 1; 0: the end; -EBADMSG: the option is cut off. */
static int next_option(struct pcapng_options *options, struct option *ret)
{
	const uint8_t *at = options->at;
	size_t left = (size_t)(options->end - at);

	if (left == 0)
		return 0;
	if (left < OPTION_SIZE)
		return -EBADMSG;
	ret->code = load16(at, options->swapped);
	ret->size = load16(at + 2, options->swapped);
	ret->value = at + OPTION_SIZE;
	if (padded(ret->size) > left - OPTION_SIZE)
		return -EBADMSG;
	if (ret->code == END_OF_OPTIONS)
		return 0;
	options->at = ret->value + padded(ret->size);
	return 1;
}

/* How many bytes the number of an option has; 0: it is not a number. */
static size_t number_size(bool of_packet, uint16_t code)
{
	static const uint8_t sizes[2][18] = {
		{ [8] = 8, [10] = 4, [14] = 8, [16] = 8, [17] = 8 },
		{ [2] = 4, [4] = 8, [5] = 8, [6] = 4 },
	};

	return code < sizeof(sizes[0]) ? sizes[of_packet][code] : 0;
}

static void swap_bytes(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		uint8_t byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

/* How many of the first bytes of a value are a number, in either byte order. */
static size_t number_of(bool of_packet, const struct option *option)
{
	if (option->code == CUSTOM_TEXT || option->code == CUSTOM_BYTES)
		return option->size < ENTERPRISE_SIZE ? 0 : ENTERPRISE_SIZE;
	return option->size == number_size(of_packet, option->code) ?
		       option->size :
		       0;
}

int pcapng_option(struct pcapng_options options, uint16_t code, unsigned index,
		  void *buf, size_t size)
{
	struct option option;
	uint8_t number[8];
	size_t n;
	int r;

	do {
		r = next_option(&options, &option);
		if (r <= 0)
			return r < 0 ? r : -ENOENT;
	} while (option.code != code || index-- > 0);
	if (option.size < size)
		size = option.size;
	if (size > 0)
		memcpy(buf, option.value, size);
	n = options.swapped ? number_of(options.of_packet, &option) : 0;
	if (n > 0) {
		memcpy(number, option.value, n);
		swap_bytes(number, n);
		if (size > 0)
			memcpy(buf, number, n < size ? n : size);
	}
	return option.size;
}

int pcapng_number(uint64_t number, void *buf, size_t size)
{
	if (size > 0)
		memcpy(buf, &number,
		       size < sizeof(number) ? size : sizeof(number));
	return sizeof(number);
}

/* ---- Blocks ------------------------------------------------------------- */

int64_t pcapng_parse_block(struct pcapng *ng, const uint8_t *at, size_t left,
			   uint64_t offset, struct pcapng_block *ret)
{
	/* As libpcap, be less strict about the first block. */
	bool first = offset == 0;
	bool swapped = ng->swapped;
	uint32_t type, size, again;

	if (left < PCAPNG_SMALLEST)
		return PCAPNG_SMALLEST;
	type = pcapng_load(at, swapped);
	if (type == PCAPNG_SECTION) {
		swapped = pcapng_load(at + ORDER_AT, false) != ORDER_MAGIC;
		if (pcapng_load(at + ORDER_AT, swapped) != ORDER_MAGIC) {
			snprintf(ng->reason, sizeof(ng->reason),
				 ": damaged section header at byte %" PRIu64
				 ": its byte-order magic is %08" PRIx32,
				 offset, pcapng_load(at + ORDER_AT, false));
			return -EBADMSG;
		}
	}
	size = pcapng_load(at + 4, swapped);
	if (size < PCAPNG_SMALLEST || (size % 4 != 0 && !first) ||
	    size > ng->max_block) {
		snprintf(ng->reason, sizeof(ng->reason),
			 ": damaged block at byte %" PRIu64
			 ": its length of %" PRIu32 " is not %s",
			 offset, size,
			 size < PCAPNG_SMALLEST ? "valid" :
			 size % 4 != 0          ? "a multiple of 4" :
						  "plausible");
		return -EBADMSG;
	}
	if (size > left)
		return size;
	again = pcapng_load(at + size - TRAILER_SIZE, swapped);
	if (again != size && !first) {
		snprintf(ng->reason, sizeof(ng->reason),
			 ": damaged block at byte %" PRIu64
			 ": its length is %" PRIu32 " at the start, %" PRIu32
			 " at the end",
			 offset, size, again);
		return -EBADMSG;
	}
	*ret = (struct pcapng_block){ at, offset, type, size };
	return 0;
}

/* Checks that a block has the fields of its type. */
static int check_size(struct pcapng *ng, const struct pcapng_block *block,
		      uint32_t least)
{
	if (block->size >= least + TRAILER_SIZE)
		return 0;
	snprintf(ng->reason, sizeof(ng->reason),
		 ": damaged block at byte %" PRIu64 ": type %" PRIu32
		 " needs at least %" PRIu32 " bytes, it has %" PRIu32,
		 block->offset, block->type, least + TRAILER_SIZE, block->size);
	return -EBADMSG;
}

/* ---- Packets ------------------------------------------------------------ */

bool pcapng_is_packet(uint32_t type)
{
	return type == PCAPNG_ENHANCED || type == PACKET || type == SIMPLE;
}

static int check_packet(struct pcapng *ng, const struct pcapng_block *block,
			const struct pcapng_packet *packet)
{
	uint32_t room = block->size - packet->start - TRAILER_SIZE;

	if (packet->interface >= ng->ninterface) {
		snprintf(ng->reason, sizeof(ng->reason),
			 ": damaged packet at byte %" PRIu64
			 ": its interface is number %" PRIu32
			 ", the section has %" PRIu32,
			 block->offset, packet->interface, ng->ninterface);
		return -EBADMSG;
	}
	if (packet->caplen <= room)
		return 0;
	snprintf(ng->reason, sizeof(ng->reason),
		 ": damaged packet at byte %" PRIu64 ": its length is %" PRIu32
		 " bytes, its block has room for %" PRIu32,
		 block->offset, packet->caplen, room);
	return -EBADMSG;
}

static int simple_packet(struct pcapng *ng, const struct pcapng_block *block,
			 struct pcapng_packet *ret)
{
	int r = check_size(ng, block, SIMPLE_SIZE);

	if (r < 0)
		return r;
	ret->start = SIMPLE_SIZE;
	ret->wirelen = pcapng_load(block->at + 8, ng->swapped);
	ret->caplen = ret->wirelen;
	if (ng->ninterface > 0 && ret->caplen > ng->interfaces[0].snaplen)
		ret->caplen = ng->interfaces[0].snaplen;
	ret->timeless = true;
	return check_packet(ng, block, ret);
}

int pcapng_packet(struct pcapng *ng, const struct pcapng_block *block,
		  struct pcapng_packet *ret)
{
	const uint8_t *at = block->at + PCAPNG_HEADER_SIZE;
	int r;

	*ret = (struct pcapng_packet){ .start = PCAPNG_ENHANCED_SIZE };
	if (block->type == SIMPLE)
		return simple_packet(ng, block, ret);
	r = check_size(ng, block, PCAPNG_ENHANCED_SIZE);
	if (r < 0)
		return r;
	if (block->type == PACKET) {
		uint16_t drops = load16(at + 2, ng->swapped);

		ret->interface = load16(at, ng->swapped);
		ret->lost = drops != 0 && drops != NO_DROPS;
	} else
		ret->interface = pcapng_load(at, ng->swapped);
	ret->ticks = pcapng_load_time(at + 4, ng->swapped);
	ret->caplen = pcapng_load(at + 12, ng->swapped);
	ret->wirelen = pcapng_load(at + 16, ng->swapped);
	return check_packet(ng, block, ret);
}

bool pcapng_packet_options(const uint8_t *block, bool swapped,
			   struct pcapng_options *ret)
{
	uint32_t size = pcapng_load(block + 4, swapped);
	uint64_t start = PCAPNG_ENHANCED_SIZE;

	if (pcapng_load(block, swapped) == SIMPLE ||
	    size < PCAPNG_ENHANCED_SIZE + TRAILER_SIZE)
		return false;
	start += padded(pcapng_load(block + 20, swapped));
	if (start > size - TRAILER_SIZE)
		return false;
	*ret = (struct pcapng_options){ .at = block + start,
					.end = block + size - TRAILER_SIZE,
					.swapped = swapped,
					.of_packet = true };
	return true;
}

/* The obsolete packet block contains the drops in its header. */
static bool header_drops(const uint8_t *block, bool swapped, uint64_t *ret)
{
	uint16_t drops = load16(block + 10, swapped);

	*ret = drops;
	return pcapng_load(block, swapped) == PACKET && drops != NO_DROPS;
}

int pcapng_packet_option(const uint8_t *block, bool swapped, uint16_t code,
			 unsigned index, void *buf, size_t size)
{
	struct pcapng_options options;
	uint64_t drops;

	if (!pcapng_packet_options(block, swapped, &options))
		return -ENOENT;
	if (code == PACKET_DROPS && header_drops(block, swapped, &drops)) {
		if (index-- == 0)
			return pcapng_number(drops, buf, size);
	}
	return pcapng_option(options, code, index, buf, size);
}

void pcapng_flags(struct pktio_frame *f, struct pcapng_options options)
{
	struct option option;

	while (next_option(&options, &option) > 0) {
		if (option.code == PACKET_FLAGS &&
		    option.size == sizeof(uint32_t) &&
		    epb_flags_apply(f,
				    pcapng_load(option.value, options.swapped)))
			continue;
		f->flags |= PKTIO_F_META;
		if (option.code == PACKET_DROPS &&
		    option.size == sizeof(uint64_t) &&
		    load64(option.value, options.swapped) != 0)
			f->flags |= PKTIO_F_LOSS;
	}
}

/* ---- Times -------------------------------------------------------------- */

static uint64_t power_of_10(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

static uint64_t scale_of(uint8_t resolution)
{
	return resolution <= 9 ? power_of_10(9U - resolution) : 0;
}

uint64_t pcapng_time(const struct pcapng_interface *interface, uint64_t ticks)
{
	uint8_t resolution = interface->resolution;
	unsigned exponent = resolution & 0x7fU;
	unsigned __int128 product = (unsigned __int128)ticks * NS_PER_S;

	if (resolution & BINARY)
		return (uint64_t)(product >> exponent);
	/* 2^64 ticks of 10^-29 s are shorter than a nanosecond. */
	return exponent > 28 ? 0 : ticks / power_of_10(exponent - 9U);
}

/* ---- Sections, interfaces, statistics ----------------------------------- */

/* Copies the options of a block; false: the limit is reached. */
static bool keep(struct pcapng *ng, const struct pcapng_block *block,
		 uint32_t start, struct pcapng_kept *ret)
{
	uint32_t size = block->size - start - TRAILER_SIZE;
	uint8_t *bytes;

	if (size > MAX_KEPT_BYTES - ng->kept_used)
		return false;
	bytes = realloc(ng->kept_bytes, (size_t)ng->kept_used + size + 1);
	if (!bytes)
		return false;
	ng->kept_bytes = bytes;
	memcpy(bytes + ng->kept_used, block->at + start, size);
	*ret = (struct pcapng_kept){ .start = ng->kept_used,
				     .size = size,
				     .swapped = ng->swapped };
	ng->kept_used += size;
	return true;
}

int pcapng_kept_option(const struct pcapng *ng, const struct pcapng_kept *kept,
		       uint16_t code, unsigned index, void *buf, size_t size)
{
	const uint8_t *at = ng->kept_bytes + kept->start;

	if (kept->size == 0)
		return -ENOENT;
	return pcapng_option((struct pcapng_options){ .at = at,
						      .end = at + kept->size,
						      .swapped =
							      kept->swapped },
			     code, index, buf, size);
}

static int process_section(struct pcapng *ng, const struct pcapng_block *block)
{
	bool swapped = pcapng_load(block->at + ORDER_AT, false) != ORDER_MAGIC;
	int r = check_size(ng, block, SECTION_SIZE);
	uint16_t major;

	if (r < 0)
		return r;
	major = load16(block->at + 12, swapped);
	if (major != VERSION_MAJOR) {
		snprintf(
			ng->reason, sizeof(ng->reason),
			": the section at byte %" PRIu64
			" has pcapng version %u.%u, which is not supported; versions 1.0 and later are",
			block->offset, major, load16(block->at + 14, swapped));
		return -ENOTSUP;
	}
	ng->swapped = swapped;
	ng->base += ng->ninterface;
	ng->ninterface = 0;
	if (!ng->begun)
		keep(ng, block, SECTION_SIZE, &ng->section);
	ng->begun = true;
	return 0;
}

static int bad_option(struct pcapng *ng, const struct pcapng_block *block,
		      const uint8_t *at, const char *what)
{
	snprintf(ng->reason, sizeof(ng->reason),
		 ": damaged interface description at byte %" PRIu64
		 ": the option at byte %" PRIu64 " %s",
		 block->offset, block->offset + (uint64_t)(at - block->at),
		 what);
	return -EBADMSG;
}

/* The options of a block that is not a packet. */
static struct pcapng_options described(const struct pcapng *ng,
				       const struct pcapng_block *block,
				       uint32_t start)
{
	return (struct pcapng_options){ .at = block->at + start,
					.end = block->at + block->size -
					       TRAILER_SIZE,
					.swapped = ng->swapped };
}

/* Parses the options that affect times. */
static int interface_options(struct pcapng *ng,
			     const struct pcapng_block *block,
			     struct pcapng_interface *interface)
{
	struct pcapng_options options = described(ng, block, INTERFACE_SIZE);
	const uint8_t *this = options.at;
	struct option option;
	int r;

	while ((r = next_option(&options, &option)) > 0) {
		if (option.code == IF_TSRESOL) {
			if (option.size != 1)
				return bad_option(ng, block, this,
						  "is not a time resolution");
			interface->resolution = option.value[0];
		} else if (option.code == IF_TSOFFSET) {
			if (option.size != sizeof(uint64_t))
				return bad_option(ng, block, this,
						  "is not a time offset");
			interface->offset =
				load64(option.value, ng->swapped) * NS_PER_S;
		}
		this = options.at;
	}
	return r < 0 ? bad_option(ng, block, this, "exceeds the block") : 0;
}

/* Copies the options of an interface, if the limit allows it. */
static void keep_interface(struct pcapng *ng, const struct pcapng_block *block)
{
	uint32_t i = ng->base + ng->ninterface;
	struct pcapng_kept *kept;

	/* The list has no gaps. */
	if (i != ng->nkept || i >= MAX_INTERFACES)
		return;
	kept = realloc(ng->kept, (i + 1) * sizeof(*kept));
	if (!kept)
		return;
	ng->kept = kept;
	if (keep(ng, block, INTERFACE_SIZE, &kept[i]))
		ng->nkept++;
}

static int more_interfaces(struct pcapng *ng, uint64_t offset)
{
	uint32_t room = ng->room ? 2 * ng->room : 1;
	struct pcapng_interface *more;

	if (ng->ninterface < ng->room)
		return 0;
	if (ng->ninterface >= MAX_INTERFACES) {
		snprintf(
			ng->reason, sizeof(ng->reason),
			": the section has more than %u interfaces at byte %" PRIu64,
			MAX_INTERFACES, offset);
		return -ENOTSUP;
	}
	more = realloc(ng->interfaces, room * sizeof(*more));
	if (!more) {
		snprintf(ng->reason, sizeof(ng->reason),
			 ": out of memory for interfaces");
		return -ENOMEM;
	}
	ng->interfaces = more;
	ng->room = room;
	return 0;
}

static int process_interface(struct pcapng *ng,
			     const struct pcapng_block *block)
{
	struct pcapng_interface interface = { .resolution =
						      DEFAULT_RESOLUTION };
	uint16_t linktype;
	uint32_t longest;
	int r = check_size(ng, block, INTERFACE_SIZE);

	if (r == 0)
		r = interface_options(ng, block, &interface);
	if (r == 0)
		r = more_interfaces(ng, block->offset);
	if (r < 0)
		return r;
	keep_interface(ng, block);
	linktype = load16(block->at + 8, ng->swapped);
	interface.scale = scale_of(interface.resolution);
	interface.snaplen = format_snaplen(linktype, pcapng_load(block->at + 12,
								 ng->swapped));
	interface.needs_fix = pseudo_header_needs_fix(linktype, ng->swapped);
	interface.odd = interface.needs_fix || interface.scale == 0;
	interface.template = (struct pktio_frame){
		.linktype = linktype,
		.ifindex = ng->base + ng->ninterface + 1,
		.clock = PKTIO_CLOCK_FILE,
	};
	if (ng->base + ng->ninterface == 0)
		ng->linktype = linktype;
	ng->interfaces[ng->ninterface++] = interface;
	longest = format_longest(linktype) + MAX_OPTIONS +
		  PCAPNG_ENHANCED_SIZE + TRAILER_SIZE;
	if (longest > ng->max_block)
		ng->max_block = longest;
	return 0;
}

/* Counters run since the start of the capture: only an increase counts. */
static void process_statistics(struct pcapng *ng,
			       const struct pcapng_block *block,
			       struct pktio_stats *stats)
{
	struct pcapng_interface *interface;
	struct pcapng_options options;
	struct option option;
	uint64_t dropped = 0;
	bool counted = false;
	uint32_t i;

	if (block->size < STATISTICS_SIZE + TRAILER_SIZE)
		return;
	i = pcapng_load(block->at + PCAPNG_HEADER_SIZE, ng->swapped);
	if (i >= ng->ninterface)
		return;
	interface = &ng->interfaces[i];
	options = described(ng, block, STATISTICS_SIZE);
	while (next_option(&options, &option) > 0)
		if ((option.code == STATISTICS_IFDROP ||
		     option.code == STATISTICS_OSDROP) &&
		    option.size == sizeof(uint64_t)) {
			dropped += load64(option.value, ng->swapped);
			counted = true;
		}
	if (counted && ng->base + i < ng->nkept) {
		struct pcapng_kept *kept = &ng->kept[ng->base + i];

		kept->counted = true;
		if (dropped > kept->dropped)
			kept->dropped = dropped;
	}
	if (dropped <= interface->dropped)
		return;
	stats->dropped += dropped - interface->dropped;
	interface->dropped = dropped;
}

int pcapng_process(struct pcapng *ng, const struct pcapng_block *block,
		   struct pktio_stats *stats)
{
	switch (block->type) {
	case PCAPNG_SECTION:
		return process_section(ng, block);
	case INTERFACE:
		return process_interface(ng, block);
	case STATISTICS:
		process_statistics(ng, block, stats);
		return 0;
	default:
		stats->skipped++;
		return 0;
	}
}
