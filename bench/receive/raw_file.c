/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain loops over a packet file: they check the length of each record or
 * block, count it and add its captured length. A program that reads a file
 * frame by frame cannot do less. One loop reads the file into a buffer that
 * stays in the cache; the other one maps the file.
 */
#include "receive/receiver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

#define BUFFER ((size_t)256 << 10)
#define RECORD_HEADER 16U
#define BLOCK_LEAST 12U
#define EPB_HEADER 28U
#define EPB 6U
#define SHB 0x0a0d0d0aU
#define MAGIC_US 0xa1b2c3d4U
#define MAGIC_NS 0xa1b23c4dU
#define BYTE_ORDER_MAGIC 0x1a2b3c4dU

struct file {
	int fd;
	bool pcapng;
	uint8_t *memory; /* the buffer, or the mapped file */
	size_t size, start;
	bool mapped;
	char name[128];
};

static uint32_t load(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* ---- Open and close ----------------------------------------------------- */

static void close_file(void *state)
{
	struct file *f = state;

	if (f->mapped)
		munmap(f->memory, f->size);
	else
		free(f->memory);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

/* Accepts only the byte order of this machine: conversion costs time. */
static int identify(struct file *f, struct pktio_error *reterr)
{
	uint8_t head[24] = { 0 };
	uint32_t magic;

	if (pread(f->fd, head, sizeof(head), 0) < 0)
		return error_set(reterr, -errno, "raw: cannot read '%s': %s",
				 f->name, strerror(errno));
	magic = load(head);
	f->pcapng = magic == SHB && load(head + 8) == BYTE_ORDER_MAGIC;
	f->start = f->pcapng ? 0 : sizeof(head);
	if (!f->pcapng && magic != MAGIC_US && magic != MAGIC_NS)
		return error_set(
			reterr, -ENOTSUP,
			"raw: '%s' is not an uncompressed pcap or pcapng file in the byte order of this machine",
			f->name);
	return 0;
}

static int open_file(struct file **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	struct file *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return error_set(reterr, -ENOMEM, "raw: out of memory");
	strncpy(f->name, config->target, sizeof(f->name) - 1);
	f->fd = open(config->target, O_RDONLY | O_CLOEXEC);
	r = f->fd < 0 ? error_set(reterr, -errno, "raw: cannot open '%s': %s",
				  f->name, strerror(errno)) :
			identify(f, reterr);
	if (r < 0) {
		close_file(f);
		return r;
	}
	*ret = f;
	return 0;
}

static int open_read(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	struct file *f = NULL;
	int r = open_file(&f, config, reterr);

	if (!f)
		return r;
	f->memory = aligned_alloc(4096, BUFFER);
	f->size = BUFFER;
	if (!f->memory || lseek(f->fd, (off_t)f->start, SEEK_SET) < 0) {
		close_file(f);
		return error_set(reterr, -ENOMEM, "raw: out of memory");
	}
	*ret = f;
	return 0;
}

static int open_map(void **ret, const struct receiver_config *config,
		    struct pktio_error *reterr)
{
	struct stat stat;
	struct file *f = NULL;
	void *map;
	int r = open_file(&f, config, reterr);

	if (!f)
		return r;
	if (fstat(f->fd, &stat) < 0 || stat.st_size == 0)
		map = MAP_FAILED;
	else
		map = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE,
			   f->fd, 0);
	if (map == MAP_FAILED) {
		r = error_set(reterr, -EIO, "raw: cannot map '%s'", f->name);
		close_file(f);
		return r;
	}
	f->memory = map;
	f->size = (size_t)stat.st_size;
	f->mapped = true;
	(void)madvise(map, f->size, MADV_SEQUENTIAL);
	*ret = f;
	return 0;
}

/* ---- Loops -------------------------------------------------------------- */

struct sums {
	uint64_t frames, bytes;
};

/* Both return the start of the first incomplete record. */
static const uint8_t *walk_pcap(struct sums *sums, const uint8_t *at,
				const uint8_t *end)
{
	struct sums s = *sums;

	while ((size_t)(end - at) >= RECORD_HEADER) {
		uint32_t caplen = load(at + 8);

		if (caplen > (size_t)(end - at) - RECORD_HEADER)
			break;
		s.frames++;
		s.bytes += caplen;
		at += RECORD_HEADER + caplen;
	}
	*sums = s;
	return at;
}

static const uint8_t *walk_pcapng(struct sums *sums, const uint8_t *at,
				  const uint8_t *end)
{
	struct sums s = *sums;

	while ((size_t)(end - at) >= BLOCK_LEAST) {
		uint32_t length = load(at + 4);

		if (length < BLOCK_LEAST || length > (size_t)(end - at))
			break;
		if (load(at) == EPB && length >= EPB_HEADER) {
			s.frames++;
			s.bytes += load(at + 20);
		}
		at += length;
	}
	*sums = s;
	return at;
}

static inline const uint8_t *walk(const struct file *f, struct sums *sums,
				  const uint8_t *at, const uint8_t *end)
{
	return f->pcapng ? walk_pcapng(sums, at, end) :
			   walk_pcap(sums, at, end);
}

static int done(const struct file *f, struct tally *tally,
		const struct sums *sums, size_t left,
		struct pktio_error *reterr)
{
	tally_store(tally, sums->frames);
	tally->bytes += sums->bytes;
	if (left > 0 && !tally_stopped(tally))
		return error_set(
			reterr, -EBADMSG,
			"raw: '%s' ends with an incomplete record, or has a record of more than 256 KiB",
			f->name);
	return 0;
}

static int loop_read(void *state, struct tally *tally,
		     struct pktio_error *reterr)
{
	const struct file *f = state;
	struct sums sums = { .frames = tally->frames };
	size_t left = 0;

	while (!tally_stopped(tally)) {
		ssize_t n = read(f->fd, f->memory + left, f->size - left);
		const uint8_t *end = f->memory + left + (n > 0 ? n : 0);
		const uint8_t *at;

		if (n < 0)
			return error_set(reterr, -errno,
					 "raw: cannot read '%s': %s", f->name,
					 strerror(errno));
		if (n == 0)
			break;
		at = walk(f, &sums, f->memory, end);
		left = (size_t)(end - at);
		memmove(f->memory, at, left);
		tally_store(tally, sums.frames);
	}
	return done(f, tally, &sums, left, reterr);
}

static int loop_map(void *state, struct tally *tally,
		    struct pktio_error *reterr)
{
	const struct file *f = state;
	const uint8_t *const end = f->memory + f->size;
	const uint8_t *at = f->memory + f->start;
	struct sums sums = { .frames = tally->frames };

	at = walk(f, &sums, at, end);
	return done(f, tally, &sums, (size_t)(end - at), reterr);
}

static void wake(void *state)
{
	(void)state;
}

const struct receiver receiver_raw_read = {
	.name = "raw",
	.doc = "on a file: a plain loop over a buffer of read(2)",
	.open = open_read,
	.loop = loop_read,
	.wake = wake,
	.close = close_file,
};

const struct receiver receiver_raw_map = {
	.name = "raw-mmap",
	.doc = "a plain loop over a mapped file",
	.offline = &receiver_raw_map,
	.open = open_map,
	.loop = loop_map,
	.wake = wake,
	.close = close_file,
};
