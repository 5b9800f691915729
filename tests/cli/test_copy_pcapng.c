/* SPDX-License-Identifier: BSD-3-Clause */
/* pktio copy of the metadata of a pcapng file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pktio/pktio.h>

#include "support/codecs.h"
#include "support/command.h"
#include "support/expect.h"
#include "support/files.h"

TestSuite(copy_pcapng, .fini = scratch_remove);

#define NS UINT64_C(1700000000123456000)

static struct pktio_ring *open_made(const char *name, const char *options,
				    unsigned mode)
{
	struct pktio_open_args args = { .size = sizeof(args), .mode = mode };
	struct pktio_ring *ring = NULL;
	struct pktio_error error = { 0 };
	char uri[320];

	snprintf(uri, sizeof(uri), "pcap_file:%s%s", scratch(name), options);
	REQUIRE(pktio_open(&ring, uri, &args, &error) == 0, "%s", error.text);
	return ring;
}

static void inject(struct pktio_ring *ring, struct pktio_frame f)
{
	static const uint8_t bytes[60] = { 2 };

	f.data = bytes;
	f.caplen = sizeof(bytes);
	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
}

static void set_frame_meta(struct pktio_ring *ring, uint16_t code,
			   const void *value, size_t size)
{
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, code, value, size),
		  0);
}

static void set_interface_meta(struct pktio_ring *ring, uint32_t ifindex,
			       uint16_t code, const void *value, size_t size)
{
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_INTERFACE, ifindex, code,
				 value, size),
		  0);
}

/* Frames with all kinds of metadata, on two interfaces. */
static void make(const char *name)
{
	static const uint64_t id = 77;
	static const uint64_t speed = 10000000000;
	static const uint64_t dropped = 13;
	static const uint32_t flags = 1 | 4 << 5;
	static const uint32_t queue = 3;
	struct pktio_ring *ring = open_made(
		name, "?comment=a%20comment&hardware=abacus&os=Plan%209",
		PKTIO_SEND);

	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_NAME, "uplink", 6);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_DESCRIPTION,
			   "to the net", 10);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_MAC, "\2\0\0\0\0\1",
			   6);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_SPEED, &speed,
			   sizeof(speed));
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_FILTER, "\0tcp", 4);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_OS, "Linux", 5);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_HARDWARE, "a NIC", 5);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_RESOLUTION, "\6", 1);
	set_interface_meta(ring, 1, PKTIO_META_INTERFACE_DROPPED, &dropped,
			   sizeof(dropped));
	set_interface_meta(ring, 2, PKTIO_META_INTERFACE_NAME, "cooked", 6);

	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "one", 3);
	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "two", 3);
	set_frame_meta(ring, PKTIO_META_FRAME_PACKETID, &id, sizeof(id));
	set_frame_meta(ring, PKTIO_META_FRAME_QUEUE, &queue, sizeof(queue));
	set_frame_meta(ring, PKTIO_META_FRAME_HASH, "\2abcd", 5);
	set_frame_meta(ring, PKTIO_META_FRAME_VERDICT,
		       "\1"
		       "12345678",
		       9);
	inject(ring,
	       (struct pktio_frame){ .linktype = 1, .ifindex = 1, .ts = NS });
	/* "To this host" is 0, which differs from an unknown direction. */
	for (unsigned i = 0; i < 2; i++)
		inject(ring, (struct pktio_frame){
				     .linktype = 1,
				     .ifindex = 1,
				     .ts = NS + 1000,
				     .flags = i ? 0 : PKTIO_F_PKTTYPE });
	inject(ring, (struct pktio_frame){
			     .linktype = 113, .ifindex = 2, .ts = NS + 1 });
	set_frame_meta(ring, PKTIO_META_FRAME_FLAGS, &flags, sizeof(flags));
	inject(ring, (struct pktio_frame){
			     .linktype = 1, .ifindex = 1, .ts = NS + 2000 });
	pktio_close(ring);
}

/* The value in hexadecimal, or the error. */
static void put(char *to, size_t room, int size, const uint8_t *value)
{
	size_t used = (size_t)snprintf(to, room, "%d:", size);

	for (int i = 0; i < size; i++)
		used += (size_t)snprintf(to + used, room - used, "%02x",
					 value[i]);
}

#define TEXT 256

static void option_of(struct pktio_ring *ring, const struct pktio_frame *f,
		      uint16_t code, unsigned index, char ret[TEXT])
{
	uint8_t value[64];

	put(ret, TEXT,
	    pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie, code, index,
			   value, sizeof(value)),
	    value);
}

