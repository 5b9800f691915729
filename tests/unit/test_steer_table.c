/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fanout=ebpf against a model of what the kernel does. */
#include <string.h>

#include "group/table.h"
#include "support/expect.h"

#define RINGS 4U

static struct steer_table t;

/* The kernel's array of members: cookies, which are the indexes plus 1. */
static struct listing kernel;

static void join(uint32_t ring)
{
	kernel.cookies[kernel.n++] = ring + 1;
	table_add(&t, ring + 1, ring);
	t.live[ring] = 1;
	table_share_out(&t);
}

static void kernel_leaves(uint32_t ring)
{
	for (unsigned i = 0; i < kernel.n; i++)
		if (kernel.cookies[i] == ring + 1)
			kernel.cookies[i] = kernel.cookies[--kernel.n];
}

/* Sockets in the order in which they were made. */
static struct listing list(void)
{
	struct listing l = { .n = 0 };

	for (uint64_t cookie = 1; cookie <= RINGS; cookie++)
		if (listing_has(&kernel, cookie))
			l.cookies[l.n++] = cookie;
	return l;
}

static void kernel_sorts(void)
{
	kernel = list();
}

static void reconcile(bool sorted)
{
	struct listing l = list();

	table_reconcile(&t, &l, sorted);
}

static void begin(void)
{
	memset(&t, 0, sizeof(t));
	kernel.n = 0;
	t.count = RINGS;
	for (uint32_t i = 0; i < RINGS; i++) {
		t.weights[i] = 1;
		join(i);
	}
	reconcile(false);
}

/* Each ring is where the table says, modulo the number of members. */
static void expect_right(void)
{
	for (uint32_t i = 0; i < RINGS; i++)
		if (listing_has(&kernel, i + 1))
			EXPECT(kernel.cookies[t.position[i] % kernel.n] ==
				       i + 1,
			       "ring %u", i);
}

static void leave(uint32_t ring)
{
	t.live[ring] = 0;
	table_share_out(&t);
	table_prepare_leave(&t, ring + 1);
	expect_right();
	kernel_leaves(ring);
	expect_right();
	reconcile(false);
	expect_right();
}

Test(steer_table, the_member_that_moves_is_found_before_and_after_one_leaves)
{
	for (uint32_t ring = 0; ring < RINGS; ring++) {
		begin();
		expect_right();
		leave(ring);
		leave((ring + 2) % RINGS);
	}
}

Test(steer_table, a_ring_that_goes_and_returns_moves_only_its_own_buckets)
{
	uint16_t before[STEER_BUCKETS];
	unsigned moved = 0;

	begin();
	memcpy(before, t.buckets, sizeof(before));
	leave(1);
	for (unsigned i = 0; i < STEER_BUCKETS; i++) {
		EXPECT(t.buckets[i] != 1, "bucket %u", i);
		EXPECT(before[i] == 1 || t.buckets[i] == before[i], "bucket %u",
		       i);
		moved += before[i] == 1;
	}
	EXPECT_EQ(moved, STEER_BUCKETS / RINGS);
	join(1);
	EXPECT_EQ(memcmp(before, t.buckets, sizeof(before)), 0);
}

Test(steer_table, members_that_crashed_lose_their_buckets)
{
	begin();
	kernel_leaves(2);
	reconcile(false);
	expect_right();
	EXPECT_EQ(t.live[2], 0);
	EXPECT_EQ(t.nmembers, 3);
	for (unsigned i = 0; i < STEER_BUCKETS; i++)
		EXPECT(t.buckets[i] != 2, "bucket %u", i);
}

/* ---- The interface goes down --------------------------------------------- */

/* A ring reads the error of its socket. */
static void report(uint32_t ring)
{
	reconcile(table_link_down(&t, ring + 1, true, false));
}

static void mix_order(void)
{
	begin();
	leave(0);
	join(0);
	reconcile(false);
	expect_right();
}

Test(steer_table, the_first_report_that_the_interface_was_down_sorts_members)
{
	mix_order();
	kernel_sorts();
	report(3);
	expect_right();
	report(0);
	expect_right();
	EXPECT_EQ(t.downs, 1);
}

Test(steer_table, a_late_report_does_not_sort_members_that_changed_since)
{
	mix_order();
	kernel_sorts();
	/* Ring 1 leaves, and reads its error before. */
	report(1);
	leave(1);
	report(0);
	expect_right();
	report(2);
	report(3);
	expect_right();
	EXPECT_EQ(t.downs, 1);
}

Test(steer_table, a_ring_that_had_no_error_since_reports_the_next_event)
{
	mix_order();
	kernel_sorts();
	report(3);
	/* Ring 0 did not read its error, and is not up to date. */
	EXPECT_EQ(table_link_down(&t, 1, false, true), false);
	EXPECT_EQ(table_link_down(&t, 2, false, false), false);
	leave(1);
	join(1);
	reconcile(false);
	kernel_sorts();
	report(0); /* of the first event: too late to sort */
	report(2);
	EXPECT_EQ(t.downs, 1);
	report(2); /* of the second */
	EXPECT_EQ(t.downs, 2);
	expect_right();
	EXPECT_EQ(table_link_down(&t, 99, true, false), false);
}

/* ---- The lock ------------------------------------------------------------ */

Test(steer_table, the_lock_is_taken_once_and_does_not_wait)
{
	begin();
	EXPECT_EQ(table_init_lock(&t), 0);
	EXPECT_EQ(table_lock(&t), true);
	EXPECT_EQ(table_lock(&t), false);
	table_unlock(&t);
	EXPECT_EQ(table_lock(&t), true);
	table_unlock(&t);
}
