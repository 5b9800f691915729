/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/numbered_frames.h"

#include <string.h>

#include <arpa/inet.h>

#define NUMBER_AT 14

void numbered_frame(uint8_t *frame, size_t size, uint32_t number)
{
	/* The destination, then the source. */
	static const uint8_t macs[] = {
		2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa
	};
	uint16_t type = htons(TEST_ETHERTYPE);
	uint32_t wire = htonl(number);

	memcpy(frame, macs, sizeof(macs));
	memcpy(frame + sizeof(macs), &type, sizeof(type));
	memcpy(frame + NUMBER_AT, &wire, sizeof(wire));
	for (size_t i = NUMBER_AT + sizeof(wire); i < size; i++)
		frame[i] = (uint8_t)(number + i);
}

int64_t frame_number(const struct pktio_frame *f)
{
	uint32_t wire;

	if (f->caplen < NUMBER_AT + sizeof(wire) ||
	    f->data[12] != TEST_ETHERTYPE >> 8 ||
	    f->data[13] != (TEST_ETHERTYPE & 0xff))
		return -1;
	memcpy(&wire, f->data + NUMBER_AT, sizeof(wire));
	return ntohl(wire);
}
