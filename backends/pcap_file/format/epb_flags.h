/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_EPB_FLAGS_H
#define PKTIO_PCAP_FILE_EPB_FLAGS_H

/*
 * The flags of a packet in a pcapng file: its direction, how it was received,
 * and the state of its checksum. Some of the 32 bits have no equivalent in
 * struct pktio_frame.
 */
#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* epb_flags_of - the flags of a frame; 0: nothing is known */
uint32_t epb_flags_of(const struct pktio_frame *f);

/* epb_flags_apply - set the fields of a frame; false: some flags are not stored
 * in it */
bool epb_flags_apply(struct pktio_frame *f, uint32_t flags);

#endif
