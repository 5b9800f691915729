/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FRAME_BUILDERS_H
#define PKTIO_TESTS_FRAME_BUILDERS_H

/* Frames of TCP and UDP, and what tshark thinks of those that came. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

#define WIRE_PORT 5001U /* to which all of them go */
#define WIRE_ROOM 70000U

/* What a frame is like. */
struct wire {
	bool ipv6, udp;
	unsigned tags;    /* in the bytes: one, or two as of QinQ */
	uint32_t payload; /* bytes; the one at i is wire_byte(from + i) */
	uint32_t from;
};

uint8_t wire_byte(size_t at);

/* Writes it with the checksum of IPv4, but none of TCP or UDP; its length. */
uint32_t wire_make(uint8_t *out, const struct wire *w);

/* The parts of a frame that was made so, or sent by this kernel. */
struct wire_parts {
	bool udp;
	uint8_t flags; /* of TCP */
	uint16_t port; /* it goes to */
	uint32_t sequence;
	uint32_t payload;       /* offset of it */
	uint32_t len;           /* bytes of it on the wire */
	uint16_t id;            /* of IPv4 */
	uint16_t checksum;      /* of TCP or UDP */
	uint32_t linked_length; /* of the frame as its headers have it */
};

/* False: neither TCP nor UDP. */
bool wire_parse(struct wire_parts *ret, const struct pktio_frame *f);

/* A file of what came, for tshark. */
struct pktio_ring *wire_file(const char *path);
/* That all of the file's frames have good checksums, and how many those are. */
void wire_judge(const char *path, unsigned frames);

/* Turns off what an interface does for the kernel: cutting, and checksums. */
void wire_do_it_yourself(const char *interface);

/* Runs a line of a command that must work. */
void wire_run(const char *line);

#endif
