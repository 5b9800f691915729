/* SPDX-License-Identifier: BSD-3-Clause */
/* Metadata of frames and interfaces is in the pcapng file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/codecs.h"
#include "support/expect.h"
#include "support/expected_files.h"
#include "support/files.h"
#include "support/ring.h"

#define NS_PER_S UINT64_C(1000000000)

TestSuite(writer_describe, .fini = scratch_remove);

static void set_frame_meta(struct pktio_ring *ring, uint16_t code,
			   const void *value, size_t size)
{
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, code, value, size),
		  0);
}

static void inject(struct pktio_ring *ring, uint64_t ts, uint32_t ifindex)
{
	static const uint8_t bytes[43] = { 1, 2, 3 };
	const struct pktio_frame f = { .data = bytes,
				       .caplen = sizeof(bytes),
				       .linktype = 1,
				       .ts = ts,
				       .ifindex = ifindex };

	EXPECT_EQ(pktio_inject(ring, &f, 1), 1);
}

/* Fields of each frame in the output of tshark. */
static void expect_fields(const char *path, const char *const *fields,
			  const char *expected)
{
	const char *out = scratch("out");
	const char *argv[32] = { "tshark", "-r", path, "-T", "fields" };
	char text[1024];
	unsigned n = 5;

	for (; *fields; fields++) {
		argv[n++] = "-e";
		argv[n++] = *fields;
	}
	EXPECT_EQ(run_tool(out, argv), 0);
	read_text(out, text, sizeof(text));
	EXPECT_STR(text, expected);
}

/* ---- Frames ------------------------------------------------------------- */

Test(writer_metadata, metadata_applies_to_the_next_frame_only)
{
	static const uint64_t id = 77;
	static const uint64_t drops = 5;
	static const uint32_t queue = 3;
	static const uint32_t flags = 2 | 4 << 5;
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);

	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "one", 3);
	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "two", 3);
	set_frame_meta(ring, PKTIO_META_FRAME_PACKETID, &id, sizeof(id));
	set_frame_meta(ring, PKTIO_META_FRAME_DROPS, &drops, sizeof(drops));
	inject(ring, 1, 0);
	inject(ring, 2, 0);
	set_frame_meta(ring, PKTIO_META_FRAME_QUEUE, &queue, sizeof(queue));
	set_frame_meta(ring, PKTIO_META_FRAME_FLAGS, &flags, sizeof(flags));
	inject(ring, 3, 0);
	inject(ring, 4, 0);
	pktio_close(ring);
	expect_fields(
		path,
		(const char *[]){ "frame.comment", "frame.packet_id",
				  "frame.drop_count", "frame.interface_queue",
				  "frame.packet_flags", "frame.cap_len", NULL },
		"one,two\t77\t5\t\t\t43\n\t\t\t\t\t43\n"
		"\t\t\t3\t0x00000082\t43\n\t\t\t\t\t43\n");
}

Test(writer_metadata,
     metadata_applies_to_allocated_frames_and_is_dropped_with_a_refused_one)
{
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	struct pktio_frame f;

	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "refused", 7);
	REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
	f.nvlan = 1;
	EXPECT_EQ(pktio_send(ring, &f, 1), -EINVAL);
	f.nvlan = 0;
	EXPECT_EQ(pktio_send(ring, &f, 1), 1);
	REQUIRE_EQ(pktio_alloc(ring, &f, 1), 1);
	set_frame_meta(ring, PKTIO_META_FRAME_COMMENT, "taken", 5);
	EXPECT_EQ(pktio_send(ring, &f, 1), 1);
	pktio_close(ring);
	expect_fields(path, (const char *[]){ "frame.comment", NULL },
		      "\ntaken\n");
}

