/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing the buffer to the file, and the rotation of files.
 *
 * Frames that cannot be written are lost and counted. A regular file is
 * truncated after the last whole record, and the ring continues to write when
 * there is space again. A pipe that received a part of a record is broken for
 * good. In a compressed file a whole buffer, which is one compressed frame,
 * counts as a record.
 *
 * Writing can block, as write(2), and raises SIGPIPE or SIGXFSZ, as write(2). A
 * program that ignores these signals gets the error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "write/file.h"

/*
 * How much smaller than rotate-size a compressed file may stay. A smaller value
 * would make ever smaller compressed frames at the end of the file.
 */
#define SLACK_MAX ((uint64_t)64 << 10)
#define SLACK_PART 8U

/* ---- Counting ----------------------------------------------------------- */

static struct write_pcapng_block block_at(const struct writer *w, size_t at)
{
	uint32_t caplen;

	if (w->format == WRITER_PCAPNG)
		return write_pcapng_block(w->buffer + at);
	if (w->file_frames == 0)
		return (struct write_pcapng_block){
			.size = FORMAT_HEADER_SIZE
		};
	caplen = format_record(w->buffer + at, false, FORMAT_CAPLEN_FIRST)
			 .caplen;
	return (struct write_pcapng_block){ .size = FORMAT_RECORD_SIZE +
						    (size_t)caplen,
					    .packet = true,
					    .caplen = caplen };
}

/* Counts the whole records among the first `size` bytes of the buffer. */
static size_t count_sent(struct pcap_file *p, size_t size)
{
	struct writer *w = &p->writer;
	size_t at = 0;

	while (at < size) {
		struct write_pcapng_block block = block_at(w, at);

		if (size - at < block.size)
			break;
		at += block.size;
		w->pcapng.nwritten += block.idb;
		if (!block.packet)
			continue;
		w->frames--;
		w->bytes -= block.caplen;
		p->ring.stats.sent++;
		p->ring.stats.sent_bytes += block.caplen;
	}
	return at;
}

/* Counts the frames in the buffer from `at` on as lost. */
static uint64_t count_lost(struct pcap_file *p, size_t at)
{
	struct writer *w = &p->writer;
	uint64_t lost = w->frames;

	for (; w->format == WRITER_PCAPNG && at < w->used;) {
		struct write_pcapng_block block = block_at(w, at);

		if (block.packet) {
			w->pcapng.ifs[block.id].frames--;
			w->pcapng.ifs[block.id].lost++;
		}
		at += block.size;
	}
	/* Interfaces whose description was lost are described again. */
	w->pcapng.nifs = w->pcapng.nwritten;
	w->pcapng.recent = 0;
	w->file_frames -= lost;
	p->ring.stats.send_failed += lost;
	return lost;
}

static void empty_buffer(struct writer *w)
{
	w->used = 0;
	w->frames = 0;
	w->bytes = 0;
}

/* ---- The buffer --------------------------------------------------------- */

/* How many bytes follow the last frame. */
static uint64_t tail_size(const struct writer *w)
{
	return w->format == WRITER_PCAPNG ?
		       (w->pcapng.nifs + UINT64_C(1)) * WRITE_PCAPNG_ISB_MAX :
		       0;
}

/* How many bytes the file may still grow. */
static uint64_t left_in_file(const struct pcap_file *p)
{
	const struct writer *w = &p->writer;
	uint64_t size = p->conf->rotate_size;
	uint64_t used = (uint64_t)w->out.offset + tail_size(w);

	if (size == 0)
		return UINT64_MAX;
	if (w->compressor)
		used += compress_bound(w->compressor, tail_size(w));
	return used < size ? size - used : 0;
}

void writer_update_limit(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	uint64_t left = left_in_file(p);

	if (left > w->size)
		left = w->size;
	/* Incompressible data becomes longer. */
	if (w->compressor && p->conf->rotate_size) {
		uint64_t more =
			compress_bound(w->compressor, (size_t)left) - left;

		left = left > more ? left - more : 0;
	}
	w->limit = w->out.broken ? 0 : (size_t)left;
}

