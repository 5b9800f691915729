/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_FIXTURE_H
#define PKTIO_TESTS_FIXTURE_H

/*
 * The contract is a list of properties that every backend has. Each property is
 * one test for each backend under test:
 *
 *	PROPERTY(a_closed_ring_leaves_nothing_behind, ALL) { ... fx ... }
 *
 * The second argument selects the backends by what they can do, so that no
 * test exists for a combination that cannot exist. To add a backend, add it to
 * the lists below and to the table in backends.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <criterion/criterion.h>
#include <pktio/pktio.h>

#define BACKENDS_ALL(X, title) \
	X(af_packet, title)    \
	LATENCY(X, title)      \
	X(pcap_file, title)    \
	X(pcap_live, title)    \
	X(gen, title)          \
	WRAPPER(X, title)

/* Frames arrive while the ring is open, or do not arrive. */
#define BACKENDS_LIVE(X, title) \
	X(af_packet, title)     \
	LATENCY(X, title)       \
	X(pcap_live, title)     \
	WRAPPER(X, title)

/* The source has an end. */
#define BACKENDS_FINITE(X, title) \
	X(pcap_file, title)       \
	X(gen, title)

/* The test can read what the backend has sent. */
#define BACKENDS_OBSERVABLE(X, title) \
	X(af_packet, title)           \
	LATENCY(X, title)             \
	X(pcap_file, title)           \
	X(pcap_live, title)           \
	WRAPPER(X, title)

/* One ring can receive and send. */
#define BACKENDS_DUPLEX(X, title) \
	X(af_packet, title)       \
	LATENCY(X, title)         \
	X(pcap_live, title)       \
	X(gen, title)             \
	WRAPPER(X, title)

/*
 * af_packet with its second receive path, profile=latency. A file of properties
 * that do not depend on the receive path defines FIXTURE_ONE_PATH.
 */
#ifdef FIXTURE_ONE_PATH
#define LATENCY(X, title)
#else
#define LATENCY(X, title) X(af_packet_latency, title)
#endif

/* A backend that wraps others, in a module, which a static build does not have.
 */
#ifdef WRAPPER_MODULE
#define WRAPPER(X, title) X(wrapper, title)
#else
#define WRAPPER(X, title)
#endif

#define PROPERTY(title, which)                                  \
	static void title(struct fixture *fx);                  \
	BACKENDS_##which(PROPERTY_OF, title) static void title( \
		struct fixture *fx)
#define PROPERTY_OF(backend, title)           \
	Test(backend, title)                  \
	{                                     \
		fixture_run(#backend, title); \
	}

/* Kinds of frames. */
enum shape {
	PLAIN,
	VLAN,     /* one tag */
	QINQ,     /* 0x88a8 and 0x8100 */
	PRIORITY, /* a tag of VLAN 0 */
	SHORT,    /* 14 to 59 bytes */
	JUMBO,    /* 9000 bytes and the link header */
	NSHAPES
};

/* A frame as it is on the wire. */
struct test_frame {
	uint8_t *bytes;
	uint32_t len;
};

#define MAX_TEST_FRAMES 2048U
#define ROOM 9100U /* bytes, for the longest test frame */

struct tested_backend;

/* One backend, set up for one test. */
struct fixture {
	const struct tested_backend *backend;
	char directory[64];  /* for files of this test */
	char source[160];    /* the URI to receive from */
	char sink[160];      /* the URI to send to */
	char query[64];      /* options of the source: "?a=b" or "" */
	char sink_file[128]; /* the file that the sink writes, if any */
	struct test_frame frames[MAX_TEST_FRAMES]; /* in the order expected */
	unsigned nframes;
	unsigned fed; /* number of them that were fed to the source */
	int sock; /* to feed a live source and to read what is sent; or -1 */
};

struct tested_backend {
	const char *name;       /* of the backend */
	const char *variant;    /* its name in the lists above, or NULL */
	const char *bad_target; /* a URI that cannot be opened */
	bool live;              /* as in BACKENDS_LIVE; else finite */
	unsigned key;           /* offset of a byte that varies, for filters */
	void (*set_up)(struct fixture *fx);
	/* Creates test frames 0 to n - 1. */
	void (*make)(struct fixture *fx, enum shape shape, unsigned n);
	/* Feeds frames from..to to the source; before open, unless live. */
	void (*feed)(struct fixture *fx, unsigned from, unsigned to);
	/* Reads up to n sent frames; returns their number. NULL: it cannot. */
	unsigned (*observe)(struct fixture *fx, struct test_frame *ret,
			    unsigned n);
};

extern const struct tested_backend tested_backends[]; /* ends with name NULL */

void fixture_run(const char *name, void (*test)(struct fixture *fx));

/* Creates n test frames of a shape. fixture_feed() makes them arrive. */
void fixture_make_frames(struct fixture *fx, enum shape shape, unsigned n);

/* Adds a test frame of `len` bytes. */
struct test_frame *fixture_add_frame(struct fixture *fx, uint32_t len);

/*
 * Opens the source, or ends the test. A source that is not live has all test
 * frames from the start.
 */
struct pktio_ring *fixture_open(struct fixture *fx,
				const struct pktio_open_args *args);
struct pktio_ring *fixture_open_sink(struct fixture *fx);

/* Feeds the next n test frames to a live source. */
void fixture_feed(struct fixture *fx, unsigned n);

/* Receives n frames in bursts of at most `burst`, or ends the test. */
void fixture_receive(struct pktio_ring *ring, struct pktio_frame *frames,
		     unsigned n, unsigned burst);

/* True at the end of the source, or if no frame arrives for 100 ms. */
bool fixture_is_quiet(struct pktio_ring *ring);

/* Requires that f is the whole of test frame i. */
void fixture_expect_frame(const struct fixture *fx, const struct pktio_frame *f,
			  unsigned i);

#endif
