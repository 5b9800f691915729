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

/* Both buffers are moved on by what was used of them. */
struct codec_io {
	const uint8_t *in;
	size_t in_size;
	uint8_t *out;
	size_t out_size;
	const char *why; /* set with an error */
};

struct codec {
	const char *name;
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
};

extern const struct codec codec_gzip;
extern const struct codec codec_zstd;
extern const struct codec codec_lz4;

#endif
