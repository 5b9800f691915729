/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_PSEUDO_HEADER_H
#define PKTIO_PCAP_FILE_PSEUDO_HEADER_H

/*
 * Some link types begin with fields in the byte order of the machine that
 * captured. Who gets the frames cannot know that order, so these fields are
 * turned into ours, as libpcap does. And old captures of USB have a length that
 * is wrong, which can be told from what is in them.
 */
#include <stdbool.h>
#include <stdint.h>

/* pseudo_header_needs_fix - whether frames of such a file are to be passed
 * through it */
bool pseudo_header_needs_fix(uint16_t linktype, bool swapped);

/* pseudo_header_fix - do so, once; `data` has caplen bytes */
void pseudo_header_fix(uint16_t linktype, bool swapped, uint8_t *data,
		       uint32_t caplen, uint32_t *wirelen);

#endif
