/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_FORMAT_PCAP_H
#define PKTIO_PCAP_FILE_FORMAT_PCAP_H

/*
 * The classic pcap format: a file header, then records of a header and the
 * captured bytes, all in the byte order of the machine that wrote it.
 *
 * file header    magic u32, major u16, minor u16, zone u32, sigfigs u32,
 *                snaplen u32, link type u32 (with flags in the upper half)
 * record header  seconds u32, fraction u32, captured u32, on the wire u32
 *                (and 8 more bytes in the variant of patched libpcaps)
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_MAGIC_SIZE 4U
#define FORMAT_HEADER_SIZE 24U
#define FORMAT_RECORD_SIZE 16U

/* Which length comes first in a record. Old writers differ. */
enum format_order {
	FORMAT_CAPLEN_FIRST,
	FORMAT_WIRELEN_FIRST, /* before version 2.3, and DG/UX */
	FORMAT_SMALLER_FIRST, /* version 2.3: either; the smaller is caplen */
};

/* The contents of a file header. */
struct format {
	bool swapped;         /* written in the other byte order */
	uint32_t tick;        /* ns in a unit of the fraction: 1 or 1000 */
	uint32_t header_size; /* bytes of the file header */
	uint32_t record_size; /* bytes of a record header */
	enum format_order order;
	uint32_t snaplen;  /* longer frames are cut to it */
	uint32_t limit;    /* longer records are damage */
	uint16_t linktype; /* as in the file */
	bool needs_fix;    /* frames need pseudo_header_fix() */
	bool guess;        /* variants have the same magic */
	int fcs_bits;      /* at the end of each frame, -1: unknown */
};

/* A record header in host byte order. */
struct format_record {
	uint32_t seconds, fraction, caplen, wirelen;
};

static inline uint32_t format_load(const uint8_t *from, bool swapped)
{
	uint32_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

/* Forced inline: each walk is compiled for its own format. */
static inline __attribute__((always_inline)) struct format_record
format_record(const uint8_t *at, bool swapped, enum format_order order)
{
	struct format_record record = { format_load(at, swapped),
					format_load(at + 4, swapped),
					format_load(at + 8, swapped),
					format_load(at + 12, swapped) };

	if (order == FORMAT_WIRELEN_FIRST ||
	    (order == FORMAT_SMALLER_FIRST && record.caplen > record.wirelen)) {
		uint32_t first = record.caplen;

		record.caplen = record.wirelen;
		record.wirelen = first;
	}
	return record;
}

/* format_longest - the longest frame of this link type, in bytes */
uint32_t format_longest(uint16_t linktype);

/* format_snaplen - the snaplen, with special values replaced */
uint32_t format_snaplen(uint16_t linktype, uint32_t snaplen);

/* format_header_size - size of the file header, by its first FORMAT_MAGIC_SIZE
 * bytes */
uint32_t format_header_size(const uint8_t *bytes);

/*
 * format_parse - parse a file header
 *
 * `size` bytes are available; fewer than format_header_size() mean that the
 * file ends there. Returns 0; -ENOTSUP: the format is known, but not supported;
 * or -EBADMSG: the header is damaged, or of no capture file. `reason` is then a
 * message that follows the name of the file.
 */
int format_parse(struct format *ret, const uint8_t *bytes, size_t size,
		 char *reason, size_t reason_size);

/*
 * format_guess - determine the variant from the first records
 *
 * Some writers extended the record header and kept the magic. The function
 * changes the format only if the records make no sense as they are, and two
 * records make sense in the variant.
 */
void format_guess(struct format *f, const uint8_t *bytes, size_t size);

/* format_header - write the header of a new file, in host byte order */
void format_header(uint8_t ret[FORMAT_HEADER_SIZE], bool nanoseconds,
		   uint32_t snaplen, uint16_t linktype);

#endif
