/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_READ_PCAP_H
#define PKTIO_PCAP_FILE_READ_PCAP_H

#include "handle.h"

/*
 * pcap_file_begin_pcap - set the format
 *
 * The file begins at chunks.at. On failure, nothing is consumed.
 */
int pcap_file_begin_pcap(struct pcap_file *p);

#endif
