/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_CAPTURE_H
#define PKTIO_TESTS_CAPTURE_H

/* All frames of a source, as pktio and as libpcap read them. */
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

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
	int end;        /* PKTIO_EOF, or an error */
	char text[256]; /* its error text */
};

/*
 * Reads a file with pcap_file, in bursts of `burst` frames; `options` is "" or
 * "?name=value". A second recv() at the end must return the same.
 */
struct capture capture_read(const char *path, const char *options,
			    unsigned burst);
/* Reads a file with libpcap; any error is -EBADMSG. */
struct capture capture_libpcap(const char *path);
/* Checks that both are equal; libpcap has its own numbers of link types. */
void capture_expect_same(const struct capture *ours,
			 const struct capture *theirs, const char *what);
/* Checks that pktio and libpcap read the same from a file. */
void capture_compare(const char *path, const char *what);
void capture_free(struct capture *c);

/* Opens a file with pcap_file, or ends the test. */
struct pktio_ring *open_file(const char *path, const char *options,
			     unsigned mode);

#endif
