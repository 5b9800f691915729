/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffers that a file is read into. */
#include "read/chunks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Aligned to pages, so that the kernel copies from page to page. */
#define ALIGNMENT ((size_t)4096)

/* Makes chunk `i` at least `need` bytes long. Its bytes are lost. */
static int enlarge(struct chunks *c, uint32_t i, size_t need)
{
	struct chunk *chunk = &c->all[i];
	size_t size = need > c->size ? need : c->size;
	uint8_t *memory;

	if (chunk->size >= need)
		return 0;
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	memory = aligned_alloc(ALIGNMENT, size);
	if (!memory)
		return -ENOMEM;
	free(chunk->memory);
	chunk->memory = memory;
	chunk->size = size;
	return 0;
}

int chunks_new(struct chunks *c, uint32_t count, size_t size)
{
	int r;

	*c = (struct chunks){ .count = count, .size = size };
	c->all = calloc(count, sizeof(c->all[0]));
	c->unused = calloc(count, sizeof(c->unused[0]));
	r = c->all && c->unused ? enlarge(c, 0, size) : -ENOMEM;
	if (r < 0) {
		chunks_free(c);
		return r;
	}
	c->nused = 1;
	c->at = c->all[0].memory;
	c->end = c->at;
	return 0;
}

void chunks_free(struct chunks *c)
{
	for (uint32_t i = 0; c->all && i < c->count; i++)
		free(c->all[i].memory);
	free(c->all);
	free(c->unused);
	*c = (struct chunks){ 0 };
}

/* Continues in another chunk, because frames of the current one are held. */
static int change(struct chunks *c, size_t need)
{
	size_t unread = (size_t)(c->end - c->at);
	uint32_t i;
	int r;

	if (c->nunused > 0)
		i = c->unused[c->nunused - 1];
	else if (c->nused < c->count)
		i = c->nused;
	else
		return -ENOBUFS;
	r = enlarge(c, i, need);
	if (r < 0)
		return r;
	if (c->nunused > 0)
		c->nunused--;
	else
		c->nused++;
	memcpy(c->all[i].memory, c->at, unread);
	c->current = i;
	c->at = c->all[i].memory;
	c->end = c->at + unread;
	return 0;
}

/* Makes the current chunk longer. None of its frames is held. */
static int grow(struct chunks *c, size_t need)
{
	struct chunk *now = &c->all[c->current];
	size_t unread = (size_t)(c->end - c->at);
	struct chunk old = *now;
	int r;

	*now = (struct chunk){ 0 };
	r = enlarge(c, c->current, need);
	if (r < 0) {
		*now = old;
		return r;
	}
	memcpy(now->memory, c->at, unread);
	free(old.memory);
	c->at = now->memory;
	c->end = c->at + unread;
	return 0;
}

int chunks_make_room(struct chunks *c, size_t need)
{
	struct chunk *now = &c->all[c->current];
	size_t unread = (size_t)(c->end - c->at);

	/* The chunk is empty: start again at its cached beginning. */
	if (unread == 0 && now->held == 0) {
		c->at = now->memory;
		c->end = c->at;
	}
	if (need <= (size_t)(now->memory + now->size - c->at))
		return 0;
	if (now->held > 0)
		return change(c, need);
	if (need > now->size)
		return grow(c, need);
	memmove(now->memory, c->at, unread);
	c->at = now->memory;
	c->end = c->at + unread;
	return 0;
}
