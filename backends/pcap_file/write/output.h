/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_OUTPUT_H
#define PKTIO_PCAP_FILE_OUTPUT_H

/*
 * The file that is written. It ends with a whole record at all times, if
 * possible: a partial write is truncated. If the file cannot be truncated,
 * nothing more is written.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct output {
	int fd;       /* -1: none */
	bool regular; /* can be truncated */
	bool created; /* the file did not exist */
	bool shared;  /* standard output: its contents are kept */
	off_t offset; /* of a regular file: after the last whole record */
	int broken;   /* -errno: the file ends within a record for good */
};

/*
 * output_open - open a file, or "-" for standard output
 *
 * The previous contents stay until output_empty(). `fresh`: -EEXIST if the file
 * exists. Returns 0 or a negative errno value.
 */
int output_open(struct output *o, const char *path, bool fresh);

/* output_empty - discard the previous contents after `offset` */
int output_empty(struct output *o);

/*
 * output_write - write all bytes
 *
 * On failure *done bytes were written, and `offset` is unchanged.
 */
int output_write(struct output *o, const uint8_t *bytes, size_t size,
		 size_t *done);

/* output_cut - after a failure: truncate the `done` bytes to `whole` */
void output_cut(struct output *o, size_t whole, size_t done, int code);

/* output_sync - wait until the file is on the disk; 0 or -errno */
int output_sync(struct output *o);

/* output_close - 0, or -errno if the last bytes could not be written */
int output_close(struct output *o);

#endif
