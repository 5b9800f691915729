/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decompression frame by frame. Between two frames only the skippable frames of
 * zstd and lz4 are allowed. Anything else there is an error, and not the end of
 * the file: the user expects it to be read.
 */
#include "codec/decompress.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pktio/pktio.h>

#define INPUT_SIZE ((size_t)128 << 10)

#define SKIPPABLE 0x184d2a50U /* and the 15 values after it */
#define SKIPPABLE_MASK 0xfffffff0U
#define SKIPPABLE_HEADER 8U

static const struct codec *const codecs[] = { &codec_gzip, &codec_zstd,
					      &codec_lz4 };

static uint32_t load(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 |
	       (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/*
 * A skippable frame belongs to zstd or lz4. The next frame decides which one:
 * until then either codec stands for both.
 */
const struct codec *decompress_codec(const uint8_t *bytes, size_t size)
{
	uint32_t magic;

	if (size < CODEC_MAGIC_SIZE)
		return NULL;
	magic = load(bytes);
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if ((magic & codecs[i]->mask) == codecs[i]->magic)
			return codecs[i];
	if ((magic & SKIPPABLE_MASK) != SKIPPABLE)
		return NULL;
	return codec_missing(&codec_zstd) ? &codec_lz4 : &codec_zstd;
}

int decompress_open(struct decompressor *u)
{
	u->memory = malloc(INPUT_SIZE);
	u->state = u->codec->open(u->window);
	if (!u->memory || !u->state) {
		decompress_close(u);
		return -ENOMEM;
	}
	return 0;
}

void decompress_close(struct decompressor *u)
{
	if (u->state)
		u->codec->close(u->state);
	free(u->memory);
	u->state = NULL;
	u->memory = NULL;
}

void decompress_feed(struct decompressor *u, const uint8_t *bytes, size_t size)
{
	memcpy(u->memory + u->end, bytes, size);
	u->end += size;
	u->read += size;
}

/* Ends the file with this error. */
static void stop(struct decompressor *u, int code, const char *what,
		 const char *reason)
{
	uint64_t at = u->read - (u->end - u->at);

	u->code = code;
	snprintf(u->reason, sizeof(u->reason),
		 "%s %s at byte %" PRIu64 " of the file, %" PRIu64
		 " bytes decompressed%s%s",
		 what, u->codec->name, at, u->made, reason[0] ? ": " : "",
		 reason);
}

/* Reads input. 1; 0: the end; or a negative errno value. */
static int fill(struct decompressor *u)
{
	struct pollfd fd = { .fd = u->fd, .events = POLLIN };
	ssize_t n;

	if (!u->regular && poll(&fd, 1, 0) == 0)
		return -EAGAIN;
	memmove(u->memory, u->memory + u->at, u->end - u->at);
	u->end -= u->at;
	u->at = 0;
	do
		n = read(u->fd, u->memory + u->end, INPUT_SIZE - u->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	u->end += (size_t)n;
	u->read += (uint64_t)n;
	u->ended = n == 0;
	return n > 0;
}

static void stop_missing(struct decompressor *u, const struct codec *codec)
{
	char reason[128];

	snprintf(reason, sizeof(reason), CODEC_MISSING_TEXT, codec->name,
		 codec->package);
	stop(u, -ENOTSUP, "cannot decompress", reason);
}

/* The first frame after skippable ones may be of the other codec. */
static int change_codec(struct decompressor *u, const struct codec *codec)
{
	void *state;

	if (codec == u->codec)
		return 0;
	state = codec->open(u->window);
	if (!state)
		return -ENOMEM;
	u->codec->close(u->state);
	u->codec = codec;
	u->state = state;
	return 0;
}

/* Skips zeros after the last frame. False: something else follows. */
static bool skip_padding(struct decompressor *u)
{
	while (u->codec->padded && u->at < u->end && u->memory[u->at] == 0)
		u->at++;
	return u->at == u->end;
}

/* Between frames. True: more input is needed. */
static bool begin_frame(struct decompressor *u)
{
	const struct codec *codec;
	size_t left;

	if (skip_padding(u) && u->ended) {
		u->code = PKTIO_EOF;
		return false;
	}
	left = u->end - u->at;
	if (left < SKIPPABLE_HEADER && !u->ended)
		return true;
	codec = decompress_codec(u->memory + u->at, left);
	if (codec && (load(u->memory + u->at) & SKIPPABLE_MASK) == SKIPPABLE &&
	    left >= SKIPPABLE_HEADER && u->codec != &codec_gzip) {
		u->skip = load(u->memory + u->at + CODEC_MAGIC_SIZE);
		u->at += SKIPPABLE_HEADER;
	} else if (codec && (codec == u->codec || u->made == 0)) {
		u->inside = true;
		if (codec_missing(codec))
			stop_missing(u, codec);
		else if (change_codec(u, codec) < 0)
			stop(u, -ENOMEM, "cannot decompress", "out of memory");
	} else {
		stop(u, -EBADMSG, "unknown data after", "");
	}
	return false;
}

/* In a skippable frame. True: more input is needed. */
static bool skip_frame(struct decompressor *u)
{
	size_t left = u->end - u->at;
	size_t n = left < u->skip ? left : (size_t)u->skip;

	u->at += n;
	u->skip -= n;
	if (u->skip == 0 || !u->ended)
		return u->skip > 0;
	stop(u, -EBADMSG, "truncated", "the file ends in a skippable frame");
	return false;
}

static void fail_frame(struct decompressor *u, int code, const char *reason)
{
	char text[128];

	if (code == -EFBIG) {
		snprintf(text, sizeof(text),
			 "the frame needs a window above %" PRIu64
			 " KiB; raise 'window'",
			 u->window >> 10);
		reason = text;
	}
	stop(u, code, code == -EBADMSG ? "damaged" : "cannot decompress",
	     reason);
}

/* In a frame. True: more input is needed. */
static bool run_frame(struct decompressor *u, struct codec_io *io)
{
	size_t had = io->out_size;
	int r;

	io->in = u->memory + u->at;
	io->in_size = u->end - u->at;
	r = u->codec->run(u->state, io);
	u->at = u->end - io->in_size;
	u->made += had - io->out_size;
	if (r < 0)
		fail_frame(u, r, io->reason);
	else if (r > 0)
		u->inside = false;
	else if (io->out_size > 0 && u->ended)
		stop(u, -EBADMSG, "truncated", "the file ends in a frame");
	return r == 0 && io->out_size > 0 && !u->ended;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through io */
ssize_t decompress_read(struct decompressor *u, uint8_t *to, size_t size)
{
	struct codec_io io = { .out = to, .out_size = size };

	while (io.out_size > 0 && u->code == 0) {
		bool needs_input;
		int r;

		if (u->skip > 0)
			needs_input = skip_frame(u);
		else if (u->inside)
			needs_input = run_frame(u, &io);
		else
			needs_input = begin_frame(u);
		if (!needs_input)
			continue;
		r = fill(u);
		if (r == -EAGAIN)
			break;
		if (r < 0)
			stop(u, r, "cannot read", strerror(-r));
	}
	if (io.out_size < size)
		return (ssize_t)(size - io.out_size);
	if (u->code == 0)
		return -EAGAIN;
	return u->code == PKTIO_EOF ? 0 : u->code;
}
