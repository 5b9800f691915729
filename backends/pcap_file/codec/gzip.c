/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip with zlib, which checks the length and checksum of each member. */
#include "codec/codec.h"

#if PKTIO_HAVE_ZLIB

#include <errno.h>
#include <stdlib.h>

#include <zlib.h>

#define WINDOW (15 + 16) /* 32 KiB, and the header of gzip, not of zlib */
#define MEMORY 8         /* deflateBound() is tightest for this value */

#define GZIP_ONLY 16 /* plus the window: accept no other header */
#define MAX_BYTES (1U << 30)

static void *gzip_open(uint64_t window)
{
	z_stream *z = calloc(1, sizeof(*z));

	(void)window; /* never above 32 KiB */
	if (z && inflateInit2(z, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		free(z);
		z = NULL;
	}
	return z;
}

static void gzip_close(void *state)
{
	inflateEnd(state);
	free(state);
}

static uInt clamp(size_t size)
{
	return size < MAX_BYTES ? (uInt)size : MAX_BYTES;
}

static int gzip_run(void *state, struct codec_io *io)
{
	z_stream *z = state;
	uInt in = clamp(io->in_size);
	uInt out = clamp(io->out_size);
	int r;

	z->next_in = (z_const Bytef *)io->in;
	z->avail_in = in;
	z->next_out = io->out;
	z->avail_out = out;
	r = inflate(z, Z_NO_FLUSH);
	io->in += in - z->avail_in;
	io->in_size -= in - z->avail_in;
	io->out += out - z->avail_out;
	io->out_size -= out - z->avail_out;
	switch (r) {
	case Z_OK:
	case Z_BUF_ERROR: /* zlib made no progress */
		return 0;
	case Z_STREAM_END:
		inflateReset(z);
		return 1;
	case Z_MEM_ERROR:
		io->reason = "out of memory";
		return -ENOMEM;
	case Z_NEED_DICT:
		io->reason = "the member needs a dictionary";
		return -EBADMSG;
	default:
		io->reason = z->msg ? z->msg : "damaged data";
		return -EBADMSG;
	}
}

static void *deflate_open(unsigned level)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && deflateInit2(z, level ? (int)level : Z_DEFAULT_COMPRESSION,
			      Z_DEFLATED, WINDOW, MEMORY,
			      Z_DEFAULT_STRATEGY) != Z_OK) {
		free(z);
		z = NULL;
	}
	return z;
}

static void deflate_close(void *state)
{
	deflateEnd(state);
	free(state);
}

static size_t deflate_bound(void *state, size_t size)
{
	return deflateBound(state, size);
}

static size_t deflate_run(void *state, uint8_t *out, size_t room,
			  const uint8_t *in, size_t size)
{
	z_stream *z = state;

	deflateReset(z);
	z->next_in = (z_const Bytef *)in;
	z->avail_in = (uInt)size;
	z->next_out = out;
	z->avail_out = (uInt)room;
	return deflate(z, Z_FINISH) == Z_STREAM_END ? z->total_out : 0;
}

/* Members are independent. Referring back would save up to 32 KiB each. */
static const struct encoder encoder = {
	.levels = 9,
	.buffers = 4,
	.open = deflate_open,
	.close = deflate_close,
	.bound = deflate_bound,
	.run = deflate_run,
};

#endif

const struct codec codec_gzip = {
	.name = "gzip",
	.package = "zlib1g-dev",
	.magic = 0x088b1f,
	.mask = 0xffffff,
	.padded = true, /* tapes pad files with zeros */
#if PKTIO_HAVE_ZLIB
	.open = gzip_open,
	.close = gzip_close,
	.run = gzip_run,
	.encoder = &encoder,
#endif
};
