/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several files as one: a ring that wraps an inner ring of each file. So
 * format, link type and codec may differ from file to file.
 *
 * Without merge=time, a file is opened when the previous file has ended.
 *
 * With merge=time, recv returns the earliest of the next frames of all files.
 * If two frames have the same time, the file whose name sorts first wins. A
 * heap orders the files by the time of their next frame. Open reads the first
 * frame of each file to learn that time, closes the file again, and recv
 * reopens it when its time has come. So a thousand files of a rotating writer
 * do not need a thousand descriptors: only files that overlap are open
 * together.
 *
 * A file that cannot be read, or not to its end, does not stop the others. The
 * ring reports the first such error in place of PKTIO_EOF, with the number of
 * failed files. Errors that the caller can resolve, such as too many open files
 * or held frames, are returned at once, and the next recv tries again.
 */
#include "merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "read/file.h"
#include "read/sources.h"

#define BATCH 64U
#define MAX_SLOTS (MERGE_MASK + 1)
#define MAX_THREADS 4U /* files with a thread for decompression */
#define PEEK_BUFFER 4096U
/* If many files are open, each has smaller buffers; in bytes. */
#define MIN_BUFFER (16U << 10)
#define ALL_BUFFERS (2U << 20)

/*
 * Each file numbers its interfaces from 1. The ring adds the number of the file
 * in the upper half.
 */
#define INTERFACE_SHIFT 16U
#define INTERFACE_MASK 0xffffU

/* A file that is open, or that ended while frames of it are held. */
struct slot {
	struct pktio_ring *inner;
	struct pcap_file_conf conf;
	struct pktio_stats seen; /* by pktio_inner_count() */
	uint64_t number;         /* of the slot */
	size_t source;           /* index of the file */
	uint64_t held;           /* frames not released yet, with `batch` */
	bool ended;
	struct pktio_frame batch[BATCH]; /* read before they are due */
	unsigned at, n;                  /* the rest of `batch` */
};

/* The next frame of a file. */
struct entry {
	uint64_t ts;
	size_t source;
	struct slot *slot; /* NULL: the file is not open */
	uint32_t linktype; /* of the file */
};

struct merge {
	struct pktio_ring ring;
	const struct pcap_file_conf *conf;
	struct sources sources;

	struct slot **slots; /* NULL: the slot is free */
	size_t nslots, nopen;

	/* Without merge=time. */
	size_t next;          /* the source to open next */
	struct slot *current; /* NULL: none is open */

	/* With merge=time. */
	struct entry *heap, *begin; /* begin: the entries at open */
	size_t nheap, nbegin;

	size_t nfailed;
	int code; /* the first error, and its message */
	char text[sizeof(((struct pktio_ring *)NULL)->error)];
};

static struct merge *merge_of(struct pktio_ring *r)
{
	return (struct merge *)r;
}

/* ---- Files -------------------------------------------------------------- */

/* Errors that the caller can resolve, so that the file is not given up. */
static bool is_temporary(int code)
{
	return code == -ENOBUFS || code == -ENOMEM || code == -EMFILE ||
	       code == -ENFILE || code == -EAGAIN;
}

/*
 * A file failed, and the ring has the message. Returns a temporary error; keeps
 * any other for the end, and returns 0.
 */
static int note(struct merge *m, int code)
{
	if (is_temporary(code))
		return code;
	if (m->nfailed++ == 0) {
		m->code = code;
		snprintf(m->text, sizeof(m->text), "%s",
			 pktio_inner_error(&m->ring, &m->ring));
	}
	m->ring.error[0] = '\0';
	return 0;
}

static int end(struct merge *m)
{
	if (m->nfailed == 0)
		return PKTIO_EOF;
	if (m->nfailed == 1)
		return pktio_fail(&m->ring, m->code, "%s", m->text);
	return pktio_fail(&m->ring, m->code, "%zu of %zu files failed: %s",
			  m->nfailed, m->sources.n, m->text);
}

/* Finds a free slot. 0, or -ENOBUFS or -ENOMEM. */
static int find_slot(struct merge *m, size_t *ret)
{
	size_t i = 0;
	struct slot **slots;

	while (i < m->nslots && m->slots[i])
		i++;
	if (i == MAX_SLOTS)
		return pktio_fail(
			&m->ring, -ENOBUFS,
			"frames of %zu files are held; release some, or copy the frames to keep",
			m->nslots);
	if (i == m->nslots) {
		slots = reallocarray(m->slots, i + 1, sizeof(struct slot *));
		if (!slots)
			return pktio_fail(&m->ring, -ENOMEM, "out of memory");
		m->slots = slots;
		slots[m->nslots++] = NULL;
	}
	*ret = i;
	return 0;
}