/* The longest comment, in buffers that are too small for it. */
Test(writer_metadata, long_comments_are_read_back_from_every_codec,
     .init = need_codecs)
{
	static const char *const names[] = { "a.pcapng", "a.pcapng.zst",
					     "a.pcapng.gz", "a.pcapng.lz4" };
	static char comment[60000];
	static char found[60000];

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		const char *path = scratch(names[k]);
		struct pktio_ring *ring =
			open_file(path, "?buffer-size=4K", PKTIO_SEND);
		struct pktio_frame f;

		for (unsigned i = 0; i < 20; i++) {
			memset(comment, 'a' + (int)i, sizeof(comment));
			if (i % 2)
				set_frame_meta(ring, PKTIO_META_FRAME_COMMENT,
					       comment, sizeof(comment) - i);
			inject(ring, i, 0);
		}
		EXPECT_EQ(pktio_flush(ring), 0);
		EXPECT_EQ(ring_stats(ring).sent, 20);
		pktio_close(ring);
		ring = open_file(path, "", PKTIO_RECV);
		for (unsigned i = 0; i < 20; i++) {
			int size;

			REQUIRE_EQ(pktio_recv(ring, &f, 1), 1);
			size = pktio_meta_get(ring, PKTIO_META_FRAME, f.cookie,
					      PKTIO_META_FRAME_COMMENT, 0,
					      found, sizeof(found));
			EXPECT_EQ(size,
				  i % 2 ? (int)(sizeof(comment) - i) : -ENOENT);
			EXPECT(i % 2 == 0 || found[59000] == 'a' + (int)i, "%u",
			       i);
			pktio_release(ring, &f, 1);
		}
		EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
		pktio_close(ring);
	}
}

Test(writer_metadata, invalid_metadata_is_refused)
{
	static const uint8_t zeros[70000];
	static const struct {
		size_t size;
		int r;
		uint16_t code;
	} cases[] = { { 4, -EINVAL, 0 },
		      { 2, -EINVAL, PKTIO_META_FRAME_FLAGS },
		      { 4, -EINVAL, PKTIO_META_FRAME_PACKETID },
		      { 65536, -EMSGSIZE, PKTIO_META_FRAME_COMMENT },
		      { 65535, 0, PKTIO_META_FRAME_COMMENT },
		      /* The sum of all metadata has a limit, too. */
		      { 65535, -EMSGSIZE, PKTIO_META_FRAME_COMMENT } };
	struct pktio_ring *ring =
		open_file(scratch("a.pcapng"), "", PKTIO_SEND);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0,
					 cases[i].code, zeros, cases[i].size),
			  cases[i].r);
		EXPECT(cases[i].r == 0 ||
			       strstr(pktio_last_error(ring), "metadata"),
		       "%s", pktio_last_error(ring));
	}
	inject(ring, 1, 0);
	pktio_close(ring);
	ring = open_file(scratch("a.pcap"), "", PKTIO_SEND);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_FRAME, 0, 1, "no", 2),
		  -ENOTSUP);
	EXPECT_EQ(pktio_meta_set(ring, PKTIO_META_INTERFACE, 0, 2, "no", 2),
		  -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "use format=pcapng");
	pktio_close(ring);
}

/* ---- Interfaces --------------------------------------------------------- */

static int set_interface_meta(struct pktio_ring *ring, uint32_t ifindex,
			      uint16_t code, const void *value, size_t size)
{
	return pktio_meta_set(ring, PKTIO_META_INTERFACE, ifindex, code, value,
			      size);
}

Test(writer_metadata, interfaces_are_described_in_each_file_of_a_rotation)
{
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring =
		open_file(path, "?rotate-count=2", PKTIO_SEND);

	EXPECT_EQ(set_interface_meta(ring, 7, PKTIO_META_INTERFACE_NAME,
				     "uplink", 6),
		  0);
	EXPECT_EQ(set_interface_meta(ring, 7, PKTIO_META_INTERFACE_DESCRIPTION,
				     "to the net", 10),
		  0);
	EXPECT_EQ(set_interface_meta(ring, 9, PKTIO_META_INTERFACE_NAME, "lan",
				     3),
		  0);
	for (unsigned i = 0; i < 4; i++) {
		inject(ring, i, 7 + i % 2 * 2);
		/* The description is in the file already. */
		EXPECT_EQ(set_interface_meta(ring, 7, PKTIO_META_INTERFACE_OS,
					     "late", 4),
			  -EBUSY);
	}
	pktio_close(ring);
	for (unsigned i = 1; i < 3; i++) {
		char name[32];

		snprintf(name, sizeof(name), "a-%06u.pcapng", i);
		expect_fields(scratch(name),
			      (const char *[]){ "frame.interface_name",
						"frame.interface_description",
						NULL },
			      "uplink\tto the net\nlan\t\n");
	}
}

