/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_CODEC_H
#define PKTIO_PCAP_FILE_CODEC_H

/*
 * A compression format. A compressed file is a sequence of frames (gzip calls
 * them members). decompress.c finds where each frame begins, and skips the
 * skippable frames of zstd and lz4.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* This many bytes identify the codec and the start of a frame. */
#define CODEC_MAGIC_SIZE 4U

/*
 * The compressing half of a codec. Each buffer that is written becomes one gzip
 * member, or one zstd or lz4 frame.
 */
struct encoder {
	unsigned levels;  /* the highest level; 0 selects the default */
	unsigned buffers; /* how much larger the buffer is, to compress well */
	/* NULL: out of memory. */
	void *(*open)(unsigned level);
	void (*close)(void *state);
	size_t (*bound)(void *state, size_t size);
	/* Returns the length of the frame; 0: out of memory. */
	size_t (*run)(void *state, uint8_t *out, size_t room, const uint8_t *in,
		      size_t size);
};

/* A codec advances both buffers by what it used. */
struct codec_io {
	const uint8_t *in;
	size_t in_size;
	uint8_t *out;
	size_t out_size;
	const char *reason; /* set with an error */
};

/*
 * If the library of a codec was not found when pktio was built, the codec has a
 * name and a magic, but no functions.
 */
struct codec {
	const char *name;
	const char *package;  /* the Debian package of the library */
	uint32_t magic, mask; /* of the first bytes, in little endian */
	bool padded;          /* zeros may follow the last frame */
	/* `window`: largest distance of a match. NULL: out of memory. */
	void *(*open)(uint64_t window);
	void (*close)(void *state);
	/*
	 * Decompresses until the input or the output buffer is used up.
	 * Returns 1 if a frame ended, and the next call begins another; 0; or
	 * -EBADMSG, -EFBIG (a match is farther than the window) or -ENOMEM.
	 */
	int (*run)(void *state, struct codec_io *io);
	const struct encoder *encoder;
};

/* codec_missing - whether pktio was built without it */
static inline bool codec_missing(const struct codec *codec)
{
	return codec->open == NULL;
}

#define CODEC_MISSING_TEXT \
	"this pktio was built without %s; install %s and build pktio again"

extern const struct codec codec_gzip;
extern const struct codec codec_zstd;
extern const struct codec codec_lz4;

#endif
