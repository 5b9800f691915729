/* SPDX-License-Identifier: BSD-3-Clause */
/* Inner rings: functions for a backend that wraps other rings. */
#include <string.h>

#include <pktio/backend.h>

#include "open.h"

/* The message without its prefix, if r's backend has the same name. */
static const char *without_name(const struct pktio_ring *r, const char *text)
{
	size_t n = strlen(r->ops->name);

	if (strncmp(text, r->ops->name, n) == 0 &&
	    strncmp(text + n, ": ", 2) == 0)
		return text + n + 2;
	return text;
}

/* Reports the result of opening an inner ring as the result of r. */
static int finish_open(struct pktio_ring *r, struct pktio_ring *const *inner,
		       int code, const struct pktio_error *error)
{
	const char *text;

	if (code < 0)
		return pktio_fail(r, code, "%s", without_name(r, error->text));
	while ((text = pktio_next_notice(*inner)))
		pktio_note(r, "%s", without_name(r, text));
	return 0;
}

int pktio_inner_open(struct pktio_ring **ret, struct pktio_ring *r,
		     const struct pktio_backend *b, const void *conf,
		     const struct pktio_open_ctx *ctx)
{
	struct pktio_error error;
	int code = open_ring(ret, b, conf, ctx, false, &error);

	return finish_open(r, ret, code, &error);
}

int pktio_inner_open_uri(struct pktio_ring **ret, struct pktio_ring *r,
			 const char *uri, const struct pktio_open_args *args)
{
	struct pktio_error error;
	int code = pktio_open(ret, uri, args, &error);

	return finish_open(r, ret, code, &error);
}

int pktio_inner_ready(struct pktio_ring *inner, int polled)
{
	if (inner->ops->ready)
		return inner->ops->ready(inner, polled);
	return inner->fd < 0 || polled;
}

const char *pktio_inner_error(const struct pktio_ring *r,
			      const struct pktio_ring *inner)
{
	return without_name(r, inner->error);
}

/* True for the counters that recv updates. */
static int is_received(size_t offset)
{
	return offset == offsetof(struct pktio_stats, received) ||
	       offset == offsetof(struct pktio_stats, received_bytes) ||
	       offset == offsetof(struct pktio_stats, truncated);
}

static uint64_t *counter(struct pktio_stats *stats, size_t offset)
{
	return (void *)((char *)stats + offset);
}

int pktio_inner_count(struct pktio_ring *r, struct pktio_ring *inner,
		      struct pktio_stats *seen)
{
	int code = inner->ops->get_stats ? inner->ops->get_stats(inner) : 0;

	if (code < 0)
		return pktio_fail(r, code, "%s", pktio_inner_error(r, inner));
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++) {
		if (c->gauge || is_received(c->offset))
			continue;
		*counter(&r->stats, c->offset) +=
			*counter(&inner->stats, c->offset) -
			*counter(seen, c->offset);
		*counter(seen, c->offset) = *counter(&inner->stats, c->offset);
	}
	return 0;
}
