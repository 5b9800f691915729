/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITE_PCAPNG_H
#define PKTIO_PCAP_FILE_WRITE_PCAPNG_H

/*
 * The blocks of a pcapng file, made in memory, in the byte order of this
 * machine. One section: a header, a description of each interface before its
 * first packet, packets, and at the end how many there were of each interface.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define WRITE_PCAPNG_TEXT_MAX 0xfffcU /* of a text; more of it is cut */
/* Without what others say of the interface or of the packet. */
#define WRITE_PCAPNG_IDB_MAX 64U
#define WRITE_PCAPNG_ISB_MAX 92U
/* Of a packet: without its bytes, and with padding and options. */
#define WRITE_PCAPNG_EPB_MAX 47U

/* Frames of one link type that were seen at one place. */
struct write_pcapng_if {
	uint32_t ifindex;
	uint16_t linktype;
	uint32_t tick;        /* ns */
	uint64_t first, last; /* ns: the earliest and the latest time */
	uint64_t frames, lost;
};

/* Options in the format of the file, collected before there is a block. */
struct write_pcapng_options {
	uint8_t *bytes;
	size_t used, room;
	bool flags; /* of a packet: PKTIO_META_FRAME_FLAGS is among them */
	bool name;  /* of an interface: PKTIO_META_INTERFACE_NAME is */
};

/* What was said of an interface; it holds for each file that is written. */
struct write_pcapng_description {
	uint32_t ifindex;
	bool resolved;      /* the resolution was said */
	uint8_t resolution; /* 10^-n s */
	uint64_t dropped;   /* frames */
	struct write_pcapng_options options;
};

struct write_pcapng {
	struct write_pcapng_if *ifs; /* by interface id */
	uint32_t nifs, room, recent;
	uint32_t nknown; /* with those whose description was lost */
	struct write_pcapng_description *descriptions;
	uint32_t ndescriptions;
	size_t description_bytes,
		description_max;          /* bytes: of all, of the longest */
	struct write_pcapng_options next; /* of the next packet */
	uint32_t nwritten; /* of them: so many descriptions are in the file */
	uint32_t snaplen;
	bool us;    /* times in microseconds, not nanoseconds */
	bool names; /* name interfaces as this machine does */
};

/* What there is to say of the whole file; "" says nothing. */
struct write_pcapng_texts {
	const char *comment, *hardware, *os, *application;
};

/* How many bytes the header of a section takes, and the header itself. */
size_t write_pcapng_shb_size(const struct write_pcapng_texts *texts);
size_t write_pcapng_shb(uint8_t *to, const struct write_pcapng_texts *texts);

void write_pcapng_free(struct write_pcapng *w);

/*
 * write_pcapng_meta_frame - an option for the next packet
 *
 * 0; -EINVAL: there is no such option; -EMSGSIZE: it is too much; -ENOMEM.
 */
int write_pcapng_meta_frame(struct write_pcapng *w, uint16_t code,
			    const void *value, size_t size);

/*
 * write_pcapng_meta_interface - an option for the description of an interface
 *
 * The same, or -EBUSY: it is described already.
 */
int write_pcapng_meta_interface(struct write_pcapng *w, uint32_t ifindex,
				uint16_t code, const void *value, size_t size);

/* write_pcapng_forget - that which was said of the next packet */
static inline void write_pcapng_forget(struct write_pcapng *w)
{
	w->next.used = 0;
	w->next.flags = false;
}

/* write_pcapng_max - how long a packet may get with all that goes before it,
 * but for its bytes */
static inline size_t write_pcapng_max(const struct write_pcapng *w)
{
	return WRITE_PCAPNG_EPB_MAX + w->next.used + WRITE_PCAPNG_IDB_MAX +
	       w->description_max;
}

/*
 * write_pcapng_add - another interface, and its description to `to`
 *
 * Returns its length, at most WRITE_PCAPNG_IDB_MAX and w->description_max; 0
 * when out of memory.
 */
size_t write_pcapng_add(struct write_pcapng *w, uint8_t *to, uint16_t linktype,
			uint32_t ifindex);

/* write_pcapng_isb - the statistics of an interface; returns the length */
size_t write_pcapng_isb(uint8_t *to, const struct write_pcapng *w, uint32_t id);

/*
 * write_pcapng_epb - a packet, the head and the tail of it: `caplen` bytes of
 * data go between
 *
 * Returns where the data go, and *end is the end of the block. What is known of
 * direction and checksum is taken from the frame, unless it was said; what was
 * said is used up.
 */
uint8_t *write_pcapng_epb(struct write_pcapng *w, uint8_t *to, uint32_t id,
			  const struct pktio_frame *f, uint32_t caplen,
			  uint32_t wirelen, uint8_t **end);

/* A block that was made: its length, and what of it is a packet. */
struct write_pcapng_block {
	size_t size;
	bool idb, packet;
	uint32_t id, caplen; /* of a packet */
};
struct write_pcapng_block write_pcapng_block(const uint8_t *at);

/* The id of an interface, -1: it has none yet. */
static inline int64_t write_pcapng_find(struct write_pcapng *w,
					uint16_t linktype, uint32_t ifindex)
{
	for (uint32_t i = 0, id = w->recent; i < w->nifs; i++) {
		const struct write_pcapng_if *at = &w->ifs[id];

		if (at->linktype == linktype && at->ifindex == ifindex) {
			w->recent = id;
			return id;
		}
		id = id + 1 < w->nifs ? id + 1 : 0;
	}
	return -1;
}

#endif
