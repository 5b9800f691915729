/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hex: frames from a text file with hexadecimal digits, one frame per line.
 *
 * hex_open() parses the whole file. So hex_open() reports every mistake in the
 * file, with its line number, and hex_recv() only points to bytes in memory.
 * The bytes stay valid until close, so hex_release() does nothing.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pktio/backend.h>

#define NS_PER_S 1000000000ULL
#define NO_TIME UINT64_MAX

/* The values of the options. PKTIO_OPT_x determines the C type. */
struct conf {
	uint64_t repeat;
	uint64_t interval; /* ns */
	uint64_t linktype;
};

static const struct pktio_opt_decl opts[] = {
	{ .name = "repeat",
	  .doc = "how often the file is read",
	  .initial = "1",
	  .type = PKTIO_OPT_UINT,
	  .min = 1,
	  .max = UINT32_MAX,
	  .offset = offsetof(struct conf, repeat) },
	{ .name = "interval",
	  .doc = "time from a frame to the next frame without its own time",
	  .initial = "1ms",
	  .type = PKTIO_OPT_TIME,
	  .max = 3600 * NS_PER_S,
	  .offset = offsetof(struct conf, interval) },
	{ .name = "linktype",
	  .doc = "link type, as a LINKTYPE_ number; 1 is Ethernet",
	  .initial = "1",
	  .type = PKTIO_OPT_UINT,
	  .max = UINT16_MAX,
	  .offset = offsetof(struct conf, linktype) },
	{ .name = NULL },
};

struct line {
	uint64_t ts; /* ns, or NO_TIME */
	size_t start;
	uint32_t len;
};

/* The handle. It starts with the part of the library. */
struct hex {
	struct pktio_ring ring;
	const struct conf *conf;
	struct line *lines;
	size_t nlines, lines_room;
	uint8_t *bytes; /* of all lines */
	size_t nbytes, bytes_room;
	size_t next;        /* line to receive */
	uint64_t times;     /* how often the last line was received */
	uint64_t ts;        /* of the last frame, ns */
	const char *target; /* for messages */
	unsigned number;    /* of the line to parse, from 1 */
};

static int line_fail(struct hex *h, const char *what)
{
	return pktio_fail(&h->ring, -EINVAL, "'%s' line %u: %s", h->target,
			  h->number, what);
}

/* Makes room for one more item. NULL if out of memory; `items` stays valid. */
static void *grow(void *items, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 64;
	void *grown = n < *room ? items : realloc(items, more * size);

	if (grown && n >= *room)
		*room = more;
	return grown;
}

/* Parses "@SECONDS[.FRACTION]" and moves *at behind it. */
static int parse_time(struct hex *h, const char **at, uint64_t *ret)
{
	const char *s = *at + 1;
	uint64_t unit = NS_PER_S / 10;
	uint64_t ns = 0;
	unsigned digits = 0;

	for (; isdigit((unsigned char)*s) && digits <= 10; s++, digits++)
		ns = ns * 10 + (uint64_t)(*s - '0');
	if (digits == 0 || digits > 10)
		return line_fail(
			h, "invalid time; write @SECONDS or @SECONDS.FRACTION");
	ns *= NS_PER_S;
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++, unit /= 10)
			ns += unit * (uint64_t)(*s - '0');
	if (*s && !isspace((unsigned char)*s))
		return line_fail(h, "no blank after the time");
	*at = s;
	*ret = ns;
	return 0;
}

static unsigned digit(char c)
{
	return isdigit((unsigned char)c) ? (unsigned)(c - '0') :
					   (unsigned)((c | 0x20) - 'a' + 10);
}

/* Appends the bytes of one line. */
static int parse_bytes(struct hex *h, const char *s)
{
	while (*s) {
		uint8_t *bytes;

		if (isspace((unsigned char)*s) || *s == ':' || *s == '-') {
			s++;
			continue;
		}
		if (!isxdigit((unsigned char)s[0]))
			return line_fail(h, "not a hexadecimal digit, blank, "
					    "':' or '-'");
		if (!isxdigit((unsigned char)s[1]))
			return line_fail(
				h, "half a byte; write two digits per byte");
		bytes = grow(h->bytes, h->nbytes, &h->bytes_room, 1);
		if (!bytes)
			return pktio_fail(&h->ring, -ENOMEM, "out of memory");
		h->bytes = bytes;
		bytes[h->nbytes++] = (uint8_t)(digit(s[0]) << 4 | digit(s[1]));
		s += 2;
	}
	return 0;
}

