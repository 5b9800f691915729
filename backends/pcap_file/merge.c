/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several files as one. Each has a handle of its own inside, the same as if it
 * were read alone, and this stands in front of them in the ring's operations.
 * So formats, link types and codecs may differ from file to file.
 *
 * One after the other: a file is opened when the one before it has ended.
 *
 * In the order of time: always the earliest of the frames that the files have
 * next, and of frames of one time that of the file which is first by name. The
 * files wait in a heap, by the time of their next frame. For the first of a
 * file that is learnt by looking into it at open; it is closed again then, and
 * reopened when its time has come. So of a thousand files that a rotating
 * writer made no more are open at once than overlap.
 *
 * A file that cannot be read, or not to its end, is no reason to keep back what
 * the others have. It is remembered, and told instead of the end: the first of
 * them, and how many there are. What may pass, like too many open files or held
 * frames, is told at once, and recv goes on from there when it is called again.
 */
#include "merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcap_file.h"
#include "read/sources.h"

#define BATCH 64U
#define MOST_SLOTS (MERGE_MASK + 1)
#define MOST_THREADS 4U /* files with a thread to unpack them */
#define PEEK_BUFFER 4096U
/* With many files open at once each has smaller buffers; in bytes. */
#define SMALLEST_BUFFER (16U << 10)
#define ALL_BUFFERS (2U << 20)

/*
 * Each file counts its interfaces from 1. Ours have the number of the file in
 * the upper half.
 */
#define INTERFACE_SHIFT 16U
#define INTERFACE_MASK 0xffffU

/* A file that is open, or that ended while frames of it are out. */
struct slot {
	struct pcap_file file;
	struct pcap_file_conf conf;
	struct pktio_stats seen; /* of the file's counters */
	uint64_t number;         /* of the slot */
	size_t source;           /* of the file */
	uint64_t out;            /* frames not released yet, with `batch` */
	bool ended;
	struct pktio_frame batch[BATCH]; /* read ahead of their time */
	unsigned at, n;                  /* those left of it */
};

/* The next frame of a file, and where it is. */
struct entry {
	uint64_t ts;
	size_t source;
	struct slot *slot; /* NULL: the file is not open */
	uint32_t linktype; /* of the file */
};

struct merge {
	struct pktio_backend ops; /* the reader's, but for ours */
	const struct pktio_backend *reader;
	struct sources sources;

	/* A free one is NULL. */
	struct slot **slots;
	size_t nslots, nopen;

	size_t next;          /* one after the other: the source to open */
	struct slot *current; /* NULL: none is open */

	struct entry *heap, *begin; /* begin: as it was at open */
	size_t nheap, nbegin;

	size_t nfailed;
	int code; /* of the first of them, and the words */
	char text[sizeof(((struct pktio_ring *)NULL)->error)];
};

/* ---- Files -------------------------------------------------------------- */

/* What somebody can do something about, so that the file is not given up. */
static bool may_pass(int code)
{
	return code == -ENOBUFS || code == -ENOMEM || code == -EMFILE ||
	       code == -ENFILE || code == -EAGAIN;
}

/* The words of a handle inside, without the backend's name in front. */
static const char *words(const struct pktio_ring *r)
{
	size_t size = strlen(r->ops->name) + strlen(": ");

	return strlen(r->error) > size ? r->error + size : r->error;
}

/*
 * A file failed. -errno with words if that may pass; else 0, and it is kept for
 * the end.
 */
static int note(struct pcap_file *p, const struct pktio_ring *inner, int code)
{
	struct merge *m = p->merge;

	if (may_pass(code))
		return pktio_fail(&p->ring, code, "%s", words(inner));
	if (m->nfailed++ == 0) {
		m->code = code;
		snprintf(m->text, sizeof(m->text), "%s", words(inner));
	}
	return 0;
}

static int end(struct pcap_file *p)
{
	const struct merge *m = p->merge;

	if (m->nfailed == 0)
		return PKTIO_EOF;
	if (m->nfailed == 1)
		return pktio_fail(&p->ring, m->code, "%s", m->text);
	return pktio_fail(&p->ring, m->code, "%zu of %zu files failed: %s",
			  m->nfailed, m->sources.n, m->text);
}

