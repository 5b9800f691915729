/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_GROUP_H
#define PKTIO_AF_PACKET_GROUP_GROUP_H

/*
 * The fanout group of a ring: what the rest of the backend calls. Nothing
 * outside this folder reads or writes the fields of struct group.
 *
 * A ring binds its socket while its filter blocks all frames, joins, and
 * starts:
 *
 *	group_join -> group_start -> group_tick, group_tick, ... -> started
 *
 * These three do not wait unless `may_wait` is set, which only pktio_open()
 * does: open waits up to 5 s for a lock that another ring holds, and close up
 *to 1 s. -EAGAIN: another ring holds a lock, or a thread is not ready; call the
 * same function again later.
 */
#include <stdbool.h>
#include <stdint.h>

struct af_packet;
struct steering;
struct steering_loader;
struct pktio_open_ctx;

/* While a ring waits for the others, it calls group_tick() this often. */
#define GROUP_TICK_MS 20

/* A ring that waits for the others: see group/barrier.c. */
enum barrier_state {
	BARRIER_IDLE,
	BARRIER_WAITING,
	BARRIER_BUSY, /* WAITING, and a thread changes the filter */
	BARRIER_OPEN, /* another thread opened the filter */
};

struct barrier {
	enum barrier_state state; /* atomic */
	struct af_packet *next;   /* in the list of the process */
	bool listed;
	bool owner_busy; /* group_lock_filter() succeeded */
	/* Constant while waiting; other threads compare them. */
	uint64_t netns; /* cookie */
	uint32_t id, ifindex;
	uint64_t ends;  /* CLOCK_MONOTONIC, ns */
	uint64_t opens; /* when the filters open; 0: not known yet */
	bool timed_out; /* fanout-wait ended, with so many members: */
	unsigned members;
};

struct group {
	bool member;   /* the socket is, and so cannot be bound again */
	bool may_wait; /* during group_join() and group_start() */
	/* A netlink socket that lists the members. */
	bool has_diag;
	int diag;
	/* fanout=ebpf: see group/ebpf.c. */
	struct steering *steering;
	struct steering_loader *loader;
	bool link_down; /* the socket reported it; the table does not have it */
	uint32_t downs; /* of the table, when the ring last read it */
	bool unsorted;  /* the table does not have the kernel's order */
	bool has_program; /* fanout-program, loaded */
	int program;
	struct barrier barrier;
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
/* Leaves, when the socket is closed: between the two calls. May wait. */
int group_leave(struct af_packet *p);
void group_left(struct af_packet *p, int locked);
/* A new socket, which is no member, replaces that of the removed interface. */
void group_forget_socket(struct af_packet *p);

/* The socket reported that the interface went down, upon which the kernel puts
 * the members into another order. */
void group_link_down(struct af_packet *p);
/* Called with each batch of events: compares the table with the kernel's list,
 * every now and then. */
void group_reconcile(struct af_packet *p);

/* Another thread may open the filter of a ring that waits. Between these two
 * calls it does not. */
void group_lock_filter(struct af_packet *p);
void group_unlock_filter(struct af_packet *p);

#endif
