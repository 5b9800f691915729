/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/wrapper_backend.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct wrapper_conf {
	uint64_t frame_slots;
};

static const struct pktio_opt_decl options[] = {
	{ "frame-slots", "number of frames that can be held or allocated",
	  "4096", PKTIO_OPT_UINT, 0, 1, WRAPPER_SLOTS, NULL,
	  offsetof(struct wrapper_conf, frame_slots) },
	{ NULL },
};

static struct wrapper *wrapper_of(struct pktio_ring *r)
{
	return (struct wrapper *)r;
}

/* ---- Cookies ------------------------------------------------------------ */

/* Gives the frame a cookie of the wrapper, and stores the inner one. */
static void hold(struct wrapper *w, struct pktio_ring *inner,
		 struct pktio_frame *f)
{
	uint16_t cookie = w->free[--w->nfree];

	w->held[cookie] = (struct wrapper_held){ inner, f->cookie };
	f->cookie = cookie;
}

/* The frame as its inner ring knows it. */
static struct pktio_frame inner_frame(const struct wrapper *w,
				      const struct pktio_frame *f)
{
	struct pktio_frame inner = *f;

	inner.cookie = w->held[f->cookie].cookie;
	return inner;
}

static void drop_cookie(struct wrapper *w, uint64_t cookie)
{
	w->held[cookie].inner = NULL;
	w->free[w->nfree++] = (uint16_t)cookie;
}

static void wrapper_release(struct pktio_ring *r,
			    const struct pktio_frame *frames, unsigned n)
{
	struct wrapper *w = wrapper_of(r);

	for (unsigned i = 0; i < n; i++) {
		struct pktio_frame f = inner_frame(w, &frames[i]);

		pktio_release(w->held[frames[i].cookie].inner, &f, 1);
		drop_cookie(w, frames[i].cookie);
	}
}

static int fail_inner(struct wrapper *w, const struct pktio_ring *inner,
		      int code)
{
	return pktio_fail(&w->ring, code, "%s",
			  pktio_inner_error(&w->ring, inner));
}

/* ---- Receive ------------------------------------------------------------ */

static void count(struct wrapper *w, const struct pktio_frame *f)
{
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
		if (r == 1) {
			hold(w, inner->ring, f);
			count(w, f);
			return 1;
		}
		if (r < 0 && r != PKTIO_EOF)
			return fail_inner(w, inner->ring, r);
		inner->ended = r == PKTIO_EOF;
		if (r == 0)
			code = 0;
	}
	return code;
}

static int fail_held(struct wrapper *w)
{
	w->ring.stats.stalls++;
	return pktio_fail(&w->ring, -ENOBUFS, "too many held frames");
}

