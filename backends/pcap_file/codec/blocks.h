/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_BLOCKS_H
#define PKTIO_PCAP_FILE_BLOCKS_H

/*
 * What zstd and lz4 have in common: frames of blocks, and libraries that say
 * how much they want next.
 *
 * A call of theirs that fails does not tell what it unpacked before. So they
 * get no more at a time than a block, and nothing while there may be more to
 * come out of the last: what was whole has come out before a damaged one goes
 * in.
 */
#include <sys/types.h>

#include "codec/codec.h"

struct codec_blocks {
	void *ctx;     /* the library's */
	size_t first;  /* bytes of a frame that it wants first */
	size_t header; /* of the block behind, which it wants with a block */
	/*
	 * Gives it `in` bytes of the input, and moves on both buffers. Returns
	 * what it wants next, 0: the frame ended, or as a codec's run.
	 */
	ssize_t (*step)(void *ctx, struct codec_io *io, size_t in);
	size_t next; /* so many bytes it gets next; at first those of `first` */
	bool full;   /* there may be more to come out */
};

/* codec_blocks_new - a copy of `from` on the heap, to begin with; NULL: out of
 * memory */
struct codec_blocks *codec_blocks_new(const struct codec_blocks *from);

/* codec_blocks_run - as a codec's run; `state` is such a struct */
int codec_blocks_run(void *state, struct codec_io *io);

#endif
