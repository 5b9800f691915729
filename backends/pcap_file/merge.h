/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_MERGE_H
#define PKTIO_PCAP_FILE_MERGE_H

/* Several files read as one. */
#include <stdint.h>

/*
 * These bits of a frame's cookie tell which of the open files it is from; the
 * others are the reader's.
 */
#define MERGE_SHIFT 16U
#define MERGE_MASK UINT64_C(0x7fff)

enum merge_order {
	MERGE_NONE, /* one after the other */
	MERGE_TIME,
};

struct pcap_file;
struct sources;

/*
 * merge_open - read these files through p, which gets the operations for it
 *
 * Takes the sources over when it works. 0, or an error with words.
 */
int merge_open(struct pcap_file *p, struct sources *s);

/* merge_rewind - from the first file again */
int merge_rewind(struct pcap_file *p);

#endif
