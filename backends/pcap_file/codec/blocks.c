/* SPDX-License-Identifier: BSD-3-Clause */
/* Codecs whose frames consist of blocks. */
#include "codec/blocks.h"

#include <stdlib.h>

struct codec_blocks *codec_blocks_new(const struct codec_blocks *from)
{
	struct codec_blocks *b = malloc(sizeof(*b));

	if (b) {
		*b = *from;
		b->next = b->first;
	}
	return b;
}

int codec_blocks_run(void *state, struct codec_io *io)
{
	struct codec_blocks *b = state;

	while (io->out_size > 0 && (io->in_size > 0 || b->full)) {
		size_t in = io->in_size < b->next ? io->in_size : b->next;
		ssize_t wants = b->step(b->ctx, io, b->full ? 0 : in);

		if (wants < 0)
			return (int)wants;
		b->full = wants > 0 && io->out_size == 0;
		if (wants == 0) {
			b->next = b->first;
			return 1;
		}
		b->next = (size_t)wants > b->header ?
				  (size_t)wants - b->header :
				  (size_t)wants;
	}
	return 0;
}