static void if_option_of(struct pktio_ring *ring, uint32_t ifindex,
			 uint16_t code, char ret[TEXT])
{
	uint8_t value[64];

	put(ret, TEXT,
	    pktio_meta_get(ring, PKTIO_META_INTERFACE, ifindex, code, 0, value,
			   sizeof(value)),
	    value);
}

static void source_option_of(struct pktio_ring *ring, uint16_t code,
			     char ret[TEXT])
{
	uint8_t value[64];

	put(ret, TEXT,
	    pktio_meta_get(ring, PKTIO_META_SECTION, 0, code, 0, value,
			   sizeof(value)),
	    value);
}

static void expect_same_frame(struct pktio_ring *a, const struct pktio_frame *f,
			      struct pktio_ring *b, const struct pktio_frame *g)
{
	EXPECT_EQ(f->ts, g->ts);
	EXPECT_EQ(f->linktype, g->linktype);
	EXPECT_EQ(f->ifindex, g->ifindex);
	EXPECT_EQ(f->flags, g->flags);
	EXPECT_EQ(f->pkttype, g->pkttype);
	EXPECT_EQ(f->csum, g->csum);
	for (uint16_t code = 1; code < 8; code++)
		for (unsigned i = 0; i < 3; i++) {
			char x[TEXT];
			char y[TEXT];

			option_of(a, f, code, i, x);
			option_of(b, g, code, i, y);
			EXPECT_STR(x, y, "option %u: %s, %s", code, x, y);
		}
}

/* After the last frame, because the statistics are there. */
static void expect_same_sources(struct pktio_ring *a, struct pktio_ring *b)
{
	char x[TEXT];
	char y[TEXT];

	for (uint16_t code = 1; code < 4; code++) {
		source_option_of(a, code, x);
		source_option_of(b, code, y);
		EXPECT_STR(x, y, "option %u: %s, %s", code, x, y);
	}
	for (uint32_t ifindex = 1; ifindex < 3; ifindex++)
		for (uint16_t code = 1; code < 19; code++) {
			if_option_of(a, ifindex, code, x);
			if_option_of(b, ifindex, code, y);
			EXPECT_STR(x, y, "%u, option %u: %s, %s", ifindex, code,
				   x, y);
		}
	if_option_of(a, 1, PKTIO_META_INTERFACE_DROPPED, x);
	if_option_of(b, 1, PKTIO_META_INTERFACE_DROPPED, y);
	EXPECT_STR(x, y);
	EXPECT_STR(x, "8:0d00000000000000");
}

Test(copy_pcapng, metadata_of_frames_interfaces_and_file_is_copied,
     .init = need_codecs)
{
	static const char *const names[] = { "b.pcapng", "b.pcapng.zst" };

	make("a.pcapng");
	for (size_t k = 0; k < 2; k++) {
		struct pktio_frame f[8];
		struct pktio_frame g[8];
		struct pktio_ring *a;
		struct pktio_ring *b;
		struct outcome o;
		char line[64];

		snprintf(line, sizeof(line), "copy a.pcapng %s", names[k]);
		command_run(&o, line);
		EXPECT(o.status == 0, "%s", o.err);
		EXPECT_STR(
			o.err,
			"pktio: 5 frames were copied, 13 dropped by the source\n");
		a = open_made("a.pcapng", "", PKTIO_RECV);
		b = open_made(names[k], "", PKTIO_RECV);
		REQUIRE_EQ(pktio_recv(a, f, 8), 5);
		REQUIRE_EQ(pktio_recv(b, g, 8), 5);
		for (unsigned i = 0; i < 5; i++)
			expect_same_frame(a, &f[i], b, &g[i]);
		EXPECT(f[1].flags & PKTIO_F_PKTTYPE, "%x", f[1].flags);
		pktio_release(a, f, 5);
		pktio_release(b, g, 5);
		EXPECT_EQ(pktio_recv(a, f, 1), PKTIO_EOF);
		EXPECT_EQ(pktio_recv(b, g, 1), PKTIO_EOF);
		expect_same_sources(a, b);
		pktio_close(a);
		pktio_close(b);
	}
}

static void expect_filter(const char *name, uint32_t ifindex,
			  const char *expected)
{
	struct pktio_ring *ring = open_made(name, "", PKTIO_RECV);
	struct pktio_frame frames[8];
	char filter[64] = "";
	int n = pktio_recv(ring, frames, 8);

	/* An interface is known when its frames were received. */
	REQUIRE(n > 0, "%s: %s", name, pktio_last_error(ring));
	pktio_release(ring, frames, (unsigned)n);
	EXPECT(pktio_meta_get(ring, PKTIO_META_INTERFACE, ifindex,
			      PKTIO_META_INTERFACE_FILTER, 0, filter,
			      sizeof(filter) - 1) > 0,
	       "%s has no filter", name);
	EXPECT_EQ(filter[0], 0);
	EXPECT_STR(filter + 1, expected);
	pktio_close(ring);
}

