/* SPDX-License-Identifier: BSD-3-Clause */
#include "replacement.h"

#include "af_packet.h"
#include "events.h"
#include "receive.h"
#include "socket.h"

#include <stdlib.h>
#include <string.h>

#include <unistd.h>

/* What is left of the old ring. */
struct ring_leftover {
	int sock;
	struct ring_mem mem; /* without a map: frames in it are held */
};

/* ---- The new ring ------------------------------------------------------- */

/*
 * The maker works on a handle of its own: a copy of the ring's, with another
 * socket and other memory. It shares only what nobody writes after open.
 */
static struct af_packet *copy_handle(const struct af_packet *p)
{
	struct af_packet *next = malloc(sizeof(*next));

	if (!next)
		return NULL;
	*next = *p;
	next->sock = -1;
	next->mem = (struct ring_mem){ 0 };
	next->replacement = (struct replacement){ 0 };
	return next;
}

static void *make(void *arg)
{
	struct af_packet *p = arg;
	struct replacement *r = p->owner;
	int ret = af_packet_make_socket(p);

	if (ret == 0)
		ret = ring_mem_open(p);
	if (ret == 0)
		ret = af_packet_tx_setup(p);
	r->result = ret;
	return NULL;
}

static int start_making(struct af_packet *p)
{
	struct replacement *r = &p->replacement;
	int ret;

	r->next = copy_handle(p);
	if (!r->next)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	r->next->owner = r;
	ret = background_start(&r->maker, make, r->next);
	if (ret < 0) {
		free(r->next);
		r->next = NULL;
		return pktio_fail(&p->ring, ret,
				  "cannot start a thread to make a ring: %s",
				  strerror(-ret));
	}
	return -EAGAIN;
}

static void drop_next(struct replacement *r)
{
	if (!r->next)
		return;
	ring_mem_close(&r->next->mem);
	if (r->next->sock >= 0)
		close(r->next->sock);
	free(r->next);
	r->next = NULL;
}

/* ---- The old ring ------------------------------------------------------- */

static void *close_leftover(void *arg)
{
	struct ring_leftover *old = arg;

	close(old->sock);
	ring_mem_close(&old->mem);
	return NULL;
}

/* If there is no thread to be had, recv waits for once. */
static void start_closing(struct replacement *r)
{
	if (background_start(&r->closer, close_leftover, r->leftover) < 0)
		close_leftover(r->leftover);
}

/* ---- Exchanging them ---------------------------------------------------- */

static int exchange(struct af_packet *p)
{
	struct replacement *r = &p->replacement;
	struct af_packet *next = r->next;
	struct ring_leftover *old = malloc(sizeof(*old));
	int ret;

	if (!old) {
		drop_next(r);
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	}
	ret = events_add_socket(p, next->sock);
	if (ret == 0) {
		af_packet_get_stats(&p->ring); /* the last ones */
		old->sock = p->sock;
		ret = ring_mem_replace(p, &next->mem, &old->mem);
	}
	if (ret < 0) {
		free(old);
		drop_next(r);
		return ret;
	}
	/* A mapping that is kept keeps the old socket in the set. */
	events_remove(p, p->sock);
	p->sock = next->sock;
	next->ring.info.ifindex = p->ring.info.ifindex;
	p->ring.info = next->ring.info;
	filter_ring_replaced(&p->filter);
	group_forget_socket(p);
	free(next);
	r->next = NULL;
	r->leftover = old;
	start_closing(r);
	return 0;
}

int replacement_step(struct af_packet *p)
{
	struct replacement *r = &p->replacement;

	if (!background_done(&r->closer))
		return -EAGAIN;
	free(r->leftover);
	r->leftover = NULL;
	if (!r->next)
		return start_making(p);
	if (!background_done(&r->maker))
		return -EAGAIN;
	if (r->result < 0) {
		memcpy(p->ring.error, r->next->ring.error,
		       sizeof(p->ring.error));
		drop_next(r);
		return r->result;
	}
	return exchange(p);
}

void replacement_close(struct af_packet *p)
{
	struct replacement *r = &p->replacement;

	background_wait(&r->maker);
	drop_next(r);
	background_wait(&r->closer);
	free(r->leftover);
	r->leftover = NULL;
}