static void dispose(struct merge *m, struct slot *s)
{
	pktio_close(s->inner);
	m->slots[s->number] = NULL;
	free(s);
}

/* Closes the file. Its memory stays while frames of the file are held. */
static void finish(struct merge *m, struct slot *s)
{
	pktio_inner_count(&m->ring, s->inner, &s->seen);
	m->nopen--;
	s->ended = true;
	pcap_file_source_stop(pcap_file_of(s->inner));
	if (s->held == 0)
		dispose(m, s);
}

static void choose_conf(const struct merge *m, struct slot *s, bool peek)
{
	uint64_t share = ALL_BUFFERS / (m->nopen + 1) & ~UINT64_C(4095);

	if (m->nopen >= MAX_THREADS || peek)
		s->conf.decompress_thread = false;
	if (peek)
		share = PEEK_BUFFER;
	else if (share < MIN_BUFFER)
		share = MIN_BUFFER;
	if (s->conf.merge == MERGE_TIME && s->conf.buffer_size > share)
		s->conf.buffer_size = share;
}

/*
 * Opens a source; `peek`: only to read its first frame. On failure returns
 * NULL, and *code is a temporary error, or 0 if the error was noted.
 */
static struct slot *open_slot(struct merge *m, size_t source, bool peek,
			      int *code)
{
	const struct pktio_open_ctx ctx = { .target = m->sources.names[source],
					    .mode = PKTIO_RECV,
					    .count = 1 };
	size_t number = 0;
	struct slot *s;
	int r;

	*code = find_slot(m, &number);
	if (*code < 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s) {
		*code = pktio_fail(&m->ring, -ENOMEM, "out of memory");
		return NULL;
	}
	s->number = number;
	s->source = source;
	s->conf = *m->conf;
	choose_conf(m, s, peek);
	r = pktio_inner_open(&s->inner, &m->ring, &read_file_backend, &s->conf,
			     &ctx);
	if (r < 0) {
		*code = note(m, r);
		free(s);
		return NULL;
	}
	m->slots[number] = s;
	m->nopen++;
	return s;
}

/* 0, unknown, if the number does not fit. */
static uint32_t interface_of(const struct slot *s, uint32_t ifindex)
{
	if (ifindex > INTERFACE_MASK || s->source > INTERFACE_MASK)
		return 0;
	return ifindex ? ifindex | (uint32_t)s->source << INTERFACE_SHIFT : 0;
}

/* Receives from one file; as recv, but 0: the file ended or failed. */
static int recv_slot(struct merge *m, struct slot *s,
		     struct pktio_frame *frames, unsigned n)
{
	int got = pktio_recv(s->inner, frames, n);

	for (int i = 0; i < got; i++) {
		frames[i].cookie |= s->number << MERGE_SHIFT;
		frames[i].ifindex = interface_of(s, frames[i].ifindex);
	}
	if (got > 0) {
		s->held += (unsigned)got;
		return got;
	}
	if (got == 0) /* a regular file never runs dry */
		got = pktio_fail(s->inner, -EIO, "%s: cannot read on",
				 pcap_file_of(s->inner)->name);
	if (got != PKTIO_EOF) {
		pktio_fail(&m->ring, got, "%s",
			   pktio_inner_error(&m->ring, s->inner));
		got = note(m, got);
		if (got < 0)
			return got;
	}
	finish(m, s);
	return 0;
}

static void count(struct pktio_ring *r, const struct pktio_frame *f)
{
	r->stats.received++;
	r->stats.received_bytes += f->caplen;
	r->stats.truncated += f->caplen < f->wirelen;
}

/* ---- Without merge=time ------------------------------------------------- */

/* Opens the next source that can be opened. 1; 0: none is left; or an error. */
static int open_next(struct merge *m)
{
	int r = 0;

	while (!m->current && m->next < m->sources.n) {
		m->current = open_slot(m, m->next, false, &r);
		if (r < 0)
			return r;
		m->next++;
	}
	return m->current != NULL;
}

static int recv_sequential(struct pktio_ring *r, struct pktio_frame *frames,
			   unsigned n)
{
	struct merge *m = merge_of(r);

	while (n > 0) {
		int got = open_next(m);

		if (got <= 0)
			return got < 0 ? got : end(m);
		got = recv_slot(m, m->current, frames, n);
		for (int i = 0; i < got; i++)
			count(r, &frames[i]);
		if (got != 0)
			return got;
		m->current = NULL;
	}
	return 0;
}

