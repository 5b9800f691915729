/* SPDX-License-Identifier: BSD-3-Clause */
/* Open, close, and the calls that go through to the backend. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <pktio/backend.h>

#include "error.h"
#include "opt.h"
#include "registry.h"

_Static_assert(sizeof(struct pktio_frame) == 64, "part of the ABI");

const char *pktio_version(void)
{
	return PKTIO_VERSION;
}

int pktio_fail(struct pktio_ring *r, int code, const char *format, ...)
{
	int n = snprintf(r->error, sizeof(r->error), "%s: ", r->ops->name);
	va_list args;

	va_start(args, format);
	vsnprintf(r->error + n, sizeof(r->error) - (size_t)n, format, args);
	va_end(args);
	return code;
}

/* ---- Open --------------------------------------------------------------- */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);

	return c && at ? (int)(at - digits) : -1;
}

/* The byte that the two digits at `in` stand for, -1 if they do not. */
static int hex_byte(const char *in)
{
	int high = hex_digit(in[0]);
	int low = high < 0 ? -1 : hex_digit(in[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* Replaces %XX in place, if all of them are good. */
static int decode(char *text, struct pktio_error *reterr)
{
	char *out = text;

	for (const char *in = strchr(text, '%'); in; in = strchr(in + 1, '%'))
		if (hex_byte(in + 1) <= 0)
			return error_set(
				reterr, -EINVAL,
				"'%s': %% wants two hexadecimal digits, not 00; write %%25 for %% itself",
				text);
	for (const char *in = text; *in; in++) {
		char c = *in;

		if (c == '%') {
			c = (char)hex_byte(in + 1);
			in += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return 0;
}

/* A URI taken apart, in memory that it owns. */
struct parts {
	char *text;
	const char *backend;
	char *target, *query; /* query may be NULL */
};

static int split_uri(struct parts *ret, const char *uri,
		     struct pktio_error *reterr)
{
	const char *colon = strchr(uri, ':');
	char *text;

	if (!colon || colon == uri)
		return error_set(
			reterr, -EINVAL,
			"'%s' names no backend; write backend:target, for example af_packet:%s",
			uri, colon || !*uri ? "eth0" : uri);
	text = strdup(uri);
	if (!text)
		return error_set(reterr, -ENOMEM, "out of memory");
	text[colon - uri] = '\0';
	*ret = (struct parts){ .text = text,
			       .backend = text,
			       .target = text + (colon - uri) + 1 };
	ret->query = strchr(ret->target, '?');
	if (ret->query)
		*ret->query++ = '\0';
	return 0;
}

/* Takes "name=value&name=value" apart in place. */
static int parse_query(struct opt_parser *p, char *query,
		       struct pktio_error *reterr)
{
	while (query && *query) {
		char *name = query;
		char *end = query + strcspn(query, "&");
		char *value;
		int r;

		query = *end ? end + 1 : end;
		*end = '\0';
		value = strchr(name, '=');
		if (!value)
			return error_set(
				reterr, -EINVAL,
				"%s: option '%s' has no value; write %s=...",
				p->backend, name, name);
		*value++ = '\0';
		r = decode(value, reterr);
		if (r == 0)
			r = opt_set(p, name, value, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Keeps the strings of the settings alive behind the configuration. */
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
 * Makes r->conf: the backend's configuration, then the texts it points to. The
 * target, decoded, is the first of them.
 */
static int configure(struct pktio_ring *r, const struct parts *parts,
		     const struct pktio_open_args *args, const char **target,
		     struct pktio_error *reterr)
{
	struct opt_parser parser;
	size_t uri_size = strlen(parts->target) + 1;
	size_t size = (r->ops->conf_size + 15) & ~(size_t)15;
	char *text;
	char *query = NULL;
	int ret;

	if (parts->query)
		uri_size += strlen(parts->query) + 1;
	for (size_t i = 0; i < args->nsettings; i++)
		size += strlen(args->settings[i].value) + 1;
	r->conf = calloc(1, size + uri_size);
	if (!r->conf)
		return error_set(reterr, -ENOMEM, "out of memory");
	text = (char *)r->conf + ((r->ops->conf_size + 15) & ~(size_t)15);
	memcpy(text, parts->target, uri_size); /* both, each with its NUL */
	if (parts->query)
		query = text + strlen(text) + 1;
	*target = text;
	ret = decode(text, reterr);
	if (ret == 0)
		ret = opt_begin(&parser, r->ops->name, r->ops->opts, r->conf,
				reterr);
	if (ret == 0)
		ret = parse_query(&parser, query, reterr);
	if (ret == 0)
		ret = parse_settings(&parser, text + uri_size, args, reterr);
	return ret < 0 ? ret : opt_end(&parser, reterr);
}

/* Takes what the caller's size covers; the rest is zero. */
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
				"pktio_open_args asks for something that pktio %s does not know; use a newer library",
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
		return error_set(reterr, -EINVAL,
				 "%s: no ring %u among %u; they count from 0",
				 b->name, args->index, args->count);
	if (args->mode & ~b->modes)
		return error_set(reterr, -ENOTSUP, "%s: cannot %s", b->name,
				 args->mode & ~b->modes & PKTIO_SEND ?
					 "send" :
					 "receive");
	if (args->filter && !(args->mode & PKTIO_RECV))
		return error_set(reterr, -EINVAL,
				 "%s: a filter is for receiving", b->name);
	return 0;
}

/*
 * Checks a program in any case, so that a bad one is refused alike by every
 * backend. `ret` is for those that leave filtering to the library; where the
 * kernel filters, it says itself what it knows of a frame.
 */
static int check_filter(const struct pktio_ring *r,
			const struct sock_fprog *prog, struct pktio_bpf **ret)
{
	int code;
	struct pktio_bpf *bpf = pktio_bpf_new(prog, &code);

	if (r->ops->set_filter) {
		pktio_bpf_free(bpf);
		return code == -ENOTSUP ? 0 : code;
	}
	if (bpf)
		*ret = bpf;
	return code;
}

static const char *filter_words(int code)
{
	switch (code) {
	case -ENOMEM:
		return "out of memory";
	case -ENOTSUP:
		return "the filter loads what only the kernel can tell (the payload's offset, netlink attributes), and the kernel does not filter here";
	default:
		return "the filter is not a valid BPF program";
	}
}

static int start(struct pktio_ring *r, const struct pktio_open_args *args,
		 const char *target, struct pktio_error *reterr)
{
	struct pktio_open_ctx ctx = { .target = target,
				      .mode = args->mode,
				      .index = args->index,
				      .count = args->count };
	int ret = 0;

	r->fd = -1;
	r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake_fd < 0)
		return error_set(reterr, -errno,
				 "%s: cannot get an eventfd: %s", r->ops->name,
				 strerror(errno));
	r->info.mode = args->mode;
	r->info.numa_node = -1;
	if (args->filter) {
		ret = check_filter(r, args->filter, &r->filter);
		if (ret < 0)
			return error_set(reterr, ret, "%s: %s", r->ops->name,
					 filter_words(ret));
		if (r->ops->set_filter)
			ctx.filter = args->filter;
	}
	ret = r->ops->open(r, r->conf, &ctx);
	if (ret < 0)
		return error_set(reterr, ret, "%s",
				 r->error[0] ? r->error : strerror(-ret));
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

int pktio_open(struct pktio_ring **ret, const char *uri,
	       const struct pktio_open_args *args, struct pktio_error *reterr)
{
	const struct pktio_backend *backend;
	struct pktio_open_args mine;
	struct pktio_error error = { 0 };
	struct parts parts = { 0 };
	struct pktio_ring *ring = NULL;
	const char *target = NULL;
	int r = copy_args(&mine, args, &error);

	if (r == 0)
		r = split_uri(&parts, uri, &error);
	if (!parts.text)
		goto fail;
	backend = registry_find(parts.backend, &error);
	if (!backend) {
		r = error.code;
		goto fail;
	}
	r = check_args(backend, &mine, &error);
	if (r < 0)
		goto fail;
	ring = calloc(1, backend->handle_size);
	if (!ring) {
		r = error_set(&error, -ENOMEM, "out of memory");
		goto fail;
	}
	ring->ops = backend;
	ring->wake_fd = -1;
	r = configure(ring, &parts, &mine, &target, &error);
	if (r == 0)
		r = start(ring, &mine, target, &error);
	if (r == 0) {
		free(parts.text);
		*ret = ring;
		return 0;
	}
fail:
	if (ring)
		dispose(ring);
	free(parts.text);
	if (reterr)
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

/* ---- Receive ------------------------------------------------------------ */

/* Moves what the filter refuses from received to filtered. */
static int filter_burst(struct pktio_ring *r, struct pktio_frame *frames, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct pktio_frame *f = &frames[i];
		uint32_t keep = pktio_bpf_run(r->filter, f);

		if (keep == 0) {
			r->stats.received--;
			r->stats.received_bytes -= f->caplen;
			r->stats.truncated -= f->caplen < f->wirelen;
			r->stats.filtered++;
			r->ops->release(r, f, 1);
			continue;
		}
		if (keep < f->caplen) {
			r->stats.received_bytes -= f->caplen - keep;
			r->stats.truncated += f->caplen == f->wirelen;
			f->caplen = keep;
			f->flags |= PKTIO_F_TRUNCATED;
		}
		if (kept != i)
			frames[kept] = *f;
		kept++;
	}
	return kept;
}

/* So many frames a call may refuse in a row before the caller gets a say. */
#define FILTER_PATIENCE 4096

int pktio_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	int patience = FILTER_PATIENCE;
	int got;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	if (!r->filter)
		return r->ops->recv(r, frames, n);
	do {
		got = r->ops->recv(r, frames, n);
		/* A backend may take away a filter that it put there itself. */
		if (got <= 0 || !r->filter)
			return got;
		patience -= got;
		got = filter_burst(r, frames, got);
	} while (got == 0 && patience > 0);
	return got;
}

void pktio_release(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	r->ops->release(r, frames, n);
}

int pktio_frame_copy(struct pktio_frame *ret, const struct pktio_frame *f,
		     void *buf, size_t size)
{
	uint32_t n = f->caplen < size ? f->caplen : (uint32_t)size;
	size_t left = size - n;

	memcpy(buf, f->data, n);
	*ret = *f;
	ret->data = buf;
	ret->caplen = n;
	ret->cookie = 0;
	ret->headroom = 0;
	ret->tailroom = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
	ret->flags |= PKTIO_F_WRITABLE;
	ret->flags &= ~(uint32_t)PKTIO_F_OPTIONS; /* nobody to be asked */
	if (n < ret->wirelen)
		ret->flags |= PKTIO_F_TRUNCATED;
	return (int)n;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * True once for any number of wakes. The flag saves a system call for each wait
 * that does not sleep; pairs with the release in pktio_wake().
 */
static bool take_wake(struct pktio_ring *r)
{
	uint64_t count;

	if (!__atomic_load_n(&r->woken, __ATOMIC_RELAXED))
		return false;
	if (!__atomic_exchange_n(&r->woken, 0, __ATOMIC_ACQUIRE))
		return false;
	while (read(r->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	return true;
}

/* Sleeps; sets *polled if the ring's own descriptor had something. */
static int sleep_on(struct pktio_ring *r, int timeout_ms, bool *polled)
{
	struct pollfd fds[2] = { { .fd = r->wake_fd, .events = POLLIN },
				 { .fd = r->fd, .events = POLLIN } };
	uint64_t count;
	int n = poll(fds, 2, timeout_ms);

	*polled = n > 0 && fds[1].revents;
	if (n < 0 && errno != EINTR)
		return pktio_fail(r, -errno, "poll: %s", strerror(errno));
	/* A wake that was taken by its flag may have left this behind. */
	if (n > 0 && fds[0].revents &&
	    !__atomic_load_n(&r->woken, __ATOMIC_RELAXED) &&
	    read(r->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN &&
	    errno != EINTR)
		return pktio_fail(r, -errno, "eventfd: %s", strerror(errno));
	return 0;
}

int pktio_wait(struct pktio_ring *r, int timeout_ms)
{
	int64_t end = timeout_ms > 0 ? now_ms() + timeout_ms : 0;
	int left = timeout_ms;
	bool polled = false;
	bool expired = false;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	for (;;) {
		int ret;

		if (take_wake(r))
			return -EINTR;
		if (r->ops->ready ? r->ops->ready(r, polled) :
				    r->fd < 0 || polled)
			return 1;
		if (expired)
			return 0;
		expired = left == 0;
		ret = sleep_on(r, left, &polled);
		if (ret < 0)
			return ret;
		if (timeout_ms > 0) {
			int64_t ms = end - now_ms();

			left = ms > 0 ? (int)ms : 0;
		}
	}
}

void pktio_wake(struct pktio_ring *r)
{
	uint64_t one = 1;
	int saved = errno; /* a signal handler must not change it */

	__atomic_store_n(&r->woken, 1, __ATOMIC_RELEASE);
	while (write(r->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

int pktio_fd(const struct pktio_ring *r)
{
	return r->fd < 0 ? -ENOTSUP : r->fd;
}

int pktio_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct pktio_bpf *filter = NULL;
	int code = 0;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	if (prog)
		code = check_filter(r, prog, &filter);
	if (code < 0)
		return pktio_fail(r, code, "%s", filter_words(code));
	if (r->ops->set_filter)
		return r->ops->set_filter(r, prog);
	pktio_bpf_free(r->filter);
	r->filter = filter;
	return 0;
}

/* ---- Send --------------------------------------------------------------- */

static int check_send(struct pktio_ring *r, bool can)
{
	if (!can || !(r->info.mode & PKTIO_SEND))
		return pktio_fail(r, -ENOTSUP, "not opened to send");
	return 0;
}

int pktio_alloc(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	int ret = check_send(r, r->ops->alloc != NULL);

	return ret < 0 ? ret : r->ops->alloc(r, frames, n);
}

int pktio_send(struct pktio_ring *r, const struct pktio_frame *frames,
	       unsigned n)
{
	int ret = check_send(r, r->ops->send != NULL);

	return ret < 0 ? ret : r->ops->send(r, frames, n);
}

int pktio_flush(struct pktio_ring *r)
{
	int ret = check_send(r, true);

	return ret < 0 || !r->ops->flush ? ret : r->ops->flush(r);
}

int pktio_finish(struct pktio_ring *r)
{
	if (!(r->info.mode & PKTIO_SEND) || !r->ops->finish)
		return pktio_flush(r);
	return r->ops->finish(r);
}

#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U

/* Writes the frame as it was on the wire, with the tags that were taken out. */
static void fill(struct pktio_frame *to, const struct pktio_frame *f)
{
	uint8_t *out = pktio_frame_wdata(to);
	uint32_t head = f->nvlan ? MAC_ADDRESSES : 0;

	memcpy(out, f->data, head);
	out += head;
	for (unsigned i = 0; i < f->nvlan; i++) {
		*out++ = (uint8_t)(f->vlan[i].tpid >> 8);
		*out++ = (uint8_t)f->vlan[i].tpid;
		*out++ = (uint8_t)(f->vlan[i].tci >> 8);
		*out++ = (uint8_t)f->vlan[i].tci;
	}
	memcpy(out, f->data + head, f->caplen - head);
	to->caplen = f->caplen + f->nvlan * VLAN_TAG;
	to->wirelen = f->wirelen + f->nvlan * VLAN_TAG;
	to->ts = f->ts;
	to->linktype = f->linktype;
}

/* 1 when the frame was queued, 0 when there is no room. */
static int inject_one(struct pktio_ring *r, const struct pktio_frame *f)
{
	struct pktio_frame to;
	int n = r->ops->alloc(r, &to, 1);

	if (n == 0) {
		n = pktio_flush(r);
		if (n == 0)
			n = r->ops->alloc(r, &to, 1);
	}
	if (n <= 0)
		return n;
	if (f->nvlan && f->caplen < MAC_ADDRESSES)
		n = pktio_fail(r, -EINVAL,
			       "a frame of %u bytes cannot have a VLAN tag",
			       f->caplen);
	else if (f->caplen + f->nvlan * VLAN_TAG > to.tailroom)
		n = pktio_fail(
			r, -EMSGSIZE,
			"a frame of %u bytes is too long; the most is %u",
			f->caplen + f->nvlan * VLAN_TAG, to.tailroom);
	if (n < 0) {
		r->ops->release(r, &to, 1);
		return n;
	}
	fill(&to, f);
	n = r->ops->send(r, &to, 1);
	if (n <= 0)
		r->ops->release(r, &to, 1);
	return n;
}

int pktio_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		 unsigned n)
{
	int ret = check_send(r,
			     r->ops->inject || (r->ops->alloc && r->ops->send));

	if (ret < 0)
		return ret;
	if (r->ops->inject)
		return r->ops->inject(r, frames, n);
	for (unsigned i = 0; i < n; i++) {
		ret = inject_one(r, &frames[i]);
		if (ret <= 0)
			return i > 0 ? (int)i : ret;
	}
	return (int)n;
}

/* ---- State and counters ------------------------------------------------- */

/* Fills as much as the caller has room for, and zeros what is not known. */
static int copy_sized(void *ret, size_t size, const void *from, size_t known)
{
	size_t n = size < known ? size : known;

	if (size < sizeof(size))
		return -EINVAL;
	memset(ret, 0, size);
	memcpy(ret, from, n);
	memcpy(ret, &size, sizeof(size));
	return 0;
}

int pktio_get_info(const struct pktio_ring *r, struct pktio_info *ret)
{
	struct pktio_info info = r->info;
	int code = r->ops->get_info ? r->ops->get_info(r, &info) : 0;

	return code < 0 ? code :
			  copy_sized(ret, ret->size, &info, sizeof(info));
}

int pktio_frame_option(struct pktio_ring *r, const struct pktio_frame *f,
		       uint16_t code, unsigned index, void *buf, size_t size)
{
	if (!r->ops->frame_option)
		return -ENOTSUP;
	return r->ops->frame_option(r, f, code, index, buf, size);
}

int pktio_interface_option(struct pktio_ring *r, uint32_t ifindex,
			   uint16_t code, unsigned index, void *buf,
			   size_t size)
{
	if (!r->ops->interface_option)
		return -ENOTSUP;
	return r->ops->interface_option(r, ifindex, code, index, buf, size);
}

int pktio_source_option(struct pktio_ring *r, uint16_t code, unsigned index,
			void *buf, size_t size)
{
	if (!r->ops->source_option)
		return -ENOTSUP;
	return r->ops->source_option(r, code, index, buf, size);
}

int pktio_describe_frame(struct pktio_ring *r, uint16_t code, const void *value,
			 size_t size)
{
	int ret = check_send(r, true);

	if (ret == 0 && !r->ops->describe_frame)
		ret = pktio_fail(r, -ENOTSUP, "takes frames and nothing else");
	return ret < 0 ? ret : r->ops->describe_frame(r, code, value, size);
}

int pktio_describe_interface(struct pktio_ring *r, uint32_t ifindex,
			     uint16_t code, const void *value, size_t size)
{
	int ret = check_send(r, true);

	if (ret == 0 && !r->ops->describe_interface)
		ret = pktio_fail(r, -ENOTSUP, "takes frames and nothing else");
	return ret < 0 ? ret :
			 r->ops->describe_interface(r, ifindex, code, value,
						    size);
}

int pktio_get_stats(struct pktio_ring *r, struct pktio_stats *ret)
{
	int code = r->ops->get_stats ? r->ops->get_stats(r) : 0;

	return code < 0 ?
		       code :
		       copy_sized(ret, ret->size, &r->stats, sizeof(r->stats));
}

const struct pktio_counter *pktio_counters(void)
{
#define ENTRY(field, units, words, is_level)                     \
	{                                                        \
		.name = #field, .unit = (units), .doc = (words), \
		.offset = offsetof(struct pktio_stats, field),   \
		.level = (is_level)                              \
	}
#define COUNTER(field, unit, doc) ENTRY(field, unit, doc, 0)
#define LEVEL(field, unit, doc) ENTRY(field, unit, doc, 1)
	static const struct pktio_counter counters[] = {
		COUNTER(received, "frames", "received"),
		COUNTER(received_bytes, "bytes", "received, as captured"),
		COUNTER(dropped, "frames", "lost for want of room in the ring"),
		COUNTER(freezes, "events",
			"times that the kernel found the ring full"),
		COUNTER(filtered, "frames",
			"refused by a filter in user space"),
		COUNTER(truncated, "frames",
			"received with fewer bytes than on the wire"),
		COUNTER(stalls, "events",
			"times that held frames were in the way of new ones"),
		COUNTER(sent, "frames", "taken by the interface, file or sink"),
		COUNTER(sent_bytes, "bytes", "sent"),
		COUNTER(send_failed, "frames", "queued to be sent, then lost"),
		COUNTER(link_downs, "events",
			"times that the interface went down"),
		COUNTER(reattached, "events",
			"times that the interface was replaced by a new one"),
		COUNTER(skipped, "blocks",
			"blocks of a file that are no frames, unread"),
		LEVEL(waiting, "blocks",
		      "blocks of the ring with frames to be received"),
		LEVEL(waiting_max, "blocks", "the most that were waiting"),
		LEVEL(residency, "ns",
		      "since the oldest frame to be received came"),
		{ .name = NULL },
	};
#undef ENTRY
#undef COUNTER
#undef LEVEL
	return counters;
}

const char *pktio_strerror(const struct pktio_ring *r)
{
	return r->error;
}
