/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_EPB_FLAGS_H
#define PKTIO_PCAP_FILE_EPB_FLAGS_H

/*
 * 32 bits that a packet of a pcapng file may have: which way it went, how it
 * was received, what is known of its checksum; and more, which a frame has no
 * place for.
 */
#include <stdbool.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* epb_flags_of - what is known of a frame; 0: nothing */
uint32_t epb_flags_of(const struct pktio_frame *f);

/* epb_flags_apply - put into a frame what they say; false: they say more */
bool epb_flags_apply(struct pktio_frame *f, uint32_t flags);

#endif
