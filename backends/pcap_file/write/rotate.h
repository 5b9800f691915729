/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_ROTATE_H
#define PKTIO_PCAP_FILE_ROTATE_H

/*
 * The names of one file after the other, and which of them are kept. A name is
 * a pattern of strftime(3), which gets the time of the first frame in the file,
 * with %i for the number of the file, from 1. Without %i the number goes before
 * the ending, `-000001`, if the files rotate by size or count or the pattern
 * has no conversion, or if there is such a file already: none is overwritten.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct rotate {
	const char *pattern;
	bool local;          /* local time, not UTC */
	bool numbered;       /* every name gets a number */
	bool placed;         /* the pattern has %i */
	uint64_t number;     /* of the last name */
	uint32_t keep;       /* most files, 0: any number */
	uint32_t nkept;      /* files of ours that are there */
	uint32_t oldest;     /* in `kept` */
	char **kept;         /* a ring of `keep` names */
	char path[PATH_MAX]; /* the last name */
};

/*
 * rotate_start - take a pattern
 *
 * `by_time_only`: a pattern with a time makes every name another. 0 or -ENOMEM.
 * The pattern must live as long.
 */
int rotate_start(struct rotate *r, const char *pattern, bool by_time_only,
		 uint32_t keep);
void rotate_stop(struct rotate *r);

/*
 * rotate_name - the name of the next file, to `path`
 *
 * `attempt` counts from 0 names that were in use. 0 or -ENAMETOOLONG.
 */
int rotate_name(struct rotate *r, uint64_t ts, unsigned attempt);

/*
 * rotate_delete_oldest - see that there may be a file more: delete the oldest
 * if not
 *
 * 0 or -errno, and `path` is the one that could not be deleted; it is no longer
 * among the files to be kept.
 */
int rotate_delete_oldest(struct rotate *r);

/* rotate_add - the file of the last name is there; 0 or -ENOMEM */
int rotate_add(struct rotate *r);

/* rotate_directory - 0 if files can be made where they shall be, or -errno */
int rotate_directory(const char *pattern);

#endif
