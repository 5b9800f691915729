/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITE_PCAPNG_H
#define PKTIO_PCAP_FILE_WRITE_PCAPNG_H

/*
 * Writes pcapng blocks to memory, in the byte order of this machine. The file
 * has one section: a header, the description of each interface before its first
 * packet, packets, and statistics of each interface at the end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define WRITE_PCAPNG_TEXT_MAX \
	0xfffcU /* bytes of a text; longer texts are cut */
/* Sizes without the metadata of pktio_meta_set(). */
#define WRITE_PCAPNG_IDB_MAX 64U
#define WRITE_PCAPNG_ISB_MAX 92U
/* With padding and options, without the bytes of the packet. */
#define WRITE_PCAPNG_EPB_MAX 47U

/* An interface in the file: an ifindex and a link type. */
struct write_pcapng_if {
	uint32_t ifindex;
	uint16_t linktype;
	uint32_t tick;        /* ns */
	uint64_t first, last; /* ns: the earliest and the latest time */
	uint64_t frames, lost;
};

/* Options in the format of the file, collected before their block. */
struct write_pcapng_options {
	uint8_t *bytes;
	size_t used, room;
	bool flags; /* contain PKTIO_META_FRAME_FLAGS */
	bool name;  /* contain PKTIO_META_INTERFACE_NAME */
};

/* The metadata of an interface, for every file of a rotation. */
struct write_pcapng_description {
	uint32_t ifindex;
	bool resolved;      /* the resolution is set */
	uint8_t resolution; /* 10^-n s */
	uint64_t dropped;   /* frames */
	struct write_pcapng_options options;
};

struct write_pcapng {
	struct write_pcapng_if *ifs; /* by interface id */
	uint32_t nifs, room, recent;
	uint32_t nknown; /* nifs, and interfaces whose description was lost */
	struct write_pcapng_description *descriptions;
	uint32_t ndescriptions;
	size_t description_bytes;         /* of all descriptions */
	size_t description_max;           /* of the longest */
	struct write_pcapng_options next; /* of the next packet */
	uint32_t nwritten; /* interfaces whose description is in the file */
	uint32_t snaplen;
	bool us;    /* times in microseconds, not nanoseconds */
	bool names; /* name interfaces by their ifindex here */
};

/* Options of the section header; "": none. */
struct write_pcapng_texts {
	const char *comment, *hardware, *os, *application;
};

/* The size of the section header, and the function that writes it. */
size_t write_pcapng_shb_size(const struct write_pcapng_texts *texts);
size_t write_pcapng_shb(uint8_t *to, const struct write_pcapng_texts *texts);

void write_pcapng_free(struct write_pcapng *w);

/*
 * write_pcapng_meta_frame - add an option to the next packet
 *
 * Returns 0; -EINVAL: invalid code or size; -EMSGSIZE: too long; or -ENOMEM.
 */
int write_pcapng_meta_frame(struct write_pcapng *w, uint16_t code,
			    const void *value, size_t size);

/*
 * write_pcapng_meta_interface - add an option to the description of an
 * interface
 *
 * Returns the same, or -EBUSY: the description is already written.
 */
int write_pcapng_meta_interface(struct write_pcapng *w, uint32_t ifindex,
				uint16_t code, const void *value, size_t size);

/* write_pcapng_forget - drop the options for the next packet */
static inline void write_pcapng_forget(struct write_pcapng *w)
{
	w->next.used = 0;
	w->next.flags = false;
}

/* write_pcapng_max - the longest packet with a description before it, without
 * the bytes of the packet */
static inline size_t write_pcapng_max(const struct write_pcapng *w)
{
	return WRITE_PCAPNG_EPB_MAX + w->next.used + WRITE_PCAPNG_IDB_MAX +
	       w->description_max;
}

/*
 * write_pcapng_add - add an interface, and write its description to `to`
 *
 * Returns the length, at most WRITE_PCAPNG_IDB_MAX + w->description_max; 0: out
 * of memory.
 */
size_t write_pcapng_add(struct write_pcapng *w, uint8_t *to, uint16_t linktype,
			uint32_t ifindex);

/* write_pcapng_isb - write the statistics of an interface; returns the length
 */
size_t write_pcapng_isb(uint8_t *to, const struct write_pcapng *w, uint32_t id);

/*
 * write_pcapng_epb - write a packet block, except for its `caplen` bytes of
 * data
 *
 * Returns where the data goes; *end is the end of the block. The flags are
 * those of the frame, unless pktio_meta_set() has set them. Uses up the options
 * for the next packet.
 */
uint8_t *write_pcapng_epb(struct write_pcapng *w, uint8_t *to, uint32_t id,
			  const struct pktio_frame *f, uint32_t caplen,
			  uint32_t wirelen, uint8_t **end);

/* A block in the buffer. */
struct write_pcapng_block {
	size_t size;
	bool idb, packet;
	uint32_t id, caplen; /* if it is a packet */
};
struct write_pcapng_block write_pcapng_block(const uint8_t *at);

/* The id of an interface; -1: not described yet. */
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
