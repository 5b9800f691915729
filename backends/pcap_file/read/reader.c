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

/* ---- The file ----------------------------------------------------------- */

/* 1 when reading will not wait, 0 when it would. */
static int poll_file(const struct pcap_file *p)
{
	return stream_ready(&p->reader.stream);
}

/* Reads into the current chunk, which has room. The bytes, or -errno. */
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

/* Words to why there will be no next frame, which needs so many bytes. */
static int fail_record(struct pcap_file *p, size_t need)
{
	const struct reader *reader = &p->reader;
	size_t unread = (size_t)(reader->chunks.end - reader->chunks.at);

	if (need == 0)
		return reader->damaged(p);
	if (reader->code != PKTIO_EOF)
		return pktio_fail(&p->ring, reader->code,
				  "%s: cannot read on at byte %" PRIu64 ": %s",
				  p->name, reader->offset,
				  reader->stream.reason);
	return pktio_fail(&p->ring, -EBADMSG,
			  "%s: truncated %s at byte %" PRIu64
			  ": it has %zu bytes of %zu",
			  p->name, reader->record, reader->offset - unread,
			  unread, need);
}

/* True when no more bytes can make a whole record of what is there. */
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
		"%s: frames are held in all of %u buffers; release some, copy those to keep, or raise 'buffers'",
		p->name, p->reader.chunks.count);
}

/* Reads on. 1 for more bytes, 0 for none now, PKTIO_EOF or an error. */
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
 * is read here, so that a wait for the rest sleeps. Of a followed file poll()
 * tells only what was added: it is read without, and to where it ends for now.
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
 * Waits until `need` bytes from where we are have been read, or the end; a
 * signal whose handler does not restart system calls ends that. How many there
 * are, or an error with words.
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
 * Up to the first interface, without which there is no link type; to the end
 * of a file that has none. A packet before that is an error.
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

/* Reads the file header, and whatever comes with it. May wait. */
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
		/* Only a hint; without it the file is read all the same. */
		(void)posix_fadvise(p->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	p->ring.fd = reader->stream.poll_fd;
	info->block_size = p->conf->buffer_size;
	info->blocks = (uint32_t)p->conf->buffers;
	info->ring_size = info->block_size * info->blocks;
	/* At worst each is in a chunk of its own, and one must be left. */
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
		/* So that it ends here again, and is rewound again. */
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