/* ---- With merge=time ---------------------------------------------------- */

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->ts < b->ts || (a->ts == b->ts && a->source < b->source);
}

/* Moves the entry at `i` down to where the order of the heap is right. */
static void sift(struct merge *m, size_t i)
{
	struct entry moved = m->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < m->nheap &&
		    is_before(&m->heap[child + 1], &m->heap[child]))
			child++;
		if (child >= m->nheap || !is_before(&m->heap[child], &moved))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = moved;
}

static void drop_first(struct merge *m)
{
	m->heap[0] = m->heap[--m->nheap];
	if (m->nheap > 0)
		sift(m, 0);
}

/*
 * Reads frames for the first entry, if it has none. 1: it has one; 0: the order
 * of the entries changed; or an error.
 */
static int prepare_first(struct merge *m)
{
	struct entry *first = &m->heap[0];
	struct slot *s = first->slot;
	int r = 0;

	if (s && s->at < s->n)
		return 1;
	if (!s) {
		s = open_slot(m, first->source, false, &r);
		first->slot = s;
	}
	if (s)
		r = recv_slot(m, s, s->batch, BATCH);
	if (r < 0)
		return r;
	if (r == 0) {
		drop_first(m);
		return 0;
	}
	s->at = 0;
	s->n = (unsigned)r;
	first->ts = s->batch[0].ts;
	sift(m, 0);
	return 0;
}

/* Takes up to n frames of the first file, while they are the earliest. */
static unsigned take_run(struct merge *m, struct pktio_frame *frames,
			 unsigned n)
{
	struct entry *first = &m->heap[0];
	struct slot *s = first->slot;
	const struct entry *other = m->nheap > 1 ? &m->heap[1] : NULL;
	unsigned done = 0;

	if (m->nheap > 2 && is_before(&m->heap[2], other))
		other = &m->heap[2];
	do {
		frames[done] = s->batch[s->at++];
		count(&m->ring, &frames[done++]);
		if (s->at == s->n)
			return done; /* prepare_first() reads more */
		first->ts = s->batch[s->at].ts;
	} while (done < n && (!other || is_before(first, other)));
	sift(m, 0);
	return done;
}

static int recv_merged(struct pktio_ring *r, struct pktio_frame *frames,
		       unsigned n)
{
	struct merge *m = merge_of(r);
	unsigned done = 0;
	int code = 0;

	while (done < n && m->nheap > 0 && code >= 0) {
		code = prepare_first(m);
		if (code > 0)
			done += take_run(m, frames + done, n - done);
	}
	if (done > 0 || n == 0)
		return (int)done;
	return code < 0 ? code : end(m);
}

/*
 * Reads the time of a file's first frame. 1; 0: the file has no frame, or
 * cannot be read; or an error. Nothing is counted: the file is read again
 * later.
 */
static int peek(struct merge *m, size_t source, struct entry *ret, bool *opened)
{
	const struct pktio_stats before = m->ring.stats;
	struct pktio_frame f;
	int r = 0;
	struct slot *s = open_slot(m, source, true, &r);
	uint32_t linktype;

	if (!s)
		return r;
	*opened = true;
	linktype = s->inner->info.linktype;
	m->ring.info.linktype = linktype;
	r = recv_slot(m, s, &f, 1);
	if (r > 0) {
		*ret = (struct entry){ .ts = f.ts,
				       .source = source,
				       .linktype = linktype };
		s->held = 0;
		finish(m, s);
	}
	m->ring.stats = before;
	return r;
}

static void sort_all(struct merge *m)
{
	memcpy(m->heap, m->begin, m->nbegin * sizeof(m->heap[0]));
	m->nheap = m->nbegin;
	for (size_t i = m->nheap / 2; i-- > 0;)
		sift(m, i);
}

static int begin_merged(struct merge *m)
{
	bool opened = false;

	m->heap = calloc(m->sources.n, sizeof(m->heap[0]));
	m->begin = calloc(m->sources.n, sizeof(m->begin[0]));
	if (!m->heap || !m->begin)
		return pktio_fail(&m->ring, -ENOMEM, "out of memory");
	for (size_t i = 0; i < m->sources.n; i++) {
		int r = peek(m, i, &m->begin[m->nbegin], &opened);

		if (r < 0)
			return r;
		m->nbegin += (size_t)r;
	}
	sort_all(m);
	if (m->nheap > 0)
		m->ring.info.linktype = m->heap[0].linktype;
	return opened ? 0 : end(m);
}

