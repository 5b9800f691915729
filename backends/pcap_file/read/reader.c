/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading: read(2) fills chunks that fit in a cache, and frames point into
 * them. The walk goes through a chunk to its end, then the file is read into
 * the same chunk again. So a file of any size passes through one cached buffer.
 * A held frame pins its chunk, and the file continues in another one. A record
 * that is cut by the end of the chunk moves to the start of the next read.
 *
 * If frames are held in every chunk, recv fails with -ENOBUFS and counts a
 * stall. It works again after enough frames were released. It does not return
 * 0, which would mean that waiting helps: a regular file has nothing to wait
 * for, and a pipe stays readable, so that the caller would loop.
 *
 * A file that is not regular can run dry. It is polled before each read. Making
 * it non-blocking would change it for every process that shares it. Only open
 * waits: for the writer of a FIFO, and for the file header, which contains the
 * link type.
 *
 * An error is permanent: the walk stops before an invalid record, so that every
 * later call finds and reports the same error.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "read/pcap.h"
#include "read/pcapng.h"
#include "read/reader.h"

/* ---- The file ----------------------------------------------------------- */

/* 1: reading does not wait; 0: it would. */
static int poll_file(const struct pcap_file *p)
{
	return stream_ready(&p->reader.stream);
}

/* Reads into the current chunk, which has room. Returns the number of bytes, or
 * a negative errno value. */
static ssize_t read_some(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	ssize_t n = stream_read(&reader->stream, reader->chunks.end,
				chunks_room(&reader->chunks));

	if (n < 0)
		return n;
	reader->chunks.end += n;
	reader->offset += (uint64_t)n;
	return n;
}

/*
 * The same. Returns 1; 0: no bytes now; or the end or an error, which is
 * stored: a file that ended or failed must not continue.
 */
static int read_file(struct pcap_file *p)
{
	ssize_t n;

	do
		n = read_some(p);
	while (n == -EINTR);
	if (n > 0)
		return 1;
	if (n == -EAGAIN) /* non-blocking, and another process read the bytes */
		return 0;
	p->reader.code = n < 0 ? (int)n : PKTIO_EOF;
	return p->reader.code;
}

/* Reports why the next frame, of `need` bytes, cannot be read. */
static int fail_record(struct pcap_file *p, size_t need)
{
	const struct reader *reader = &p->reader;
	size_t unread = (size_t)(reader->chunks.end - reader->chunks.at);

	if (need == 0)
		return reader->damaged(p);
	if (reader->code != PKTIO_EOF)
		return pktio_fail(&p->ring, reader->code,
				  "%s: cannot read at byte %" PRIu64 ": %s",
				  p->name, reader->offset,
				  reader->stream.reason);
	return pktio_fail(&p->ring, -EBADMSG,
			  "%s: truncated %s at byte %" PRIu64
			  ": it has %zu bytes of %zu",
			  p->name, reader->record, reader->offset - unread,
			  unread, need);
}

/* Whether more bytes cannot complete the record. */
static bool is_over(const struct reader *reader, size_t need)
{
	return reader->code < 0 || need == 0;
}

static int fail_room(struct pcap_file *p, int code)
{
	if (code == -ENOMEM)
		return pktio_fail(&p->ring, code, "%s: out of memory", p->name);
	p->ring.stats.stalls++;
	return pktio_fail(
		&p->ring, code,
		"%s: frames are held in all %u buffers; release some, copy the frames to keep, or raise 'buffers'",
		p->name, p->reader.chunks.count);
}

/* Reads more bytes. 1; 0: none now; PKTIO_EOF; or an error. */
static int refill(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	size_t need = reader->need(p);
	int r;

	if (!is_over(reader, need)) {
		r = chunks_make_room(&reader->chunks, need);
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
	return fail_record(p, need);
}

int pcap_file_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);

	/*
	 * A burst ends at the end of a chunk. The caller then releases its
	 * frames, and the chunk can be reused.
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
 * A partial record makes the file readable, but recv has no frame. So the part
 * is read here, and a wait for the rest sleeps. For a followed file, poll(2)
 * reports only changes, so it is read to its end without a poll.
 */
