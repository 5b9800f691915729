/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/fake_backends.h"

#include <string.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include "registry.h"
#include "support/wrapper_backend.h"

int fake_open_rings;
int fake_closed_rings;

static const struct pktio_opt_value speeds[] = {
	{ "slow", 1, "slow" },
	{ "fast", 2, "fast" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value bits[] = {
	{ "a", 1, "one" },
	{ "b", 2, "two" },
	{ "long-one", 4, "four" },
	{ NULL, 0, NULL },
};

#define AT(field) offsetof(struct fake_conf, field)
const struct pktio_opt_decl fake_opts[] = {
	{ "yes", "a truth", "no", PKTIO_OPT_BOOL, 0, 0, 0, NULL, AT(yes) },
	{ "number", "a number", "5", PKTIO_OPT_UINT, 0, 1, 100, NULL,
	  AT(number) },
	{ "block-size", "a size", "64K", PKTIO_OPT_SIZE, PKTIO_OPT_POW2, 4096,
	  1 << 20, NULL, AT(block_size) },
	{ "wait", "a time", "10ms", PKTIO_OPT_TIME, 0, 1000, 1000000000, NULL,
	  AT(wait) },
	{ "speed", "a choice", "slow", PKTIO_OPT_ENUM, 0, 0, 0, speeds,
	  AT(speed) },
	{ "flags", "several", "a+b", PKTIO_OPT_FLAGS, 0, 0, 0, bits,
	  AT(flags) },
	{ "any", "any number", "0", PKTIO_OPT_UINT, 0, 0, UINT64_MAX, NULL,
	  AT(any) },
	{ "any-size", "any size", "0", PKTIO_OPT_SIZE, 0, 0, UINT64_MAX, NULL,
	  AT(any_size) },
	{ "any-time", "any time", "0", PKTIO_OPT_TIME, 0, 0, UINT64_MAX, NULL,
	  AT(any_time) },
	{ "text", "a text", "initially", PKTIO_OPT_STRING, 0, 0, 0, NULL,
	  AT(text) },
	{ "other", "another text", NULL, PKTIO_OPT_STRING, 0, 0, 0, NULL,
	  AT(other) },
	{ NULL },
};

static const struct pktio_renamed_opt fake_renamed[] = {
	{ "rate", "speed" },
	{ "colour", NULL },
	{ NULL, NULL },
};

static int fake_open(struct pktio_ring *r, const void *conf,
		     const struct pktio_open_ctx *ctx)
{
	struct fake *fake = (struct fake *)r;

	if (!strcmp(ctx->target, "broken"))
		return pktio_fail(r, -EIO, "it is broken");
	if (!strcmp(ctx->target, "mute"))
		return -EIO;
	if (!strcmp(ctx->target, "smaller"))
		pktio_note(r, "a smaller ring is used");
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fake->conf = conf;
	fake->target = ctx->target;
	fake->mode = ctx->mode;
	fake->index = ctx->index;
	fake->count = ctx->count;
	fake->filtered = ctx->filter != NULL;
	fake->room = FAKE_FRAMES;
	r->info.linktype = 1;
	r->info.max_held = 7;
	r->info.max_hold = 1234567890123;
	fake_open_rings++;
	return 0;
}

static void fake_close(struct pktio_ring *r)
{
	close(r->fd);
	fake_open_rings--;
	fake_closed_rings++;
}

void fake_feed(struct pktio_ring *r, const struct pktio_frame *f)
{
	struct fake *fake = (struct fake *)r;

	fake->in[fake->nin++] = *f;
	eventfd_write(r->fd, 1);
}

static int fake_recv(struct pktio_ring *r, struct pktio_frame *frames,
		     unsigned n)
{
	struct fake *fake = (struct fake *)r;
	eventfd_t count;

	if (n > fake->nin)
		n = fake->nin;
	memcpy(frames, fake->in, n * sizeof(*frames));
	fake->nin -= n;
	memmove(fake->in, fake->in + n, fake->nin * sizeof(*frames));
	if (fake->nin == 0)
		eventfd_read(r->fd, &count);
	for (unsigned i = 0; i < n; i++) {
		r->stats.received++;
		r->stats.received_bytes += frames[i].caplen;
		r->stats.truncated += frames[i].caplen < frames[i].wirelen;
	}
	return (int)n;
}

static void fake_release(struct pktio_ring *r, const struct pktio_frame *frames,
			 unsigned n)
{
	struct fake *fake = (struct fake *)r;

	for (unsigned i = 0; i < n; i++) {
		if (frames[i].flags & PKTIO_F_WRITABLE) {
			fake->unsent++;
			fake->allocated--;
		} else {
			fake->released++;
			fake->released_cookie = frames[i].cookie;
		}
	}
}

static int fake_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		      unsigned n)
{
	struct fake *fake = (struct fake *)r;
	unsigned i;

	for (i = 0; i < n && fake->allocated < fake->room; i++)
		frames[i] = (struct pktio_frame){
			.data = fake->out[fake->allocated++],
			.flags = PKTIO_F_WRITABLE,
			.tailroom = FAKE_ROOM,
		};
	return (int)i;
}

static int fake_send(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n)
{
	struct fake *fake = (struct fake *)r;

	for (unsigned i = 0; i < n; i++) {
		fake->out_len[fake->nout++] = frames[i].caplen;
		fake->last_sent = frames[i];
	}
	return (int)n;
}

static int fake_flush(struct pktio_ring *r)
{
	struct fake *fake = (struct fake *)r;

	fake->flushes++;
	fake->room = FAKE_FRAMES;
	return 0;
}

/* A frame has one metadata value, with code 1: its cookie. */
static int fake_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			 uint64_t id, uint16_t code, unsigned index, void *buf,
			 size_t size)
{
	(void)r;
	if (scope != PKTIO_META_FRAME || code != 1 || index > 0)
		return -ENOENT;
	memcpy(buf, &id, size < sizeof(id) ? size : sizeof(id));
	return sizeof(id);
}

