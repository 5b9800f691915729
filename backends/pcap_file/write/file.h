/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_WRITE_FILE_H
#define PKTIO_PCAP_FILE_WRITE_FILE_H

/*
 * Makes room in the buffer: writes the buffer, counts, and opens the next file
 * of a rotation.
 */
#include "handle.h"

/* writer_begin - open a file, and write its header; `fresh`: see output_open()
 */
int writer_begin(struct pcap_file *p, const char *path, bool fresh);

/*
 * writer_make_room - ensure that a frame with this time, and of up to `need`
 * bytes as a record, fits into the buffer
 */
int writer_make_room(struct pcap_file *p, uint64_t ts, size_t need);

/* writer_flush - write the buffer to the file */
int writer_flush(struct pcap_file *p);

/* writer_finish - write the end of the file, and close it */
int writer_finish(struct pcap_file *p);

/* writer_update_limit - recompute `limit`, after the end of the file grew */
void writer_update_limit(struct pcap_file *p);

#endif
