/* SPDX-License-Identifier: BSD-3-Clause */
/* The headers of pcap files, and variants of the format. */
#include "format/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format/pseudo_header.h"

#define MAGIC_US 0xa1b2c3d4U
#define MAGIC_NS 0xa1b23c4dU
#define MAGIC_PATCHED 0xa1b2cd34U /* longer record headers, microseconds */

#define MAGIC_IXIA_NS 0x1c0001acU /* Ixia hardware */
#define MAGIC_IXIA_US 0x1c0001abU /* Ixia software */
#define IXIA_EXTRA_SIZE 4U        /* in the file header: size of all records */

#define PATCHED_RECORD_SIZE 24U
#define PATCHED_DEBUG_RECORD_SIZE 28U
#define NOKIA_RECORD_SIZE 20U
#define PATCHED_EXTRA_SNAPLEN 14U /* a synthetic Ethernet header */

#define VERSION_MAJOR 2U
#define VERSION_MINOR 4U
#define VERSION_DGUX 543U

#define LINKTYPE_MASK 0xffffU /* above it: reserved bits and the FCS length */
#define RESERVED_MASK 0x03ff0000U
#define FCS_PRESENT 0x04000000U
#define FCS_SHIFT 28U /* the length of the FCS, in units of 16 bits */
#define LINKTYPE_ETHERNET 1U
#define LINKTYPE_NONE 0xffffU /* reserved bits are set: unknown */
#define LINKTYPE_DBUS 231U
#define LINKTYPE_USBPCAP 249U
#define LINKTYPE_EBHSCR 279U

/* The file header in the byte order of the machine that wrote it. */
struct header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

_Static_assert(sizeof(struct header) == FORMAT_HEADER_SIZE, "no padding");

