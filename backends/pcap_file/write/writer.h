/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITER_H
#define PKTIO_PCAP_FILE_WRITER_H

/*
 * The writing half of a handle: a buffer of whole records, and the file it goes
 * to. writer.c puts frames into the buffer, file.c sees that there is
 * room for them: it writes, counts, and goes on to the next file.
 */
#include "codec/compress.h"
#include "write/output.h"
#include "write/pcapng.h"
#include "write/rotate.h"

struct pcap_file;
struct pktio_slab;

enum writer_format {
	WRITER_AUTO,
	WRITER_PCAP,
	WRITER_PCAPNG,
};

struct writer {
	struct pktio_slab *slab; /* frames from alloc */
	uint8_t *buffer;         /* blocks and records, whole */
	size_t size, used;
	uint64_t frames, bytes; /* those in the buffer: records, caplen */

	/*
	 * A frame can go into the buffer without further thought if that makes
	 * it no longer than `limit`, its time is no later than `last`, and
	 * fewer than `most` are in the file. Without a file, limit is 0.
	 */
	size_t limit;
	uint64_t last; /* ns */
	uint64_t max_frames, file_frames;

	enum writer_format format;
	uint16_t linktype; /* of a pcap file */
	uint32_t snaplen;
	bool us;
	bool rotates;
	bool finished; /* by the caller, who can send no more */
	int pending;   /* an error that was not told yet; its words are */

	struct output out;
	struct compressor *compressor; /* NULL: as it is */
	uint8_t *packed;               /* what it makes */
	size_t packed_size;
	struct write_pcapng pcapng;
	struct rotate *rotate; /* the names, if it rotates */
};

/* writer_begin - the file of that name, with its header; `fresh`: see output */
int writer_begin(struct pcap_file *p, const char *path, bool fresh);

/*
 * writer_make_room - see that a frame of that time, and of up to `need` bytes
 * as a record, can go into the buffer
 */
int writer_make_room(struct pcap_file *p, uint64_t ts, size_t need);

/* writer_flush - write what is in the buffer */
int writer_flush(struct pcap_file *p);

/* writer_finish - write the end of the file, and close it */
int writer_finish(struct pcap_file *p);

/* writer_update_limit - the file needs more room for its end than it did */
void writer_update_limit(struct pcap_file *p);

#endif
