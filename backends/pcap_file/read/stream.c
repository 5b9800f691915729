/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three kinds of sources.
 *
 * Plain: read(2) into the buffer of the caller. A file that is not regular is
 * polled before each read. Making it non-blocking would change it for every
 * process that shares it.
 *
 * Compressed, as the first bytes show: decompress.c, in a thread of its own
 * (decompress_thread.c). For a regular file the thread starts with the second
 * read, because many files are short. For a file that can run dry it starts at
 * once, because the thread does the waiting.
 *
 * Followed: at the end of a regular file, inotify reports more bytes. The ring
 * follows the opened file, also after it was renamed. If the file has no name
 * left, its end is the end. If the file becomes shorter than what was read,
 * that is an error: somebody writes other contents.
 */
#include "read/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((format(printf, 3, 4))) static int
fail(struct stream *s, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->reason, sizeof(s->reason), format, args);
	va_end(args);
	return code;
}

/* ---- Read --------------------------------------------------------------- */

static ssize_t read_plain(struct stream *s, uint8_t *to, size_t size)
{
	ssize_t n = s->head_end - s->head_at;

	if (n == 0) {
		n = read(s->fd, to, size);
		return n < 0 ? fail(s, -errno, "%s", strerror(errno)) : n;
	}
	if ((size_t)n > size)
		n = (ssize_t)size;
	memcpy(to, s->head + s->head_at, (size_t)n);
	s->head_at = (uint8_t)(s->head_at + n);
	return n;
}

/* Reads the pending events, before the state of the file is read. */
static void drain_notify(const struct stream *s)
{
	_Alignas(struct inotify_event) char
		events[sizeof(struct inotify_event) + NAME_MAX + 1];

	while (read(s->notify, events, sizeof(events)) > 0)
		;
}

static ssize_t read_followed(struct stream *s, uint8_t *to, size_t size)
{
	struct stat stat;
	ssize_t n = read_plain(s, to, size);

	if (n == 0) {
		drain_notify(s);
		/* In this order: if the file has no name before the read, no
		 * later bytes count. */
		if (fstat(s->fd, &stat) < 0)
			return fail(s, -errno, "%s", strerror(errno));
		n = read_plain(s, to, size);
		if (n == 0 && (uint64_t)stat.st_size < s->offset)
			return fail(
				s, -ESTALE,
				"the followed file was truncated to %lld bytes",
				(long long)stat.st_size);
		if (n == 0 && stat.st_nlink > 0)
			return -EAGAIN;
	}
	if (n > 0)
		s->offset += (uint64_t)n;
	return n;
}

static ssize_t read_decompressed(struct stream *s, uint8_t *to, size_t size)
{
	ssize_t n;
	int code;

	if (!s->thread && s->threaded && s->warm) {
		s->thread = decompress_thread_new(s->decompressor, &code);
		/* Without a thread it is only slower. */
		s->threaded = s->thread != NULL;
	}
	s->warm = true;
	n = s->thread ? decompress_thread_read(s->thread, to, size) :
			decompress_read(s->decompressor, to, size);
	if (n < 0 && n != -EAGAIN)
		return fail(s, (int)n, "%s", s->decompressor->reason);
	return n;
}

ssize_t stream_read(struct stream *s, uint8_t *to, size_t size)
{
	if (s->decompressor)
		return read_decompressed(s, to, size);
	if (s->notify >= 0)
		return read_followed(s, to, size);
	return read_plain(s, to, size);
}

bool stream_ready(const struct stream *s)
{
	struct pollfd fd = { .fd = s->poll_fd, .events = POLLIN };

	/* The first two return -EAGAIN instead of waiting. */
	return s->regular || s->decompressor || s->head_at < s->head_end ||
	       poll(&fd, 1, 0) != 0;
}

bool stream_is_compressed(const struct stream *s)
{
	return s->decompressor != NULL;
}

/* ---- Open and close ----------------------------------------------------- */

/* Keeps the position. Returns the number of bytes, or -1 and errno. */
static ssize_t peek_regular(struct stream *s)
{
	s->begin = lseek(s->fd, 0, SEEK_CUR);
	s->offset = (uint64_t)s->begin;
	if (s->begin < 0)
		return -1;
	return pread(s->fd, s->head, STREAM_HEAD_SIZE, s->begin);
}

