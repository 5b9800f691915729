/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_COMPRESS_H
#define PKTIO_PCAP_FILE_COMPRESS_H

/*
 * Compression of what is written. Each buffer becomes one gzip member, or one
 * zstd or lz4 frame. All tools read a sequence of these as one file. So the
 * file is complete after each buffer, whatever happens next; it can be cut
 * after any of them, and continued.
 */
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"

enum compress_codec {
	COMPRESS_AUTO,
	COMPRESS_NONE,
	COMPRESS_GZIP,
	COMPRESS_ZSTD,
	COMPRESS_LZ4,
};

struct compressor;

/* The longest input of one frame: zlib counts in 32 bits. */
#define COMPRESS_MAX ((size_t)1 << 30)

/* compress_codec - NULL for COMPRESS_AUTO and COMPRESS_NONE */
const struct codec *compress_codec(enum compress_codec codec);

/* compress_new - NULL: out of memory */
struct compressor *compress_new(const struct encoder *encoder, unsigned level);
struct compressor *compress_free(struct compressor *c);

/* compress_bound - the largest result of compressing `size` bytes */
size_t compress_bound(struct compressor *c, size_t size);

/*
 * compress_run - compress `size` bytes at `in` to one frame
 *
 * `room` is at least compress_bound(). Returns the length of the frame; 0: out
 * of memory.
 */
size_t compress_run(struct compressor *c, uint8_t *out, size_t room,
		    const uint8_t *in, size_t size);

#endif
