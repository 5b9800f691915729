/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd. How far a frame looks back is how much memory it takes, and is the
 * frame's to say, up to 2 GiB of it: hence the limit.
 *
 * A call of the library that fails does not tell what it unpacked before. So it
 * gets no more at a time than a block, and nothing while there may be more to
 * come out of the last: what was whole has come out before a damaged one goes
 * in.
 */
#include <errno.h>
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "codec.h"

#define FIRST 5U  /* bytes of a frame that it asks for first */
#define HEADER 3U /* of the block behind, which it asks for with a block */

struct state {
	ZSTD_DCtx *ctx;
	size_t next; /* so many bytes it gets next */
	bool full;   /* there may be more to come out */
};

/* The exponent of the largest power of two that is not above `window`. */
static int window_log(uint64_t window)
{
	ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
	int log = 63 - __builtin_clzll(window | 1);

	if (log < bounds.lowerBound)
		return bounds.lowerBound;
	return log < bounds.upperBound ? log : bounds.upperBound;
}

static void zstd_close(void *state)
{
	struct state *s = state;

	ZSTD_freeDCtx(s->ctx);
	free(s);
}

static void *zstd_open(uint64_t window)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->next = FIRST;
	s->ctx = ZSTD_createDCtx();
	if (s->ctx && !ZSTD_isError(ZSTD_DCtx_setParameter(
			      s->ctx, ZSTD_d_windowLogMax, window_log(window))))
		return s;
	zstd_close(s);
	return NULL;
}

static int fail(struct codec_io *io, size_t r)
{
	io->why = ZSTD_getErrorName(r);
	switch (ZSTD_getErrorCode(r)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -EFBIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int zstd_run(void *state, struct codec_io *io)
{
	struct state *s = state;

	while (io->out_size > 0 && (io->in_size > 0 || s->full)) {
		size_t n = io->in_size < s->next ? io->in_size : s->next;
		ZSTD_inBuffer in = { io->in, s->full ? 0 : n, 0 };
		ZSTD_outBuffer out = { io->out, io->out_size, 0 };
		size_t r = ZSTD_decompressStream(s->ctx, &out, &in);

		if (ZSTD_isError(r))
			return fail(io, r);
		io->in += in.pos;
		io->in_size -= in.pos;
		io->out += out.pos;
		io->out_size -= out.pos;
		s->full = r > 0 && io->out_size == 0;
		s->next = r > HEADER ? r - HEADER : r;
		if (r == 0) {
			s->next = FIRST;
			return 1;
		}
	}
	return 0;
}

const struct codec codec_zstd = {
	.name = "zstd",
	.magic = 0xfd2fb528,
	.mask = 0xffffffff,
	.open = zstd_open,
	.close = zstd_close,
	.run = zstd_run,
};
