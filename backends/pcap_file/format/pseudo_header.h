/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_PSEUDO_HEADER_H
#define PKTIO_PCAP_FILE_PSEUDO_HEADER_H

/*
 * The frames of some link types begin with a pseudo header in the byte order of
 * the capturing machine. A reader of the frames cannot know that order, so
 * these fields are converted to the byte order of this machine, as libpcap
 * does. Old USB captures also have a wrong length, which the pseudo header
 * corrects.
 */
#include <stdbool.h>
#include <stdint.h>

/* pseudo_header_needs_fix - whether frames of such a file need
 * pseudo_header_fix() */
bool pseudo_header_needs_fix(uint16_t linktype, bool swapped);

/* pseudo_header_fix - fix a frame, once; `data` has caplen bytes */
void pseudo_header_fix(uint16_t linktype, bool swapped, uint8_t *data,
		       uint32_t caplen, uint32_t *wirelen);

#endif
