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
/* Whether frames were lost before the V3 block that recv opens. */
bool loss_before_block(struct af_packet *p, uint32_t status);
/* Whether frames were lost before the first frame of a row with a mark. */
void loss_meet_mark(struct af_packet *p);
/* A ring without frames replaces the one that had these. */
void loss_ring_replaced(struct loss *l);

#endif