static int wrapper_recv(struct pktio_ring *r, struct pktio_frame *frames,
			unsigned n)
{
	struct wrapper *w = wrapper_of(r);
	unsigned done = 0;
	int code = 0;

	while (done < n && code >= 0) {
		if (w->nfree == 0)
			code = fail_held(w);
		else
			code = recv_one(w, &frames[done]);
		if (code == 0)
			break;
		done += code > 0;
	}
	return done > 0 ? (int)done : code;
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

/* ---- Send --------------------------------------------------------------- */

static int wrapper_alloc(struct pktio_ring *r, struct pktio_frame *frames,
			 unsigned n)
{
	struct wrapper *w = wrapper_of(r);
	struct pktio_ring *inner = w->inner[0].ring;
	int got = pktio_alloc(inner, frames, n < w->nfree ? n : w->nfree);

	for (int i = 0; i < got; i++)
		hold(w, inner, &frames[i]);
	return got < 0 ? fail_inner(w, inner, got) : got;
}

static int wrapper_send(struct pktio_ring *r, const struct pktio_frame *frames,
			unsigned n)
{
	struct wrapper *w = wrapper_of(r);
	struct pktio_ring *inner = w->inner[0].ring;

	for (unsigned i = 0; i < n; i++) {
		struct pktio_frame f = inner_frame(w, &frames[i]);
		int sent = pktio_send(inner, &f, 1);

		if (sent < 0 && i == 0)
			return fail_inner(w, inner, sent);
		if (sent <= 0)
			return (int)i;
		drop_cookie(w, frames[i].cookie);
	}
	return (int)n;
}

static int wrapper_inject(struct pktio_ring *r,
			  const struct pktio_frame *frames, unsigned n)
{
	struct wrapper *w = wrapper_of(r);
	int sent = pktio_inject(w->inner[0].ring, frames, n);

	return sent < 0 ? fail_inner(w, w->inner[0].ring, sent) : sent;
}

static int wrapper_flush(struct pktio_ring *r)
{
	struct wrapper *w = wrapper_of(r);
	int code = pktio_flush(w->inner[0].ring);

	return code < 0 ? fail_inner(w, w->inner[0].ring, code) : 0;
}

static int wrapper_finish(struct pktio_ring *r)
{
	struct wrapper *w = wrapper_of(r);
	int code = pktio_finish(w->inner[0].ring);

	return code < 0 ? fail_inner(w, w->inner[0].ring, code) : 0;
}

/* ---- Filter, metadata, information -------------------------------------- */

static int wrapper_set_filter(struct pktio_ring *r,
			      const struct sock_fprog *prog)
{
	struct wrapper *w = wrapper_of(r);

	for (unsigned i = 0; i < w->n; i++) {
		struct pktio_ring *inner = w->inner[i].ring;
		int code = pktio_set_filter(inner, prog);

		if (code < 0)
			return fail_inner(w, inner, code);
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

/* The link is that of the first inner ring. */
static int wrapper_get_info(const struct pktio_ring *r, struct pktio_info *info)
{
	const struct wrapper *w = (const struct wrapper *)r;
	struct pktio_info inner = { .size = sizeof(inner) };
	int code = pktio_get_info(w->inner[0].ring, &inner);

	info->link = inner.link;
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
	char text[PKTIO_TEXT];
	int code;

	if (w->n == WRAPPER_MOST || size >= sizeof(one))
		return pktio_fail(&w->ring, -EINVAL,
				  "too many URIs, or one that is too long");
	memcpy(one, uri, size);
	one[size] = '\0';
	code = pktio_inner_open_uri(&w->inner[w->n].ring, &w->ring, one, &args);
	w->n += code == 0;
	if (code == 0)
		return 0;
	snprintf(text, sizeof(text), "%s",
		 pktio_inner_error(&w->ring, &w->ring));
	return pktio_fail(&w->ring, code, "cannot open '%s': %s", one, text);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a == 0 || (b > 0 && b < a) ? b : a; /* 0: no limit */
}

static void fill_info(struct wrapper *w, const struct wrapper_conf *conf)
{
	struct pktio_info *info = &w->ring.info;
	const struct pktio_info *first = &w->inner[0].ring->info;

	info->linktype = first->linktype;
	info->snaplen = first->snaplen;
	info->ifindex = first->ifindex;
	info->max_held = (uint32_t)conf->frame_slots;
	for (unsigned i = 0; i < w->n; i++) {
		const struct pktio_info *inner = &w->inner[i].ring->info;

		info->max_held =
			(uint32_t)lower(info->max_held, inner->max_held);
		info->max_hold = lower(info->max_hold, inner->max_hold);
	}
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
	while (w->nfree < ((const struct wrapper_conf *)conf)->frame_slots) {
		w->free[w->nfree] = (uint16_t)w->nfree;
		w->nfree++;
	}
	fill_info(w, conf);
	return 0;
}

PKTIO_BACKEND(wrapper) = {
	PKTIO_BACKEND_SIZES,
	.name = "wrapper",
	.doc = "one ring over several",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct wrapper),
	.conf_size = sizeof(struct wrapper_conf),
	.opts = options,
	.open = wrapper_open,
	.close = wrapper_close,
	.recv = wrapper_recv,
	.release = wrapper_release,
	.ready = wrapper_ready,
	.alloc = wrapper_alloc,
	.send = wrapper_send,
	.inject = wrapper_inject,
	.flush = wrapper_flush,
	.finish = wrapper_finish,
	.set_filter = wrapper_set_filter,
	.get_info = wrapper_get_info,
	.get_stats = wrapper_get_stats,
	.meta_get = wrapper_meta_get,
};
