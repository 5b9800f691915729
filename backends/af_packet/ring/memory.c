/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of a ring: made with its socket, mapped, and given up again. When
 * the interface was replaced a member of a fanout group needs a new socket and
 * so a new ring; the old memory stays for as long as frames in it are held.
 */
#include "ring/memory.h"

#include "af_packet.h"
#include "ring/numa.h"
#include "ring/profile.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_packet.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* Less of a ring than this is not worth having. */
#define LEAST_PART 64U

/* A ring that is no longer filled, with `held` frames still out. */
struct af_packet_retired {
	struct af_packet_retired *next;
	uint8_t *map;
	size_t map_size;
	uint64_t base;
	uint32_t blocks;
	uint64_t held;
};

static int set_int(struct af_packet *p, int option, const char *name, int value)
{
	if (setsockopt(p->sock, SOL_PACKET, option, &value, sizeof(value)) == 0)
		return 0;
	if (errno == EBUSY)
		return pktio_fail(
			&p->ring, -EBUSY,
			"fd %d has a ring already; hand in a socket as it was made",
			(int)p->conf->fd);
	return pktio_fail(&p->ring, -errno, "cannot set %s: %s", name,
			  strerror(errno));
}

/* How the kernel is asked for a ring of so many of the pieces. */
static int ask_for(struct af_packet *p, uint32_t pieces)
{
	/* A V3 ring has no frames of fixed size: one to a block satisfies the
	 * kernel's checks for any block. */
	struct tpacket_req3 req = {
		.tp_block_size = (unsigned)p->wanted.piece,
		.tp_block_nr = pieces,
		.tp_frame_size = (unsigned)p->wanted.unit,
		.tp_frame_nr =
			(unsigned)(p->wanted.piece / p->wanted.unit * pieces),
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

/* Of the size that is wanted, or of a part of it that there is memory for. */
static int get_ring(struct af_packet *p)
{
	const struct af_packet_shape *s = &p->wanted;
	uint32_t wanted = (uint32_t)(s->ring_size / s->piece);
	uint32_t pieces = wanted;
	int ret = ask_for(p, pieces);

	while (ret == -ENOMEM && !p->conf->exact && pieces / 2 >= 2 &&
	       pieces > wanted / LEAST_PART) {
		pieces /= 2;
		ret = ask_for(p, pieces);
	}
	if (ret == -ENOMEM)
		return pktio_fail(
			&p->ring, ret,
			"the kernel has no memory for a ring of %" PRIu64
			" bytes; lower ring-size%s",
			s->piece * pieces,
			p->conf->exact ? ", or leave exact out" : "");
	if (ret < 0)
		return pktio_fail(
			&p->ring, ret,
			"the kernel refuses a ring of %u blocks of %" PRIu64
			" bytes: %s",
			pieces, s->piece, strerror(-ret));
	af_packet_take_shape(p, (uint32_t)(s->piece / s->unit) * pieces);
	if (pieces < wanted)
		pktio_fail(&p->ring, 0,
			   "there was no memory for a ring of %" PRIu64
			   " bytes; it has %" PRIu64,
			   s->ring_size, p->ring.info.ring_size);
	return 0;
}

static int make_ring(struct af_packet *p)
{
	struct af_packet_policy before;
	int ret = af_packet_policy_set(p, &before);

	if (ret == 0)
		ret = get_ring(p);
	af_packet_policy_restore(&before);
	if (ret < 0)
		return ret;
	p->map_size = p->ring.info.ring_size;
	/* The pages are there and stay: neither MAP_POPULATE nor MAP_LOCKED
	 * would add to that, and the second needs a limit raised. */
	p->map = mmap(NULL, p->map_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      p->sock, 0);
	if (p->map == MAP_FAILED) {
		p->map = NULL;
		return pktio_fail(&p->ring, -errno,
				  "cannot map a ring of %zu bytes: %s",
				  p->map_size, strerror(errno));
	}
	return af_packet_placed(p);
}

/*
 * The descriptor that the application polls is an epoll set with the socket in
 * it, edge-triggered. The socket itself is readable as long as the block before
 * the kernel's is ours, that is, all the time while its frames are held; an
 * edge tells of each new block once.
 */
static int watch(struct af_packet *p, int op)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET,
				     .data.fd = p->sock };

	return epoll_ctl(p->ring.fd, op, p->sock, &event);
}

