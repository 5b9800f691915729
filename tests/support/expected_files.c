/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/expected_files.h"
#include "support/files.h"
#include "support/tagged_frames.h"

#include <stdlib.h>
#include <string.h>

#include "support/expect.h"
#include "support/ring.h"

#define NS_PER_S UINT64_C(1000000000)
#define LATE (UINT64_C(5000000000) * NS_PER_S) /* in 2128 */
#define MOST UINT64_C(0x7fffffff) /* the latest second that libpcap reads */
#define RECENT (UINT64_C(1700000000) * NS_PER_S)

/* The k-th number for the i-th frame. */
static uint64_t number(const struct frames *of, unsigned i, unsigned k)
{
	uint64_t x = of->seed * 1000003 + i * UINT64_C(64) + k + 1;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t time_of(const struct frames *of, unsigned i)
{
	switch (number(of, i, 0) % 8) {
	case 0:
		return 0;
	case 1:
		return of->late ? LATE + number(of, i, 1) % LATE :
				  MOST * NS_PER_S + 999999999;
	default:
		return RECENT + number(of, i, 1) % (1000 * NS_PER_S);
	}
}

static uint32_t length_of(const struct frames *of, unsigned i)
{
	uint32_t most = 1500;

	switch (number(of, i, 2) % 16) {
	case 0:
		return 0;
	case 1:
		return number(of, i, 3) % 256 ? 17 : of->longest;
	case 2:
		most = of->longest;
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		most = 100;
		break;
	default:
		break;
	}
	return (uint32_t)(number(of, i, 3) %
			  ((most < of->longest ? most : of->longest) + 1));
}

struct pktio_frame frames_make(const struct frames *of, unsigned i,
			       uint8_t *room)
{
	struct pktio_frame f = { .data = room,
				 .ts = time_of(of, i),
				 .caplen = length_of(of, i),
				 .linktype = 1 };
	uint64_t more = number(of, i, 4) % 4;

	/* Bytes that compress a little. */
	for (uint32_t at = 0; at < f.caplen; at += 8) {
		uint64_t word = number(of, i, 100 + at / 32);

		memcpy(room + at, &word, f.caplen - at < 8 ? f.caplen - at : 8);
	}
	f.wirelen = more ? f.caplen : f.caplen + (uint32_t)number(of, i, 5) % 9;
	if (of->linktypes > 1)
		f.linktype = (uint16_t)(1 + number(of, i, 6) % of->linktypes);
	if (of->ifs)
		f.ifindex = (uint32_t)(number(of, i, 7) % of->ifs);
	if (of->tags && f.caplen >= 12)
		f.nvlan = (uint8_t)(number(of, i, 8) % 3);
	for (unsigned k = 0; k < f.nvlan; k++)
		f.vlan[k] = (struct pktio_vlan){
			.tpid = k == 0 && f.nvlan == 2 ? 0x88a8 : 0x8100,
			.tci = (uint16_t)number(of, i, 9 + k),
		};
	return f;
}

unsigned frames_inject(struct pktio_ring *ring, const struct frames *of,
		       unsigned from, unsigned to)
{
	enum { BURST = 7 };
	struct pktio_frame frames[BURST];
	uint8_t *room[BURST];
	unsigned i = from;

	for (unsigned k = 0; k < BURST; k++) {
		room[k] = malloc(of->longest + 8);
		REQUIRE(room[k], "out of memory");
	}
	while (i < to) {
		unsigned n = 1 + i % BURST;
		int taken;

		if (n > to - i)
			n = to - i;
		for (unsigned k = 0; k < n; k++)
			frames[k] = frames_make(of, i + k, room[k]);
		taken = pktio_inject(ring, frames, n);
		if (taken > 0)
			i += (unsigned)taken;
		if (taken != (int)n)
			break;
	}
	for (unsigned k = 0; k < BURST; k++)
		free(room[k]);
	return i - from;
}

/* The bytes as they are in a file, with their tags. */
static uint8_t *bytes_in_file(const struct pktio_frame *f)
{
	uint8_t *bytes = malloc(f->caplen + 9);

	REQUIRE(bytes, "out of memory");
	frame_on_wire(f, bytes);
	return bytes;
}

struct capture frames_expected(const struct frames *of, unsigned from,
			       unsigned to, uint64_t tick, uint32_t snaplen)
{
	struct capture c = { .n = to - from,
			     .room = to - from,
			     .end = PKTIO_EOF };
	uint8_t *room = malloc(of->longest + 8);

	c.frames = calloc(c.n + 1, sizeof(c.frames[0]));
	REQUIRE(c.frames && room, "out of memory");
	for (unsigned i = from; i < to; i++) {
		struct pktio_frame f = frames_make(of, i, room);
		struct kept *kept = &c.frames[i - from];

		*kept = (struct kept){ .ts = f.ts / tick * tick,
				       .caplen = f.caplen + f.nvlan * 4U,
				       .wirelen = f.wirelen + f.nvlan * 4U,
				       .linktype = f.linktype,
				       .data = bytes_in_file(&f) };
		if (kept->caplen > snaplen)
			kept->caplen = snaplen;
	}
	free(room);
	return c;
}

void capture_append(struct capture *to, struct capture *from)
{
	to->frames = realloc(to->frames,
			     (to->n + from->n + 1) * sizeof(to->frames[0]));
	REQUIRE(to->frames, "out of memory");
	memcpy(to->frames + to->n, from->frames,
	       from->n * sizeof(from->frames[0]));
	to->n += from->n;
	to->end = from->end;
	free(from->frames);
	*from = (struct capture){ 0 };
}

const char *uncompressed(const char *path, bool cut)
{
	static const char *const tools[][2] = { { ".gz", "zcat" },
						{ ".zst", "zstdcat" },
						{ ".lz4", "lz4cat" } };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(tools) / sizeof(tools[0]); i++) {
		const char *const argv[] = { tools[i][1], path, NULL };
		const char *out;

		if (strcmp(dot, tools[i][0]) != 0)
			continue;
		out = scratch("uncompressed");
		EXPECT(run_tool(out, argv) == 0 || cut, "%s %s", argv[0], path);
		return out;
	}
	return path;
}

void expect_file(const char *path, const struct capture *expected,
		 const char *what)
{
	struct capture found = capture_libpcap(uncompressed(path, false));

	/* In the messages, the expected frames are "ours". */
	capture_expect_same(expected, &found, what);
	capture_free(&found);
}
