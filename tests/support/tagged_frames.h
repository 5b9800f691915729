/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_TAGGED_FRAMES_H
#define PKTIO_TESTS_TAGGED_FRAMES_H

/* Frames of all kinds behind VLAN tags of all kinds, and expressions to choose
 * among them; to compare who finds what, with the tags here or there. */

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

/* Makes them all, in an array for free(). */
struct tagged *tagged_frames(unsigned *n);

/* Makes them all, in an array of texts for free(), each of TAGGED_TEXT. */
#define TAGGED_TEXT 200U
char (*tagged_expressions(unsigned *n))[TAGGED_TEXT];

/* The tag behind `ntags` others, if there is one with all of its bytes. */
bool tagged_peek(const struct tagged *t, unsigned ntags,
		 struct pktio_vlan *ret);

/*
 * Writes the bytes of a frame as they are on the wire, with the tags of vlan[].
 * Returns their number: f->caplen + 4 * f->nvlan.
 */
uint32_t frame_on_wire(const struct pktio_frame *f, uint8_t *ret);

/*
 * The frame with up to `ntags` of its tags taken out into vlan[]; `room` is for
 * the bytes that are left.
 */
struct pktio_frame tagged_strip(const struct tagged *t, unsigned ntags,
				uint8_t *room);

/*
 * What the user means: libpcap's program over the bytes of the wire. False if
 * libpcap does not take the expression; its words are then in `words`.
 */
bool tagged_compile(struct bpf_program *ret, const char *expression,
		    char words[PCAP_ERRBUF_SIZE]);
bool tagged_is_meant(const struct bpf_program *program, const struct tagged *t);

#endif
