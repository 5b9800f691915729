/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_H
#define PKTIO_PCAP_FILE_H

#include <sys/types.h>

#include <pktio/backend.h>

#include "chunks.h"
#include "format.h"

enum pcap_file_precision {
	PCAP_FILE_US,
	PCAP_FILE_NS,
};

struct pcap_file_conf {
	uint64_t buffer_size; /* bytes */
	uint64_t buffers;
	uint64_t precision; /* enum pcap_file_precision */
	uint64_t linktype;
	uint64_t snaplen; /* bytes */
};

struct pcap_file;

struct reader {
	struct format format;
	struct chunks chunks;
	uint64_t offset;         /* in the file, of the byte to read next */
	int code;                /* 0; PKTIO_EOF once read; -errno of a read */
	struct pktio_frame same; /* what all frames have in common */
	/* Hands out whole records that were read; for this format. */
	int (*walk)(struct pcap_file *p, struct pktio_frame *frames,
		    unsigned n);
};

struct writer {
	struct pktio_slab *slab; /* frames from alloc */
	uint8_t *buffer;         /* records that were sent */
	size_t size, used;
	uint64_t frames, bytes; /* those in the buffer: records, caplen */
	off_t offset;           /* in a regular file, of the next write */
	int broken; /* -errno: the file ends within a record, and must stay so
		     */
};

/* The handle: one file, either read or written. */
struct pcap_file {
	struct pktio_ring ring;
	const struct pcap_file_conf *conf;
	char name[96]; /* for messages, quoted */
	int fd;
	bool regular; /* so it never runs dry, and can be cut */
	struct reader reader;
	struct writer writer;
};

static inline struct pcap_file *pcap_file_of(struct pktio_ring *r)
{
	return (struct pcap_file *)r;
}

/* Each open takes p->fd over when it works, and leaves it when it does not. */
int pcap_file_reader_open(struct pcap_file *p);
void pcap_file_reader_close(struct pcap_file *p);
int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
int pcap_file_ready(struct pktio_ring *r, int polled);

int pcap_file_writer_open(struct pcap_file *p);
void pcap_file_writer_close(struct pcap_file *p);
int pcap_file_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int pcap_file_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int pcap_file_flush(struct pktio_ring *r);

#endif
