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
 *                (and 8 bytes more in the variant of patched libpcaps)
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_MAGIC_SIZE 4U
#define FORMAT_HEADER_SIZE 24U
#define FORMAT_RECORD_SIZE 16U

/* Which length comes first in a record. Old writers did not agree. */
enum format_order {
	FORMAT_CAPLEN_FIRST,
	FORMAT_WIRELEN_FIRST, /* before version 2.3, and DG/UX */
	FORMAT_SMALLER_FIRST, /* version 2.3: either; the smaller is caplen */
};

/* What the header of a file says. */
struct format {
	bool swapped;         /* written in the other byte order */
	uint32_t tick;        /* of the fraction, in ns: 1 or 1000 */
	uint32_t header_size; /* of the file, in bytes */
	uint32_t record_size; /* of a record's header, in bytes */
	enum format_order order;
	uint32_t snaplen;  /* more than this is cut off a frame */
	uint32_t limit;    /* a record of more than this cannot be true */
	uint16_t linktype; /* as in the file */
	bool needs_fix;    /* frames need pseudo_header_fix() */
	bool guess;        /* the magic is that of variants, too */
	int fcs_bits;      /* at the end of each frame, -1: not told */
};

/* One record's header, in host order. */
struct format_record {
	uint32_t seconds, fraction, caplen, wirelen;
};

static inline uint32_t format_load(const uint8_t *from, bool swapped)
{
	uint32_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

/* Forced inline, so that each walk is compiled for the format it is for. */
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

/* format_longest - the most that a frame of this link type can have, in bytes
 */
uint32_t format_longest(uint16_t linktype);

/* format_snaplen - a snaplen that means what it says */
uint32_t format_snaplen(uint16_t linktype, uint32_t snaplen);

/* format_header_size - by FORMAT_MAGIC_SIZE bytes, how many there must be */
uint32_t format_header_size(const uint8_t *bytes);

/*
 * format_parse - understand the header of a file
 *
 * `size` is what there is of it; less than format_header_size() means that the
 * file ends there. 0, or: -ENOTSUP it is a format that is not read here,
 * -EBADMSG it is damaged or none at all; `why` then says so, to go behind the
 * name of the file.
 */
int format_parse(struct format *ret, const uint8_t *bytes, size_t size,
		 char *reason, size_t reason_size);

/*
 * format_guess - tell from the first records which variant it is
 *
 * Some writers put more into the header of a record and kept the magic. What
 * makes sense as it is stays as it is; it takes two good records to change it.
 */
void format_guess(struct format *f, const uint8_t *bytes, size_t size);

/* format_header - the header of a new file, in host order */
void format_header(uint8_t ret[FORMAT_HEADER_SIZE], bool nanoseconds,
		   uint32_t snaplen, uint16_t linktype);

#endif
