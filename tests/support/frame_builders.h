/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FRAME_BUILDERS_H
#define PKTIO_TESTS_FRAME_BUILDERS_H

/* Frames of TCP and UDP, and a check of received frames with tshark. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define WIRE_PORT 5001U /* destination port of all frames */
#define WIRE_ROOM 70000U

/* The kind of a frame. */
struct wire {
	bool ipv6, udp;
	unsigned tags;    /* VLAN tags in the bytes: 0, 1, or 2 for QinQ */
	uint32_t payload; /* number of bytes; byte i is wire_byte(from + i) */
	uint32_t from;
};

uint8_t wire_byte(size_t at);

/*
 * Writes a frame with the checksum of IPv4, but not of TCP or UDP. Returns its
 * length.
 */
uint32_t wire_make(uint8_t *out, const struct wire *w);

/* The fields of such a frame, or of one that the kernel has sent. */
struct wire_parts {
	bool udp;
	uint8_t flags; /* of TCP */
	uint16_t port; /* destination port */
	uint32_t sequence;
	uint32_t payload;       /* its offset */
	uint32_t len;           /* length of the payload on the wire */
	uint16_t id;            /* of IPv4 */
	uint16_t checksum;      /* of TCP or UDP */
	uint32_t linked_length; /* length of the frame according to its headers
				 */
};

/* Returns false for a frame that is neither TCP nor UDP. */
bool wire_parse(struct wire_parts *ret, const struct pktio_frame *f);

/* Opens a file for the received frames, for tshark. */
struct pktio_ring *wire_file(const char *path);
/* Expects this number of frames in the file, all with valid checksums. */
void wire_expect_valid(const char *path, unsigned frames);

/* Turns off segmentation and checksum offload of an interface. */
void wire_disable_offload(const char *interface);

/* Runs a command line that must succeed. */
void wire_run(const char *line);

#endif
