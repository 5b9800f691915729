/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_CHUNKS_H
#define PKTIO_PCAP_FILE_CHUNKS_H

/*
 * The buffers that a file is read into. Frames point into them. Each chunk
 * counts how many of its frames are held, and can be reused when none is. One
 * chunk is the current one: the unread bytes are at its end.
 */
#include <stddef.h>
#include <stdint.h>

struct chunk {
	uint8_t *memory; /* NULL before the first use */
	size_t size;
	uint32_t held; /* frames */
};

struct chunks {
	struct chunk *all;
	uint32_t *unused; /* a stack: the chunk used last is still cached */
	uint32_t nunused;
	uint32_t nused; /* chunks used so far */
	uint32_t count, current;
	size_t size;       /* bytes of a chunk, unless a frame needs more */
	uint8_t *at, *end; /* the unread bytes, in the current chunk */
};

/* chunks_new - `count` chunks of `size` bytes; 0 or -ENOMEM */
int chunks_new(struct chunks *c, uint32_t count, size_t size);
void chunks_free(struct chunks *c);

/*
 * chunks_make_room - ensure that `need` bytes from `at` on fit in the current
 * chunk
 *
 * May move the unread bytes, to another chunk if frames are held. Returns 0;
 * -ENOBUFS: frames are held in every chunk; or -ENOMEM.
 */
int chunks_make_room(struct chunks *c, size_t need);

/* chunks_room - how many bytes fit at `end` */
static inline size_t chunks_room(const struct chunks *c)
{
	const struct chunk *now = &c->all[c->current];

	return (size_t)(now->memory + now->size - c->end);
}

/*
 * chunks_prefetch - load the bytes after `at` into the first-level cache
 *
 * Only a record contains the position of the next one. So a walk waits for the
 * header of each record, and that is longer than all other work. The distance
 * is some short records; long records are few. Prefetching invalid addresses is
 * harmless.
 */
static inline void chunks_prefetch(const uint8_t *at)
{
	__builtin_prefetch(at + 512);
	__builtin_prefetch(at + 512 + 64);
}

/* chunks_release - n frames of a chunk were released */
static inline void chunks_release(struct chunks *c, uint32_t chunk, uint32_t n)
{
	c->all[chunk].held -= n;
	if (c->all[chunk].held == 0 && chunk != c->current)
		c->unused[c->nunused++] = chunk;
}

#endif
