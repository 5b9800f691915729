/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lz4, in its frame format; blocks are of 4 MiB at most. It is given
 * its input in the same portions as zstd, and for the same reason.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lz4frame.h>

#include "codec.h"

#define FIRST 7U  /* bytes of a frame that it needs first */
#define HEADER 4U /* of the block behind, which it asks for with a block */

struct state {
	LZ4F_dctx *ctx;
	size_t next; /* so many bytes it gets next */
	bool full;   /* there may be more to come out */
};

static void *lz4_open(uint64_t window)
{
	struct state *s = calloc(1, sizeof(*s));

	(void)window; /* never above 64 KiB */
	if (!s)
		return NULL;
	s->next = FIRST;
	if (!LZ4F_isError(
		    LZ4F_createDecompressionContext(&s->ctx, LZ4F_VERSION)))
		return s;
	free(s);
	return NULL;
}

static void lz4_close(void *state)
{
	struct state *s = state;

	LZ4F_freeDecompressionContext(s->ctx);
	free(s);
}

static int lz4_run(void *state, struct codec_io *io)
{
	struct state *s = state;

	while (io->out_size > 0 && (io->in_size > 0 || s->full)) {
		size_t in = io->in_size < s->next ? io->in_size : s->next;
		size_t out = io->out_size;
		size_t r;

		if (s->full)
			in = 0;
		r = LZ4F_decompress(s->ctx, io->out, &out, io->in, &in, NULL);
		if (LZ4F_isError(r)) {
			io->why = LZ4F_getErrorName(r);
			return strstr(io->why, "allocation") ? -ENOMEM :
							       -EBADMSG;
		}
		io->in += in;
		io->in_size -= in;
		io->out += out;
		io->out_size -= out;
		s->full = r > 0 && io->out_size == 0;
		s->next = r > HEADER ? r - HEADER : r;
		if (r == 0) {
			s->next = FIRST;
			return 1;
		}
	}
	return 0;
}

const struct codec codec_lz4 = {
	.name = "lz4",
	.magic = 0x184d2204,
	.mask = 0xffffffff,
	.open = lz4_open,
	.close = lz4_close,
	.run = lz4_run,
};
