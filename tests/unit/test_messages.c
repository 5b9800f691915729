/* SPDX-License-Identifier: BSD-3-Clause */
/* The last error and the notices of a ring. */
#include <string.h>

#include "support/expect.h"
#include "support/fake_backends.h"

static struct pktio_ring *ring;

static void begin(void)
{
	REQUIRE_EQ(pktio_open(&ring, "fake:", NULL, NULL), 0);
}

static void end(void)
{
	ring = pktio_close(ring);
}

TestSuite(messages, .init = begin, .fini = end);

Test(messages, a_new_ring_has_neither_error_nor_notice)
{
	EXPECT_STR(pktio_last_error(ring), "");
	EXPECT(!pktio_next_notice(ring), "a notice");
}

Test(messages, an_error_and_a_notice_do_not_replace_each_other)
{
	pktio_note(ring, "%d bytes are used", 7);
	EXPECT_EQ(pktio_fail(ring, -EIO, "cannot read '%s'", "x"), -EIO);
	pktio_note(ring, "second");
	EXPECT_STR(pktio_last_error(ring), "fake: cannot read 'x'");
	EXPECT_STR(pktio_next_notice(ring), "fake: 7 bytes are used");
	EXPECT_STR(pktio_next_notice(ring), "fake: second");
	EXPECT(!pktio_next_notice(ring), "a notice");
	EXPECT_STR(pktio_last_error(ring), "fake: cannot read 'x'");
}

Test(messages, the_newest_four_notices_are_kept)
{
	for (int i = 0; i < 11; i++)
		pktio_note(ring, "%d", i);
	EXPECT_STR(pktio_next_notice(ring), "fake: 7");
	EXPECT_STR(pktio_next_notice(ring), "fake: 8");
	pktio_note(ring, "11");
	EXPECT_STR(pktio_next_notice(ring), "fake: 9");
	EXPECT_STR(pktio_next_notice(ring), "fake: 10");
	EXPECT_STR(pktio_next_notice(ring), "fake: 11");
	EXPECT(!pktio_next_notice(ring), "a notice");
}

Test(messages, a_long_message_is_truncated)
{
	pktio_note(ring, "%0400d", 0);
	EXPECT_EQ(pktio_fail(ring, -EIO, "%0400d", 0), -EIO);
	EXPECT_EQ(strlen(pktio_last_error(ring)), PKTIO_TEXT - 1);
	EXPECT_EQ(strlen(pktio_next_notice(ring)), PKTIO_TEXT - 1);
}
