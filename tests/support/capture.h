/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_CAPTURE_H
#define PKTIO_TESTS_CAPTURE_H

/* Capture files for tests: made byte by byte, made by other tools, and read
 * by us and by libpcap. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* Bytes that grow. */
struct bytes {
	uint8_t *data;
	size_t size, room;
};

/* How a file is written. */
struct layout {
	bool big_endian;
	bool nanoseconds;
};

void bytes_add(struct bytes *b, const void *data, size_t size);
void bytes_u16(struct bytes *b, bool big_endian, uint16_t value);
void bytes_u32(struct bytes *b, bool big_endian, uint32_t value);
void bytes_header(struct bytes *b, struct layout layout, uint32_t snaplen,
		  uint32_t linktype);
/* A record of `caplen` bytes, each of them `fill`. */
void bytes_record(struct bytes *b, struct layout layout, uint32_t seconds,
		  uint32_t fraction, uint32_t caplen, uint32_t wirelen,
		  uint8_t fill);
void bytes_free(struct bytes *b);

/* A name in a directory of this test's own; the last few answers stay. */
const char *scratch(const char *name);
void scratch_remove(void);
/* Skips the test, which Criterion does without its .fini. */
void skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes a file there and returns its name. */
const char *scratch_file(const char *name, const void *data, size_t size);

/* A frame and a copy of its bytes. */
struct kept {
	uint64_t ts;
	uint32_t caplen, wirelen;
	uint16_t linktype;
	uint8_t *data;
};

/* All frames of a source, and how it ended. */
struct capture {
	struct kept *frames;
	size_t n, room;
	int end; /* PKTIO_EOF, or an error */
	char text[256];
};

/* By us; `options` is "" or "?name=value". In bursts of `burst` frames. */
struct capture capture_read(const char *path, const char *options,
			    unsigned burst);
/* By libpcap; an error of any kind is -EBADMSG. */
struct capture capture_libpcap(const char *path);
/* That both found the same; link types as libpcap numbers them. */
void capture_expect_same(const struct capture *ours,
			 const struct capture *theirs, const char *what);
/* That we read of the file what libpcap does. */
void capture_compare(const char *path, const char *what);
void capture_free(struct capture *c);

/* Opens, and ends the test if that fails. */
struct pktio_ring *open_file(const char *path, const char *options,
			     unsigned mode);

/*
 * Runs a program, found in PATH, its output going to the file `out` (NULL:
 * nowhere). Skips the test by name if there is none. Returns how it exited.
 */
int run_tool(const char *out, const char *const *argv);
/* The whole of a text file. */
void slurp(const char *path, char *ret, size_t size);

#endif