/* A free slot, 0; or there is no memory or number for it, with words. */
static int find_slot(struct pcap_file *p, size_t *ret)
{
	struct merge *m = p->merge;
	size_t i = 0;
	struct slot **slots;

	while (i < m->nslots && m->slots[i])
		i++;
	if (i == MOST_SLOTS)
		return pktio_fail(
			&p->ring, -ENOBUFS,
			"frames of %zu files are held; release some, or copy those to keep",
			m->nslots);
	if (i == m->nslots) {
		slots = reallocarray(m->slots, i + 1, sizeof(struct slot *));
		if (!slots)
			return pktio_fail(&p->ring, -ENOMEM, "out of memory");
		m->slots = slots;
		slots[m->nslots++] = NULL;
	}
	*ret = i;
	return 0;
}

static void dispose(struct merge *m, struct slot *s)
{
	pcap_file_source_close(&s->file);
	m->slots[s->number] = NULL;
	free(s);
}

/* Nothing more comes of the file; its memory stays while frames are out. */
static void finish(struct merge *m, struct slot *s)
{
	m->nopen--;
	s->ended = true;
	pcap_file_source_stop(&s->file);
	if (s->out == 0)
		dispose(m, s);
}

static void choose_conf(const struct merge *m, struct slot *s, bool peek)
{
	uint64_t share = ALL_BUFFERS / (m->nopen + 1) & ~UINT64_C(4095);

	if (m->nopen >= MOST_THREADS || peek)
		s->conf.decompress_thread = false;
	if (peek)
		share = PEEK_BUFFER;
	else if (share < SMALLEST_BUFFER)
		share = SMALLEST_BUFFER;
	if (s->conf.merge == MERGE_TIME && s->conf.buffer_size > share)
		s->conf.buffer_size = share;
}

/*
 * Opens a source; `peek`: to look at its first frame only. NULL: it failed, and
 * *code is an error with words, or 0 when it was noted.
 */
static struct slot *open_slot(struct pcap_file *p, size_t source, bool peek,
			      int *code)
{
	struct merge *m = p->merge;
	size_t number = 0;
	struct slot *s;
	int r;

	*code = find_slot(p, &number);
	if (*code < 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s) {
		*code = pktio_fail(&p->ring, -ENOMEM, "out of memory");
		return NULL;
	}
	s->number = number;
	s->source = source;
	s->conf = *p->conf;
	choose_conf(m, s, peek);
	s->file.ring.ops = m->reader;
	s->file.ring.info.mode = PKTIO_RECV;
	s->file.ring.fd = -1;
	s->file.conf = &s->conf;
	r = pcap_file_source_open(&s->file, m->sources.names[source]);
	if (r < 0) {
		*code = note(p, &s->file.ring, r);
		free(s);
		return NULL;
	}
	m->slots[number] = s;
	m->nopen++;
	return s;
}

static uint64_t *counter(struct pktio_stats *stats, size_t offset)
{
	return (void *)((char *)stats + offset);
}

/* Adds what a file counted, but for the frames: these are counted when they
 * are handed out. */
static void add_counters(struct pcap_file *p, struct slot *s)
{
	const struct pktio_counter *c = pktio_counters();

	for (; c->name; c++) {
		uint64_t *to = counter(&p->ring.stats, c->offset);
		uint64_t *seen = counter(&s->seen, c->offset);
		uint64_t *now = counter(&s->file.ring.stats, c->offset);

		if (c->offset != offsetof(struct pktio_stats, received) &&
		    c->offset != offsetof(struct pktio_stats, received_bytes) &&
		    c->offset != offsetof(struct pktio_stats, truncated))
			*to += *now - *seen;
		*seen = *now;
	}
}

/* 0, for none, when it cannot be told. */
static uint32_t interface_of(const struct slot *s, uint32_t ifindex)
{
	if (ifindex > INTERFACE_MASK || s->source > INTERFACE_MASK)
		return 0;
	return ifindex ? ifindex | (uint32_t)s->source << INTERFACE_SHIFT : 0;
}

/* Receives from one file. As recv, but 0: it ended, or failed for good. */
static int recv_slot(struct pcap_file *p, struct slot *s,
		     struct pktio_frame *frames, unsigned n)
{
	struct merge *m = p->merge;
	int got = m->reader->recv(&s->file.ring, frames, n);

