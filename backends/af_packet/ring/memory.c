/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes, maps and unmaps the memory of a ring. When the interface is replaced,
 * a member of a fanout group needs a new socket and so a new ring; the mapping
 * of the old one stays until the application has released its frames.
 */
#include "ring/memory.h"

#include "af_packet.h"
#include "ring/block.h"
#include "ring/loss.h"
#include "ring/numa.h"
#include "ring/profile.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_packet.h>
#include <sys/mman.h>

/* The smallest part of the requested ring to accept, 1 / LEAST_PART. */
#define LEAST_PART 64U

static int set_int(struct af_packet *p, int option, const char *name, int value)
{
	if (setsockopt(p->sock, SOL_PACKET, option, &value, sizeof(value)) == 0)
		return 0;
	if (errno == EBUSY)
		return pktio_fail(
			&p->ring, -EBUSY,
			"fd %d already has a ring; pass a socket without a ring",
			(int)p->conf->fd);
	return pktio_fail(&p->ring, -errno,
			  "cannot set the packet version to %s: %s", name,
			  strerror(errno));
}

/* Requests a ring of so many allocations of p->wanted.alloc_size bytes. */
static int ask_for(struct af_packet *p, uint32_t allocs)
{
	/* Frames of a V3 ring have no fixed size: one frame per block satisfies
	 * the checks of the kernel. */
	struct tpacket_req3 req = {
		.tp_block_size = (unsigned)p->wanted.alloc_size,
		.tp_block_nr = allocs,
		.tp_frame_size = (unsigned)p->wanted.block_size,
		.tp_frame_nr = (unsigned)(p->wanted.alloc_size /
					  p->wanted.block_size * allocs),
		.tp_retire_blk_tov =
			(unsigned)(p->wanted.block_timeout / 1000000),
		.tp_feature_req_word = p->conf->rxhash ? TP_FT_REQ_FILL_RXHASH :
							 0,
	};
	socklen_t size = p->slots ? sizeof(struct tpacket_req) : sizeof(req);

	return setsockopt(p->sock, SOL_PACKET, PACKET_RX_RING, &req, size) < 0 ?
		       -errno :
		       0;
}

/* Requests the size of p->wanted, or the largest part for which there is
 * memory. */
static int get_ring(struct af_packet *p)
{
	const struct af_packet_shape *s = &p->wanted;
	uint32_t wanted = (uint32_t)(s->ring_size / s->alloc_size);
	uint32_t allocs = wanted;
	int ret = ask_for(p, allocs);

	while (ret == -ENOMEM && !p->conf->ring_strict && allocs / 2 >= 2 &&
	       allocs > wanted / LEAST_PART) {
		allocs /= 2;
		ret = ask_for(p, allocs);
	}
	if (ret == -ENOMEM)
		return pktio_fail(
			&p->ring, ret,
			"the kernel has no memory for a ring of %" PRIu64
			" bytes; set a smaller ring-size%s",
			s->alloc_size * allocs,
			p->conf->ring_strict ? ", or ring-strict=no" : "");
	if (ret < 0)
		return pktio_fail(
			&p->ring, ret,
			"the kernel refuses a ring of %u allocations of %" PRIu64
			" bytes each: %s; set another ring-size or %s",
			allocs, s->alloc_size, strerror(-ret),
			p->slots ? "frame-size" : "block-size");
	af_packet_take_shape(p, (uint32_t)(s->alloc_size / s->block_size) *
					allocs);
	if (allocs < wanted)
		pktio_note(&p->ring,
			   "the ring has only %" PRIu64
			   " bytes, because there is no memory for %" PRIu64
			   " bytes",
			   p->ring.info.ring_size, s->ring_size);
	return 0;
}

