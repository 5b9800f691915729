/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_DECOMPRESS_H
#define PKTIO_PCAP_FILE_DECOMPRESS_H

/* Compressed bytes from a descriptor, unpacked: at once, or ahead of need. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec/codec.h"

#define UNPACK_WHY_SIZE 192

/* ---- At once ------------------------------------------------------------ */

struct unpack {
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
	char why[UNPACK_WHY_SIZE];
};

/* unpack_codec - what starts so; NULL: nothing that is compressed */
const struct codec *unpack_codec(const uint8_t *bytes, size_t size);

/* `u` has codec, fd, regular and window set, and is zero otherwise. 0 or
 * -ENOMEM. */
int unpack_open(struct unpack *u);
void unpack_close(struct unpack *u);

/* unpack_feed - bytes that were read from the file before */
void unpack_feed(struct unpack *u, const uint8_t *bytes, size_t size);

/*
 * unpack_some - unpack up to `size` bytes
 *
 * How many; 0 at the end; -EAGAIN: not now; or an error with words in u->why.
 * Comes back with less than `size` rather than wait for the file.
 */
ssize_t unpack_some(struct unpack *u, uint8_t *to, size_t size);

/* ---- Ahead -------------------------------------------------------------- */

struct ahead;

/*
 * ahead_new - a thread that unpacks into buffers of its own
 *
 * `u` is the thread's until ahead_free(). NULL: no memory or no thread, and
 * *code says why.
 */
struct ahead *ahead_new(struct unpack *u, int *code);
struct ahead *ahead_free(struct ahead *a); /* NULL ok; does not wait for fd */

/* ahead_read - as unpack_some(), waiting if and only if the file is regular */
ssize_t ahead_read(struct ahead *a, uint8_t *to, size_t size);

/* ahead_fd - readable when ahead_read() has something to say */
int ahead_fd(const struct ahead *a);

#endif
