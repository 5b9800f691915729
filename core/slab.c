/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots of a fixed size in one mapping. The free slots are a stack: the slot
 * that was released last is in the cache and is used next.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <pktio/backend.h>

#define CACHE_LINE 64U

struct pktio_slab {
	uint8_t *memory;
	size_t stride;
	uint32_t slots, nfree;
	uint32_t free[];
};

struct pktio_slab *pktio_slab_new(uint32_t slots, uint32_t size)
{
	struct pktio_slab *slab;
	size_t lines = ((size_t)size + CACHE_LINE - 1) / CACHE_LINE;
	/* An odd number of cache lines spreads the slots over all cache sets.
	 */
	size_t stride = (lines | 1) * CACHE_LINE;
	size_t total;

	if (__builtin_mul_overflow(slots, stride, &total))
		return NULL;
	slab = malloc(sizeof(*slab) + slots * sizeof(slab->free[0]));
	if (!slab)
		return NULL;
	slab->stride = stride;
	slab->slots = slots;
	slab->memory = mmap(NULL, total, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slab->memory == MAP_FAILED) {
		free(slab);
		return NULL;
	}
	for (uint32_t i = 0; i < slots; i++)
		slab->free[i] = slots - 1 - i;
	slab->nfree = slots;
	return slab;
}

struct pktio_slab *pktio_slab_free(struct pktio_slab *slab)
{
	if (slab) {
		munmap(slab->memory, slab->slots * slab->stride);
		free(slab);
	}
	return NULL;
}

uint8_t *pktio_slab_get(struct pktio_slab *slab, uint64_t *slot)
{
	if (slab->nfree == 0)
		return NULL;
	*slot = slab->free[--slab->nfree];
	return slab->memory + *slot * slab->stride;
}

void pktio_slab_put(struct pktio_slab *slab, uint64_t slot)
{
	slab->free[slab->nfree++] = (uint32_t)slot;
}