/* The same, but stores the bytes in s->head for the next read. */
static ssize_t peek_once(struct stream *s)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	ssize_t n = 1;

	while (s->head_end < CODEC_MAGIC_SIZE && n > 0) {
		n = read(s->fd, s->head + s->head_end,
			 STREAM_HEAD_SIZE - s->head_end);
		if (n < 0 && errno == EAGAIN)
			n = poll(&fd, 1, -1);
		else if (n > 0)
			s->head_end = (uint8_t)(s->head_end + n);
	}
	return n < 0 ? -1 : s->head_end;
}

static int open_decompressor(struct stream *s, const struct codec *codec,
			     uint64_t window)
{
	int code;

	s->decompressor = calloc(1, sizeof(*s->decompressor));
	if (!s->decompressor)
		return fail(s, -ENOMEM, "out of memory");
	s->decompressor->codec = codec;
	s->decompressor->fd = s->fd;
	s->decompressor->regular = s->regular;
	s->decompressor->window = window;
	if (decompress_open(s->decompressor) < 0)
		return fail(s, -ENOMEM, "out of memory");
	if (!s->regular)
		decompress_feed(s->decompressor, s->head, s->head_end);
	if (s->regular)
		return 0;
	s->thread = decompress_thread_new(s->decompressor, &code);
	if (!s->thread)
		return fail(s, code,
			    "cannot start a thread to decompress it: %s",
			    strerror(-code));
	s->poll_fd = decompress_thread_fd(s->thread);
	return 0;
}

static int open_followed(struct stream *s)
{
	char path[64];

	if (!s->regular)
		return fail(
			s, -EINVAL,
			"follow=yes needs a regular file; other files wait for more anyway");
	/* By descriptor: the name may belong to another file by now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	s->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->notify < 0 ||
	    inotify_add_watch(s->notify, path, IN_MODIFY | IN_ATTRIB) < 0)
		return fail(s, -errno, "cannot follow the file: inotify: %s",
			    strerror(errno));
	s->poll_fd = s->notify;
	return 0;
}

int stream_open(struct stream *s, int fd, const struct stream_conf *conf)
{
	const struct codec *codec;
	ssize_t n;

	*s = (struct stream){ .fd = fd,
			      .poll_fd = conf->regular ? -1 : fd,
			      .notify = -1,
			      .regular = conf->regular,
			      .threaded = conf->threaded };
	n = s->regular ? peek_regular(s) : peek_once(s);
	if (n < 0)
		return fail(s, -errno, "cannot read: %s", strerror(errno));
	codec = decompress_codec(s->head, (size_t)n);
	if (conf->follow && codec)
		return fail(
			s, -ENOTSUP,
			"compressed with %s; follow=yes needs a file that is not compressed",
			codec->name);
	if (codec && codec_missing(codec))
		return fail(s, -ENOTSUP,
			    "compressed with %s: " CODEC_MISSING_TEXT,
			    codec->name, codec->name, codec->package);
	if (conf->follow)
		return open_followed(s);
	return codec ? open_decompressor(s, codec, conf->window) : 0;
}

static void close_decompressor(struct stream *s)
{
	s->thread = decompress_thread_free(s->thread);
	if (s->decompressor)
		decompress_close(s->decompressor);
	free(s->decompressor);
	s->decompressor = NULL;
}

int stream_rewind(struct stream *s)
{
	const struct codec *codec;
	uint64_t window;

	/* The first frame may have changed the codec, in the thread. */
	s->thread = decompress_thread_free(s->thread);
	codec = s->decompressor ? s->decompressor->codec : NULL;
	window = codec ? s->decompressor->window : 0;
	close_decompressor(s);
	s->warm = false;
	s->offset = (uint64_t)s->begin;
	if (lseek(s->fd, s->begin, SEEK_SET) < 0)
		return fail(s, -errno, "%s", strerror(errno));
	return codec ? open_decompressor(s, codec, window) : 0;
}

void stream_close(struct stream *s)
{
	close_decompressor(s);
	if (s->notify >= 0)
		close(s->notify);
	s->notify = -1;
}
