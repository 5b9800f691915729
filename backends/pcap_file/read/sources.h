/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_SOURCES_H
#define PKTIO_PCAP_FILE_SOURCES_H

/* The files that a target stands for. */
#include <stddef.h>

struct pktio_ring;

struct sources {
	char **names; /* in the order of their names */
	size_t n, room;
};

/*
 * sources_find - the regular files of a directory, or those of a pattern
 *
 * 1; 0 when the target is a single file (or none at all), or an error with
 * words. A pattern is one only if no file has it for a name.
 */
int sources_find(struct sources *ret, struct pktio_ring *r, const char *target);
void sources_free(struct sources *s);

#endif
