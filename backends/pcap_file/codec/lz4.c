/* SPDX-License-Identifier: BSD-3-Clause */
/* lz4, in its frame format. A block has up to 4 MiB. */
#include "codec/blocks.h"

#if PKTIO_HAVE_LZ4

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lz4frame.h>

static ssize_t step(void *ctx, struct codec_io *io, size_t in)
{
	size_t out = io->out_size;
	size_t r = LZ4F_decompress(ctx, io->out, &out, io->in, &in, NULL);

	if (LZ4F_isError(r)) {
		io->reason = LZ4F_getErrorName(r);
		return strstr(io->reason, "allocation") ? -ENOMEM : -EBADMSG;
	}
	io->in += in;
	io->in_size -= in;
	io->out += out;
	io->out_size -= out;
	return (ssize_t)r;
}

static void *lz4_open(uint64_t window)
{
	struct codec_blocks b = { .first = 7, .header = 4, .step = step };
	LZ4F_dctx *ctx;
	void *state;

	(void)window; /* never above 64 KiB */
	if (LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION)))
		return NULL;
	b.ctx = ctx;
	state = codec_blocks_new(&b);
	if (!state)
		LZ4F_freeDecompressionContext(ctx);
	return state;
}

static void lz4_close(void *state)
{
	struct codec_blocks *b = state;

	LZ4F_freeDecompressionContext(b->ctx);
	free(b);
}

static void *frame_open(unsigned level)
{
	LZ4F_preferences_t *preferences = malloc(sizeof(*preferences));

	if (preferences)
		*preferences = (LZ4F_preferences_t){
			.frameInfo = { .blockSizeID = LZ4F_max1MB,
				       .contentChecksumFlag =
					       LZ4F_contentChecksumEnabled },
			.compressionLevel = (int)level,
		};
	return preferences;
}

static size_t frame_bound(void *state, size_t size)
{
	return LZ4F_compressFrameBound(size, state);
}

static size_t frame_run(void *state, uint8_t *out, size_t room,
			const uint8_t *in, size_t size)
{
	size_t n = LZ4F_compressFrame(out, room, in, size, state);

	return LZ4F_isError(n) ? 0 : n;
}

/* Frames are independent. Referring back would save up to 64 KiB each. */
static const struct encoder encoder = {
	.levels = 12,
	.buffers = 4,
	.open = frame_open,
	.close = free,
	.bound = frame_bound,
	.run = frame_run,
};

#endif

const struct codec codec_lz4 = {
	.name = "lz4",
	.package = "liblz4-dev",
	.magic = 0x184d2204,
	.mask = 0xffffffff,
#if PKTIO_HAVE_LZ4
	.open = lz4_open,
	.close = lz4_close,
	.run = codec_blocks_run,
	.encoder = &encoder,
#endif
};
