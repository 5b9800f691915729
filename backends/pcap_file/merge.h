/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_MERGE_H
#define PKTIO_PCAP_FILE_MERGE_H

/* Several files read as one. */
#include <stdint.h>

#include <pktio/backend.h>

/*
 * These bits of a frame's cookie are the number of the open file that the frame
 * belongs to. The reader leaves them 0.
 */
#define MERGE_SHIFT 16U
#define MERGE_MASK UINT64_C(0x7fff)

enum merge_order {
	MERGE_NONE, /* one file after the other */
	MERGE_TIME,
};

/* Reads the files of a directory or a pattern, by the options of pcap_file. */
extern const struct pktio_backend merge_backend;

/* merge_rewind - start again with the first file */
int merge_rewind(struct pktio_ring *r);

#endif
