/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_DECOMPRESS_H
#define PKTIO_PCAP_FILE_DECOMPRESS_H

/* Compressed bytes from a descriptor, unpacked: at once, or ahead of need. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec/codec.h"

#define DECOMPRESS_REASON_SIZE 192

/* ---- At once ------------------------------------------------------------ */

struct decompressor {
	const struct codec *codec;
	void *state; /* the codec's */
	int fd;
	bool regular;
	bool ended;      /* the file is read to its end */
	bool inside;     /* of a frame */
	uint64_t skip;   /* bytes of a skippable frame that are to come */
	uint64_t window; /* bytes */
	uint64_t read;   /* bytes of the file */
	uint64_t made;   /* bytes unpacked */
	uint8_t *memory; /* what was read; unused: from `at` to `end` */
	size_t at, end;
	int code; /* PKTIO_EOF or an error, once there is no more */
	char reason[DECOMPRESS_REASON_SIZE];
};

/* decompress_codec - what starts so; NULL: nothing that is compressed */
const struct codec *decompress_codec(const uint8_t *bytes, size_t size);

/* `u` has codec, fd, regular and window set, and is zero otherwise. 0 or
 * -ENOMEM. */
int decompress_open(struct decompressor *u);
void decompress_close(struct decompressor *u);

/* decompress_feed - bytes that were read from the file before */
void decompress_feed(struct decompressor *u, const uint8_t *bytes, size_t size);

/*
 * decompress_read - unpack up to `size` bytes
 *
 * How many; 0 at the end; -EAGAIN: not now; or an error with words in u->why.
 * Comes back with less than `size` rather than wait for the file.
 */
ssize_t decompress_read(struct decompressor *u, uint8_t *to, size_t size);

/* ---- Ahead -------------------------------------------------------------- */

struct decompress_thread;

/*
 * decompress_thread_new - a thread that unpacks into buffers of its own
 *
 * `u` is the thread's until decompress_thread_free(). NULL: no memory or no
 * thread, and *code says why.
 */
struct decompress_thread *decompress_thread_new(struct decompressor *u,
						int *code);
struct decompress_thread *decompress_thread_free(
	struct decompress_thread *a); /* NULL ok; does not wait for fd */

/* decompress_thread_read - as decompress_read(), waiting if and only if the
 * file is regular */
ssize_t decompress_thread_read(struct decompress_thread *a, uint8_t *to,
			       size_t size);

/* decompress_thread_fd - readable when decompress_thread_read() has something
 * to say */
int decompress_thread_fd(const struct decompress_thread *a);

#endif
