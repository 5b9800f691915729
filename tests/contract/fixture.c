/* SPDX-License-Identifier: BSD-3-Clause */
#include "contract/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "support/expect.h"
#include "support/ring.h"
#include "support/tagged_frames.h"

#define PATIENCE_MS 2000
#define QUIET_MS 100

static const struct tested_backend *find(const char *name)
{
	const struct tested_backend *s = tested_backends;

	while (s->name && strcmp(s->variant ? s->variant : s->name, name) != 0)
		s++;
	REQUIRE(s->name, "%s is not in the table", name);
	return s;
}

void fixture_run(const char *name, void (*test)(struct fixture *fx))
{
	static struct fixture fx;
	char command[96];

	fx.backend = find(name);
	fx.sock = -1;
	snprintf(fx.directory, sizeof(fx.directory),
		 "/tmp/pktio-contract-XXXXXX");
	REQUIRE(mkdtemp(fx.directory));
	fx.backend->set_up(&fx);
	test(&fx);
	for (unsigned i = 0; i < fx.nframes; i++)
		free(fx.frames[i].bytes);
	if (fx.sock >= 0)
		close(fx.sock);
	snprintf(command, sizeof(command), "rm -rf %s", fx.directory);
	REQUIRE_EQ(system(command), 0); /* NOLINT(cert-env33-c): own name */
}

struct test_frame *fixture_add_frame(struct fixture *fx, uint32_t len)
{
	struct test_frame *frame = &fx->frames[fx->nframes++];

	REQUIRE_LE(fx->nframes, MAX_TEST_FRAMES);
	frame->len = len;
	frame->bytes = calloc(1, len);
	REQUIRE(frame->bytes);
	return frame;
}

void fixture_make_frames(struct fixture *fx, enum shape shape, unsigned n)
{
	fx->backend->make(fx, shape, n);
	REQUIRE_EQ(fx->nframes, n);
}

struct pktio_ring *fixture_open(struct fixture *fx,
				const struct pktio_open_args *args)
{
	char uri[256];

	if (!fx->backend->live) {
		fx->backend->feed(fx, 0, fx->nframes);
		fx->fed = fx->nframes;
	}
	snprintf(uri, sizeof(uri), "%s%s", fx->source, fx->query);
	return ring_open(uri, args);
}

struct pktio_ring *fixture_open_sink(struct fixture *fx)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };

	return ring_open(fx->sink, &args);
}

void fixture_feed(struct fixture *fx, unsigned n)
{
	if (!fx->backend->live)
		return;
	REQUIRE_LE(fx->fed + n, fx->nframes);
	fx->backend->feed(fx, fx->fed, fx->fed + n);
	fx->fed += n;
}

void fixture_receive(struct pktio_ring *ring, struct pktio_frame *frames,
		     unsigned n, unsigned burst)
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

bool fixture_is_quiet(struct pktio_ring *ring)
{
	struct pktio_frame f;
	int r = pktio_wait(ring, QUIET_MS);

	if (r == 1)
		r = pktio_recv(ring, &f, 1);
	return r == 0 || r == PKTIO_EOF;
}

void fixture_expect_frame(const struct fixture *fx, const struct pktio_frame *f,
			  unsigned i)
{
	static uint8_t wire[ROOM];
	const struct test_frame *frame = &fx->frames[i];
	uint32_t len;

	REQUIRE_LT(i, fx->nframes);
	REQUIRE_LE(f->nvlan, 2);
	REQUIRE_LE(f->caplen + f->nvlan * 4U, ROOM);
	len = frame_on_wire(f, wire);
	REQUIRE_EQ(len, frame->len, "frame %u has %u bytes of %u", i, len,
		   frame->len);
	REQUIRE_EQ(f->wirelen, f->caplen, "frame %u", i);
	REQUIRE_EQ(f->flags & PKTIO_F_TRUNCATED, 0, "frame %u", i);
	REQUIRE_EQ(f->linktype, 1, "frame %u", i);
	REQUIRE_BYTES(wire, frame->bytes, len, "the bytes of frame %u differ",
		      i);
}
