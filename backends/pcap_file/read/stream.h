/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_STREAM_H
#define PKTIO_PCAP_FILE_STREAM_H

/*
 * Where the bytes of a packet file come from: a descriptor as it is, one that
 * is compressed, or a file that somebody is still writing. The reader need not
 * know which.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec/decompress.h"

#define STREAM_HEAD_SIZE 8U

struct stream_conf {
	bool regular;    /* a regular file: reading it never waits */
	bool follow;     /* it goes on behind its end */
	bool threaded;   /* unpacking gets a thread of its own */
	uint64_t window; /* most that unpacking may look back, in bytes */
};

struct stream {
	int fd;      /* not ours to close */
	int poll_fd; /* readable when there is something; -1: never dry */
	int notify;  /* inotify, if it is followed, or -1 */
	bool regular;
	bool threaded, warm; /* to get a thread; it was read from before */
	struct decompressor *decompressor; /* NULL: it is not compressed */
	struct decompress_thread *thread;  /* NULL: no thread, or not yet */
	off_t begin;     /* of a regular file: where it was at first */
	uint64_t offset; /* followed: so much of it was read */
	/* What was read to see what it is, of what cannot be read twice. */
	uint8_t head[STREAM_HEAD_SIZE];
	uint8_t head_at, head_end;
	char reason[192]; /* words to an error */
};

/*
 * stream_open - begin with what `fd` has from where it is
 *
 * Looks at the first bytes, and waits for them. 0, or an error with words in
 * s->why.
 */
int stream_open(struct stream *s, int fd, const struct stream_conf *conf);

/* stream_rewind - read a regular file again; 0, or as stream_open() */
int stream_rewind(struct stream *s);

/* stream_close - once, also after an open that failed; leaves the fd alone */
void stream_close(struct stream *s);

/*
 * stream_read - read up to `size` bytes
 *
 * How many; 0 at the end; -EAGAIN: not now; -EINTR; or an error with words in
 * s->why, which stays.
 */
ssize_t stream_read(struct stream *s, uint8_t *to, size_t size);

/* stream_ready - true when stream_read() does not wait */
bool stream_ready(const struct stream *s);

/* stream_is_compressed - whether it is compressed */
bool stream_is_compressed(const struct stream *s);

#endif