static int parse_line(struct hex *h, char *s)
{
	struct line line = { .ts = NO_TIME, .start = h->nbytes };
	struct line *lines;
	const char *at = s;
	int r = 0;

	s[strcspn(s, "#\r\n")] = '\0';
	at += strspn(at, " \t");
	if (!*at)
		return 0;
	if (*at == '@')
		r = parse_time(h, &at, &line.ts);
	if (r == 0)
		r = parse_bytes(h, at);
	if (r < 0)
		return r;
	if (h->nbytes == line.start)
		return line_fail(h, "a time without a frame");
	if (h->nbytes - line.start > UINT32_MAX)
		return line_fail(h, "a frame has 4 GiB or more");
	line.len = (uint32_t)(h->nbytes - line.start);
	lines = grow(h->lines, h->nlines, &h->lines_room, sizeof(*lines));
	if (!lines)
		return pktio_fail(&h->ring, -ENOMEM, "out of memory");
	h->lines = lines;
	lines[h->nlines++] = line;
	return 0;
}

static int parse_file(struct hex *h, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	int r = 0;

	while (r == 0 && getline(&text, &size, file) >= 0) {
		h->number++;
		r = parse_line(h, text);
	}
	if (r == 0 && ferror(file))
		r = pktio_fail(&h->ring, -EIO, "cannot read '%s' after line %u",
			       h->target, h->number);
	free(text);
	return r;
}

static int hex_open(struct pktio_ring *r, const void *conf,
		    const struct pktio_open_ctx *ctx)
{
	struct hex *h = (struct hex *)r;
	FILE *file;
	int ret;

	if (!*ctx->target)
		return pktio_fail(r, -EINVAL, "no file; write hex:FILE");
	if (ctx->count > 1)
		return pktio_fail(r, -ENOTSUP,
				  "%u rings cannot share a file; open one ring",
				  ctx->count);
	file = fopen(ctx->target, "re");
	if (!file)
		return pktio_fail(r, -errno, "cannot open '%s': %s",
				  ctx->target, strerror(errno));
	h->conf = conf;
	h->target = ctx->target;
	ret = parse_file(h, file);
	fclose(file);
	if (ret < 0) {
		free(h->bytes);
		free(h->lines);
		return ret;
	}
	r->info.linktype = (uint32_t)h->conf->linktype;
	return 0;
}

static void hex_close(struct pktio_ring *r)
{
	struct hex *h = (struct hex *)r;

	free(h->bytes);
	free(h->lines);
}

static int hex_recv(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct hex *h = (struct hex *)r;
	unsigned i = 0;

	for (; i < n && h->times < h->conf->repeat && h->nlines; i++) {
		const struct line *line = &h->lines[h->next];

		h->ts = line->ts != NO_TIME ? line->ts :
					      h->ts + h->conf->interval;
		frames[i] = (struct pktio_frame){
			.data = h->bytes + line->start,
			.ts = h->ts,
			.caplen = line->len,
			.wirelen = line->len,
			.linktype = (uint16_t)h->conf->linktype,
			.clock = PKTIO_CLOCK_FILE,
		};
		r->stats.received++;
		r->stats.received_bytes += line->len;
		if (++h->next == h->nlines) {
			h->next = 0;
			h->times++;
		}
	}
	return i || n == 0 ? (int)i : PKTIO_EOF;
}

static void hex_release(struct pktio_ring *r, const struct pktio_frame *frames,
			unsigned n)
{
	(void)r;
	(void)frames;
	(void)n;
}

PKTIO_BACKEND(hex) = {
	PKTIO_BACKEND_SIZES,
	.name = "hex",
	.doc = "frames from a text file with hexadecimal digits",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct hex),
	.conf_size = sizeof(struct conf),
	.opts = opts,
	.open = hex_open,
	.close = hex_close,
	.recv = hex_recv,
	.release = hex_release,
};
