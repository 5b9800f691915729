/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing: frames are filled in slots of a slab, and sent by copying them as
 * records into one buffer, which is written when the next does not fit, or by
 * flush. Only the first frame of a send can cause a write, so that an error is
 * that of the whole call, and comes at once.
 *
 * What could not be written is lost, counted, and cut off: a regular file ends
 * with the last whole record, and can be written on when there is room again. A
 * pipe that got a part of a record is broken for good.
 *
 * Writing may wait, as write(2) does, and raises SIGPIPE or SIGXFSZ where
 * write(2) does; a program that ignores them gets the error.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcap_file.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_US 1000U
#define SLOTS 256U
#define SLOT_SIZE ((uint32_t)UINT16_MAX) /* what tailroom can tell */

/* ---- The file ----------------------------------------------------------- */

/* Writes all, and says how much it was; 0 or -errno. */
static int write_all(int fd, const uint8_t *bytes, size_t size, size_t *done)
{
	*done = 0;
	while (*done < size) {
		ssize_t n = write(fd, bytes + *done, size - *done);
		struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

		if (n >= 0)
			*done += (size_t)n;
		else if (errno == EAGAIN) /* somebody else wants it so */
			poll(&pollfd, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* The whole records among the first `size` bytes of the buffer are sent. */
static size_t count_sent(struct pcap_file *p, size_t size)
{
	struct writer *w = &p->writer;
	size_t at = 0;

	while (at < size) {
		uint32_t caplen = format_record(w->buffer + at, false,
						FORMAT_CAPLEN_FIRST)
					  .caplen;

		if (size - at < FORMAT_RECORD_SIZE + (size_t)caplen)
			break;
		at += FORMAT_RECORD_SIZE + (size_t)caplen;
		w->frames--;
		w->bytes -= caplen;
		p->ring.stats.sent++;
		p->ring.stats.sent_bytes += caplen;
	}
	return at;
}

/* Ends the file behind its last whole record, and tells what was lost. */
static int fail_write(struct pcap_file *p, size_t done, int code)
{
	struct writer *w = &p->writer;
	size_t whole = count_sent(p, done);
	uint64_t lost = w->frames;

	p->ring.stats.send_failed += lost;
	w->offset += (off_t)whole;
	w->used = 0;
	w->frames = 0;
	w->bytes = 0;
	if (whole < done && (!p->regular || ftruncate(p->fd, w->offset) < 0 ||
			     lseek(p->fd, w->offset, SEEK_SET) < 0))
		w->broken = code;
	return pktio_fail(&p->ring, code,
			  "%s: cannot write: %s; %" PRIu64 " frames are lost%s",
			  p->name, strerror(-code), lost,
			  w->broken ? ", and the last one is cut short" : "");
}

int pcap_file_flush(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);
	struct writer *w = &p->writer;
	size_t done;
	int ret;

	if (w->broken)
		return pktio_fail(
			r, w->broken,
			"%s: ends within a frame since it could not be written: %s",
			p->name, strerror(-w->broken));
	ret = write_all(p->fd, w->buffer, w->used, &done);
	if (ret < 0)
		return fail_write(p, done, ret);
	r->stats.sent += w->frames;
	r->stats.sent_bytes += w->bytes;
	w->offset += (off_t)w->used;
	w->used = 0;
	w->frames = 0;
	w->bytes = 0;
	return 0;
}

/* ---- Frames ------------------------------------------------------------- */

int pcap_file_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	unsigned i = 0;

	for (; i < n; i++) {
		uint64_t slot;
		uint8_t *data = pktio_slab_get(p->writer.slab, &slot);

		if (!data)
			break;
		frames[i] = (struct pktio_frame){
			.data = data,
			.cookie = slot,
			.flags = PKTIO_F_WRITABLE,
			.linktype = (uint16_t)r->info.linktype,
			.tailroom = SLOT_SIZE,
		};
	}
	return (int)i;
}

/* 0, or why this frame cannot be in the file. */
static int check_frame(struct pcap_file *p, const struct pktio_frame *f)
{
	if (f->linktype != p->ring.info.linktype)
		return pktio_fail(
			&p->ring, -EINVAL,
			"%s: a frame of link type %u cannot be in a file of link type %u; see 'linktype'",
			p->name, f->linktype, p->ring.info.linktype);
	if (f->ts / NS_PER_S > UINT32_MAX)
		return pktio_fail(
			&p->ring, -ERANGE,
			"%s: a time of %" PRIu64
			" seconds since 1970 is too late for a pcap file",
			p->name, f->ts / NS_PER_S);
	if (f->nvlan > 0)
		return pktio_fail(
			&p->ring, -EINVAL,
			"%s: a VLAN tag must be in the bytes; pktio_inject() puts it there",
			p->name);
	return 0;
}

static void append(struct pcap_file *p, const struct pktio_frame *f)
{
	struct writer *w = &p->writer;
	uint32_t snaplen = (uint32_t)p->conf->snaplen;
	uint32_t caplen = f->caplen < snaplen ? f->caplen : snaplen;
	uint32_t ns = (uint32_t)(f->ts % NS_PER_S);
	uint32_t header[4] = {
		(uint32_t)(f->ts / NS_PER_S),
		p->conf->precision == PCAP_FILE_NS ? ns : ns / NS_PER_US,
		caplen,
		f->wirelen > f->caplen ? f->wirelen : f->caplen,
	};

	memcpy(w->buffer + w->used, header, FORMAT_RECORD_SIZE);
	memcpy(w->buffer + w->used + FORMAT_RECORD_SIZE, f->data, caplen);
	w->used += FORMAT_RECORD_SIZE + (size_t)caplen;
	w->frames++;
	w->bytes += caplen;
	pktio_slab_put(w->slab, f->cookie);
}

/* What the next frame may need, before it is cut to snaplen. */
static bool fits(const struct writer *w, const struct pktio_frame *f)
{
	return w->size - w->used >= FORMAT_RECORD_SIZE + (size_t)f->caplen;
}

int pcap_file_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	unsigned i = 0;
	int ret = 0;

	if (n > 0 && (p->writer.broken || !fits(&p->writer, &frames[0])))
		ret = pcap_file_flush(r);
	for (; ret == 0 && i < n && fits(&p->writer, &frames[i]); i++) {
		ret = check_frame(p, &frames[i]);
		if (ret < 0)
			break;
		append(p, &frames[i]);
	}
	return i > 0 ? (int)i : ret;
}