void af_packet_watch_again(struct af_packet *p)
{
	watch(p, EPOLL_CTL_MOD);
}

static int make_fd(struct af_packet *p)
{
	if (p->ring.fd < 0)
		p->ring.fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->ring.fd < 0 || watch(p, EPOLL_CTL_ADD) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot make an epoll descriptor: %s",
				  strerror(errno));
	return 0;
}

int af_packet_ring_open(struct af_packet *p)
{
	int ret = p->slots ?
			  set_int(p, PACKET_VERSION, "TPACKET_V2", TPACKET_V2) :
			  set_int(p, PACKET_VERSION, "TPACKET_V3", TPACKET_V3);

	p->status_at = p->slots ? offsetof(struct tpacket2_hdr, tp_status) :
				  offsetof(struct tpacket_block_desc,
					   hdr.bh1.block_status);
	p->flags = PKTIO_F_WRITABLE | PKTIO_F_PKTTYPE |
		   (p->conf->rxhash ? PKTIO_F_HASH : 0);
	if (ret == 0)
		ret = make_ring(p);
	if (ret == 0)
		ret = make_fd(p);
	if (ret < 0)
		return ret;
	p->held = calloc(p->blocks, sizeof(*p->held));
	if (!p->held)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	return 0;
}

/* ---- Giving up ---------------------------------------------------------- */

void af_packet_ring_close(struct af_packet *p)
{
	if (p->map)
		munmap(p->map, p->map_size);
	free(p->held);
	p->map = NULL;
	p->held = NULL;
	p->left = 0;
}

void af_packet_ring_set_aside(struct af_packet *p, struct af_packet_old *ret)
{
	*ret = (struct af_packet_old){ .sock = p->sock,
				       .map = p->map,
				       .map_size = p->map_size,
				       .held = p->held,
				       .blocks = p->blocks,
				       .info = p->ring.info };
	p->sock = -1;
	p->map = NULL;
	p->held = NULL;
}

void af_packet_ring_put_back(struct af_packet *p,
			     const struct af_packet_old *old)
{
	af_packet_ring_close(p);
	if (p->sock >= 0)
		close(p->sock);
	p->sock = old->sock;
	p->map = old->map;
	p->map_size = old->map_size;
	p->held = old->held;
	p->blocks = old->blocks;
	p->ring.info = old->info;
}

/* Keeps its memory for as long as frames in it are held. */
static int retire_memory(struct af_packet *p, const struct af_packet_old *old)
{
	struct af_packet_retired *retired;
	uint64_t held = 0;

	for (uint32_t i = 0; i < old->blocks; i++)
		held += old->held[i];
	if (held == 0) {
		munmap(old->map, old->map_size);
		return 0;
	}
	retired = malloc(sizeof(*retired));
	if (!retired)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	*retired = (struct af_packet_retired){ .next = p->retired,
					       .map = old->map,
					       .map_size = old->map_size,
					       .base = p->base,
					       .blocks = old->blocks,
					       .held = held };
	p->retired = retired;
	return 0;
}

int af_packet_ring_retire(struct af_packet *p, const struct af_packet_old *old)
{
	int ret = retire_memory(p, old);

	if (ret < 0)
		return ret;
	/* Its memory may stay mapped and keep it, but not in our set. */
	epoll_ctl(p->ring.fd, EPOLL_CTL_DEL, old->sock, NULL);
	close(old->sock);
	free(old->held);
	p->base += old->blocks;
	p->cursor = 0;
	p->ahead = 0;
	p->losing = false;
	p->marked = 0;
	p->loss_in = p->loss_in > 0;
	p->unsure = 0;
	return 0;
}

void af_packet_release_retired(struct af_packet *p, uint64_t cookie, unsigned n)
{
	struct af_packet_retired **link = &p->retired;
	struct af_packet_retired *old;

	while (cookie - (*link)->base >= (*link)->blocks)
		link = &(*link)->next;
	old = *link;
	old->held -= n;
	if (old->held == 0) {
		*link = old->next;
		munmap(old->map, old->map_size);
		free(old);
	}
}

void af_packet_ring_close_retired(struct af_packet *p)
{
	while (p->retired) {
		struct af_packet_retired *old = p->retired;

		p->retired = old->next;
		munmap(old->map, old->map_size);
		free(old);
	}
}
