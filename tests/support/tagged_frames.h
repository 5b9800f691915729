/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_TAGGED_FRAMES_H
#define PKTIO_TESTS_TAGGED_FRAMES_H

/*
 * Frames of all kinds with VLAN tags of all kinds, and filter expressions, to
 * compare the matching frames with tags in the bytes and with stripped tags.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pcap/pcap.h>

#include <pktio/pktio.h>

#define TAGGED_MOST_FRAMES 1000U
#define TAGGED_MOST_BYTES 1500U
#define TAGGED_MOST_EXPRESSIONS 1000U

/* A frame as it is on the wire. */
struct tagged {
	uint32_t len;
	uint8_t bytes[TAGGED_MOST_BYTES];
};

/* Creates all frames, in an array for free(). */
struct tagged *tagged_frames(unsigned *n);

/*
 * Creates all expressions, in an array for free(), each of TAGGED_TEXT bytes.
 */
#define TAGGED_TEXT 200U
char (*tagged_expressions(unsigned *n))[TAGGED_TEXT];

/* Reads the tag after `ntags` other tags; false if there is none. */
bool tagged_peek(const struct tagged *t, unsigned ntags,
		 struct pktio_vlan *ret);

/*
 * Writes the bytes of a frame as they are on the wire, with the tags of vlan[].
 * Returns their number: f->caplen + 4 * f->nvlan.
 */
uint32_t frame_on_wire(const struct pktio_frame *f, uint8_t *ret);

/*
 * The frame with up to `ntags` tags stripped to vlan[]. The remaining bytes are
 * written to `room`.
 */
struct pktio_frame tagged_strip(const struct tagged *t, unsigned ntags,
				uint8_t *room);

/*
 * Compiles an expression with libpcap, for the bytes of the wire: the meaning
 * that the user expects. Returns false, with the error text in `message`, if
 * libpcap refuses the expression.
 */
bool tagged_compile(struct bpf_program *ret, const char *expression,
		    char message[PCAP_ERRBUF_SIZE]);
bool tagged_matches(const struct bpf_program *program, const struct tagged *t);

#endif