Test(copy_pcapng, the_filter_of_a_copy_is_added_to_the_recorded_filter)
{
	struct outcome o;

	make("a.pcapng");
	command_run(&o, "copy -f 'greater 10' a.pcapng b.pcapng");
	EXPECT(o.status == 0, "%s", o.err);
	expect_filter("b.pcapng", 1, "(tcp) and (greater 10)");
	expect_filter("b.pcapng", 2, "greater 10");
	command_run(&o, "copy -c 1 -f udp gen: c.pcapng");
	EXPECT(o.status == 0, "%s", o.err);
	expect_filter("c.pcapng", 1, "udp");
}

/* The setting of the user has precedence. */
Test(copy_pcapng, options_of_the_destination_replace_metadata_of_the_source)
{
	struct pktio_ring *ring;
	struct outcome o;
	char text[TEXT];

	make("a.pcapng");
	command_run(
		&o,
		"copy -O comment=mine -O timestamp-precision=ns a.pcapng b.pcapng");
	EXPECT(o.status == 0, "%s", o.err);
	ring = open_made("b.pcapng", "", PKTIO_RECV);
	source_option_of(ring, PKTIO_META_SECTION_COMMENT, text);
	EXPECT_STR(text, "4:6d696e65");
	if_option_of(ring, 1, PKTIO_META_INTERFACE_RESOLUTION, text);
	EXPECT_STR(text, "1:09");
	pktio_close(ring);
}

/* Frames are copied even if the format cannot store the metadata. */
Test(copy_pcapng, metadata_that_pcap_cannot_store_is_omitted)
{
	struct outcome o;

	make("a.pcapng");
	command_run(&o, "copy -f 'greater 10' -c 3 a.pcapng b.pcap");
	EXPECT(o.status == 0, "%s", o.err);
	EXPECT_EQ(command_frames("b.pcap"), 3);
}

Test(copy_pcapng, requested_metadata_that_pcap_cannot_store_is_refused)
{
	struct outcome o;

	make("a.pcapng");
	command_run(&o, "copy -O comment=x a.pcapng b.pcap");
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "cannot store comment");
	EXPECT_EQ(scratch_size("b.pcap"), -1);
}

/* Comments "a", "" and "b" of a section. */
Test(copy_pcapng, an_empty_comment_does_not_end_the_comments)
{
	static const uint32_t file[] = {
		0x0a0d0d0a, 48,  0x1a2b3c4d, 1,          UINT32_MAX, UINT32_MAX,
		0x00010001, 'a', 0x00000001, 0x00010001, 'b',        48,
		1,          20,  1,          0,          20,
	};
	struct pktio_ring *ring;
	struct outcome o;
	char text[TEXT];

	scratch_file("a.pcapng", file, sizeof(file));
	command_run(&o, "copy a.pcapng b.pcapng");
	EXPECT(o.status == 0, "%s", o.err);
	ring = open_made("b.pcapng", "", PKTIO_RECV);
	source_option_of(ring, PKTIO_META_SECTION_COMMENT, text);
	EXPECT_STR(text, "4:610a0a62");
	pktio_close(ring);
}

/* A valid comment, then one that is longer than its block. */
Test(copy_pcapng, damaged_options_are_omitted_and_reported)
{
	static const uint32_t file[] = {
		0x0a0d0d0a, 28, 0x1a2b3c4d, 1,          UINT32_MAX, UINT32_MAX,
		28,         1,  20,         1,          0,          20,
		6,          60, 0,          0,          0,          4,
		4,          0,  0x00040001, 0x65657266, 0x00900001, 0,
		0,          0,  60,         11,         12,         12,
	};
	struct pktio_ring *ring;
	struct pktio_frame f;
	struct outcome o;
	char text[TEXT];

	scratch_file("a.pcapng", file, sizeof(file));
	command_run(&o, "copy a.pcapng b.pcapng");
	EXPECT(o.status == 0, "%s", o.err);
	EXPECT_STR(
		o.err,
		"pktio: 1 frame was copied, 1 block without a frame skipped, 1 invalid metadata value skipped\n");
	ring = open_made("b.pcapng", "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
	option_of(ring, &f, PKTIO_META_FRAME_COMMENT, 0, text);
	EXPECT_STR(text, "4:66726565");
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}