	add_counters(p, s);
	for (int i = 0; i < got; i++) {
		frames[i].cookie |= s->number << MERGE_SHIFT;
		frames[i].ifindex = interface_of(s, frames[i].ifindex);
	}
	if (got > 0) {
		s->out += (unsigned)got;
		return got;
	}
	if (got == 0) /* a regular file always has something to say */
		got = pktio_fail(&s->file.ring, -EIO, "%s: cannot be read on",
				 s->file.name);
	if (got != PKTIO_EOF) {
		got = note(p, &s->file.ring, got);
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

/* ---- One after the other ------------------------------------------------ */

/* Opens the next source that can be. 1, 0 when none is left, or an error. */
static int open_next(struct pcap_file *p)
{
	struct merge *m = p->merge;
	int r = 0;

	while (!m->current && m->next < m->sources.n) {
		m->current = open_slot(p, m->next, false, &r);
		if (r < 0)
			return r;
		m->next++;
	}
	return m->current != NULL;
}

static int recv_in_turn(struct pktio_ring *r, struct pktio_frame *frames,
			unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	struct merge *m = p->merge;

	while (n > 0) {
		int got = open_next(p);

		if (got <= 0)
			return got < 0 ? got : end(p);
		got = recv_slot(p, m->current, frames, n);
		for (int i = 0; i < got; i++)
			count(r, &frames[i]);
		if (got != 0)
			return got;
		m->current = NULL;
	}
	return 0;
}

/* ---- In the order of time ----------------------------------------------- */

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->ts < b->ts || (a->ts == b->ts && a->source < b->source);
}

/* Puts the entry at `i` where it belongs, at or below there. */
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
 * Sees that the first entry has its frame. 1; 0 when the entries changed; or an
 * error.
 */
static int prepare_first(struct pcap_file *p)
{
	struct merge *m = p->merge;
	struct entry *first = &m->heap[0];
	struct slot *s = first->slot;
	int r = 0;

	if (s && s->at < s->n)
		return 1;
	if (!s) {
		s = open_slot(p, first->source, false, &r);
		first->slot = s;
	}
	if (s)
		r = recv_slot(p, s, s->batch, BATCH);
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
static unsigned take_run(struct pcap_file *p, struct pktio_frame *frames,
			 unsigned n)
{
	struct merge *m = p->merge;
	struct entry *first = &m->heap[0];
	struct slot *s = first->slot;
	const struct entry *other = m->nheap > 1 ? &m->heap[1] : NULL;
	unsigned done = 0;

	if (m->nheap > 2 && is_before(&m->heap[2], other))
		other = &m->heap[2];
	do {
		frames[done] = s->batch[s->at++];
		count(&p->ring, &frames[done++]);
		if (s->at == s->n)
			return done; /* more is read at the next look */
		first->ts = s->batch[s->at].ts;
	} while (done < n && (!other || is_before(first, other)));
	sift(m, 0);
	return done;
}

static int recv_merged(struct pktio_ring *r, struct pktio_frame *frames,
		       unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	struct merge *m = p->merge;
	unsigned done = 0;
	int code = 0;

	while (done < n && m->nheap > 0 && code >= 0) {
		code = prepare_first(p);
		if (code > 0)
			done += take_run(p, frames + done, n - done);
	}
	if (done > 0 || n == 0)
		return (int)done;
	return code < 0 ? code : end(p);
}

/*
 * Looks for the time of a file's first frame. 1, 0: it has none, or cannot be
 * read; or an error. What it counts is counted again when it is read.
 */
static int peek(struct pcap_file *p, size_t source, struct entry *ret,
		bool *opened)
{
	const struct pktio_stats before = p->ring.stats;
	struct merge *m = p->merge;
	struct pktio_frame f;
	int r = 0;
	struct slot *s = open_slot(p, source, true, &r);

	if (!s)
		return r;
	*opened = true;
	p->ring.info.linktype = s->file.ring.info.linktype;
	r = recv_slot(p, s, &f, 1);
	p->ring.stats = before;
	if (r <= 0)
		return r;
	*ret = (struct entry){ .ts = f.ts,
			       .source = source,
			       .linktype = s->file.ring.info.linktype };
	s->out = 0;
	finish(m, s);
	return r;
}

static void sort_all(struct merge *m)
{
	memcpy(m->heap, m->begin, m->nbegin * sizeof(m->heap[0]));
	m->nheap = m->nbegin;
	for (size_t i = m->nheap / 2; i-- > 0;)
		sift(m, i);
}

static int begin_merged(struct pcap_file *p)
{
	struct merge *m = p->merge;
	bool opened = false;

	m->heap = calloc(m->sources.n, sizeof(m->heap[0]));
	m->begin = calloc(m->sources.n, sizeof(m->begin[0]));
	if (!m->heap || !m->begin)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	for (size_t i = 0; i < m->sources.n; i++) {
		int r = peek(p, i, &m->begin[m->nbegin], &opened);

		if (r < 0)
			return r;
		m->nbegin += (size_t)r;
	}
	sort_all(m);
	if (m->nheap > 0)
		p->ring.info.linktype = m->heap[0].linktype;
	return opened ? 0 : end(p);
}

static int begin_in_turn(struct pcap_file *p)
{
	struct merge *m = p->merge;
	int r = open_next(p);

	if (r <= 0)
		return r < 0 ? r : end(p);
	p->ring.info.linktype = m->current->file.ring.info.linktype;
	return 0;
}

/* ---- The ring ----------------------------------------------------------- */

static void merge_release(struct pktio_ring *r,
			  const struct pktio_frame *frames, unsigned n)
{
	struct merge *m = pcap_file_of(r)->merge;
	unsigned run;

	for (unsigned i = 0; i < n; i += run) {
		uint64_t number = frames[i].cookie >> MERGE_SHIFT & MERGE_MASK;
		struct slot *s = m->slots[number];

		run = 1;
		while (i + run < n && (frames[i + run].cookie >> MERGE_SHIFT &
				       MERGE_MASK) == number)
			run++;
		m->reader->release(&s->file.ring, &frames[i], run);
		s->out -= run;
		if (s->out == 0 && s->ended)
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
 * Metadata of an interface is there while its file is open or frames of the
 * file are held. Each file describes only itself, so nothing describes them
 * all.
 */
static int merge_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			  uint64_t id, uint16_t code, unsigned index, void *buf,
			  size_t size)
{
	const struct merge *m = pcap_file_of(r)->merge;
	struct slot *s = NULL;

	if (scope != PKTIO_META_SECTION)
		s = find_described(m, scope, id);
	if (scope == PKTIO_META_INTERFACE)
		id &= INTERFACE_MASK;
	return s ? m->reader->meta_get(&s->file.ring, scope, id, code, index,
				       buf, size) :
		   -ENOENT;
}

/* They are regular files. */
static int merge_ready(struct pktio_ring *r, int polled)
{
	(void)r;
	(void)polled;
	return 1;
}

static void merge_free(struct pcap_file *p)
{
	struct merge *m = p->merge;

	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i])
			dispose(m, m->slots[i]);
	free(m->slots);
	free(m->heap);
	free(m->begin);
	p->ring.ops = m->reader;
	p->merge = NULL;
	free(m);
}

static void merge_close(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);

