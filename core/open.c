/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens and closes rings. */
#include "open.h"

#include <stdlib.h>
#include <string.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include <pktio/backend.h>

#include "opt.h"
#include "receive.h"
#include "registry.h"
#include "uri.h"
#include "util/error.h"

/* Copies the values of the settings behind the configuration. */
static int parse_settings(struct opt_parser *p, char *room,
			  const struct pktio_open_args *args,
			  struct pktio_error *reterr)
{
	for (size_t i = 0; i < args->nsettings; i++) {
		size_t size = strlen(args->settings[i].value) + 1;
		int r;

		memcpy(room, args->settings[i].value, size);
		r = opt_set(p, args->settings[i].name, room, reterr);
		if (r < 0)
			return r;
		room += size;
	}
	return 0;
}

/*
 * Makes the configuration of a ring: the values of the options, then the texts
 * that they point to. The first of these texts is the decoded target.
 */
static int configure(void **ret_conf, const struct pktio_backend *b,
		     const struct uri_parts *parts,
		     const struct pktio_open_args *args, const char **target,
		     struct pktio_error *reterr)
{
	struct opt_parser parser;
	size_t conf_size = (b->conf_size + 15) & ~(size_t)15;
	size_t uri_size = strlen(parts->target) + 1;
	size_t size = conf_size;
	void *conf;
	char *text;
	char *query = NULL;
	int ret;

	if (parts->query)
		uri_size += strlen(parts->query) + 1;
	for (size_t i = 0; i < args->nsettings; i++)
		size += strlen(args->settings[i].value) + 1;
	conf = calloc(1, size + uri_size);
	if (!conf)
		return error_set(reterr, -ENOMEM, "out of memory");
	*ret_conf = conf;
	text = (char *)conf + conf_size;
	memcpy(text, parts->target,
	       uri_size); /* target and query, each with its NUL */
	if (parts->query)
		query = text + strlen(text) + 1;
	*target = text;
	ret = uri_decode(text, reterr);
	if (ret == 0)
		ret = opt_begin(&parser, b, conf, reterr);
	if (ret == 0)
		ret = uri_parse_query(&parser, query, reterr);
	if (ret == 0)
		ret = parse_settings(&parser, text + uri_size, args, reterr);
	return ret < 0 ? ret : opt_end(&parser, reterr);
}

/* Copies the members that the caller's size covers; the others are 0. */
static int copy_args(struct pktio_open_args *ret,
		     const struct pktio_open_args *args,
		     struct pktio_error *reterr)
{
	size_t known = sizeof(*ret);

	*ret = (struct pktio_open_args){ .mode = PKTIO_RECV, .count = 1 };
	if (!args)
		return 0;
	if (args->size < sizeof(args->size))
		return error_set(
			reterr, -EINVAL,
			"pktio_open_args.size is %zu: set it to sizeof(struct pktio_open_args)",
			args->size);
	for (size_t i = known; i < args->size; i++)
		if (((const char *)args)[i])
			return error_set(
				reterr, -E2BIG,
				"pktio_open_args has members that pktio %s does not know; use a newer library",
				pktio_version());
	*ret = (struct pktio_open_args){ 0 };
	memcpy(ret, args, args->size < known ? args->size : known);
	if (ret->mode == 0)
		ret->mode = PKTIO_RECV;
	if (ret->count == 0)
		ret->count = 1;
	return 0;
}

static int check_args(const struct pktio_backend *b,
		      const struct pktio_open_args *args,
		      struct pktio_error *reterr)
{
	if (args->index >= args->count)
		return error_set(
			reterr, -EINVAL,
			"%s: there is no ring %u of %u; the index of the first ring is 0",
			b->name, args->index, args->count);
	if (args->mode & ~b->modes)
		return error_set(reterr, -ENOTSUP, "%s: cannot %s", b->name,
				 args->mode & ~b->modes & PKTIO_SEND ?
					 "send" :
					 "receive");
	if (args->filter && !(args->mode & PKTIO_RECV))
		return error_set(reterr, -EINVAL,
				 "%s: a filter needs a ring that receives",
				 b->name);
	return 0;
}

