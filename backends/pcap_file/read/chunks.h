/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_CHUNKS_H
#define PKTIO_PCAP_FILE_CHUNKS_H

/*
 * The buffers that a file is read into. Frames point into them, and each
 * counts how many of its frames are out; one that has none can be used again.
 * One of them is the current one: unread bytes are at its end.
 */
#include <stddef.h>
#include <stdint.h>

struct chunk {
	uint8_t *memory; /* NULL until it is used for the first time */
	size_t size;
	uint32_t held; /* frames that are out */
};

struct chunks {
	struct chunk *all;
	uint32_t *unused; /* a stack: the last, still in the cache, is next */
	uint32_t nunused;
	uint32_t nused; /* of `all`: so many were used so far */
	uint32_t count, current;
	size_t size;       /* of a chunk, unless a frame needs more */
	uint8_t *at, *end; /* the unread bytes, in the current chunk */
};

/* chunks_new - `count` chunks of `size` bytes; 0 or -ENOMEM */
int chunks_new(struct chunks *c, uint32_t count, size_t size);
void chunks_free(struct chunks *c);

/*
 * chunks_make_room - see that `need` bytes from `at` on fit in the current
 * chunk
 *
 * The unread bytes may move, to another chunk if frames are out. 0, -ENOBUFS
 * when frames are out in every chunk, or -ENOMEM.
 */
int chunks_make_room(struct chunks *c, size_t need);

/* chunks_room - how many bytes can be put at `end` */
static inline size_t chunks_room(const struct chunks *c)
{
	const struct chunk *now = &c->all[c->current];

	return (size_t)(now->memory + now->size - c->end);
}

/*
 * chunks_prefetch - for bytes behind those that are looked at, so that they
 * are in the first cache by the time
 *
 * A record tells only where the next one is: a walk waits for each of them, and
 * longer than for all else that it does. So far ahead are some short records;
 * of long ones there are few. Nothing happens where no memory is.
 */
static inline void chunks_prefetch(const uint8_t *at)
{
	__builtin_prefetch(at + 512);
	__builtin_prefetch(at + 512 + 64);
}

/* chunks_release - n frames of a chunk came back */
static inline void chunks_release(struct chunks *c, uint32_t chunk, uint32_t n)
{
	c->all[chunk].held -= n;
	if (c->all[chunk].held == 0 && chunk != c->current)
		c->unused[c->nunused++] = chunk;
}

#endif
