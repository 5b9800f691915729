/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_RING_LOSS_H
#define PKTIO_AF_PACKET_RING_LOSS_H

/*
 * Which frame carries PKTIO_F_LOSS. After a loss the kernel marks each block
 * that it retires (each frame of a V2 ring) until somebody reads the
 * statistics. Two callers read them: pktio_get_stats(), and recv when it meets
 * a mark. Both go through these functions, so that a loss is reported once, and
 * before the same frame, whoever reads the statistics first.
 */
#include <stdbool.h>
#include <stdint.h>

#include <linux/if_packet.h>

#include <pktio/pktio.h>

struct af_packet;

struct loss {
	uint32_t flag;  /* PKTIO_F_LOSS for the next frame, or 0 */
	uint32_t due;   /* the loss precedes the block after so many; 0: none */
	uint32_t stale; /* so many blocks may have the mark of a known loss */
	bool marked;    /* V2: the frame slot before the cursor has a mark */
};

/* Reads the statistics for pktio_get_stats(). The caller has counted the
 * pending blocks: a loss that no block shows yet is reported after them. */
int loss_read_statistics(struct af_packet *p);
/* recv opens a V3 block with this status. */
void loss_open_block(struct af_packet *p, uint32_t status);
/* recv meets the mark of a loss that nobody has read the statistics of. */
void loss_meet_mark(struct af_packet *p);

/* PKTIO_F_LOSS for the next frame of a V3 ring, once; or 0. */
static inline uint32_t loss_take_flag(struct loss *l)
{
	uint32_t flag = l->flag;

	l->flag = 0;
	return flag;
}

/* PKTIO_F_LOSS for the frame in a V2 slot with this status, or 0. The kernel
 * marks each frame after a loss: the loss precedes the first of them. */
static inline uint32_t loss_before_slot(struct af_packet *p, struct loss *l,
					uint32_t status)
{
	bool marked = status & TP_STATUS_LOSING;
	bool lost = marked && !l->marked;

	l->marked = marked;
	if (lost)
		loss_meet_mark(p);
	else if (l->due > 0 && --l->due == 0)
		lost = true;
	return lost ? PKTIO_F_LOSS : 0;
}

/* A ring without frames replaces the one that had these. */
void loss_ring_replaced(struct loss *l);

#endif
