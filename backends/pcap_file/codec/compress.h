/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_COMPRESS_H
#define PKTIO_PCAP_FILE_COMPRESS_H

/*
 * Compression of what is written. Each piece becomes a gzip member, or a zstd
 * or lz4 frame, of its own: a file is a row of them, which all tools read as
 * one. So it is whole after every piece, whatever happens next, and can be cut
 * behind any of them and written on.
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

/* The longest piece: zlib counts in 32 bits. */
#define COMPRESS_MAX ((size_t)1 << 30)

/* compress_codec - NULL for COMPRESS_AUTO and COMPRESS_NONE */
const struct codec *compress_codec(enum compress_codec codec);

/* compress_new - NULL: out of memory */
struct compressor *compress_new(const struct encoder *encoder, unsigned level);
struct compressor *compress_free(struct compressor *c);

/* compress_bound - most bytes that `size` bytes can become */
size_t compress_bound(struct compressor *c, size_t size);

/*
 * compress_run - make one piece of `size` bytes at `in`
 *
 * `room` is at least compress_bound(). Returns the length of the piece, 0 when
 * out of memory.
 */
size_t compress_run(struct compressor *c, uint8_t *out, size_t room,
		    const uint8_t *in, size_t size);

#endif
