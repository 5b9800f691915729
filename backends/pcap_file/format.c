/* SPDX-License-Identifier: BSD-3-Clause */
/* File headers: which format it is, and what it says. */
#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAGIC_US 0xa1b2c3d4U
#define MAGIC_NS 0xa1b23c4dU
#define MAGIC_PATCHED 0xa1b2cd34U /* longer record headers, microseconds */

#define PATCHED_RECORD_SIZE 24U
#define PATCHED_EXTRA_SNAPLEN 14U /* a made-up Ethernet header */

#define VERSION_MAJOR 2U
#define VERSION_MINOR 4U
#define VERSION_DGUX 543U

#define LINKTYPE_MASK 0xffffU /* above it: reserved bits and the FCS length */
#define LINKTYPE_ETHERNET 1U
#define LINKTYPE_DBUS 231U
#define LINKTYPE_USBPCAP 249U
#define LINKTYPE_EBHSCR 279U

/* The file header, as it is in memory on the machine that wrote it. */
struct header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

_Static_assert(sizeof(struct header) == FORMAT_HEADER_SIZE, "no padding");

/* What people hand to a reader of pcap files, by its first bytes. */
static const struct known {
	const char *name;
	uint8_t size, bytes[6];
} known[] = {
	{ "a pcapng file", 4, { 0x0a, 0x0d, 0x0d, 0x0a } },
	{ "compressed by gzip", 2, { 0x1f, 0x8b } },
	{ "compressed by zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	{ "compressed by lz4", 4, { 0x04, 0x22, 0x4d, 0x18 } },
	{ "compressed by xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ "compressed by bzip2", 3, { 'B', 'Z', 'h' } },
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

/* The longest record that a file of this link type may hold, as libpcap has it.
 */
static uint32_t longest(uint32_t linktype)
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

static bool parse_magic(struct format *ret, const uint8_t *bytes, bool swapped)
{
	uint32_t magic = format_load(bytes, swapped);

	if (magic != MAGIC_US && magic != MAGIC_NS && magic != MAGIC_PATCHED)
		return false;
	ret->swapped = swapped;
	ret->tick = magic == MAGIC_NS ? 1 : 1000;
	ret->record_size = magic == MAGIC_PATCHED ? PATCHED_RECORD_SIZE :
						    FORMAT_RECORD_SIZE;
	return true;
}

static int not_pcap(const uint8_t *bytes, size_t size, char *why,
		    size_t why_size)
{
	size_t nknown = sizeof(known) / sizeof(known[0]);

	for (const struct known *k = known; k < known + nknown; k++)
		if (size >= k->size && memcmp(bytes, k->bytes, k->size) == 0) {
			snprintf(
				why, why_size,
				" is %s, which is not supported; convert it to pcap first",
				k->name);
			return -ENOTSUP;
		}
	if (size < FORMAT_MAGIC_SIZE)
		snprintf(why, why_size,
			 ": truncated file header at byte 0: %zu bytes of %u",
			 size, FORMAT_HEADER_SIZE);
	else
		snprintf(
			why, why_size,
			" is not a pcap file: it starts with %02x %02x %02x %02x",
			bytes[0], bytes[1], bytes[2], bytes[3]);
	return -EBADMSG;
}

/* False for a version that nobody knows. */
static bool parse_version(struct format *ret, unsigned major, unsigned minor)
{
	if (major == VERSION_DGUX && minor == 0) {
		ret->order = FORMAT_WIRELEN_FIRST;
		return true;
	}
	if (minor == 3)
		ret->order = FORMAT_SMALLER_FIRST;
	else
		ret->order = minor < 3 ? FORMAT_WIRELEN_FIRST :
					 FORMAT_CAPLEN_FIRST;
	return major == VERSION_MAJOR && minor <= VERSION_MINOR;
}

static void parse_lengths(struct format *ret, uint32_t snaplen)
{
	ret->limit = longest(ret->linktype);
	if (snaplen == 0 || snaplen > INT32_MAX)
		snaplen = ret->limit;
	if (ret->record_size == PATCHED_RECORD_SIZE &&
	    ret->linktype == LINKTYPE_ETHERNET)
		snaplen += PATCHED_EXTRA_SNAPLEN;
	ret->snaplen = snaplen < ret->limit ? snaplen : ret->limit;
}

int format_parse(struct format *ret, const uint8_t *bytes, size_t size,
		 char *why, size_t why_size)
{
	struct header header;

	if (size < FORMAT_MAGIC_SIZE ||
	    (!parse_magic(ret, bytes, false) && !parse_magic(ret, bytes, true)))
		return not_pcap(bytes, size, why, why_size);
	if (size < FORMAT_HEADER_SIZE) {
		snprintf(why, why_size,
			 ": truncated file header at byte 0: %zu bytes of %u",
			 size, FORMAT_HEADER_SIZE);
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
			why, why_size,
			" is of pcap version %u.%u, which is not supported; 2.0 to 2.4 are",
			header.major, header.minor);
		return -ENOTSUP;
	}
	ret->linktype = header.linktype & LINKTYPE_MASK;
	parse_lengths(ret, header.snaplen);
	return 0;
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