/* Whether the next `need` bytes belong to the next file. */
static bool is_full(const struct pcap_file *p, size_t need)
{
	const struct writer *w = &p->writer;
	uint64_t slack = p->conf->rotate_size / SLACK_PART;

	if (!p->conf->rotate_size || w->file_frames == 0)
		return false;
	if (slack > SLACK_MAX)
		slack = SLACK_MAX;
	return w->limit < need || (w->compressor && left_in_file(p) < slack);
}

static int enlarge(uint8_t **memory, size_t *size, size_t need)
{
	uint8_t *more = need > *size ? realloc(*memory, need) : *memory;

	if (!more)
		return -ENOMEM;
	*memory = more;
	*size = need > *size ? need : *size;
	return 0;
}

/* Makes the buffer at least `need` bytes long. */
static int reserve(struct pcap_file *p, size_t need)
{
	struct writer *w = &p->writer;
	int r = enlarge(&w->buffer, &w->size, need);

	if (r == 0 && w->compressor)
		r = enlarge(&w->packed, &w->packed_size,
			    compress_bound(w->compressor, w->size));
	return r < 0 ? pktio_fail(&p->ring, r, "out of memory") : 0;
}

/* Truncates the file after its last whole record, and reports the loss. */
static int fail_write(struct pcap_file *p, size_t done, int code)
{
	struct writer *w = &p->writer;
	size_t whole = w->compressor ? 0 : count_sent(p, done);
	uint64_t lost = count_lost(p, whole);
	char text[96] = "";

	empty_buffer(w);
	output_cut(&w->out, whole, done, code);
	writer_update_limit(p);
	if (lost > 0)
		snprintf(text, sizeof(text), "; %" PRIu64 " frames are lost%s",
			 lost,
			 w->out.broken ? ", and the last one is incomplete" :
					 "");
	return pktio_fail(&p->ring, code, "%s: cannot write: %s%s", p->name,
			  strerror(-code), text);
}

static int fail_broken(struct pcap_file *p)
{
	return pktio_fail(
		&p->ring, p->writer.out.broken,
		"%s: the file ends within a frame, because a write failed: %s",
		p->name, strerror(-p->writer.out.broken));
}

int writer_flush(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	const uint8_t *from = w->buffer;
	size_t size = w->used;
	size_t done = 0;
	int r;

	if (w->out.broken)
		return fail_broken(p);
	if (w->used == 0)
		return 0;
	if (w->compressor) {
		from = w->packed;
		size = compress_run(w->compressor, w->packed, w->packed_size,
				    w->buffer, w->used);
		if (size == 0)
			return fail_write(p, 0, -ENOMEM);
	}
	r = output_write(&w->out, from, size, &done);
	if (r < 0)
		return fail_write(p, done, r);
	p->ring.stats.sent += w->frames;
	p->ring.stats.sent_bytes += w->bytes;
	w->pcapng.nwritten = w->pcapng.nifs;
	empty_buffer(w);
	writer_update_limit(p);
	return 0;
}

/* ---- One file ----------------------------------------------------------- */

static struct write_pcapng_texts texts_of(const struct pcap_file *p)
{
	return (struct write_pcapng_texts){ .comment = p->conf->comment,
					    .hardware = p->conf->hardware,
					    .os = p->conf->os,
					    .application =
						    p->conf->application };
}

static int put_header(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	struct write_pcapng_texts texts = texts_of(p);
	int r;

	if (w->format == WRITER_PCAP) {
		format_header(w->buffer, !w->us, w->snaplen, w->linktype);
		w->used = FORMAT_HEADER_SIZE;
		return 0;
	}
	r = reserve(p, write_pcapng_shb_size(&texts));
	if (r == 0)
		w->used = write_pcapng_shb(w->buffer, &texts);
	return r;
}

static int fail_open(struct pcap_file *p, int code)
{
	if (code == -EISDIR)
		return pktio_fail(&p->ring, code,
				  "%s is a directory, not a file", p->name);
	return pktio_fail(&p->ring, code, "cannot open %s to write: %s",
			  p->name, strerror(-code));
}

