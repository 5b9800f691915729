/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_OUTPUT_H
#define PKTIO_PCAP_FILE_OUTPUT_H

/*
 * The file that is written. It ends behind something whole at all times, as far
 * as that can be: what was written in part is cut off, or, where nothing can be
 * cut, nothing more is written.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct output {
	int fd;       /* -1: none */
	bool regular; /* so it can be cut */
	bool created; /* there was no such file */
	bool shared;  /* standard output: it is not ours to empty */
	off_t offset; /* in a regular file: behind the last whole thing */
	int broken;   /* -errno: it ends within something, and must stay so */
};

/*
 * output_open - open a file, or "-" for standard output
 *
 * What was in it stays until output_empty(). `fresh`: -EEXIST if there is such
 * a file. 0 or -errno.
 */
int output_open(struct output *o, const char *path, bool fresh);

/* output_empty - take away what was in the file before, behind `offset` */
int output_empty(struct output *o);

/*
 * output_write - write all of it
 *
 * On failure *done bytes were written, and `offset` has not moved.
 */
int output_write(struct output *o, const uint8_t *bytes, size_t size,
		 size_t *done);

/* output_cut - after a failure: keep `whole` of the `done` bytes */
void output_cut(struct output *o, size_t whole, size_t done, int code);

/* output_sync - wait until it is on the disk; 0 or -errno */
int output_sync(struct output *o);
/* output_close - 0 or -errno, if the last of it could not be written */
int output_close(struct output *o);

#endif