static int make_ring(struct af_packet *p)
{
	struct numa_policy before;
	int ret = numa_prefer(p, &before);

	if (ret == 0)
		ret = get_ring(p);
	numa_restore(&before);
	if (ret < 0)
		return ret;
	p->mem.map_size = p->ring.info.ring_size;
	/* The kernel has mapped and pinned the pages: MAP_POPULATE and
	 * MAP_LOCKED would add nothing, and MAP_LOCKED needs RLIMIT_MEMLOCK. */
	p->mem.map = mmap(NULL, p->mem.map_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED, p->sock, 0);
	if (p->mem.map == MAP_FAILED) {
		p->mem.map = NULL;
		return pktio_fail(
			&p->ring, -errno,
			"cannot map a ring of %zu bytes into the process: %s; set a smaller ring-size",
			p->mem.map_size, strerror(errno));
	}
	return numa_check(p);
}

int ring_mem_open(struct af_packet *p)
{
	int ret = p->slots ?
			  set_int(p, PACKET_VERSION, "TPACKET_V2", TPACKET_V2) :
			  set_int(p, PACKET_VERSION, "TPACKET_V3", TPACKET_V3);

	p->mem = (struct ring_mem){ 0 };
	p->mem.status_at = p->slots ? offsetof(struct tpacket2_hdr, tp_status) :
				      offsetof(struct tpacket_block_desc,
					       hdr.bh1.block_status);
	if (ret == 0)
		ret = make_ring(p);
	if (ret < 0)
		return ret;
	p->mem.held = calloc(p->ring.info.blocks, sizeof(*p->mem.held));
	if (!p->mem.held)
		return pktio_fail(
			&p->ring, -ENOMEM,
			"out of memory for the counters of held frames");
	return 0;
}

void ring_mem_close(struct ring_mem *m)
{
	if (m->map)
		munmap(m->map, m->map_size);
	free(m->held);
	*m = (struct ring_mem){ 0 };
}

uint32_t ring_mem_count_pending(struct ring_mem *m)
{
	/* The kernel only appends: so each block is checked once. */
	while (m->ahead < m->blocks) {
		uint32_t block = (m->cursor + m->ahead) % m->blocks;

		/* A block that is held was read already. */
		if (m->held[block] || !block_is_ours(m, block))
			break;
		m->ahead++;
	}
	return m->ahead + (m->left > 0);
}

/* ---- Replacing ---------------------------------------------------------- */

static uint64_t count_held(const struct ring_mem *m)
{
	uint64_t held = 0;

	for (uint32_t i = 0; i < m->blocks; i++)
		held += m->held[i];
	return held;
}

int ring_mem_replace(struct af_packet *p, const struct ring_mem *m,
		     struct ring_mem *ret_old)
{
	uint64_t held = count_held(&p->mem);
	uint64_t base = p->mem.base + p->mem.blocks;

	*ret_old = p->mem;
	if (held > 0) {
		struct ring_retired *old = malloc(sizeof(*old));

		if (!old)
			return pktio_fail(
				&p->ring, -ENOMEM,
				"out of memory for the record of the old ring; the ring tries again");
		*old = (struct ring_retired){ .next = p->retired,
					      .mem = p->mem,
					      .held = held };
		p->retired = old;
		*ret_old = (struct ring_mem){ 0 };
	}
	p->mem = *m;
	p->mem.base = base;
	loss_ring_replaced(&p->loss);
	return 0;
}

static void free_retired(struct ring_retired *old)
{
	ring_mem_close(&old->mem);
	free(old);
}

void ring_mem_release_retired(struct af_packet *p, uint64_t cookie, unsigned n)
{
	struct ring_retired **link = &p->retired;
	struct ring_retired *old;

	while (cookie - (*link)->mem.base >= (*link)->mem.blocks)
		link = &(*link)->next;
	old = *link;
	old->held -= n;
	if (old->held == 0) {
		*link = old->next;
		free_retired(old);
	}
}

void ring_mem_close_retired(struct af_packet *p)
{
	while (p->retired) {
		struct ring_retired *old = p->retired;

		p->retired = old->next;
		free_retired(old);
	}
}
