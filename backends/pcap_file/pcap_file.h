/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_H
#define PKTIO_PCAP_FILE_H

#include <sys/types.h>

#include <pktio/backend.h>

#include "merge.h"
#include "read/reader.h"
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

/* Reads one file, or writes. select replaces it by a merge or a replay. */
extern const struct pktio_backend pcap_file_backend;

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

/*
 * pcap_file_source_open - open a file to read, by the options
 *
 * pcap_file_source_stop() closes the file, but keeps what was read.
 * pcap_file_source_close() does both.
 */
int pcap_file_source_open(struct pcap_file *p, const char *target);
void pcap_file_source_stop(struct pcap_file *p);
void pcap_file_source_close(struct pcap_file *p);
/* pcap_file_reader - the backend that reads this target without replay */
const struct pktio_backend *pcap_file_reader(const char *target);
/* Both are for rings of pcap_file_reader(); rewind reads from the start again.
 */
bool pcap_file_is_regular(struct pktio_ring *r);
int pcap_file_rewind(struct pktio_ring *r);

/* pcap_file_set_name - set the name of the file in messages */
void pcap_file_set_name(struct pcap_file *p, const char *target, bool writing);

#endif
