/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_FILTER_H
#define PKTIO_AF_PACKET_FILTER_H

/*
 * The filter of a ring. Up to two programs implement it:
 *
 * - The kernel runs one on each frame before the frame reaches the ring.
 * - The library runs one on what recv returns (ring->filter), where the kernel
 *   cannot judge: on cooked frames, whose header the library makes, and after
 *   an exchange on the blocks that the previous filter let frames into.
 *
 * Only filter.c decides which program runs where, and only it attaches one.
 */
#include <stdbool.h>
#include <stdint.h>

#include <linux/filter.h>

struct af_packet;
struct pktio_ring;

struct filter {
	struct sock_fprog kernel; /* a copy; without code: none */
	int ebpf;     /* in its place: the program of filter-program, or -1 */
	bool blocked; /* the kernel drops all frames instead */
	uint32_t unsure; /* blocks to come with frames of an earlier filter */
};

/* Chooses the programs before the socket is bound. NULL: option filter-program,
 * or none. */
int filter_open(struct af_packet *p, const struct sock_fprog *prog);
void filter_close(struct af_packet *p);

/* The call of the backend. */
int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog);

/* Has the kernel drop all frames, until filter_apply(). */
int filter_block(struct af_packet *p);
/* Attaches the program for the kernel. Another thread may call it for a ring
 * that waits for its group (group_lock_filter), so it sets no message. */
int filter_apply(struct af_packet *p);
/* Sets the message for an error of filter_apply(), and returns it. */
int filter_fail(struct af_packet *p, int error);

/* Ends the library's part when the kernel has judged all frames to come. */
void filter_expire(struct af_packet *p);
/* A ring without frames replaces the one that had some. */
void filter_ring_replaced(struct filter *f);

#endif
