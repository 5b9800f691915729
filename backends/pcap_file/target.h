/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_TARGET_H
#define PKTIO_PCAP_FILE_TARGET_H

/* What a replay reads: one file, or several. */
#include <stdbool.h>

#include <pktio/backend.h>

/* pcap_file_reader - the backend that reads this target without replay */
const struct pktio_backend *pcap_file_reader(const char *target);
/* Both are for rings of pcap_file_reader(); rewind reads from the start again.
 */
bool pcap_file_is_regular(struct pktio_ring *r);
int pcap_file_rewind(struct pktio_ring *r);

#endif
