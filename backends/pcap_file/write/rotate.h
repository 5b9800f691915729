/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_ROTATE_H
#define PKTIO_PCAP_FILE_ROTATE_H

/*
 * The names of rotated files, and which files are kept. A name is a pattern of
 * strftime(3), with the time of the first frame in the file, and %i for the
 * number of the file, from 1. Without %i the number goes before the ending,
 * `-000001`, if the files rotate by size or count, if the pattern has no
 * conversion, or if the file exists: no file is overwritten.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct rotate {
	const char *pattern;
	bool local;          /* local time, not UTC */
	bool numbered;       /* every name gets a number */
	bool placed;         /* the pattern contains %i */
	uint64_t number;     /* of the last name */
	uint32_t keep;       /* maximum number of files, 0: no limit */
	uint32_t nkept;      /* files written and not deleted */
	uint32_t oldest;     /* its index in `kept` */
	char **kept;         /* a ring of `keep` names */
	char path[PATH_MAX]; /* the last name */
};

/*
 * rotate_start - set the pattern
 *
 * `by_time_only`: a time in the pattern makes each name different. The pattern
 * must outlive `r`. Returns 0 or -ENOMEM.
 */
int rotate_start(struct rotate *r, const char *pattern, bool by_time_only,
		 uint32_t keep);
void rotate_stop(struct rotate *r);

/*
 * rotate_name - write the name of the next file to `path`
 *
 * `attempt` is the number of names tried before, which existed. Returns 0 or
 * -ENAMETOOLONG.
 */
int rotate_name(struct rotate *r, uint64_t ts, unsigned attempt);

/*
 * rotate_delete_oldest - delete the oldest file if there are `keep` files
 *
 * Returns 0 or a negative errno value. Then `path` is the file that could not
 * be deleted, and it no longer counts.
 */
int rotate_delete_oldest(struct rotate *r);

/* rotate_add - count the file with the last name; 0 or -ENOMEM */
int rotate_add(struct rotate *r);

/* rotate_directory - check that files can be created there; 0 or -errno */
int rotate_directory(const char *pattern);

#endif