static void dispose(struct pktio_ring *r)
{
	if (r->wake_fd >= 0)
		close(r->wake_fd);
	pktio_bpf_free(r->filter);
	free(r->conf);
	free(r);
}

static int start(struct pktio_ring *r, const void *conf,
		 const struct pktio_open_ctx *asked, bool wakes,
		 struct pktio_error *reterr)
{
	struct pktio_open_ctx ctx = *asked;
	int ret = 0;

	if (wakes)
		r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wakes && r->wake_fd < 0)
		return error_set(reterr, -errno,
				 "%s: cannot get an eventfd: %s", r->ops->name,
				 strerror(errno));
	if (asked->filter)
		ret = receive_check_filter(r, asked->filter, &r->filter);
	if (ret < 0)
		return error_set(reterr, ret, "%s: %s", r->ops->name,
				 receive_filter_text(ret));
	if (!r->ops->set_filter)
		ctx.filter = NULL;
	ret = r->ops->open(r, conf, &ctx);
	if (ret < 0)
		return error_set(reterr, ret, "%s",
				 r->error[0] ? r->error : strerror(-ret));
	return 0;
}

int open_ring(struct pktio_ring **ret, const struct pktio_backend *b,
	      const void *conf, const struct pktio_open_ctx *ctx, bool wakes,
	      struct pktio_error *reterr)
{
	struct pktio_ring *ring = calloc(1, b->handle_size);
	int r;

	if (!ring)
		return error_set(reterr, -ENOMEM, "out of memory");
	ring->ops = b;
	ring->fd = -1;
	ring->wake_fd = -1;
	ring->info.mode = ctx->mode;
	ring->info.numa_node = -1;
	ring->info.socket = -1;
	r = start(ring, conf, ctx, wakes, reterr);
	if (r < 0) {
		dispose(ring);
		return r;
	}
	*ret = ring;
	return 0;
}

/* Opens a ring of the backend, or of the one that the backend selects. */
static int open_parts(struct pktio_ring **ret, const struct pktio_backend *b,
		      const struct uri_parts *parts,
		      const struct pktio_open_args *args,
		      struct pktio_error *reterr)
{
	struct pktio_open_ctx ctx = { .mode = args->mode,
				      .index = args->index,
				      .count = args->count,
				      .filter = args->filter };
	const struct pktio_backend *selected;
	void *conf = NULL;
	int r = configure(&conf, b, parts, args, &ctx.target, reterr);

	if (r == 0) {
		selected = b->select ? b->select(conf, &ctx) : NULL;
		r = open_ring(ret, selected ? selected : b, conf, &ctx, true,
			      reterr);
	}
	if (r < 0)
		free(conf);
	else
		(*ret)->conf = conf;
	return r;
}

int pktio_open(struct pktio_ring **ret, const char *uri,
	       const struct pktio_open_args *args, struct pktio_error *reterr)
{
	const struct pktio_backend *backend = NULL;
	struct pktio_open_args mine;
	struct pktio_error error = { 0 };
	struct uri_parts parts = { 0 };
	int r = copy_args(&mine, args, &error);

	if (r == 0)
		r = uri_split(&parts, uri, &error);
	if (r == 0) {
		backend = registry_find(parts.backend, &error);
		r = backend ? check_args(backend, &mine, &error) : error.code;
	}
	if (r == 0 && backend)
		r = open_parts(ret, backend, &parts, &mine, &error);
	free(parts.text);
	if (r < 0 && reterr)
		*reterr = error;
	return r;
}

struct pktio_ring *pktio_close(struct pktio_ring *r)
{
	if (r) {
		if (r->info.mode & PKTIO_SEND)
			pktio_flush(r);
		r->ops->close(r);
		dispose(r);
	}
	return NULL;
}
