/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "support/expect.h"

void bytes_add(struct bytes *b, const void *data, size_t size)
{
	if (b->size + size + 1 > b->room) {
		b->room = 2 * (b->size + size + 1);
		b->data = realloc(b->data, b->room);
		REQUIRE(b->data, "out of memory");
	}
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

void bytes_u16(struct bytes *b, bool big_endian, uint16_t value)
{
	uint8_t two[] = { (uint8_t)value, (uint8_t)(value >> 8) };
	uint8_t swapped[] = { two[1], two[0] };

	bytes_add(b, big_endian ? swapped : two, sizeof(two));
}

void bytes_u32(struct bytes *b, bool big_endian, uint32_t value)
{
	uint16_t low = (uint16_t)value;
	uint16_t high = (uint16_t)(value >> 16);

	bytes_u16(b, big_endian, big_endian ? high : low);
	bytes_u16(b, big_endian, big_endian ? low : high);
}

void bytes_header(struct bytes *b, struct layout layout, uint32_t snaplen,
		  uint32_t linktype)
{
	bool big = layout.big_endian;

	bytes_u32(b, big, layout.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	bytes_u16(b, big, 2);
	bytes_u16(b, big, 4);
	bytes_u32(b, big, 0);
	bytes_u32(b, big, 0);
	bytes_u32(b, big, snaplen);
	bytes_u32(b, big, linktype);
}

void bytes_record(struct bytes *b, struct layout layout, uint32_t seconds,
		  uint32_t fraction, uint32_t caplen, uint32_t wirelen,
		  uint8_t fill)
{
	bool big = layout.big_endian;
	uint8_t *data = malloc(caplen + 1);

	REQUIRE(data, "out of memory");
	memset(data, fill, caplen);
	bytes_u32(b, big, seconds);
	bytes_u32(b, big, fraction);
	bytes_u32(b, big, caplen);
	bytes_u32(b, big, wirelen);
	bytes_add(b, data, caplen);
	free(data);
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}
