/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading: read(2) into chunks that fit in a cache, and frames that point into
 * them. A chunk is walked to its end, then the same one is read into again, so
 * that a file of any size passes through one warm buffer. A frame that the
 * caller keeps pins its chunk and the file goes on in another. The record that
 * straddles the end is moved to the start of what is read next.
 *
 * When frames are out in every chunk, recv fails with -ENOBUFS and counts a
 * stall, and works again once enough came back. It does not return 0: that
 * promises that waiting helps, but a file has nothing to wait for, and a pipe
 * stays readable, so that the caller would spin.
 *
 * What is no regular file may run dry. It is polled before it is read; making
 * it non-blocking would change it for every process that shares it. Only open
 * waits: for the writer of a FIFO, and for the file header, without which there
 * is no link type.
 *
 * An error is never passed by: the walk stops before a bad record, so that
 * every later call finds it again, and says the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "pcap_file.h"

#define NS_PER_S UINT64_C(1000000000)

/* ---- Records ------------------------------------------------------------ */

/*
 * The walk, to be compiled for each kind of file. The bytes of a record's
 * header are not needed again: they are the headroom of its frame.
 */
static inline __attribute__((always_inline)) int
walk(struct pcap_file *p, struct pktio_frame *frames, unsigned n, bool swapped,
     uint32_t record_size, enum format_order order)
{
	struct chunks *c = &p->reader.chunks;
	const uint32_t limit = p->reader.format.limit;
	const uint32_t snaplen = p->reader.format.snaplen;
	const uint32_t tick = p->reader.format.tick;
	const uint32_t chunk = c->current;
	const uint8_t *const end = c->end;
	uint8_t *at = c->at;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	unsigned i = 0;

	for (; i < n; i++) {
		struct pktio_frame *f = &frames[i];
		size_t left = (size_t)(end - at);
		struct format_record record;
		uint32_t caplen;

		if (left < record_size)
			break;
		record = format_record(at, swapped, order);
		if (record.caplen > limit || record.caplen > left - record_size)
			break;
		caplen = record.caplen < snaplen ? record.caplen : snaplen;
		*f = p->reader.same;
		f->data = at + record_size;
		f->ts = record.seconds * NS_PER_S +
			(uint64_t)record.fraction * tick;
		f->cookie = chunk;
		f->caplen = caplen;
		f->wirelen = record.wirelen;
		f->flags = PKTIO_F_WRITABLE |
			   (caplen < record.wirelen ? PKTIO_F_TRUNCATED : 0);
		bytes += caplen;
		truncated += caplen < record.wirelen;
		at += record_size + record.caplen;
	}
	c->at = at;
	c->all[c->current].held += i;
	p->ring.stats.received += i;
	p->ring.stats.received_bytes += bytes;
	p->ring.stats.truncated += truncated;
	return (int)i;
}

static int walk_native(struct pcap_file *p, struct pktio_frame *frames,
		       unsigned n)
{
	return walk(p, frames, n, false, FORMAT_RECORD_SIZE,
		    FORMAT_CAPLEN_FIRST);
}

static int walk_swapped(struct pcap_file *p, struct pktio_frame *frames,
			unsigned n)
{
	return walk(p, frames, n, true, FORMAT_RECORD_SIZE,
		    FORMAT_CAPLEN_FIRST);
}

/* For variants that nobody writes any more. */
static int walk_other(struct pcap_file *p, struct pktio_frame *frames,
		      unsigned n)
{
	const struct format *format = &p->reader.format;

	return walk(p, frames, n, format->swapped, format->record_size,
		    format->order);
}

/* The bytes from `at` on that are the next record, as far as it is known. */
static size_t next_size(const struct reader *reader)
{
	const struct format *format = &reader->format;
	const struct chunks *c = &reader->chunks;

	if ((size_t)(c->end - c->at) < format->record_size)
		return format->record_size;
	return (size_t)format->record_size +
	       format_record(c->at, format->swapped, format->order).caplen;
}

/* ---- The file ----------------------------------------------------------- */

/* 1 when read(2) will not wait, 0 when it would. */
static int poll_file(const struct pcap_file *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	return p->regular || poll(&fd, 1, 0) != 0;
}

/* Reads into the current chunk, which has room. The bytes, or -errno. */
static ssize_t read_some(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	ssize_t n =
		read(p->fd, reader->chunks.end, chunks_room(&reader->chunks));

	if (n < 0)
		return -errno;
	reader->chunks.end += n;
	reader->offset += (uint64_t)n;
	return n;
}

/*
 * The same: 1 when there were bytes, 0 when not now, else the end or an error,
 * which is kept: a file that ended or failed must not come back.
 */
static int read_file(struct pcap_file *p)
{
	ssize_t n;

	do
		n = read_some(p);
	while (n == -EINTR);
	if (n > 0)
		return 1;
	if (n == -EAGAIN) /* non-blocking, and somebody else was faster */
		return 0;
	p->reader.code = n < 0 ? (int)n : PKTIO_EOF;
	return p->reader.code;
}