int writer_begin(struct pcap_file *p, const char *path, bool fresh)
{
	struct writer *w = &p->writer;
	int r = output_open(&w->out, path, fresh);

	pcap_file_set_name(p, path, true);
	if (r < 0)
		return fail_open(p, r);
	w->file_frames = 0;
	w->pcapng.nifs = 0;
	w->pcapng.nknown = 0;
	w->pcapng.nwritten = 0;
	w->pcapng.recent = 0;
	r = put_header(p);
	if (r == 0)
		r = writer_flush(p);
	if (r < 0)
		goto fail;
	/* The header is written: now discard the previous contents. */
	r = output_empty(&w->out);
	if (r == 0)
		return 0;
	pktio_fail(&p->ring, r, "%s: cannot truncate: %s", p->name,
		   strerror(-r));
fail:
	if (w->out.created)
		unlink(path);
	output_close(&w->out);
	w->out.broken = 0;
	w->limit = 0;
	return r;
}

/* Writes what follows the last frame. */
static int put_tail(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	int r = reserve(p, WRITE_PCAPNG_IDB_MAX + w->pcapng.description_max +
				   tail_size(w));

	if (r < 0)
		return r;
	/* libpcap refuses a file without an interface. */
	if (w->pcapng.nifs == 0)
		w->used =
			write_pcapng_add(&w->pcapng, w->buffer, w->linktype, 0);
	for (uint32_t i = 0; i < w->pcapng.nifs; i++)
		w->used += write_pcapng_isb(w->buffer + w->used, &w->pcapng, i);
	return writer_flush(p);
}

int writer_finish(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	int closed;
	int r = writer_flush(p);

	if (r < 0)
		return r;
	/* The buffer is empty: an error from here on loses no frame. */
	if (w->format == WRITER_PCAPNG)
		r = put_tail(p);
	if (r == 0 && p->conf->sync)
		r = output_sync(&w->out);
	closed = output_close(&w->out);
	w->limit = 0;
	if (r == 0)
		r = closed;
	return r < 0 ? pktio_fail(&p->ring, r, "%s: cannot write: %s", p->name,
				  strerror(-r)) :
		       0;
}

/* ---- Rotation ----------------------------------------------------------- */

static int begin_next(struct pcap_file *p, uint64_t ts)
{
	struct writer *w = &p->writer;
	uint64_t time = p->conf->rotate_time;
	int r = rotate_delete_oldest(w->rotate);

	if (r < 0)
		return pktio_fail(&p->ring, r, "cannot delete '%s': %s",
				  w->rotate->path, strerror(-r));
	r = -EEXIST;
	for (unsigned attempt = 0; r == -EEXIST && attempt < UINT_MAX;
	     attempt++) {
		r = rotate_name(w->rotate, ts, attempt);
		if (r < 0)
			return pktio_fail(
				&p->ring, r,
				"%s: the file name is empty or too long",
				p->name);
		r = writer_begin(p, w->rotate->path, true);
	}
	if (r < 0)
		return r;
	w->last = UINT64_MAX;
	if (time && ts / time < UINT64_MAX / time)
		w->last = ts / time * time + time - 1;
	w->max_frames = p->conf->rotate_count ? p->conf->rotate_count :
						UINT64_MAX;
	r = rotate_add(w->rotate);
	return r < 0 ? pktio_fail(&p->ring, r, "out of memory") : 0;
}

int writer_make_room(struct pcap_file *p, uint64_t ts, size_t need)
{
	struct writer *w = &p->writer;
	int r = 0;

	if (w->finished)
		return pktio_fail(
			&p->ring, -ESHUTDOWN,
			"%s: pktio_finish() was called; no more frames can be sent",
			p->name);
	if (w->out.broken)
		return fail_broken(p);
	if (w->out.fd >= 0 && (ts > w->last || w->file_frames >= w->max_frames))
		r = writer_finish(p);
	if (r == 0 && w->out.fd >= 0 && w->used + need > w->limit) {
		r = writer_flush(p);
		if (r == 0 && is_full(p, need))
			r = writer_finish(p);
	}
	if (r == 0 && w->out.fd < 0)
		r = begin_next(p, ts);
	if (r == 0)
		r = reserve(p, need);
	if (r == 0 && w->used + need > w->limit)
		w->limit = w->used + need; /* the only frame of a small file */
	return r;
}