static int selected_open(struct pktio_ring *r, const void *conf,
			 const struct pktio_open_ctx *ctx)
{
	((struct fake *)r)->selected = true;
	return fake_open(r, conf, ctx);
}

/* Its handle is larger than that of fake_backend. */
static const struct pktio_backend selected_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "fake",
	.doc = "another implementation of fake",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct fake) + 4096,
	.conf_size = sizeof(struct fake_conf),
	.open = selected_open,
	.close = fake_close,
	.recv = fake_recv,
	.release = fake_release,
};

static const struct pktio_backend *fake_select(const void *conf,
					       const struct pktio_open_ctx *ctx)
{
	const struct fake_conf *c = conf;

	return strcmp(c->text, "select") == 0 && ctx->mode == PKTIO_RECV ?
		       &selected_backend :
		       NULL;
}

const struct pktio_backend fake_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "fake",
	.doc = "what tests need",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct fake),
	.conf_size = sizeof(struct fake_conf),
	.opts = fake_opts,
	.select = fake_select,
	.renamed = fake_renamed,
	.open = fake_open,
	.close = fake_close,
	.recv = fake_recv,
	.release = fake_release,
	.meta_get = fake_meta_get,
	.alloc = fake_alloc,
	.send = fake_send,
	.flush = fake_flush,
};

static const struct pktio_opt_decl needy_opts[] = {
	{ "needed", "what it cannot do without", NULL, PKTIO_OPT_UINT,
	  PKTIO_OPT_REQUIRED, 0, 9, NULL, AT(number) },
	{ NULL },
};

static const struct pktio_backend needy_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "needy",
	.doc = "has an option that is required",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct fake),
	.conf_size = sizeof(struct fake_conf),
	.opts = needy_opts,
	.open = fake_open,
	.close = fake_close,
	.recv = fake_recv,
	.release = fake_release,
};

static const struct pktio_backend plain_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "plain",
	.doc = "has no options",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct fake),
	.open = fake_open,
	.close = fake_close,
	.recv = fake_recv,
	.release = fake_release,
};

const struct pktio_backend *const backends_builtin[] = {
	&fake_backend, &needy_backend, &plain_backend, &wrapper_backend, NULL,
};
