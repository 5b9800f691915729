/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_HANDLE_H
#define PKTIO_PCAP_FILE_HANDLE_H

#include <sys/types.h>

#include <pktio/backend.h>

#include "codec/compress.h"
#include "format/pcap.h"
#include "format/pcapng.h"
#include "read/chunks.h"
#include "read/stream.h"
#include "replay_parse.h"
#include "write/output.h"
#include "write/pcapng.h"
#include "write/rotate.h"

enum pcap_file_timestamp_precision {
	PCAP_FILE_US,
	PCAP_FILE_NS,
};

enum writer_format {
	WRITER_AUTO,
	WRITER_PCAP,
	WRITER_PCAPNG,
};

struct pcap_file_conf {
	uint64_t buffer_size; /* bytes */
	uint64_t buffers;
	uint64_t timestamp_precision; /* enum pcap_file_timestamp_precision */
	const char *linktype; /* name or number; see pktio_linktype_value() */
	uint64_t snaplen;     /* bytes */

	/* For writing. */
	uint64_t format;   /* enum writer_format */
	uint64_t compress; /* enum compress_codec */
	uint64_t level;
	uint64_t rotate_size;  /* bytes; for each of the four, 0: no limit */
	uint64_t rotate_time;  /* ns */
	uint64_t rotate_count; /* frames */
	uint64_t rotate_keep;  /* files */
	uint64_t rotate_zone;  /* 0: UTC, 1: local time */
	bool sync, if_names;
	const char *comment, *hardware, *os, *application;
	struct replay_conf replay;

	/* For reading. */
	uint64_t window; /* bytes */
	uint64_t merge;  /* enum merge_order */
	bool follow, decompress_thread;
};

struct pcap_file;

/* The bits of a frame's cookie that are the number of its chunk. */
#define PCAP_FILE_CHUNK UINT64_C(0xffff)

/* The reading half of a handle. */
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

/* The writing half of a handle: a buffer of whole records, and its file. */
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

/* The handle: one file, either read or written. */
struct pcap_file {
	struct pktio_ring ring;
	const struct pcap_file_conf *conf;
	char name[96]; /* for messages, quoted */
	int fd;        /* -1: closed */
	bool regular;  /* never runs dry, and can be truncated */
	struct reader reader;
	struct writer writer;
};

static inline struct pcap_file *pcap_file_of(struct pktio_ring *r)
{
	return (struct pcap_file *)r;
}

/* pcap_file_set_name - set the name of the file in messages */
void pcap_file_set_name(struct pcap_file *p, const char *target, bool writing);

/* pcap_file_release - return frames to the reader, or to alloc */
void pcap_file_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n);

#endif
