/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_STREAM_H
#define PKTIO_PCAP_FILE_STREAM_H

/*
 * The source of the bytes of a capture file: a descriptor, a compressed file,
 * or a file that is still being written. The reader does not need to know
 * which.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec/decompress.h"

#define STREAM_HEAD_SIZE 8U

struct stream_conf {
	bool regular;    /* a regular file: reading never waits */
	bool follow;     /* wait for more at the end */
	bool threaded;   /* decompress in a thread */
	uint64_t window; /* limit for decompression, bytes */
};

struct stream {
	int fd;      /* of the caller, who closes it */
	int poll_fd; /* readable when bytes are there; -1: never runs dry */
	int notify;  /* inotify of a followed file, or -1 */
	bool regular;
	bool threaded, warm; /* use a thread; the first read is done */
	struct decompressor *decompressor; /* NULL: not compressed */
	struct decompress_thread *thread;  /* NULL: no thread yet */
	off_t begin;     /* of a regular file: the initial position */
	uint64_t offset; /* of a followed file: bytes read */
	/* The first bytes of a file that cannot be read twice. */
	uint8_t head[STREAM_HEAD_SIZE];
	uint8_t head_at, head_end;
	char reason[192]; /* error message */
};

/*
 * stream_open - start to read at the current position of `fd`
 *
 * Waits for the first bytes and checks whether they are compressed. Returns 0,
 * or an error with a message in s->reason.
 */
int stream_open(struct stream *s, int fd, const struct stream_conf *conf);

/* stream_rewind - read a regular file again; returns as stream_open() */
int stream_rewind(struct stream *s);

/* stream_close - call once, also after a failed open; does not close `fd` */
void stream_close(struct stream *s);

/*
 * stream_read - read up to `size` bytes
 *
 * Returns the number of bytes; 0: the end; -EAGAIN: none now; -EINTR; or an
 * error with a message in s->reason, which every later call returns again.
 */
ssize_t stream_read(struct stream *s, uint8_t *to, size_t size);

/* stream_ready - whether stream_read() returns without waiting */
bool stream_ready(const struct stream *s);

/* stream_is_compressed - whether the file is compressed */
bool stream_is_compressed(const struct stream *s);

#endif
