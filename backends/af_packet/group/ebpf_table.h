/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_EBPF_TABLE_H
#define PKTIO_AF_PACKET_EBPF_TABLE_H

/*
 * The table of a group with fanout=ebpf: one struct in a BPF map. The steering
 * program in the kernel reads it; the rings of the group, in all their
 * processes, map and write it. The program includes this file too, so the file
 * uses only the kernel's types.
 *
 * The hash of a flow selects a bucket, the bucket selects a ring, and the
 * position of the ring is its place among the members of the group in the
 * kernel.
 */

#include <linux/types.h>

#define STEER_MAP_NAME "pktio_steer"
#define STEER_VERSION 4U     /* of this struct */
#define STEER_BUCKETS 16384U /* a power of two, as is the next */
#define STEER_RINGS 1024U
#define STEER_MEMBERS (STEER_RINGS + 64)

/* In place of the index of a ring: a socket that is not a ring of pktio. */
#define STEER_OTHER STEER_RINGS

enum steer_state {
	STEER_FREE,    /* of no group; netns, group and ifindex are not valid */
	STEER_CLAIMED, /* its first ring is joining */
	STEER_JOINED,  /* has, or had, members */
};

struct steer_member {
	__u64 cookie; /* of the socket */
	__u32 ring;
	__u32 downs; /* steer_table.downs, when the ring last had no error */
};

struct steer_table {
	/* The program reads these. They are written one word at a time. */
	__u32 ethernet;  /* frames begin with an Ethernet header */
	__u32 addresses; /* 1: hash without ports */
	__u32 seed;
	__u32 position[STEER_RINGS];
	__u16 buckets[STEER_BUCKETS];

	/* Set when the map is made. */
	__u32 version;
	__u32 id;      /* of the map */
	__u64 lock[8]; /* a robust pthread_mutex_t between processes */

	/* The rings write these while they hold the lock. */
	__u64 netns; /* cookie; these three identify the group */
	__u32 group, ifindex;
	__u32 state; /* enum steer_state */
	__u32 count; /* rings that the group is for */
	__u32 nmembers;
	__u32 complete; /* all rings were members, and had their buckets */
	__u32 downs;    /* times that the interface went down */
	__u32 reserved;
	__u64 checked_at; /* CLOCK_MONOTONIC: compared with the kernel */
	__u32 weights[STEER_RINGS]; /* 0: not part of the group */
	__u8 live[STEER_RINGS];     /* has its buckets */
	struct steer_member members[STEER_MEMBERS]; /* in the kernel's order */
};

#endif
