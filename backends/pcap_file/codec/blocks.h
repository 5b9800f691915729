/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_BLOCKS_H
#define PKTIO_PCAP_FILE_BLOCKS_H

/*
 * The part that zstd and lz4 have in common: a frame consists of blocks, and
 * the library returns how many bytes it expects next.
 *
 * A call of the library that fails does not report what it decompressed before
 * the error. So each call gets at most one block, and none while the library
 * still has output. Then all whole blocks are out before a damaged one goes in.
 */
#include <sys/types.h>

#include "codec/codec.h"

struct codec_blocks {
	void *ctx;     /* of the library */
	size_t first;  /* bytes that the library expects first */
	size_t header; /* of the next block; expected with a block */
	/*
	 * Passes `in` bytes of the input to the library, and advances both
	 * buffers. Returns how many bytes the library expects next; 0: the
	 * frame ended; or an error, as the run of a codec.
	 */
	ssize_t (*step)(void *ctx, struct codec_io *io, size_t in);
	size_t next; /* bytes that the library gets next; initially `first` */
	bool full;   /* the library may have more output */
};

/* codec_blocks_new - copy `from` to the heap; NULL: out of memory */
struct codec_blocks *codec_blocks_new(const struct codec_blocks *from);

/* codec_blocks_run - the run of a codec; `state` is a struct codec_blocks */
int codec_blocks_run(void *state, struct codec_io *io);

#endif
