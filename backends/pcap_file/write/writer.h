/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITER_H
#define PKTIO_PCAP_FILE_WRITER_H

/*
 * The writing half of a handle: a buffer of whole records, and its file.
 * writer.c puts frames into the buffer. file.c makes room for them: it writes
 * the buffer, counts, and opens the next file of a rotation.
 */
#include <pktio/backend.h>

#include "codec/compress.h"
#include "write/output.h"
#include "write/pcapng.h"
#include "write/rotate.h"

struct pcap_file;

enum writer_format {
	WRITER_AUTO,
	WRITER_PCAP,
	WRITER_PCAPNG,
};

struct writer {
	struct pktio_slab *slab; /* frames from alloc */
	uint8_t *buffer;         /* whole blocks or records */
	size_t size, used;
	uint64_t frames, bytes; /* in the buffer: records, and their caplen */

	/*
	 * A frame fits without further checks if the buffer is not longer than
	 * `limit` afterwards, its time is not later than `last`, and the file
	 * has fewer than `max_frames` frames. Without a file, limit is 0.
	 */
	size_t limit;
	uint64_t last; /* ns */
	uint64_t max_frames, file_frames;

	enum writer_format format;
	uint16_t linktype; /* of a pcap file */
	uint32_t snaplen;
	bool us;
	bool rotates;
	bool finished; /* by pktio_finish(): nothing more can be sent */
	int pending;   /* an error for the next call; its message is set */

	struct output out;
	struct compressor *compressor; /* NULL: not compressed */
	uint8_t *packed;               /* output of the compressor */
	size_t packed_size;
	struct write_pcapng pcapng;
	struct rotate *rotate; /* NULL: no rotation */
};

/* writer_begin - open a file, and write its header; `fresh`: see output_open()
 */
int writer_begin(struct pcap_file *p, const char *path, bool fresh);

/*
 * writer_make_room - ensure that a frame with this time, and of up to `need`
 * bytes as a record, fits into the buffer
 */
int writer_make_room(struct pcap_file *p, uint64_t ts, size_t need);

/* writer_flush - write the buffer to the file */
int writer_flush(struct pcap_file *p);

/* writer_finish - write the end of the file, and close it */
int writer_finish(struct pcap_file *p);

/* writer_update_limit - recompute `limit`, after the end of the file grew */
void writer_update_limit(struct pcap_file *p);

int pcap_file_writer_open(struct pcap_file *p, const char *target);
void pcap_file_writer_close(struct pcap_file *p);

/* Operations of the backend. */
int pcap_file_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int pcap_file_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int pcap_file_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n);
int pcap_file_flush(struct pktio_ring *r);
int pcap_file_finish(struct pktio_ring *r);
int pcap_file_meta_set(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, const void *value,
		       size_t size);

#endif
