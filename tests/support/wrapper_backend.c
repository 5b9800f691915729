/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/wrapper_backend.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct wrapper *wrapper_of(struct pktio_ring *r)
{
	return (struct wrapper *)r;
}

/* ---- Receive ------------------------------------------------------------ */

/* Gives the frame a cookie of the wrapper, and stores the inner one. */
static void hold(struct wrapper *w, struct pktio_ring *inner,
		 struct pktio_frame *f)
{
	uint16_t cookie = w->free[--w->nfree];

	w->held[cookie] = (struct wrapper_held){ inner, f->cookie };
	f->cookie = cookie;
	w->ring.stats.received++;
	w->ring.stats.received_bytes += f->caplen;
	w->ring.stats.truncated += f->caplen < f->wirelen;
}

/* Receives one frame of the next inner ring that has one; as recv. */
static int recv_one(struct wrapper *w, struct pktio_frame *f)
{
	int code = PKTIO_EOF;

	for (unsigned i = 0; i < w->n; i++) {
		struct wrapper_inner *inner = &w->inner[w->next];
		int r;

		w->next = (w->next + 1) % w->n;
		if (inner->ended)
			continue;
		r = pktio_recv(inner->ring, f, 1);
		if (r == 1)
			hold(w, inner->ring, f);
		if (r == 1)
			return 1;
		if (r < 0 && r != PKTIO_EOF)
			return pktio_fail(&w->ring, r, "%s",
					  pktio_inner_error(&w->ring,
							    inner->ring));
		inner->ended = r == PKTIO_EOF;
		if (r == 0)
			code = 0;
	}
	return code;
}

static int wrapper_recv(struct pktio_ring *r, struct pktio_frame *frames,
			unsigned n)
{
	struct wrapper *w = wrapper_of(r);
	unsigned done = 0;
	int code = 0;

	while (done < n && code >= 0) {
		if (w->nfree == 0)
			code = pktio_fail(r, -ENOBUFS, "too many held frames");
		else
			code = recv_one(w, &frames[done]);
		if (code == 0)
			break;
		done += code > 0;
	}
	return done > 0 ? (int)done : code;
}

static void wrapper_release(struct pktio_ring *r,
			    const struct pktio_frame *frames, unsigned n)
{
	struct wrapper *w = wrapper_of(r);

	for (unsigned i = 0; i < n; i++) {
		struct wrapper_held *held = &w->held[frames[i].cookie];
		struct pktio_frame f = frames[i];

		f.cookie = held->cookie;
		pktio_release(held->inner, &f, 1);
		held->inner = NULL;
		w->free[w->nfree++] = (uint16_t)frames[i].cookie;
	}
}

static int wrapper_ready(struct pktio_ring *r, int polled)
{
	struct wrapper *w = wrapper_of(r);
	bool ended = true;

	for (unsigned i = 0; i < w->n; i++) {
		struct pktio_ring *inner = w->inner[i].ring;
		struct pollfd fd = { .fd = inner->fd, .events = POLLIN };

		if (w->inner[i].ended)
			continue;
		ended = false;
		if (pktio_inner_ready(inner, polled && poll(&fd, 1, 0) > 0))
			return 1;
	}
	return ended;
}

/* ---- Filter, metadata, counters ----------------------------------------- */

static int wrapper_set_filter(struct pktio_ring *r,
			      const struct sock_fprog *prog)
{
	struct wrapper *w = wrapper_of(r);

	for (unsigned i = 0; i < w->n; i++) {
		struct pktio_ring *inner = w->inner[i].ring;
		int code = pktio_set_filter(inner, prog);

		if (code < 0)
			return pktio_fail(r, code, "%s",
					  pktio_inner_error(r, inner));
	}
	return 0;
}

/* Numbers of interfaces are not unique here, so that only frames have any. */
static int wrapper_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			    uint64_t id, uint16_t code, unsigned index,
			    void *buf, size_t size)
{
	const struct wrapper *w = wrapper_of(r);

	if (scope != PKTIO_META_FRAME || id >= WRAPPER_SLOTS ||
	    !w->held[id].inner)
		return -ENOENT;
	return pktio_meta_get(w->held[id].inner, scope, w->held[id].cookie,
			      code, index, buf, size);
}

static int wrapper_get_stats(struct pktio_ring *r)
{
	struct wrapper *w = wrapper_of(r);
	int code = 0;

	for (unsigned i = 0; i < w->n && code == 0; i++)
		code = pktio_inner_count(r, w->inner[i].ring,
					 &w->inner[i].seen);
	return code;
}

/* ---- Open and close ----------------------------------------------------- */

static void wrapper_close(struct pktio_ring *r)
{
	struct wrapper *w = wrapper_of(r);

	for (unsigned i = 0; i < w->n; i++)
		pktio_close(w->inner[i].ring);
	if (r->fd >= 0)
		close(r->fd);
}

static int open_inner(struct wrapper *w, const char *uri, size_t size,
		      const struct pktio_open_ctx *ctx)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = ctx->mode,
					      .index = ctx->index,
					      .count = ctx->count,
					      .filter = ctx->filter };
	char one[256];
	int code;

	if (w->n == WRAPPER_MOST || size >= sizeof(one))
		return pktio_fail(&w->ring, -EINVAL, "too many or too long");
	memcpy(one, uri, size);
	one[size] = '\0';
	code = pktio_inner_open_uri(&w->inner[w->n].ring, &w->ring, one, &args);
	w->n += code == 0;
	return code;
}

/* One descriptor for all; none if an inner ring never runs dry. */
static int open_epoll(struct wrapper *w)
{
	struct epoll_event event = { .events = EPOLLIN };

	for (unsigned i = 0; i < w->n; i++)
		if (pktio_fd(w->inner[i].ring) < 0)
			return 0;
	w->ring.fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->ring.fd < 0)
		return -errno;
	for (unsigned i = 0; i < w->n; i++)
		if (epoll_ctl(w->ring.fd, EPOLL_CTL_ADD,
			      pktio_fd(w->inner[i].ring), &event) < 0)
			return -errno;
	return 0;
}

static int wrapper_open(struct pktio_ring *r, const void *conf,
			const struct pktio_open_ctx *ctx)
{
	struct wrapper *w = wrapper_of(r);
	const char *uri = ctx->target;
	int code = 0;

	(void)conf;
	for (bool more = true; more && code == 0;) {
		size_t size = strcspn(uri, ",");

		code = open_inner(w, uri, size, ctx);
		more = uri[size] == ',';
		uri += size + more;
	}
	if (code == 0)
		code = open_epoll(w);
	if (code < 0) {
		wrapper_close(r);
		return code;
	}
	while (w->nfree < WRAPPER_SLOTS) {
		w->free[w->nfree] = (uint16_t)w->nfree;
		w->nfree++;
	}
	r->info.linktype = w->inner[0].ring->info.linktype;
	r->info.snaplen = w->inner[0].ring->info.snaplen;
	r->info.max_held = WRAPPER_SLOTS;
	return 0;
}

PKTIO_BACKEND(wrapper) = {
	PKTIO_BACKEND_SIZES,
	.name = "wrapper",
	.doc = "one ring over several",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct wrapper),
	.open = wrapper_open,
	.close = wrapper_close,
	.recv = wrapper_recv,
	.release = wrapper_release,
	.ready = wrapper_ready,
	.set_filter = wrapper_set_filter,
	.get_stats = wrapper_get_stats,
	.meta_get = wrapper_meta_get,
};
