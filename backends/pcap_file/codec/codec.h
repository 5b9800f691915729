/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_CODEC_H
#define PKTIO_PCAP_FILE_CODEC_H

/*
 * What a compressed file is unpacked with. A file is one frame or several, one
 * after the other (gzip calls them members); decompress.c finds where each
 * begins, and skips those that are there to be skipped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many bytes tell which codec it is, and where a frame begins. */
#define CODEC_MAGIC_SIZE 4U

/*
 * The other direction. Each piece that is written becomes a gzip member, or a
 * zstd or lz4 frame, of its own.
 */
struct encoder {
	unsigned levels;  /* the highest level; 0 selects the default */
	unsigned buffers; /* of memory for a piece, so that it becomes small */
	/* NULL: out of memory. */
	void *(*open)(unsigned level);
	void (*close)(void *state);
	size_t (*bound)(void *state, size_t size);
	/* The length of the piece; 0: out of memory. */
	size_t (*run)(void *state, uint8_t *out, size_t room, const uint8_t *in,
		      size_t size);
};

/* Both buffers are moved on by what was used of them. */
struct codec_io {
	const uint8_t *in;
	size_t in_size;
	uint8_t *out;
	size_t out_size;
	const char *reason; /* set with an error */
};

/*
 * A codec whose library was not found when pktio was built has its name, its
 * magic and no functions.
 */
struct codec {
	const char *name;
	const char *package;  /* the Debian package of the library */
	uint32_t magic, mask; /* of a frame's first bytes, in little endian */
	bool padded;          /* zeros may follow the last frame */
	/* `window`: bytes that may be looked back at. NULL: out of memory. */
	void *(*open)(uint64_t window);
	void (*close)(void *state);
	/*
	 * Unpacks until there is no input or no room left. 1 when a frame
	 * ended, so that the next call begins another; 0; or -EBADMSG,
	 * -EFBIG (it looks back further than the window) or -ENOMEM.
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
