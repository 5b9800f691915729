/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_READER_H
#define PKTIO_PCAP_FILE_READER_H

/* The reading half of a handle: makes frames of the bytes of one file. */
#include <pktio/backend.h>

#include "format/pcap.h"
#include "format/pcapng.h"
#include "read/chunks.h"
#include "read/stream.h"

struct pcap_file;

/* The bits of a frame's cookie that are the number of its chunk. */
#define PCAP_FILE_CHUNK UINT64_C(0xffff)

struct reader {
	struct stream stream;
	struct format format; /* of a pcap file */
	struct pcapng pcapng; /* of a pcapng file */
	int pcapng_code;      /* why the pcapng file has no next frame */
	struct chunks chunks;
	uint64_t offset; /* in the file, of the byte to read next */
	int code;        /* 0; PKTIO_EOF after the end; or -errno of a read */
	struct pktio_frame template; /* the common fields of all frames */
	/* Returns frames of whole records that were read. */
	int (*walk)(struct pcap_file *p, struct pktio_frame *frames,
		    unsigned n);
	/* How many bytes from chunks.at on the next frame needs, as far as the
	 * bytes that are read show; 0: the frame is damaged. */
	size_t (*need)(struct pcap_file *p);
	/* Reports the damage, right after need returned 0. */
	int (*damaged)(struct pcap_file *p);
	const char *record; /* how messages call a part of the file */
};

/* pcap_file_reader_open - start to read p->fd; does not close it on failure */
int pcap_file_reader_open(struct pcap_file *p);
void pcap_file_reader_close(struct pcap_file *p);

/* pcap_file_reader_rewind - read a regular file from its start again */
int pcap_file_reader_rewind(struct pcap_file *p);

/*
 * pcap_file_begin_pcap, pcap_file_begin_pcapng - set the format
 *
 * The file begins at chunks.at. The first can fail, and then consumes nothing.
 */
int pcap_file_begin_pcap(struct pcap_file *p);
void pcap_file_begin_pcapng(struct pcap_file *p);

/* Operations of the backend. */
int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
int pcap_file_ready(struct pktio_ring *r, int polled);
int pcap_file_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, unsigned index, void *buf,
		       size_t size);

#endif
