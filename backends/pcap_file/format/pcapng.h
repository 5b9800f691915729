/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_FORMAT_PCAPNG_H
#define PKTIO_PCAP_FILE_FORMAT_PCAPNG_H

/*
 * The pcapng format. A file consists of blocks: type u32, size u32, a body
 * padded to 4 bytes, and the size again. A section header contains the byte
 * order of all blocks up to the next section header. Interface descriptions are
 * numbered in each section from 0, and a packet contains the number of its
 * interface.
 *
 * section header   order magic u32, major u16, minor u16, length u64, options
 * interface        link type u16, 0 u16, snaplen u32, options
 * enhanced packet  interface u32, time u64 (upper half first), captured u32,
 *                  on the wire u32, bytes, padding, options
 * simple packet    on the wire u32, bytes; of the first interface
 * packet           interface u16, drops u16, then as the enhanced packet
 * statistics       interface u32, time u64, options
 *
 * An option is code u16, length u16, value, padding; code 0 ends the options.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define PCAPNG_MAGIC 0x0a0d0d0aU /* a section header, in either byte order */
#define PCAPNG_SECTION PCAPNG_MAGIC
#define PCAPNG_ENHANCED 6U

#define PCAPNG_HEADER_SIZE 8U    /* of a block: type and size */
#define PCAPNG_SMALLEST 12U      /* block */
#define PCAPNG_ENHANCED_SIZE 28U /* before the bytes of the packet */

/* An interface of this section. */
struct pcapng_interface {
	struct pktio_frame template; /* the common fields of its frames */
	uint64_t scale;              /* ns in a tick; 0: use pcapng_time() */
	uint64_t offset;             /* ns added to each time, modulo 2^64 */
	uint64_t dropped;            /* by the last statistics */
	uint32_t snaplen;
	uint8_t resolution; /* of a tick, as in the file */
	bool needs_fix;     /* frames need pseudo_header_fix() */
	bool odd;           /* needs_fix, or times need pcapng_time() */
};

/* The options of an interface or section, for pktio_meta_get(). */
struct pcapng_kept {
	uint32_t start, size; /* in kept_bytes */
	bool swapped;
	bool counted;     /* statistics contained a number of drops */
	uint64_t dropped; /* frames, by the last statistics */
};

struct pcapng {
	bool swapped;        /* this section has the other byte order */
	uint32_t max_block;  /* bytes */
	uint32_t base;       /* interfaces of all previous sections */
	uint32_t ninterface; /* of this section */
	uint32_t room;       /* for interfaces */
	struct pcapng_interface *interfaces;
	bool begun;                 /* a section was read */
	struct pcapng_kept section; /* the first one */
	struct pcapng_kept *kept;   /* of all sections, up to a limit */
	uint8_t *kept_bytes;
	uint32_t nkept, kept_used;
	uint32_t linktype; /* of the very first interface */
	char reason[160];  /* error message, after the name */
};

/* A whole and valid block. */
struct pcapng_block {
	const uint8_t *at;
	uint64_t offset; /* in the file */
	uint32_t type, size;
};

/* The packet in a block. */
struct pcapng_packet {
	uint32_t start;     /* offset of its bytes in the block */
	uint32_t interface; /* of this section */
	uint32_t caplen, wirelen;
	uint64_t ticks;
	bool timeless, lost; /* has no time; follows a loss */
};

static inline __attribute__((always_inline)) uint32_t
pcapng_load(const uint8_t *at, bool swapped)
{
	uint32_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

/* A time: its upper half comes first in both byte orders. */
static inline __attribute__((always_inline)) uint64_t
pcapng_load_time(const uint8_t *at, bool swapped)
{
	uint64_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	value = swapped ? __builtin_bswap64(value) : value;
	/* The halves are in order only if the section is big-endian. */
	if (swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__))
		return value;
	return value << 32 | value >> 32;
}

void pcapng_init(struct pcapng *ng);
void pcapng_free(struct pcapng *ng);

/*
 * pcapng_parse_block - parse the block at `at`
 *
 * `left` bytes from `at` on are read already. `offset` is the position in the
 * file. Returns 0: the block is whole, and *ret describes it; above 0: call
 * again when this many bytes are read; -EBADMSG: the block is damaged, with a
 * message in ng->reason.
 */
int64_t pcapng_parse_block(struct pcapng *ng, const uint8_t *at, size_t left,
			   uint64_t offset, struct pcapng_block *ret);

/* pcapng_is_packet - whether blocks of this type are frames */
bool pcapng_is_packet(uint32_t type);

/* pcapng_packet - parse a packet; 0, or an error with a message in ng->reason
 */
int pcapng_packet(struct pcapng *ng, const struct pcapng_block *block,
		  struct pcapng_packet *ret);

/*
 * pcapng_process - process a block that is not a packet
 *
 * Updates `stats`. Returns 0, or an error with a message in ng->reason.
 */
int pcapng_process(struct pcapng *ng, const struct pcapng_block *block,
		   struct pktio_stats *stats);

/* pcapng_time - convert a time to ns, for an interface whose scale is 0 */
uint64_t pcapng_time(const struct pcapng_interface *interface, uint64_t ticks);

/* A list of options. */
struct pcapng_options {
	const uint8_t *at, *end;
	bool swapped;
	bool of_packet; /* otherwise of an interface: the codes differ */
};

/*
 * pcapng_flags - set the fields of a frame from the options of its packet
 *
 * Sets PKTIO_F_META if the frame has no field for an option. Damaged options
 * are skipped, because the bytes of the packet are intact.
 */
void pcapng_flags(struct pktio_frame *f, struct pcapng_options options);

/* pcapng_packet_options - the options of a whole block; false: none */
bool pcapng_packet_options(const uint8_t *block, bool swapped,
			   struct pcapng_options *ret);

/* pcapng_number - copy up to `size` bytes of a number; returns its length */
int pcapng_number(uint64_t number, void *buf, size_t size);

/* pcapng_packet_option - as pcapng_option(), of a whole block */
int pcapng_packet_option(const uint8_t *block, bool swapped, uint16_t code,
			 unsigned index, void *buf, size_t size);

/* pcapng_kept_option - as pcapng_option(), of an interface or section */
int pcapng_kept_option(const struct pcapng *ng, const struct pcapng_kept *kept,
		       uint16_t code, unsigned index, void *buf, size_t size);

/*
 * pcapng_option - find an option, and copy its value
 *
 * Copies up to `size` bytes, numbers in host byte order. Returns the length of
 * the value, which may be more; -ENOENT; or -EBADMSG: the options before it are
 * damaged.
 */
int pcapng_option(struct pcapng_options options, uint16_t code, unsigned index,
		  void *buf, size_t size);

#endif
