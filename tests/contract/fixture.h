/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FIXTURE_H
#define PKTIO_TESTS_FIXTURE_H

/*
 * What the contract is tried on: the backends, each with a way to give it
 * frames that does not go through pktio, and what it is able to do.
 *
 * To add a backend: a row in `subjects` (subjects.c), and a line in PROPERTY.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <criterion/criterion.h>
#include <pktio/pktio.h>

enum need {
	FED = 1,    /* receives what the test sends */
	LIVE = 2,   /* frames come while it is open, or do not */
	FINITE = 4, /* has an end */
	SEEN = 8,   /* what it sends can be looked at */
	DUPLEX = 16 /* one ring receives and sends */
};

/* Kinds of frames. */
enum shape {
	PLAIN,
	VLAN,     /* one tag */
	QINQ,     /* 0x88a8 and 0x8100 */
	PRIORITY, /* a tag of VLAN 0 */
	SHORT,    /* the shortest that there are */
	JUMBO,    /* of 9000 bytes and their header */
	NSHAPES
};

/* A frame as it is on the wire. */
struct shot {
	uint8_t *bytes;
	uint32_t len;
};

#define MOST_SHOTS 2048U
#define ROOM 9100U /* for the longest of them */

struct subject;

/* One backend, set up for one test. */
struct bed {
	const struct subject *subject;
	char directory[64];  /* of its own, for files */
	char source[160];    /* a URI to receive from */
	char sink[160];      /* a URI to send to */
	char query[64];      /* that goes with the source: "?a=b" or "" */
	char sink_file[128]; /* where what was sent is, if in a file */
	struct shot shots[MOST_SHOTS]; /* what is to be received, in order */
	unsigned nshots;
	unsigned fed; /* so many of them are on their way */
	int sock;     /* to feed with, and to see what is sent; or -1 */
};

struct subject {
	const char *name;    /* of the backend */
	const char *row;     /* if there are several of it, or NULL */
	const char *nowhere; /* a URI of it that cannot be opened */
	unsigned abilities;  /* enum need */
	unsigned key;        /* offset of a byte that varies, for filters */
	void (*set_up)(struct bed *bed);
	/* Makes shots[0..n). */
	void (*make)(struct bed *bed, enum shape shape, unsigned n);
	/* Lets shots[from..to) come. Called before open, unless LIVE. */
	void (*feed)(struct bed *bed, unsigned from, unsigned to);
	/* Up to n frames that were sent since the ring opened; returns them. */
	unsigned (*see)(struct bed *bed, struct shot *ret, unsigned n);
};

extern const struct subject subjects[]; /* a NULL name ends it */

/* A file of which it does not matter how frames are received says BED_ONE_ROW.
 */
#ifdef BED_ONE_ROW
#define PROPERTY_OF_ROW(row, title, needs)
#else
#define PROPERTY_OF_ROW(row, title, needs) PROPERTY_OF(row, title, needs)
#endif

/*
 * PROPERTY(a_sentence, needs) { ... bed ... } - a test of every backend that
 * has what it needs
 */
#define PROPERTY(title, needs)                           \
	static void title(struct bed *bed);              \
	PROPERTY_OF(af_packet, title, needs)             \
	PROPERTY_OF_ROW(af_packet_latency, title, needs) \
	PROPERTY_OF(pcap_file, title, needs)             \
	PROPERTY_OF(pcap_live, title, needs)             \
	PROPERTY_OF(gen, title, needs)                   \
	static void title(struct bed *bed)
#define PROPERTY_OF(backend, title, needs)       \
	Test(backend, title)                     \
	{                                        \
		bed_run(#backend, needs, title); \
	}

void bed_run(const char *name, unsigned needs, void (*test)(struct bed *bed));

/* Makes n frames of a shape; bed_open() then lets them come. */
void bed_make(struct bed *bed, enum shape shape, unsigned n);

/* Opens the source, or fails the test. Of LIVE ones nothing comes by itself. */
struct pktio_ring *bed_open(struct bed *bed,
			    const struct pktio_open_args *args);
struct pktio_ring *bed_open_sink(struct bed *bed);

/* Lets n more of the frames come. */
void bed_feed(struct bed *bed, unsigned n);

/* Receives n frames, in bursts of at most `burst`; fails if they do not come.
 */
void bed_take(struct pktio_ring *ring, struct pktio_frame *frames, unsigned n,
	      unsigned burst);

/* True when nothing comes: at the end, or for 100 ms. */
bool bed_is_quiet(struct pktio_ring *ring);

/* The frame as on the wire, with its tags; returns the bytes that are there. */
uint32_t bed_wire(const struct pktio_frame *f, uint8_t *ret);

/* Fails unless f is the whole of shot i. */
void bed_expect(const struct bed *bed, const struct pktio_frame *f, unsigned i);

/* A new shot with `len` bytes. */
struct shot *bed_add(struct bed *bed, uint32_t len);

#endif
