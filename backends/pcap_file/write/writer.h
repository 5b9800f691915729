/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITER_H
#define PKTIO_PCAP_FILE_WRITER_H

/* Puts frames into the buffer. */
#include "handle.h"

int pcap_file_writer_open(struct pcap_file *p, const char *target);
void pcap_file_writer_close(struct pcap_file *p);

/* Operations of the backend. */
int pcap_file_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
int pcap_file_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n);
int pcap_file_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n);
int pcap_file_flush(struct pktio_ring *r);
int pcap_file_finish(struct pktio_ring *r);
int pcap_file_meta_set(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, const void *value,
		       size_t size);

#endif
