/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_GROUP_H
#define PKTIO_AF_PACKET_GROUP_GROUP_H

/*
 * The fanout group of a ring: what the rest of the backend calls. Nothing
 * outside this folder reads or writes the fields of struct group.
 *
 * A ring binds its socket while its filter blocks all frames, joins, and
 *starts:
 *
 *	group_join -> group_start -> group_tick, group_tick, ... -> started
 *
 * These three do not wait unless `may_wait` is set, which only pktio_open()
 * does. -EAGAIN: another ring holds a lock; call the same function again later.
 */
#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct af_packet_group;
struct pktio_open_ctx;

/* While a ring waits for the others, it calls group_tick() this often. */
#define GROUP_TICK_MS 20

struct group {
	bool member; /* the socket is, and so cannot be bound again */
	/* fanout=ebpf: see group/ebpf.c. */
	struct af_packet_group *table;
	bool unsorted; /* the members, since the interface was down */
	/* A ring that waits for the others: see group/barrier.c. */
	struct af_packet *next;
	bool waits;
	uint64_t ends;  /* CLOCK_MONOTONIC, ns */
	uint64_t netns; /* cookie */
};

/* Whether the ring shares its interface with other rings. */
bool group_shares(const struct af_packet *p);
/* Checks what the range of an option does not; before anything is made. */
int group_check(struct af_packet *p, const struct pktio_open_ctx *ctx);

/* 0, -EAGAIN, or an error. */
int group_join(struct af_packet *p, bool may_wait);
/* 1: the group runs, and the ring's filter is in force; 0: the ring waits for
 * the other members; -EAGAIN, or an error. */
int group_start(struct af_packet *p, bool may_wait);
int group_tick(struct af_packet *p);
bool group_is_member(const struct af_packet *p);

/* The ring no longer waits for the others; its interface was removed. */
void group_stop_waiting(struct af_packet *p);
/* Leaves, when the socket is closed: between the two calls. */
int group_leave(struct af_packet *p);
void group_left(struct af_packet *p, int locked);
/* A new socket, which is no member, replaces that of the removed interface. */
void group_forget_socket(struct af_packet *p);

/* The interface was down: the kernel puts the members into another order. */
void group_link_down(struct af_packet *p);
/* Called with each batch of events: compares the table with the kernel's list,
 * every now and then. */
void group_reconcile(struct af_packet *p);

/* The filter of a ring that waits may be opened by another thread: it is
 * changed between these. */
void group_lock_filter(struct af_packet *p);
void group_unlock_filter(struct af_packet *p);

#endif
