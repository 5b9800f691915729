/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd. Each frame decides how much memory its decompression takes, up to 2
 * GiB: the distance of its matches. So the option `window` limits it.
 */
#include "codec/blocks.h"

#if PKTIO_HAVE_ZSTD

#include <errno.h>
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#define WIDE 19U  /* higher levels use matches farther than 8 MiB */
#define WINDOW 23 /* 8 MiB: decompressors refuse more by default */

/* The exponent of the largest power of two that is not above `window`. */
static int window_log(uint64_t window)
{
	ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
	int log = 63 - __builtin_clzll(window | 1);

	if (log < bounds.lowerBound)
		return bounds.lowerBound;
	return log < bounds.upperBound ? log : bounds.upperBound;
}

static int fail(struct codec_io *io, size_t r)
{
	io->reason = ZSTD_getErrorName(r);
	switch (ZSTD_getErrorCode(r)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -EFBIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static ssize_t step(void *ctx, struct codec_io *io, size_t n)
{
	ZSTD_inBuffer in = { io->in, n, 0 };
	ZSTD_outBuffer out = { io->out, io->out_size, 0 };
	size_t r = ZSTD_decompressStream(ctx, &out, &in);

	if (ZSTD_isError(r))
		return fail(io, r);
	io->in += in.pos;
	io->in_size -= in.pos;
	io->out += out.pos;
	io->out_size -= out.pos;
	return (ssize_t)r;
}

static void *zstd_open(uint64_t window)
{
	struct codec_blocks b = { .first = 5, .header = 3, .step = step };
	ZSTD_DCtx *ctx = ZSTD_createDCtx();
	void *state = NULL;

	b.ctx = ctx;
	if (ctx && !ZSTD_isError(ZSTD_DCtx_setParameter(
			   ctx, ZSTD_d_windowLogMax, window_log(window))))
		state = codec_blocks_new(&b);
	if (!state)
		ZSTD_freeDCtx(ctx);
	return state;
}

static void zstd_close(void *state)
{
	struct codec_blocks *b = state;

	ZSTD_freeDCtx(b->ctx);
	free(b);
}

static void *frame_open(unsigned level)
{
	ZSTD_CCtx *ctx = ZSTD_createCCtx();

	if (!ctx)
		return NULL;
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, (int)level);
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	if (level > WIDE)
		ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog, WINDOW);
	return ctx;
}

static void frame_close(void *state)
{
	ZSTD_freeCCtx(state);
}

static size_t frame_bound(void *state, size_t size)
{
	(void)state;
	return ZSTD_compressBound(size);
}

static size_t frame_run(void *state, uint8_t *out, size_t room,
			const uint8_t *in, size_t size)
{
	size_t n = ZSTD_compress2(state, out, room, in, size);

	return ZSTD_isError(n) ? 0 : n;
}

/*
 * Frames are independent. Referring back would save about 2 MiB each. zstd is
 * fast enough for frames that are four times as long as those of gzip and lz4.
 */
static const struct encoder encoder = {
	.levels = 22,
	.buffers = 16,
	.open = frame_open,
	.close = frame_close,
	.bound = frame_bound,
	.run = frame_run,
};

#endif

const struct codec codec_zstd = {
	.name = "zstd",
	.package = "libzstd-dev",
	.magic = 0xfd2fb528,
	.mask = 0xffffffff,
#if PKTIO_HAVE_ZSTD
	.open = zstd_open,
	.close = zstd_close,
	.run = codec_blocks_run,
	.encoder = &encoder,
#endif
};
