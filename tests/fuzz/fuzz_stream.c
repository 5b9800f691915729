/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compressed files. The first byte of an input selects the meaning of the rest:
 * a file, or a plain file that the fuzzer first compresses in several frames,
 * whole or damaged. The file is read with a thread, without one, and through a
 * pipe. All must give the same frames and the same end; a whole file must give
 * the frames of the plain file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "fuzz.h"
#include "registry.h"

#define BURST 16U
#define MOST (400U << 10)
#define PIPE_ROOM (1 << 20)
#define GZIP_WINDOW (MAX_WBITS + 16)

extern const struct pktio_backend pcap_file_backend;

const struct pktio_backend *const backends_builtin[] = { &pcap_file_backend,
							 NULL };

/* The result of reading. */
struct result {
	int opened, end;
	uint64_t frames, sum;
};

static void add(uint64_t *sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		*sum = (*sum ^ bytes[i]) * 1099511628211U;
}

static struct result read_all(int fd, const char *options)
{
	struct result result = { .sum = 1 };
	struct pktio_frame frames[BURST];
	struct pktio_ring *ring = NULL;
	char uri[128];
	int n;

	snprintf(uri, sizeof(uri), "pcap_file:/proc/self/fd/%d%s", fd, options);
	result.opened = pktio_open(&ring, uri, NULL, NULL);
	HOLDS((result.opened == 0) == (ring != NULL));
	if (!ring)
		return result;
	for (;;) {
		HOLDS(pktio_wait(ring, TIMEOUT_MS) == 1);
		n = pktio_recv(ring, frames, BURST);
		if (n < 0)
			break;
		for (int i = 0; i < n; i++) {
			result.frames++;
			add(&result.sum, &frames[i].ts, sizeof(frames[i].ts));
			add(&result.sum, frames[i].data, frames[i].caplen);
		}
		pktio_release(ring, frames, (unsigned)n);
	}
	result.end = n;
	HOLDS(n != PKTIO_EOF || !pktio_last_error(ring)[0]);
	HOLDS(n == PKTIO_EOF || pktio_last_error(ring)[0]);
	HOLDS(pktio_recv(ring, frames, BURST) == n);
	pktio_close(ring);
	return result;
}

static struct result read_file(const uint8_t *data, size_t size,
			       const char *options)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	struct result result;

	HOLDS(fd >= 0);
	HOLDS(write(fd, data, size) == (ssize_t)size);
	result = read_all(fd, options);
	close(fd);
	return result;
}

static struct result read_pipe(const uint8_t *data, size_t size)
{
	struct result result;
	int pipes[2];

	HOLDS(pipe2(pipes, O_CLOEXEC) == 0);
	HOLDS(fcntl(pipes[1], F_SETPIPE_SZ, PIPE_ROOM) >= PIPE_ROOM);
	HOLDS(write(pipes[1], data, size) == (ssize_t)size);
	close(pipes[1]);
	result = read_all(pipes[0], "");
	close(pipes[0]);
	return result;
}

static void same(const struct result *a, const struct result *b)
{
	HOLDS(a->opened == b->opened);
	HOLDS(a->end == b->end);
	HOLDS(a->frames == b->frames);
	HOLDS(a->sum == b->sum);
}

/* The ways to read the file. */
static struct result check(const uint8_t *data, size_t size)
{
	struct result first = read_file(data, size, "");
	struct result other = read_file(data, size, "?decompress-thread=no");

	same(&first, &other);
	other = read_file(data, size, "?buffer-size=4096");
	same(&first, &other);
	if (size > PIPE_ROOM)
		return first;
	do
		other = read_pipe(data, size);
	while (other.opened == -EINTR); /* libFuzzer has a timer */
	same(&first, &other);
	return first;
}

/* ---- Compress ----------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter): written through z */
static size_t gzip(uint8_t *to, size_t room, const uint8_t *data, size_t size)
{
	z_stream z = { .next_in = (z_const Bytef *)data,
		       .avail_in = (uInt)size,
		       .next_out = to,
		       .avail_out = (uInt)room };

	HOLDS(deflateInit2(&z, 1, Z_DEFLATED, GZIP_WINDOW, 8,
			   Z_DEFAULT_STRATEGY) == Z_OK);
	HOLDS(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t zstd(uint8_t *to, size_t room, const uint8_t *data, size_t size)
{
	size_t n = ZSTD_compress(to, room, data, size, 1);

	HOLDS(!ZSTD_isError(n));
	return n;
}

static size_t lz4(uint8_t *to, size_t room, const uint8_t *data, size_t size)
{
	static const LZ4F_preferences_t preferences = {
		.frameInfo = { .contentChecksumFlag =
				       LZ4F_contentChecksumEnabled }
	};
	size_t n = LZ4F_compressFrame(to, room, data, size, &preferences);

	HOLDS(!LZ4F_isError(n));
	return n;
}

/* Compresses the file as several frames; returns the length. */
static size_t compress_all(uint8_t *to, size_t room, const uint8_t *data,
			   size_t size, unsigned plan)
{
	static size_t (*const codecs[])(uint8_t *, size_t, const uint8_t *,
					size_t) = { gzip, zstd, lz4 };
	size_t piece = size / (1 + (plan >> 2 & 7)) + 1;
	size_t done = 0;

	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		done += codecs[plan % 3](to + done, room - done, data + at, n);
	}
	return done;
}

/* A compressed file is decompressed once, but not twice. */
static bool is_compressed(const uint8_t *data)
{
	uint32_t magic;

	memcpy(&magic, data, sizeof(magic));
	return (magic & 0xffffff) == 0x088b1f || magic == 0xfd2fb528 ||
	       magic == 0x184d2204 || (magic & 0xfffffff0) == 0x184d2a50;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t packed[4 * MOST];
	struct result plain, whole;
	unsigned plan, where;
	size_t n;

	if (size < 8 || size > MOST)
		return 0;
	plan = data[0];
	where = data[1] | data[2] << 8U;
	data += 3;
	size -= 3;
	if (plan & 0x80) {
		check(data, size);
		return 0;
	}
	n = compress_all(packed, sizeof(packed), data, size, plan);
	if (plan & 0x40) {
		packed[where % n] ^= (uint8_t)(1U << (plan >> 2 & 7));
		check(packed, n);
	} else if (plan & 0x20) {
		check(packed, where % n);
	} else {
		plain = read_file(data, size, "");
		whole = check(packed, n);
		if (!is_compressed(data))
			same(&plain, &whole);
	}
	return 0;
}
