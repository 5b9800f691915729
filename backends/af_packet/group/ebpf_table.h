/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_STEER_TABLE_H
#define PKTIO_AF_PACKET_STEER_TABLE_H

/*
 * What the steering program in the kernel and the rings of a group have in
 * common: one struct in a map that all of them have mapped. Included by the
 * program as well, so with the kernel's types only.
 *
 * A flow's hash chooses a slot, the slot a ring, and the ring's position is
 * where the kernel has it among the members of the group just now.
 */

#include <linux/types.h>

#define STEER_MAP_NAME "pktio_steer"
#define STEER_VERSION 2U   /* of this struct */
#define STEER_SLOTS 16384U /* a power of two, as is the next */
#define STEER_RINGS 1024U
#define STEER_MEMBERS (STEER_RINGS + 64)

/* In place of a ring's index: a member that is none. */
#define STEER_OTHER STEER_RINGS /* not of our making */

struct steer_member {
	__u64 cookie; /* of the socket */
	__u32 ring;
	__u32 reserved;
};

struct steer_table {
	/* Read by the program, written one word at a time. */
	__u32 ethernet;  /* frames begin with an Ethernet header */
	__u32 addresses; /* 1: leave out ports */
	__u32 seed;
	__u32 position[STEER_RINGS];
	__u16 slots[STEER_SLOTS];

	/* For the rings alone, under the group's lock. */
	__u64 netns;     /* cookie; these three say which group it is */
	__u64 looked_at; /* CLOCK_MONOTONIC: for members that died */
	__u32 group, ifindex;
	__u32 version;
	__u32 count; /* rings there are to be */
	__u32 nmembers;
	__u32 complete; /* all rings were there, and had their slots */
	__u32 reserved;
	__u32 weights[STEER_RINGS];                 /* 0: not there */
	__u8 live[STEER_RINGS];                     /* has its slots */
	struct steer_member members[STEER_MEMBERS]; /* in the kernel's order */
};

#endif
