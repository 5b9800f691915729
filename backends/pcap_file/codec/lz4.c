/* SPDX-License-Identifier: BSD-3-Clause */
/* lz4, in its frame format; blocks are of 4 MiB at most. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lz4frame.h>

#include "codec/blocks.h"

static ssize_t step(void *ctx, struct codec_io *io, size_t in)
{
	size_t out = io->out_size;
	size_t r = LZ4F_decompress(ctx, io->out, &out, io->in, &in, NULL);

	if (LZ4F_isError(r)) {
		io->why = LZ4F_getErrorName(r);
		return strstr(io->why, "allocation") ? -ENOMEM : -EBADMSG;
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

const struct codec codec_lz4 = {
	.name = "lz4",
	.magic = 0x184d2204,
	.mask = 0xffffffff,
	.open = lz4_open,
	.close = lz4_close,
	.run = codec_blocks_run,
};