/* Times have the resolution of their interface; the default is ns. */
Test(writer_metadata, each_interface_has_its_own_resolution)
{
	static const uint8_t units[] = { 0, 3, 6, 9 };
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	uint64_t ts = 1700000000 * NS_PER_S + 123456789;

	for (uint32_t i = 0; i < 4; i++) {
		EXPECT_EQ(set_interface_meta(ring, i,
					     PKTIO_META_INTERFACE_RESOLUTION,
					     &units[i], 1),
			  0);
		inject(ring, ts, i);
	}
	inject(ring, ts, 4);
	EXPECT_EQ(set_interface_meta(ring, 5, PKTIO_META_INTERFACE_RESOLUTION,
				     "\x0a", 1),
		  -EINVAL);
	EXPECT_EQ(set_interface_meta(ring, 5, PKTIO_META_INTERFACE_TIME_OFFSET,
				     "12345678", 8),
		  -EINVAL);
	EXPECT_EQ(set_interface_meta(ring, 5, PKTIO_META_INTERFACE_MAC, "12345",
				     5),
		  -EINVAL);
	pktio_close(ring);
	expect_fields(path, (const char *[]){ "frame.time_epoch", NULL },
		      "1700000000.000000000\n1700000000.123000000\n"
		      "1700000000.123456000\n1700000000.123456789\n"
		      "1700000000.123456789\n");
}

Test(writer_metadata, drops_before_the_file_are_in_the_statistics)
{
	const char *path = scratch("a.pcapng");
	struct pktio_ring *ring = open_file(path, "", PKTIO_SEND);
	struct pktio_frame f[2];
	uint64_t lost = 5;

	EXPECT_EQ(set_interface_meta(ring, 1, PKTIO_META_INTERFACE_DROPPED,
				     &lost, 8),
		  0);
	inject(ring, 1, 1);
	inject(ring, 2, 2);
	lost = 11;
	EXPECT_EQ(set_interface_meta(ring, 1, PKTIO_META_INTERFACE_DROPPED,
				     &lost, 8),
		  0);
	pktio_close(ring);
	ring = open_file(path, "", PKTIO_RECV);
	REQUIRE_EQ(pktio_recv(ring, f, 2), 2);
	pktio_release(ring, f, 2);
	EXPECT_EQ(pktio_recv(ring, f, 1), PKTIO_EOF);
	EXPECT_EQ(ring_stats(ring).dropped, 11);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 1,
				 PKTIO_META_INTERFACE_DROPPED, 0, &lost, 8),
		  8);
	EXPECT_EQ(lost, 11);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, 2,
				 PKTIO_META_INTERFACE_DROPPED, 0, &lost, 8),
		  -ENOENT);
	pktio_close(ring);
}

Test(writer_metadata, a_scope_has_only_certain_ids)
{
	static const struct {
		uint64_t id;
		enum pktio_meta_scope scope;
		int r;
	} cases[] = { { 0, PKTIO_META_FRAME, 0 },
		      { 1, PKTIO_META_FRAME, -EINVAL },
		      { UINT32_MAX, PKTIO_META_INTERFACE, 0 },
		      { UINT64_C(1) << 32, PKTIO_META_INTERFACE, -EINVAL },
		      { 0, PKTIO_META_SECTION, -ENOTSUP },
		      { 1, PKTIO_META_SECTION, -EINVAL },
		      { 0, (enum pktio_meta_scope)3, -EINVAL } };
	struct pktio_ring *ring =
		open_file(scratch("a.pcapng"), "", PKTIO_SEND);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(pktio_meta_set(ring, cases[i].scope, cases[i].id, 1,
					 "a comment", 9),
			  cases[i].r);
		EXPECT(cases[i].r == 0 ||
			       strstr(pktio_last_error(ring), "metadata"),
		       "%s", pktio_last_error(ring));
	}
	inject(ring, 1, 0);
	pktio_close(ring);
	ring = open_file(scratch("a.pcapng"), "", PKTIO_RECV);
	EXPECT_EQ(pktio_meta_get(ring, (enum pktio_meta_scope)3, 0, 1, 0, NULL,
				 0),
		  -EINVAL);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_SECTION, 1, 1, 0, NULL, 0),
		  -EINVAL);
	EXPECT_EQ(pktio_meta_get(ring, PKTIO_META_INTERFACE, UINT64_C(1) << 32,
				 1, 0, NULL, 0),
		  -EINVAL);
	pktio_close(ring);
}