	sources_free(&p->merge->sources);
	merge_free(p);
}

int merge_rewind(struct pcap_file *p)
{
	struct merge *m = p->merge;

	for (size_t i = 0; i < m->nslots; i++) {
		struct slot *s = m->slots[i];

		if (!s || s->ended)
			continue;
		if (s->at < s->n)
			merge_release(&p->ring, s->batch + s->at, s->n - s->at);
		finish(m, s);
	}
	m->current = NULL;
	m->next = 0;
	if (p->conf->merge == MERGE_TIME)
		sort_all(m);
	return 0;
}

int merge_open(struct pcap_file *p, struct sources *s)
{
	struct merge *m = calloc(1, sizeof(*m));
	struct pktio_info *info = &p->ring.info;
	int r;

	if (!m)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	m->reader = p->ring.ops;
	m->ops = *m->reader;
	m->ops.recv = p->conf->merge == MERGE_TIME ? recv_merged : recv_in_turn;
	m->ops.release = merge_release;
	m->ops.ready = merge_ready;
	m->ops.close = merge_close;
	m->ops.meta_get = merge_meta_get;
	m->sources = *s;
	p->merge = m;
	r = p->conf->merge == MERGE_TIME ? begin_merged(p) : begin_in_turn(p);
	if (r < 0) {
		merge_free(p);
		return r;
	}
	p->regular = true;
	p->ring.ops = &m->ops;
	info->block_size = p->conf->buffer_size;
	info->blocks = (uint32_t)p->conf->buffers;
	info->ring_size = info->block_size * info->blocks;
	info->max_held = info->blocks - 1;
	return 0;
}