/* ---- Open and close ----------------------------------------------------- */

int pcap_file_writer_open(struct pcap_file *p)
{
	struct writer *w = &p->writer;
	uint8_t header[FORMAT_HEADER_SIZE];
	size_t done;
	int r = -ENOMEM;

	w->size = p->conf->buffer_size;
	if (w->size < FORMAT_RECORD_SIZE + SLOT_SIZE)
		w->size = FORMAT_RECORD_SIZE + SLOT_SIZE;
	w->buffer = malloc(w->size);
	w->slab = pktio_slab_new(SLOTS, SLOT_SIZE);
	if (!w->buffer || !w->slab) {
		pktio_fail(&p->ring, r, "out of memory");
		goto fail;
	}
	format_header(header, p->conf->precision == PCAP_FILE_NS,
		      (uint32_t)p->conf->snaplen, (uint16_t)p->conf->linktype);
	r = write_all(p->fd, header, sizeof(header), &done);
	if (r < 0) {
		pktio_fail(&p->ring, r, "%s: cannot write: %s", p->name,
			   strerror(-r));
		goto fail;
	}
	/* Where it is: standard output may be in the middle of a file. */
	if (p->regular)
		w->offset = lseek(p->fd, 0, SEEK_CUR);
	p->ring.info.linktype = (uint32_t)p->conf->linktype;
	p->ring.info.snaplen = (uint32_t)p->conf->snaplen;
	p->ring.info.max_held = SLOTS;
	return 0;
fail:
	pcap_file_writer_close(p);
	return r;
}

void pcap_file_writer_close(struct pcap_file *p)
{
	free(p->writer.buffer);
	pktio_slab_free(p->writer.slab);
}
