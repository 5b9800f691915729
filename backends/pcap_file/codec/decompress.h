/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_DECOMPRESS_H
#define PKTIO_PCAP_FILE_DECOMPRESS_H

/* Decompression of a file: in the calling thread, or in a thread of its own. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec/codec.h"

#define DECOMPRESS_REASON_SIZE 192

/* ---- In the calling thread ---------------------------------------------- */

struct decompressor {
	const struct codec *codec;
	void *state; /* of the codec */
	int fd;
	bool regular;
	bool ended;      /* read(2) has returned 0 */
	bool inside;     /* a frame has begun */
	uint64_t skip;   /* bytes left of a skippable frame */
	uint64_t window; /* bytes */
	uint64_t read;   /* bytes read from the file */
	uint64_t made;   /* bytes decompressed */
	uint8_t *memory; /* input; unused: from `at` to `end` */
	size_t at, end;
	int code; /* PKTIO_EOF or an error, after the last byte */
	char reason[DECOMPRESS_REASON_SIZE];
};

/* decompress_codec - the codec of a file that starts so; NULL: none */
const struct codec *decompress_codec(const uint8_t *bytes, size_t size);

/* Before: codec, fd, regular and window are set, the rest is 0. Returns 0 or
 * -ENOMEM. */
int decompress_open(struct decompressor *u);
void decompress_close(struct decompressor *u);

/* decompress_feed - add input that the caller has read from the file */
void decompress_feed(struct decompressor *u, const uint8_t *bytes, size_t size);

/*
 * decompress_read - decompress up to `size` bytes
 *
 * Returns the number of bytes; 0: the end; -EAGAIN: none now; or an error, with
 * a message in u->reason. Returns fewer bytes than `size` rather than wait for
 * the file.
 */
ssize_t decompress_read(struct decompressor *u, uint8_t *to, size_t size);

/* ---- In a thread -------------------------------------------------------- */

struct decompress_thread;

/*
 * decompress_thread_new - start a thread that decompresses to its own buffers
 *
 * `u` belongs to the thread until decompress_thread_free(). On failure returns
 * NULL, and *code is a negative errno value.
 */
struct decompress_thread *decompress_thread_new(struct decompressor *u,
						int *code);
/* `a` may be NULL. */
struct decompress_thread *decompress_thread_free(struct decompress_thread *a);

/* decompress_thread_read - as decompress_read(); waits only if the file is
 * regular */
ssize_t decompress_thread_read(struct decompress_thread *a, uint8_t *to,
			       size_t size);

/* decompress_thread_fd - readable while decompress_thread_read() has bytes, the
 * end or an error */
int decompress_thread_fd(const struct decompress_thread *a);

#endif