/* Words to why there will be no next frame. */
static int fail_record(struct pcap_file *p, size_t size)
{
	const struct reader *reader = &p->reader;
	const struct format *format = &reader->format;
	size_t unread = (size_t)(reader->chunks.end - reader->chunks.at);
	uint64_t at = reader->offset - unread;

	if (size - format->record_size > format->limit &&
	    unread >= format->record_size)
		return pktio_fail(
			&p->ring, -EBADMSG,
			"%s: damaged record at byte %" PRIu64
			": it claims %zu bytes, the most for link type %u is %u",
			p->name, at, size - format->record_size,
			format->linktype, format->limit);
	if (reader->code != PKTIO_EOF)
		return pktio_fail(&p->ring, reader->code,
				  "%s: cannot read on at byte %" PRIu64 ": %s",
				  p->name, reader->offset,
				  strerror(-reader->code));
	if (unread < format->record_size)
		return pktio_fail(&p->ring, -EBADMSG,
				  "%s: truncated record at byte %" PRIu64
				  ": its header has %zu bytes of %u",
				  p->name, at, unread, format->record_size);
	return pktio_fail(&p->ring, -EBADMSG,
			  "%s: truncated record at byte %" PRIu64
			  ": it has %zu bytes of %zu",
			  p->name, at, unread - format->record_size,
			  size - format->record_size);
}

/* True when no more bytes can make a whole record of what is there. */
static bool is_over(const struct reader *reader, size_t size)
{
	return reader->code < 0 ||
	       size - reader->format.record_size > reader->format.limit;
}

static int fail_room(struct pcap_file *p, int code)
{
	if (code == -ENOMEM)
		return pktio_fail(&p->ring, code, "%s: out of memory", p->name);
	p->ring.stats.stalls++;
	return pktio_fail(
		&p->ring, code,
		"%s: frames are held in all of %u buffers; release some, copy those to keep, or raise 'buffers'",
		p->name, p->reader.chunks.count);
}

/* Reads on. 1 for more bytes, 0 for none now, PKTIO_EOF or an error. */
static int refill(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	size_t size = next_size(reader);
	int r;

	if (!is_over(reader, size)) {
		r = chunks_make_room(&reader->chunks, size);
		if (r < 0)
			return fail_room(p, r);
		if (!poll_file(p))
			return 0;
		r = read_file(p);
		if (r > 0)
			return r;
	}
	if (reader->code == PKTIO_EOF &&
	    reader->chunks.at == reader->chunks.end)
		return PKTIO_EOF;
	return fail_record(p, size);
}

int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);

	/*
	 * A burst ends with its chunk, which is then likely to come back, and
	 * be read into again.
	 */
	for (;;) {
		int got = p->reader.walk(p, frames, n);

		if (got > 0 || n == 0)
			return got;
		got = refill(p);
		if (got <= 0)
			return got;
	}
}

/*
 * A part of a record makes the file readable, but recv would have nothing: it
 * is read here, so that a wait for the rest sleeps.
 */
int pcap_file_ready(struct pktio_ring *r, int polled)
{
	struct pcap_file *p = pcap_file_of(r);
	struct reader *reader = &p->reader;
	size_t size = next_size(reader);

	if (p->regular || is_over(reader, size) ||
	    (size_t)(reader->chunks.end - reader->chunks.at) >= size)
		return 1;
	if (!polled)
		return 0;
	if (chunks_make_room(&reader->chunks, size) < 0 || read_file(p) < 0)
		return 1;
	size = next_size(reader);
	return is_over(reader, size) ||
	       (size_t)(reader->chunks.end - reader->chunks.at) >= size;
}

/* ---- Open and close ----------------------------------------------------- */

/*
 * Reads the file header, and whatever comes with it. May wait; a signal whose
 * handler does not restart system calls ends that.
 */
static int read_header(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	struct chunks *c = &reader->chunks;
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	char why[128];
	ssize_t n = 1;
	int r;

	while (n != 0 && (size_t)(c->end - c->at) < FORMAT_HEADER_SIZE) {
		n = read_some(p);
		if (n == -EAGAIN && poll(&fd, 1, -1) < 0)
			n = -errno;
		if (n < 0 && n != -EAGAIN)
			return pktio_fail(&p->ring, (int)n,
					  "%s: cannot read: %s", p->name,
					  strerror((int)-n));
	}
	r = format_parse(&reader->format, c->at, (size_t)(c->end - c->at), why,
			 sizeof(why));
	if (r < 0)
		return pktio_fail(&p->ring, r, "%s%s", p->name, why);
	c->at += FORMAT_HEADER_SIZE;
	return 0;
}

int pcap_file_reader_open(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	struct pktio_info *info = &p->ring.info;
	int r = chunks_new(&reader->chunks, (uint32_t)p->conf->buffers,
			   p->conf->buffer_size);

	if (r < 0)
		return pktio_fail(&p->ring, r, "out of memory");
	r = read_header(p);
	if (r < 0) {
		chunks_free(&reader->chunks);
		return r;
	}
	if (reader->format.record_size != FORMAT_RECORD_SIZE ||
	    reader->format.order != FORMAT_CAPLEN_FIRST)
		reader->walk = walk_other;
	else
		reader->walk = reader->format.swapped ? walk_swapped :
							walk_native;
	reader->same = (struct pktio_frame){
		.linktype = reader->format.linktype,
		.headroom = (uint16_t)reader->format.record_size,
		.clock = PKTIO_CLOCK_FILE
	};
	if (p->regular)
		/* Only a hint; without it the file is read all the same. */
		(void)posix_fadvise(p->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	else
		p->ring.fd = p->fd;
	info->linktype = reader->format.linktype;
	info->snaplen = reader->format.snaplen;
	info->block_size = p->conf->buffer_size;
	info->blocks = (uint32_t)p->conf->buffers;
	info->ring_size = info->block_size * info->blocks;
	/* At worst each is in a chunk of its own, and one must be left. */
	info->max_held = info->blocks - 1;
	return 0;
}

void pcap_file_reader_close(struct pcap_file *p)
{
	chunks_free(&p->reader.chunks);
}