int pcap_file_ready(struct pktio_ring *r, int polled)
{
	struct pcap_file *p = pcap_file_of(r);
	struct reader *reader = &p->reader;

	for (;; polled = 0) {
		size_t need = reader->need(p);
		int got;

		if (reader->stream.poll_fd < 0 || is_over(reader, need) ||
		    (size_t)(reader->chunks.end - reader->chunks.at) >= need)
			return 1;
		if (!polled && reader->stream.notify < 0)
			return 0;
		got = chunks_make_room(&reader->chunks, need);
		if (got == 0)
			got = read_file(p);
		if (got <= 0)
			return got < 0;
	}
}

/* ---- Open and close ----------------------------------------------------- */

/*
 * Waits until `need` unread bytes or the end of the file are read. A signal
 * whose handler does not restart system calls ends the wait. Returns the number
 * of unread bytes, or an error.
 */
static ssize_t await_bytes(struct pcap_file *p, size_t need)
{
	struct chunks *c = &p->reader.chunks;
	struct pollfd fd = { .fd = p->reader.stream.poll_fd, .events = POLLIN };
	ssize_t n = 1;
	int r = chunks_make_room(c, need);

	if (r < 0)
		return fail_room(p, r);
	while (n != 0 && (size_t)(c->end - c->at) < need) {
		n = read_some(p);
		if (n == -EAGAIN && poll(&fd, 1, -1) < 0)
			return pktio_fail(&p->ring, -errno,
					  "%s: cannot wait: %s", p->name,
					  strerror(errno));
		if (n < 0 && n != -EAGAIN)
			return pktio_fail(&p->ring, (int)n,
					  "%s: cannot read: %s", p->name,
					  p->reader.stream.reason);
	}
	return c->end - c->at;
}

/*
 * Reads up to the first interface, which contains the link type, or to the end
 * of a file without interfaces. A packet before it is an error.
 */
static int read_first_interface(struct pcap_file *p)
{
	struct reader *reader = &p->reader;

	for (;;) {
		size_t need = reader->need(p);
		ssize_t there;

		if (reader->pcapng.base + reader->pcapng.ninterface > 0)
			break;
		if (need == 0)
			return reader->damaged(p);
		there = await_bytes(p, need);
		if (there < 0)
			return (int)there;
		if ((size_t)there >= need)
			continue;
		reader->code = PKTIO_EOF;
		return there == 0 ? 0 : fail_record(p, need);
	}
	p->ring.info.linktype = reader->pcapng.linktype;
	p->ring.info.snaplen = 0; /* each interface has its own */
	return 0;
}

/* Reads the file header, and for pcapng the first interface. May wait. */
static int read_header(struct pcap_file *p)
{
	const struct chunks *c = &p->reader.chunks;
	ssize_t there = await_bytes(p, FORMAT_MAGIC_SIZE);
	uint32_t magic;

	if (there < 0)
		return (int)there;
	if ((size_t)there >= sizeof(magic)) {
		memcpy(&magic, c->at, sizeof(magic));
		if (magic == PCAPNG_MAGIC) {
			pcap_file_begin_pcapng(p);
			return read_first_interface(p);
		}
		there = await_bytes(p, format_header_size(c->at));
		if (there < 0)
			return (int)there;
	}
	return pcap_file_begin_pcap(p);
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
		pcap_file_reader_close(p);
		return r;
	}
	if (p->regular)
		/* Only a hint: an error does not matter. */
		(void)posix_fadvise(p->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	p->ring.fd = reader->stream.poll_fd;
	info->block_size = p->conf->buffer_size;
	info->blocks = (uint32_t)p->conf->buffers;
	info->ring_size = info->block_size * info->blocks;
	/* In the worst case each frame pins a chunk, and one chunk is needed.
	 */
	info->max_held = info->blocks - 1;
	return 0;
}

int pcap_file_reader_rewind(struct pcap_file *p)
{
	struct reader *reader = &p->reader;
	int r = stream_rewind(&reader->stream);

	if (r < 0)
		return pktio_fail(&p->ring, r, "%s: cannot rewind: %s", p->name,
				  reader->stream.reason);
	reader->chunks.at = reader->chunks.end;
	reader->offset = 0;
	reader->code = 0;
	r = read_header(p);
	if (r < 0) {
		/* The next recv rewinds again, and finds the same error. */
		reader->chunks.at = reader->chunks.end;
		reader->code = PKTIO_EOF;
	}
	return r;
}

void pcap_file_reader_close(struct pcap_file *p)
{
	chunks_free(&p->reader.chunks);
	pcapng_free(&p->reader.pcapng);
}
