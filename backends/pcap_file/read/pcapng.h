/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_READ_PCAPNG_H
#define PKTIO_PCAP_FILE_READ_PCAPNG_H

#include "handle.h"

/* pcap_file_begin_pcapng - set the format; the file begins at chunks.at */
void pcap_file_begin_pcapng(struct pcap_file *p);

/* Operation of the backend. */
int pcap_file_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, unsigned index, void *buf,
		       size_t size);

#endif
