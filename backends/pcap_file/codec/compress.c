/* SPDX-License-Identifier: BSD-3-Clause */
/* Compression, a piece at a time. */
#include "codec/compress.h"

#include <stdlib.h>

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#define GZIP_WINDOW                                                  \
	(15 + 16)     /* 32 KiB, and gzip's header instead of zlib's \
		       */
#define GZIP_MEMORY 8 /* for which zlib knows the tightest bound */
#define GZIP_LEVELS 9U
#define LZ4_LEVELS 12U
#define ZSTD_LEVELS 22U
#define ZSTD_WIDE 19U  /* levels above it look back further than 8 MiB */
#define ZSTD_WINDOW 23 /* 8 MiB: more than that readers refuse */

struct compressor {
	enum compress_codec codec;
	z_stream gzip;
	ZSTD_CCtx *zstd;
	LZ4F_preferences_t lz4;
};

unsigned compress_most(enum compress_codec codec)
{
	switch (codec) {
	case COMPRESS_GZIP:
		return GZIP_LEVELS;
	case COMPRESS_ZSTD:
		return ZSTD_LEVELS;
	case COMPRESS_LZ4:
		return LZ4_LEVELS;
	default:
		return 0;
	}
}

/*
 * A piece starts with nothing known, which costs what the window of the codec
 * could have told: 32 KiB for gzip, 64 KiB for lz4, some 2 MiB for zstd, which
 * is also the one that has a long piece done soon.
 */
unsigned compress_piece(enum compress_codec codec)
{
	return codec == COMPRESS_ZSTD ? 16 : 4;
}

static int start_zstd(struct compressor *c, unsigned level)
{
	c->zstd = ZSTD_createCCtx();
	if (!c->zstd)
		return -1;
	ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, (int)level);
	ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1);
	if (level > ZSTD_WIDE)
		ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_windowLog, ZSTD_WINDOW);
	return 0;
}

struct compressor *compress_new(enum compress_codec codec, unsigned level)
{
	struct compressor *c = calloc(1, sizeof(*c));
	int r = 0;

	if (!c)
		return NULL;
	c->codec = codec;
	if (codec == COMPRESS_GZIP)
		r = deflateInit2(&c->gzip,
				 level ? (int)level : Z_DEFAULT_COMPRESSION,
				 Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
				 Z_DEFAULT_STRATEGY);
	else if (codec == COMPRESS_ZSTD)
		r = start_zstd(c, level);
	c->lz4 = (LZ4F_preferences_t){
		.frameInfo = { .blockSizeID = LZ4F_max1MB,
			       .contentChecksumFlag =
				       LZ4F_contentChecksumEnabled },
		.compressionLevel = (int)level,
	};
	if (r != 0) {
		free(c);
		return NULL;
	}
	return c;
}

struct compressor *compress_free(struct compressor *c)
{
	if (c) {
		if (c->codec == COMPRESS_GZIP)
			deflateEnd(&c->gzip);
		ZSTD_freeCCtx(c->zstd);
		free(c);
	}
	return NULL;
}

size_t compress_bound(struct compressor *c, size_t size)
{
	switch (c->codec) {
	case COMPRESS_GZIP:
		return deflateBound(&c->gzip, size);
	case COMPRESS_ZSTD:
		return ZSTD_compressBound(size);
	default:
		return LZ4F_compressFrameBound(size, &c->lz4);
	}
}

static size_t run_gzip(z_stream *gzip, uint8_t *out, size_t room,
		       const uint8_t *in, size_t size)
{
	deflateReset(gzip);
	gzip->next_in = (z_const Bytef *)in;
	gzip->avail_in = (uInt)size;
	gzip->next_out = out;
	gzip->avail_out = (uInt)room;
	return deflate(gzip, Z_FINISH) == Z_STREAM_END ? gzip->total_out : 0;
}

size_t compress_run(struct compressor *c, uint8_t *out, size_t room,
		    const uint8_t *in, size_t size)
{
	size_t n;

	switch (c->codec) {
	case COMPRESS_GZIP:
		return run_gzip(&c->gzip, out, room, in, size);
	case COMPRESS_ZSTD:
		n = ZSTD_compress2(c->zstd, out, room, in, size);
		return ZSTD_isError(n) ? 0 : n;
	default:
		n = LZ4F_compressFrame(out, room, in, size, &c->lz4);
		return LZ4F_isError(n) ? 0 : n;
	}
}
