/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_FORMAT_PCAPNG_H
#define PKTIO_PCAP_FILE_FORMAT_PCAPNG_H

/*
 * The pcapng format: blocks, each of a type u32, its size u32, a body padded to
 * 4 bytes, and its size again. A section header says in which byte order the
 * blocks up to the next one are; interface descriptions are numbered by their
 * order within the section, and packets name theirs.
 *
 * section header   order magic u32, major u16, minor u16, length u64, options
 * interface        link type u16, 0 u16, snaplen u32, options
 * enhanced packet  interface u32, time u64 (upper half first), captured u32,
 *                  on the wire u32, bytes, padding, options
 * simple packet    on the wire u32, bytes; of the first interface
 * packet           interface u16, lost before it u16, and on as the enhanced
 * statistics       interface u32, time u64, options
 *
 * Options are code u16, length u16, value, padding; code 0 ends them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define PCAPNG_MAGIC 0x0a0d0d0aU /* of a section header, in either order */
#define PCAPNG_SECTION PCAPNG_MAGIC
#define PCAPNG_ENHANCED 6U

#define PCAPNG_HEADER_SIZE 8U    /* of a block: type and size */
#define PCAPNG_SMALLEST 12U      /* block */
#define PCAPNG_ENHANCED_SIZE 28U /* up to the bytes of the packet */

/* An interface of this section, ready for its frames. */
struct pcapng_interface {
	struct pktio_frame template; /* what its frames have in common */
	uint64_t scale;              /* ns in a tick; 0: see resolution */
	uint64_t offset;             /* ns to add to each time, modulo 2^64 */
	uint64_t dropped;            /* as the last statistics had it */
	uint32_t snaplen;
	uint8_t resolution; /* of the ticks, as in the file */
	bool needs_fix;     /* frames need pseudo_header_fix() */
	bool odd;           /* that, or their times need pcapng_time() */
};

/* The options of an interface or section, kept for who asks. */
struct pcapng_kept {
	uint32_t start, size; /* in kept_bytes */
	bool swapped;
	bool counted; /* statistics told of losses, or that there were none */
	uint64_t dropped; /* frames, as the last of them had it */
};

struct pcapng {
	bool swapped;        /* this section is in the other byte order */
	uint32_t max_block;  /* bytes */
	uint32_t base;       /* interfaces of all sections before */
	uint32_t ninterface; /* of this section */
	uint32_t room;       /* for interfaces */
	struct pcapng_interface *interfaces;
	bool begun;                 /* there was a section */
	struct pcapng_kept section; /* the first one */
	struct pcapng_kept *kept;   /* of all sections, while there is room */
	uint8_t *kept_bytes;
	uint32_t nkept, kept_used;
	uint32_t linktype; /* of the very first interface */
	char reason[160];  /* words to an error, behind the name */
};

/* A whole block that is sound as such. */
struct pcapng_block {
	const uint8_t *at;
	uint64_t offset; /* in the file */
	uint32_t type, size;
};

/* A packet in one. */
struct pcapng_packet {
	uint32_t start;     /* of its bytes, in the block */
	uint32_t interface; /* of this section */
	uint32_t caplen, wirelen;
	uint64_t ticks;
	bool timeless, lost; /* no time; frames were lost just before it */
};

static inline __attribute__((always_inline)) uint32_t
pcapng_load(const uint8_t *at, bool swapped)
{
	uint32_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

/* A time: its upper half is first, in both orders. */
static inline __attribute__((always_inline)) uint64_t
pcapng_load_time(const uint8_t *at, bool swapped)
{
	uint64_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	value = swapped ? __builtin_bswap64(value) : value;
	/* Only where the section is big-endian are both halves in order. */
	if (swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__))
		return value;
	return value << 32 | value >> 32;
}

void pcapng_init(struct pcapng *ng);
void pcapng_free(struct pcapng *ng);

/*
 * pcapng_parse_block - at the block that begins at `at`, of which `left` bytes
 * are there
 *
 * `offset` is where it is in the file. 0: it is whole, and in *ret; more than
 * that: it can be judged when so many bytes are there; -EBADMSG: it is damaged,
 * with words in ng->why.
 */
int64_t pcapng_parse_block(struct pcapng *ng, const uint8_t *at, size_t left,
			   uint64_t offset, struct pcapng_block *ret);

/* pcapng_is_packet - whether it is one of the three kinds that are frames */
bool pcapng_is_packet(uint32_t type);

/* pcapng_packet - what it says; 0, or an error with words in ng->why */
int pcapng_packet(struct pcapng *ng, const struct pcapng_block *block,
		  struct pcapng_packet *ret);

/*
 * pcapng_process - take notice of a block that is no packet
 *
 * Counts in stats what is to be counted. 0, or an error with words in ng->why.
 */
int pcapng_process(struct pcapng *ng, const struct pcapng_block *block,
		   struct pktio_stats *stats);

/* pcapng_time - a time as ns, for an interface without a scale */
uint64_t pcapng_time(const struct pcapng_interface *interface, uint64_t ticks);

/* A list of options. */
struct pcapng_options {
	const uint8_t *at, *end;
	bool swapped;
	bool of_packet; /* else of an interface: codes have other meanings */
};

/*
 * pcapng_flags - put into a frame what the options behind its packet say
 *
 * And PKTIO_F_META if they say more. Those that are damaged are passed over,
 * as the bytes of the packet are not.
 */
void pcapng_flags(struct pktio_frame *f, struct pcapng_options options);

/* pcapng_packet_options - those of a whole block; false: it has none */
bool pcapng_packet_options(const uint8_t *block, bool swapped,
			   struct pcapng_options *ret);

/* pcapng_number - copy up to `size` bytes of a number; its length */
int pcapng_number(uint64_t number, void *buf, size_t size);

/* pcapng_packet_option - an option of a whole block; as pcapng_option() */
int pcapng_packet_option(const uint8_t *block, bool swapped, uint16_t code,
			 unsigned index, void *buf, size_t size);

/* pcapng_kept_option - one of those that were kept; as pcapng_option() */
int pcapng_kept_option(const struct pcapng *ng, const struct pcapng_kept *kept,
		       uint16_t code, unsigned index, void *buf, size_t size);

/*
 * pcapng_option - find an option, and copy it
 *
 * Up to `size` bytes, numbers in host order. Its length, which may be more, or
 * -ENOENT, or -EBADMSG when options are damaged before it is found.
 */
int pcapng_option(struct pcapng_options options, uint16_t code, unsigned index,
		  void *buf, size_t size);

#endif
