/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pktio_open() with any URI and settings: an input is a URI, and after each
 * line feed a setting, name=value. The backends are gen and one that has every
 * type of option and checks the values; no other backend can be opened.
 */
#include <stdbool.h>
#include <string.h>

#include <pktio/backend.h>

#include "fuzz.h"
#include "registry.h"

#define SETTINGS 8U
#define FRAMES 8U
#define BURSTS 4U

struct conf {
	bool yes;
	uint64_t count, size, time, mode, bits;
	const char *text, *word;
};

#define AT(member) offsetof(struct conf, member)

static const struct pktio_opt_value modes[] = {
	{ "slow", 1, "slow" },
	{ "fast", 7, "fast" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value bits[] = {
	{ "one", 1, "one" },
	{ "two", 2, "two" },
	{ "four", 4, "four" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_decl options[] = {
	{ "yes", "a BOOL", "no", PKTIO_OPT_BOOL, 0, 0, 0, NULL, AT(yes) },
	{ "count", "a UINT", "3", PKTIO_OPT_UINT, 0, 1, 1000, NULL, AT(count) },
	{ "size", "a SIZE", "4K", PKTIO_OPT_SIZE, PKTIO_OPT_POW2, 1024, 1 << 30,
	  NULL, AT(size) },
	{ "time", "a TIME", "10ms", PKTIO_OPT_TIME, 0, 0, UINT64_MAX, NULL,
	  AT(time) },
	{ "mode", "an ENUM", "slow", PKTIO_OPT_ENUM, 0, 0, 0, modes, AT(mode) },
	{ "bits", "FLAGS", "one+two", PKTIO_OPT_FLAGS, 0, 0, 0, bits,
	  AT(bits) },
	{ "text", "a STRING", "", PKTIO_OPT_STRING, 0, 0, 0, NULL, AT(text) },
	{ "word", "a STRING that is needed", NULL, PKTIO_OPT_STRING,
	  PKTIO_OPT_REQUIRED, 0, 0, NULL, AT(word) },
	{ NULL },
};

static int all_open(struct pktio_ring *r, const void *conf,
		    const struct pktio_open_ctx *ctx)
{
	const struct conf *c = conf;

	HOLDS(c->count >= 1 && c->count <= 1000);
	HOLDS(c->size >= 1024 && c->size <= 1 << 30);
	HOLDS((c->size & (c->size - 1)) == 0);
	HOLDS(c->mode == 1 || c->mode == 7);
	HOLDS((c->bits & ~UINT64_C(7)) == 0);
	HOLDS(ctx->mode != 0 && ctx->count >= 1);
	if (strlen(c->text) + strlen(c->word) > 1000 ||
	    strcmp(ctx->target, "broken") == 0)
		return pktio_fail(r, -EIO, "'%s' is broken", ctx->target);
	return 0;
}

static void all_close(struct pktio_ring *r)
{
	HOLDS(r->ops && r->conf);
}

static int all_recv(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	(void)r;
	(void)frames;
	return n > 0 ? PKTIO_EOF : 0;
}

static void all_release(struct pktio_ring *r, const struct pktio_frame *frames,
			unsigned n)
{
	(void)r;
	(void)frames;
	HOLDS(n == 0);
}

PKTIO_BACKEND(all) = {
	PKTIO_BACKEND_SIZES,
	.name = "all",
	.doc = "every type of option",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct pktio_ring),
	.conf_size = sizeof(struct conf),
	.opts = options,
	.open = all_open,
	.close = all_close,
	.recv = all_recv,
	.release = all_release,
};

extern const struct pktio_backend gen_backend;

const struct pktio_backend *const backends_builtin[] = { &all_backend,
							 &gen_backend, NULL };

static void use(struct pktio_ring *ring)
{
	struct pktio_frame frames[FRAMES];
	struct pktio_info info = { .size = sizeof(info) };
	volatile uint8_t last;

	HOLDS(pktio_get_info(ring, &info) == 0);
	for (unsigned i = 0; i < BURSTS; i++) {
		int n = pktio_recv(ring, frames, FRAMES);

		if (n < 0)
			break;
		for (int k = 0; k < n; k++)
			if (frames[k].caplen > 0)
				last = frames[k].data[frames[k].caplen - 1];
		pktio_release(ring, frames, (unsigned)n);
	}
	(void)last;
}

/* Splits the text into lines: a URI, then names and values. */
static size_t split(char *text, struct pktio_setting *settings)
{
	size_t n = 0;

	while ((text = strchr(text, '\n')) && n < SETTINGS) {
		char *value;

		*text++ = '\0';
		value = text + strcspn(text, "=\n");
		if (*value != '=')
			continue;
		*value++ = '\0';
		settings[n].name = text;
		settings[n++].value = value;
		text = value;
	}
	if (text)
		*text = '\0';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pktio_setting settings[SETTINGS];
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = settings };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	char *text = malloc(size + 1);
	int r;

	HOLDS(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	args.nsettings = split(text, settings);
	r = pktio_open(&ring, text, &args, &error);
	HOLDS((r == 0) == (ring != NULL));
	HOLDS(r <= 0 && error.code == r);
	HOLDS((r == 0) == (error.text[0] == '\0'));
	HOLDS(memchr(error.text, '\0', sizeof(error.text)));
	if (ring)
		use(ring);
	pktio_close(ring);
	free(text);
	return 0;
}
