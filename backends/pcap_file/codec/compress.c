/* SPDX-License-Identifier: BSD-3-Clause */
/* Compression, one frame at a time. */
#include "codec/compress.h"

#include <stdlib.h>

struct compressor {
	const struct encoder *encoder;
	void *state; /* of the encoder */
};

const struct codec *compress_codec(enum compress_codec codec)
{
	static const struct codec *const codecs[] = {
		[COMPRESS_GZIP] = &codec_gzip,
		[COMPRESS_ZSTD] = &codec_zstd,
		[COMPRESS_LZ4] = &codec_lz4,
	};

	return codecs[codec];
}

struct compressor *compress_new(const struct encoder *encoder, unsigned level)
{
	struct compressor *c = malloc(sizeof(*c));

	if (!c)
		return NULL;
	c->encoder = encoder;
	c->state = encoder->open(level);
	if (!c->state) {
		free(c);
		return NULL;
	}
	return c;
}

struct compressor *compress_free(struct compressor *c)
{
	if (c) {
		c->encoder->close(c->state);
		free(c);
	}
	return NULL;
}

size_t compress_bound(struct compressor *c, size_t size)
{
	return c->encoder->bound(c->state, size);
}

size_t compress_run(struct compressor *c, uint8_t *out, size_t room,
		    const uint8_t *in, size_t size)
{
	return c->encoder->run(c->state, out, room, in, size);
}
