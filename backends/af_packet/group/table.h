/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_TABLE_H
#define PKTIO_AF_PACKET_GROUP_TABLE_H

/*
 * The table of a group with fanout=ebpf (ebpf_table.h): who has which buckets,
 * and where the kernel has each member. Functions on memory, under the lock of
 * the table; only table_lock() needs none.
 *
 * The steering program returns a position among the members. The kernel appends
 * a member that joins, moves the last member to the place of one that leaves,
 * and reports neither. So the table lists the members in the kernel's order,
 * and whoever joins or leaves updates the list. A process that crashed could
 * not; so the list is compared with the kernel's now and then.
 *
 * When a member leaves, the last one moves from n - 1 to its place p, and at
 * the same moment the kernel takes results modulo n - 1 instead of n. The
 * result (n - 1) + p * n is n - 1 modulo n and p modulo n - 1: it is right
 * before and after, and no frame reaches a wrong ring.
 *
 * Each bucket belongs to one ring. While that ring is missing, the bucket
 * belongs to a ring drawn by lot, from a sequence of draws that only depends on
 * the bucket. So a ring that comes or goes moves only its own buckets.
 */
#include <stdbool.h>
#include <stdint.h>

#include "group/ebpf_table.h"

/* The members of a group as the kernel lists them: in the order in which their
 * sockets were made, whatever the order in which they joined. */
struct listing {
	uint64_t cookies[STEER_MEMBERS];
	unsigned n;
};

bool listing_has(const struct listing *l, uint64_t cookie);

/* Prepares the lock of a new table. */
int table_init_lock(struct steer_table *t);
/* Takes the lock, if it is free or its owner died. Does not wait. */
bool table_lock(struct steer_table *t);
void table_unlock(struct steer_table *t);

/* Removes all members, and gives the table to no group. */
void table_clear(struct steer_table *t);

/* The position of a member, or t->nmembers. */
uint32_t table_find(const struct steer_table *t, uint64_t cookie);
bool table_has_ring(const struct steer_table *t, uint32_t ring);
void table_add(struct steer_table *t, uint64_t cookie, uint32_t ring);
/* Before the socket of a member is closed: prepares the member that moves. */
void table_prepare_leave(struct steer_table *t, uint64_t cookie);

/* Gives each bucket to a ring. */
void table_share_out(struct steer_table *t);
bool table_is_complete(const struct steer_table *t);

/*
 * Makes the list of members equal to the kernel's. `sorted`: the interface went
 * down, so that the kernel has, or will have, the members in the order of the
 * listing.
 */
void table_reconcile(struct steer_table *t, const struct listing *l,
		     bool sorted);

/*
 * Whether an error of a member's socket, that the interface went down, is the
 * first report of that event. Each member gets the error once, and may read it
 * late; sorting the members then would undo what changed since. `pending`: the
 * member has not read an error that is waiting on its socket.
 */
bool table_link_down(struct steer_table *t, uint64_t cookie, bool reported,
		     bool pending);

#endif