static int begin_sequential(struct merge *m)
{
	int r = open_next(m);

	if (r <= 0)
		return r < 0 ? r : end(m);
	m->ring.info.linktype = m->current->inner->info.linktype;
	return 0;
}

/* ---- The ring ----------------------------------------------------------- */

static bool by_time(const struct merge *m)
{
	return m->conf->merge == MERGE_TIME;
}

static int merge_recv(struct pktio_ring *r, struct pktio_frame *frames,
		      unsigned n)
{
	return by_time(merge_of(r)) ? recv_merged(r, frames, n) :
				      recv_sequential(r, frames, n);
}

static void merge_release(struct pktio_ring *r,
			  const struct pktio_frame *frames, unsigned n)
{
	struct merge *m = merge_of(r);
	unsigned run;

	for (unsigned i = 0; i < n; i += run) {
		uint64_t number = frames[i].cookie >> MERGE_SHIFT & MERGE_MASK;
		struct slot *s = m->slots[number];

		run = 1;
		while (i + run < n && (frames[i + run].cookie >> MERGE_SHIFT &
				       MERGE_MASK) == number)
			run++;
		pktio_release(s->inner, &frames[i], run);
		s->held -= run;
		if (s->held == 0 && s->ended)
			dispose(m, s);
	}
}

/* The open file that an interface or a frame belongs to. NULL: none. */
static struct slot *find_described(const struct merge *m,
				   enum pktio_meta_scope scope, uint64_t id)
{
	uint64_t number = id >> MERGE_SHIFT & MERGE_MASK;

	if (scope == PKTIO_META_FRAME)
		return number < m->nslots ? m->slots[number] : NULL;
	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i] && m->slots[i]->source == id >> INTERFACE_SHIFT)
			return m->slots[i];
	return NULL;
}

/*
 * Metadata of an interface exists while its file is open or frames of the file
 * are held. There is none of the source, because each file has its own.
 */
static int merge_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			  uint64_t id, uint16_t code, unsigned index, void *buf,
			  size_t size)
{
	struct slot *s = NULL;

	if (scope != PKTIO_META_SECTION)
		s = find_described(merge_of(r), scope, id);
	if (scope == PKTIO_META_INTERFACE)
		id &= INTERFACE_MASK;
	return s ? pktio_meta_get(s->inner, scope, id, code, index, buf, size) :
		   -ENOENT;
}

static int merge_get_stats(struct pktio_ring *r)
{
	struct merge *m = merge_of(r);

	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i])
			pktio_inner_count(r, m->slots[i]->inner,
					  &m->slots[i]->seen);
	return 0;
}

static void merge_close(struct pktio_ring *r)
{
	struct merge *m = merge_of(r);

	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i])
			dispose(m, m->slots[i]);
	free(m->slots);
	free(m->heap);
	free(m->begin);
	sources_free(&m->sources);
}

int merge_rewind(struct pktio_ring *r)
{
	struct merge *m = merge_of(r);

	for (size_t i = 0; i < m->nslots; i++) {
		struct slot *s = m->slots[i];

		if (!s || s->ended)
			continue;
		if (s->at < s->n)
			merge_release(r, s->batch + s->at, s->n - s->at);
		finish(m, s);
	}
	m->current = NULL;
	m->next = 0;
	if (by_time(m))
		sort_all(m);
	return 0;
}

static int merge_open(struct pktio_ring *r, const void *conf,
		      const struct pktio_open_ctx *ctx)
{
	struct merge *m = merge_of(r);
	struct pktio_info *info = &r->info;
	int code;

	m->conf = conf;
	if (m->conf->follow)
		return pktio_fail(
			r, -EINVAL,
			"'%s' is several files, and follow=yes works with one file only",
			ctx->target);
	code = sources_find(&m->sources, r, ctx->target);
	if (code == 0)
		code = by_time(m) ? begin_merged(m) : begin_sequential(m);
	if (code < 0) {
		merge_close(r);
		return code;
	}
	info->block_size = m->conf->buffer_size;
	info->blocks = (uint32_t)m->conf->buffers;
	info->ring_size = info->block_size * info->blocks;
	info->max_held = info->blocks - 1;
	return 0;
}

/* `fd` is -1: regular files never run dry. */
const struct pktio_backend merge_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_file",
	.doc = "several capture files as one",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct merge),
	.conf_size = sizeof(struct pcap_file_conf),
	.open = merge_open,
	.close = merge_close,
	.recv = merge_recv,
	.release = merge_release,
	.get_stats = merge_get_stats,
	.meta_get = merge_meta_get,
};
