/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_SOURCES_H
#define PKTIO_PCAP_FILE_SOURCES_H

/* The files of a directory or of a pattern. */
#include <stdbool.h>
#include <stddef.h>

struct pktio_ring;

struct sources {
	char **names; /* sorted */
	size_t n, room;
};

/* sources_several - whether the target is a directory, or a pattern that is not
 * the name of a file */
bool sources_several(const char *target);

/*
 * sources_find - the regular files of a directory, or those of a pattern
 *
 * 0, or an error with a message.
 */
int sources_find(struct sources *ret, struct pktio_ring *r, const char *target);
void sources_free(struct sources *s);

#endif
