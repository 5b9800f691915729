/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_BYTES_H
#define PKTIO_TESTS_BYTES_H

/* A buffer that grows, to build files byte by byte. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *data;
	size_t size, room;
};

void bytes_add(struct bytes *b, const void *data, size_t size);
void bytes_u16(struct bytes *b, bool big_endian, uint16_t value);
void bytes_u32(struct bytes *b, bool big_endian, uint32_t value);
void bytes_free(struct bytes *b);

/* How a pcap file is written. */
struct layout {
	bool big_endian;
	bool nanoseconds;
};

/* The header of a pcap file. */
void bytes_header(struct bytes *b, struct layout layout, uint32_t snaplen,
		  uint32_t linktype);
/* A record of `caplen` bytes, each of them `fill`. */
void bytes_record(struct bytes *b, struct layout layout, uint32_t seconds,
		  uint32_t fraction, uint32_t caplen, uint32_t wirelen,
		  uint8_t fill);

#endif
