/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_READ_FILE_H
#define PKTIO_PCAP_FILE_READ_FILE_H

#include "handle.h"

/*
 * pcap_file_source_open - open a file to read, by the options
 *
 * pcap_file_source_stop() closes the file, but keeps what was read.
 * pcap_file_source_close() does both.
 */
int pcap_file_source_open(struct pcap_file *p, const char *target);
void pcap_file_source_stop(struct pcap_file *p);
void pcap_file_source_close(struct pcap_file *p);

/* Reads one file, for a merge or a replay. */
extern const struct pktio_backend read_file_backend;

#endif
