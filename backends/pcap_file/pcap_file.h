/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_H
#define PKTIO_PCAP_FILE_H

#include <sys/types.h>

#include <pktio/backend.h>

#include "format/pcap.h"
#include "format/pcapng.h"
#include "merge.h"
#include "read/chunks.h"
#include "read/stream.h"
#include "replay.h"
#include "write/writer.h"

enum pcap_file_timestamp_precision {
	PCAP_FILE_US,
	PCAP_FILE_NS,
};

struct pcap_file_conf {
	uint64_t buffer_size; /* bytes */
	uint64_t buffers;
	uint64_t timestamp_precision; /* enum pcap_file_timestamp_precision */
	uint64_t linktype;
	uint64_t snaplen; /* bytes */

	/* Of writing alone. */
	uint64_t format;   /* enum writer_format */
	uint64_t compress; /* enum compress_codec */
	uint64_t level;
	uint64_t rotate_size;  /* bytes; each of the four: 0: no limit */
	uint64_t rotate_time;  /* ns */
	uint64_t rotate_count; /* frames */
	uint64_t rotate_keep;  /* files */
	uint64_t rotate_zone;  /* 0: UTC, 1: local time */
	bool sync, if_names;
	const char *comment, *hardware, *os, *application;
	struct replay_conf replay;

	/* Of reading alone. */
	uint64_t window; /* bytes */
	uint64_t merge;  /* enum merge_order */
	bool follow, decompress_thread;
};

struct pcap_file;

/* The backend without its select: reads one file, or writes. */
extern const struct pktio_backend pcap_file_backend;

/* The part of a frame's cookie that is its chunk. */
#define PCAP_FILE_CHUNK UINT64_C(0xffff)

struct reader {
	struct stream stream;
	struct format format; /* of a pcap file */
	struct pcapng pcapng; /* of a pcapng file */
	int pcapng_code;      /* why there is no next frame in that */
	struct chunks chunks;
	uint64_t offset; /* in the file, of the byte to read next */
	int code;        /* 0; PKTIO_EOF once read; -errno of a read */
	struct pktio_frame template; /* what all frames have in common */
	/* Hands out whole records that were read; for this format. */
	int (*walk)(struct pcap_file *p, struct pktio_frame *frames,
		    unsigned n);
	/* The bytes from chunks.at on that the next frame needs, as far as can
	 * be told from those that are there; 0: it is damaged. */
	size_t (*need)(struct pcap_file *p);
	/* Right after that: an error, with words. */
	int (*damaged)(struct pcap_file *p);
	const char *record; /* what the format calls its parts */
};

/* The handle: one file, either read or written. */
struct pcap_file {
	struct pktio_ring ring;
	const struct pcap_file_conf *conf;
	char name[96]; /* for messages, quoted */
	int fd;        /* -1: closed */
	bool regular;  /* so it never runs dry, and can be cut */
	struct reader reader;
	struct writer writer;
};

static inline struct pcap_file *pcap_file_of(struct pktio_ring *r)
{
	return (struct pcap_file *)r;
}

/* Takes p->fd over when it works, and leaves it when it does not. */
int pcap_file_reader_open(struct pcap_file *p);
void pcap_file_reader_close(struct pcap_file *p);
int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
int pcap_file_ready(struct pktio_ring *r, int polled);
/* Opens a file to read, as the conf says; or fails, with words. Stop closes it,
 * but for what was read; close does it all. */
int pcap_file_source_open(struct pcap_file *p, const char *target);
void pcap_file_source_stop(struct pcap_file *p);
void pcap_file_source_close(struct pcap_file *p);
/* Reads a regular file from its start again. */
int pcap_file_reader_rewind(struct pcap_file *p);

/* The backend that reads this target without replay: this one, or the merge. */
const struct pktio_backend *pcap_file_reader(const char *target);
/* Of a ring of pcap_file_reader(). Rewind restarts at the first file. */
bool pcap_file_is_regular(struct pktio_ring *r);
int pcap_file_rewind(struct pktio_ring *r);

/* The file begins at chunks.at. The first may fail, but takes nothing. */
int pcap_file_begin_pcap(struct pcap_file *p);
void pcap_file_begin_pcapng(struct pcap_file *p);

int pcap_file_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, unsigned index, void *buf,
		       size_t size);

/* pcap_file_set_name - how messages call the file */
void pcap_file_set_name(struct pcap_file *p, const char *target, bool writing);

int pcap_file_writer_open(struct pcap_file *p, const char *target);
void pcap_file_writer_close(struct pcap_file *p);
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
