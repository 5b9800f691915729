/* SPDX-License-Identifier: BSD-3-Clause */
#include "contract/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "support/expect.h"
#include "support/ring.h"

#define PATIENCE_MS 2000
#define QUIET_MS 100
#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U

static const struct {
	unsigned need;
	const char *words;
} lacks[] = {
	{ FED, "makes its own frames" },
	{ LIVE, "never waits for frames" },
	{ FINITE, "has no end" },
	{ SEEN, "keeps nothing of what is sent" },
	{ DUPLEX, "either receives or sends" },
};

static const struct subject *find(const char *name)
{
	const struct subject *s = subjects;

	while (s->name && strcmp(s->row ? s->row : s->name, name) != 0)
		s++;
	REQUIRE(s->name, "no row for %s", name);
	return s;
}

void bed_run(const char *name, unsigned needs, void (*test)(struct bed *bed))
{
	static struct bed bed;
	char command[96];

	bed.subject = find(name);
	bed.sock = -1;
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		if (needs & lacks[i].need & ~bed.subject->abilities)
			cr_skip("%s %s", name, lacks[i].words);
	snprintf(bed.directory, sizeof(bed.directory),
		 "/tmp/pktio-contract-XXXXXX");
	REQUIRE(mkdtemp(bed.directory));
	bed.subject->set_up(&bed);
	test(&bed);
	for (unsigned i = 0; i < bed.nshots; i++)
		free(bed.shots[i].bytes);
	if (bed.sock >= 0)
		close(bed.sock);
	snprintf(command, sizeof(command), "rm -rf %s", bed.directory);
	REQUIRE_EQ(system(command), 0); /* NOLINT(cert-env33-c): own name */
}

struct shot *bed_add(struct bed *bed, uint32_t len)
{
	struct shot *shot = &bed->shots[bed->nshots++];

	REQUIRE_LE(bed->nshots, MOST_SHOTS);
	shot->len = len;
	shot->bytes = calloc(1, len);
	REQUIRE(shot->bytes);
	return shot;
}

void bed_make(struct bed *bed, enum shape shape, unsigned n)
{
	bed->subject->make(bed, shape, n);
	REQUIRE_EQ(bed->nshots, n);
}

struct pktio_ring *bed_open(struct bed *bed, const struct pktio_open_args *args)
{
	char uri[256];

	if (!(bed->subject->abilities & LIVE)) {
		bed->subject->feed(bed, 0, bed->nshots);
		bed->fed = bed->nshots;
	}
	snprintf(uri, sizeof(uri), "%s%s", bed->source, bed->query);
	return ring_open(uri, args);
}

struct pktio_ring *bed_open_sink(struct bed *bed)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };

	return ring_open(bed->sink, &args);
}

void bed_feed(struct bed *bed, unsigned n)
{
	if (!(bed->subject->abilities & LIVE))
		return;
	REQUIRE_LE(bed->fed + n, bed->nshots);
	bed->subject->feed(bed, bed->fed, bed->fed + n);
	bed->fed += n;
}

void bed_take(struct pktio_ring *ring, struct pktio_frame *frames, unsigned n,
	      unsigned burst)
{
	unsigned got = 0;

	while (got < n) {
		unsigned want = n - got < burst ? n - got : burst;
		int r = pktio_wait(ring, PATIENCE_MS);

		REQUIRE_EQ(r, 1, "after %u of %u frames: wait says %d: %s", got,
			   n, r, pktio_last_error(ring));
		r = pktio_recv(ring, frames + got, want);
		REQUIRE_GE(r, 0, "after %u of %u frames: %d: %s", got, n, r,
			   pktio_last_error(ring));
		REQUIRE_LE(r, (int)want);
		got += (unsigned)r;
	}
}

bool bed_is_quiet(struct pktio_ring *ring)
{
	struct pktio_frame f;
	int r = pktio_wait(ring, QUIET_MS);

	if (r == 1)
		r = pktio_recv(ring, &f, 1);
	return r == 0 || r == PKTIO_EOF;
}

uint32_t bed_wire(const struct pktio_frame *f, uint8_t *ret)
{
	uint32_t head = f->nvlan ? MAC_ADDRESSES : 0;
	uint8_t *out = ret;

	REQUIRE_LE(f->nvlan, 2);
	REQUIRE_LE(f->caplen + f->nvlan * VLAN_TAG, ROOM);
	REQUIRE_GE(f->caplen, head);
	memcpy(out, f->data, head);
	out += head;
	for (unsigned i = 0; i < f->nvlan; i++) {
		*out++ = (uint8_t)(f->vlan[i].tpid >> 8);
		*out++ = (uint8_t)f->vlan[i].tpid;
		*out++ = (uint8_t)(f->vlan[i].tci >> 8);
		*out++ = (uint8_t)f->vlan[i].tci;
	}
	memcpy(out, f->data + head, f->caplen - head);
	return f->caplen + f->nvlan * VLAN_TAG;
}

void bed_expect(const struct bed *bed, const struct pktio_frame *f, unsigned i)
{
	static uint8_t wire[ROOM];
	const struct shot *shot = &bed->shots[i];
	uint32_t len = bed_wire(f, wire);

	REQUIRE_LT(i, bed->nshots);
	REQUIRE_EQ(len, shot->len, "frame %u has %u bytes of %u", i, len,
		   shot->len);
	REQUIRE_EQ(f->wirelen, f->caplen, "frame %u", i);
	REQUIRE_EQ(f->flags & PKTIO_F_TRUNCATED, 0, "frame %u", i);
	REQUIRE_EQ(f->linktype, 1, "frame %u", i);
	REQUIRE_BYTES(wire, shot->bytes, len, "the bytes of frame %u differ",
		      i);
}
