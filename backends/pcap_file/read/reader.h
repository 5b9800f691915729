/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_READER_H
#define PKTIO_PCAP_FILE_READER_H

/* The reading half of a handle: makes frames of the bytes of one file. */
#include "handle.h"

/* pcap_file_reader_open - start to read p->fd; does not close it on failure */
int pcap_file_reader_open(struct pcap_file *p);
void pcap_file_reader_close(struct pcap_file *p);

/* pcap_file_reader_rewind - read a regular file from its start again */
int pcap_file_reader_rewind(struct pcap_file *p);

/* Operations of the backend. */
int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames,
		   unsigned n);
int pcap_file_ready(struct pktio_ring *r, int polled);

#endif