/* Other files that users try to read, by their first bytes. */
static const struct known {
	const char *name;
	uint8_t size, bytes[6];
	bool compressed; /* inside of a compressed file, or after open */
} known[] = {
	{ "gzip", 2, { 0x1f, 0x8b }, true },
	{ "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd }, true },
	{ "lz4", 4, { 0x04, 0x22, 0x4d, 0x18 }, true },
	{ "compressed with xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ "compressed with bzip2", 3, { 'B', 'Z', 'h' } },
	{ "a snoop file", 6, { 's', 'n', 'o', 'o', 'p', 0 } },
	{ "a pcap file of the Mesquita variant",
	  4,
	  { 0xa1, 0xb2, 0x34, 0xcd } },
	{ "a pcap file of the Mesquita variant",
	  4,
	  { 0xcd, 0x34, 0xb2, 0xa1 } },
	{ "a pcap file of the Navtel variant", 4, { 0xa1, 0x2b, 0x3c, 0x4d } },
	{ "a pcap file of the Navtel variant", 4, { 0x4d, 0x3c, 0x2b, 0xa1 } },
};

/* The same limits as in libpcap. */
uint32_t format_longest(uint16_t linktype)
{
	switch (linktype) {
	case LINKTYPE_DBUS:
		return 128U << 20;
	case LINKTYPE_EBHSCR:
		return 8U << 20;
	case LINKTYPE_USBPCAP:
		return 1U << 20;
	default:
		return 256U << 10;
	}
}

/* The records are those of the best-known writer with this magic. */
static const struct magic {
	uint32_t value;
	uint32_t tick, extra, record_size;
	bool guess;
} magics[] = {
	{ MAGIC_US, 1000, 0, FORMAT_RECORD_SIZE, true },
	{ MAGIC_NS, 1, 0, FORMAT_RECORD_SIZE, false },
	{ MAGIC_PATCHED, 1000, 0, PATCHED_RECORD_SIZE, true },
	{ MAGIC_IXIA_NS, 1, IXIA_EXTRA_SIZE, FORMAT_RECORD_SIZE, false },
	{ MAGIC_IXIA_US, 1000, IXIA_EXTRA_SIZE, FORMAT_RECORD_SIZE, false },
};

static bool parse_magic(struct format *ret, const uint8_t *bytes, bool swapped)
{
	uint32_t value = format_load(bytes, swapped);

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *magic = &magics[i];

		if (magic->value != value)
			continue;
		ret->swapped = swapped;
		ret->tick = magic->tick;
		ret->header_size = FORMAT_HEADER_SIZE + magic->extra;
		ret->record_size = magic->record_size;
		ret->guess = magic->guess;
		return true;
	}
	return false;
}

uint32_t format_header_size(const uint8_t *bytes)
{
	struct format format;

	if (parse_magic(&format, bytes, false) ||
	    parse_magic(&format, bytes, true))
		return format.header_size;
	return FORMAT_HEADER_SIZE;
}

static int not_pcap(const uint8_t *bytes, size_t size, char *reason,
		    size_t reason_size)
{
	size_t nknown = sizeof(known) / sizeof(known[0]);

	for (const struct known *k = known; k < known + nknown; k++)
		if (size >= k->size && memcmp(bytes, k->bytes, k->size) == 0) {
			snprintf(
				reason, reason_size,
				k->compressed ?
					" is compressed with %s twice, or was replaced after open; decompress it first" :
					" is %s, which is not supported; convert it to pcap first",
				k->name);
			return -ENOTSUP;
		}
	if (size < FORMAT_MAGIC_SIZE)
		snprintf(reason, reason_size,
			 ": truncated file header at byte 0: %zu bytes of %u",
			 size, FORMAT_HEADER_SIZE);
	else
		snprintf(
			reason, reason_size,
			" is not a pcap file: it starts with %02x %02x %02x %02x",
			bytes[0], bytes[1], bytes[2], bytes[3]);
	return -EBADMSG;
}

/* False: unknown version. Newer versions are read as the newest known. */
static bool parse_version(struct format *ret, unsigned major, unsigned minor)
{
	ret->order = FORMAT_CAPLEN_FIRST;
	if (major == VERSION_DGUX || (major == VERSION_MAJOR && minor < 3))
		ret->order = FORMAT_WIRELEN_FIRST;
	else if (major == VERSION_MAJOR && minor == 3)
		ret->order = FORMAT_SMALLER_FIRST;
	ret->guess = ret->guess && major == VERSION_MAJOR &&
		     minor == VERSION_MINOR;
	return major >= VERSION_MAJOR;
}

uint32_t format_snaplen(uint16_t linktype, uint32_t snaplen)
{
	return snaplen == 0 || snaplen > INT32_MAX ? format_longest(linktype) :
						     snaplen;
}

static void parse_lengths(struct format *ret, uint16_t linktype,
			  uint32_t snaplen)
{
	ret->limit = format_longest(linktype);
	snaplen = format_snaplen(linktype, snaplen);
	if (ret->record_size == PATCHED_RECORD_SIZE &&
	    linktype == LINKTYPE_ETHERNET)
		snaplen += PATCHED_EXTRA_SNAPLEN;
	ret->snaplen = snaplen < ret->limit ? snaplen : ret->limit;
}

int format_parse(struct format *ret, const uint8_t *bytes, size_t size,
		 char *reason, size_t reason_size)
{
	struct header header;
	uint16_t plain;

	if (size < FORMAT_MAGIC_SIZE ||
	    (!parse_magic(ret, bytes, false) && !parse_magic(ret, bytes, true)))
		return not_pcap(bytes, size, reason, reason_size);
	if (size < ret->header_size) {
		snprintf(reason, reason_size,
			 ": truncated file header at byte 0: %zu bytes of %u",
			 size, ret->header_size);
		return -EBADMSG;
	}
	memcpy(&header, bytes, sizeof(header));
	if (ret->swapped) {
		header.major = __builtin_bswap16(header.major);
		header.minor = __builtin_bswap16(header.minor);
		header.snaplen = __builtin_bswap32(header.snaplen);
		header.linktype = __builtin_bswap32(header.linktype);
	}
	if (!parse_version(ret, header.major, header.minor)) {
		snprintf(
			reason, reason_size,
			" has pcap version %u.%u, which is not supported; versions 2.0 and later are",
			header.major, header.minor);
		return -ENOTSUP;
	}
	ret->linktype = header.linktype & LINKTYPE_MASK;
	ret->fcs_bits = -1;
	if (header.linktype & FCS_PRESENT)
		ret->fcs_bits = (int)(16 * (header.linktype >> FCS_SHIFT));
	plain = header.linktype & RESERVED_MASK ? LINKTYPE_NONE : ret->linktype;
	ret->needs_fix = pseudo_header_needs_fix(plain, ret->swapped);
	parse_lengths(ret, plain, header.snaplen);
	return 0;
}

/* ---- Variants with the same magic --------------------------------------- */

#define GUESS_RECORDS 3
#define GUESS_FRACTION 1000000U
#define GUESS_WIRELEN (128U << 20)
#define NOKIA_MASK 0x0fff00f0U
#define NOKIA_VALUE 0x0fbf0000U

/*
 * The 4 bytes that Nokia's IPSO adds. Their meaning is unknown, but their
 * digits are always 9 or b, fbf, b or d, 6 or 9, 0, 1 or 2. Converters write
 * zeros.
 */
static bool is_nokia(uint32_t value)
{
	uint32_t first = value >> 28;
	uint32_t second = value >> 12 & 0xfU;
	uint32_t third = value >> 8 & 0xfU;
	uint32_t last = value & 0xfU;

	return value == 0 ||
	       ((value & NOKIA_MASK) == NOKIA_VALUE &&
		(first == 0x9 || first == 0xb) &&
		(second == 0xb || second == 0xd) &&
		(third == 0x6 || third == 0x9) && (last == 1 || last == 2));
}

/* Interface, EtherType and PACKET_ type, with the values of a 1999 kernel. */
static bool is_patched(const uint8_t *at, bool swapped)
{
	uint16_t protocol;

	memcpy(&protocol, at + 4, sizeof(protocol));
	if (swapped)
		protocol = __builtin_bswap16(protocol);
	return format_load(at, swapped) <= 10000 &&
	       (protocol >= 0x600 || protocol == 0x400 || protocol == 0x200 ||
		protocol == 0x60 || protocol <= 0x17) &&
	       at[6] <= 4;
}

static bool is_plausible(const struct format *f, const uint8_t *at,
			 uint32_t record_size)
{
	struct format_record record =
		format_record(at, f->swapped, FORMAT_CAPLEN_FIRST);
	const uint8_t *more = at + FORMAT_RECORD_SIZE;

	if (record.fraction >= GUESS_FRACTION || record.caplen > f->limit ||
	    record.caplen > f->snaplen || record.wirelen > GUESS_WIRELEN ||
	    record.caplen > record.wirelen)
		return false;
	if (record_size == NOKIA_RECORD_SIZE)
		return is_nokia(format_load(more, f->swapped));
	return record_size == FORMAT_RECORD_SIZE ||
	       is_patched(more, f->swapped);
}

/* How many of the first records make sense with headers of this size; -1: one
 * does not. */
static int count_plausible(const struct format *f, const uint8_t *at,
			   size_t size, uint32_t record_size)
{
	int n = 0;

	for (; n < GUESS_RECORDS && size >= record_size; n++) {
		uint32_t caplen;

		if (!is_plausible(f, at, record_size))
			return -1;
		caplen = format_load(at + 8, f->swapped);
		if (caplen > size - record_size)
			return n;
		at += record_size + caplen;
		size -= record_size + caplen;
	}
	return n;
}

void format_guess(struct format *f, const uint8_t *bytes, size_t size)
{
	static const uint32_t plain[] = { PATCHED_RECORD_SIZE,
					  NOKIA_RECORD_SIZE, 0 };
	static const uint32_t patched[] = { PATCHED_DEBUG_RECORD_SIZE, 0 };
	const uint32_t *other = f->record_size == FORMAT_RECORD_SIZE ? plain :
								       patched;

	if (!f->guess || count_plausible(f, bytes, size, f->record_size) >= 0)
		return;
	for (; *other; other++)
		if (count_plausible(f, bytes, size, *other) >= 2) {
			f->record_size = *other;
			return;
		}
}

void format_header(uint8_t ret[FORMAT_HEADER_SIZE], bool nanoseconds,
		   uint32_t snaplen, uint16_t linktype)
{
	struct header header = { .magic = nanoseconds ? MAGIC_NS : MAGIC_US,
				 .major = VERSION_MAJOR,
				 .minor = VERSION_MINOR,
				 .snaplen = snaplen,
				 .linktype = linktype };

	memcpy(ret, &header, sizeof(header));
}
