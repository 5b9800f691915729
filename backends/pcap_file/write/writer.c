/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing: pktio_alloc() returns slots of a slab, and pktio_send() copies them
 * as records into one buffer. pktio_inject() copies frames there directly.
 * file.c writes the buffer to the file.
 *
 * A call returns its error at once if it has not taken a frame before the
 * error. Otherwise it returns the number of frames, and the next call returns
 * the error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/vlan.h"
#include "write/file.h"
#include "write/writer.h"

#define SLOTS 256U
#define SLOT_SIZE ((uint32_t)UINT16_MAX) /* the largest tailroom */

#define MAX_TAGS 2U
#define USUAL_MAX 262144U /* every link type allows this caplen */

/* ---- Records ------------------------------------------------------------ */

/* Whether the file can contain the frame; 0 or an error. */
static int check_frame(struct pcap_file *p, const struct pktio_frame *f)
{
	const struct writer *w = &p->writer;

	if (w->format == WRITER_PCAP && f->linktype != w->linktype)
		return pktio_fail(
			&p->ring, -EINVAL,
			"%s: a frame has link type %u, and the pcap file has %u; set 'linktype', or use format=pcapng",
			p->name, f->linktype, w->linktype);
	if (w->format == WRITER_PCAP && f->ts / NS_PER_S > UINT32_MAX)
		return pktio_fail(
			&p->ring, -ERANGE,
			"%s: a time of %" PRIu64
			" seconds since 1970 does not fit in a pcap file; use format=pcapng",
			p->name, f->ts / NS_PER_S);
	if (f->nvlan > MAX_TAGS)
		return pktio_fail(
			&p->ring, -EINVAL,
			"a frame has %u VLAN tags; at most 2 are possible",
			f->nvlan);
	if (f->nvlan > 0 && f->caplen < MAC_ADDRESSES)
		return pktio_fail(
			&p->ring, -EINVAL,
			"a frame of %u bytes is too short for a VLAN tag",
			f->caplen);
	return 0;
}

/* Writes the first bytes of the frame with its tags, as on the wire. */
static void put_tagged(uint8_t *to, const struct pktio_frame *f, size_t size)
{
	uint8_t head[MAC_ADDRESSES + MAX_TAGS * VLAN_TAG];
	/* check_frame() has refused more, but the compiler cannot know. */
	unsigned tags = f->nvlan < MAX_TAGS ? f->nvlan : MAX_TAGS;
	size_t n = MAC_ADDRESSES + (size_t)tags * VLAN_TAG;

	memcpy(head, f->data, MAC_ADDRESSES);
	vlan_write(head + MAC_ADDRESSES, f->vlan, tags);
	n = n < size ? n : size;
	memcpy(to, head, n);
	memcpy(to + n, f->data + MAC_ADDRESSES, size - n);
}

static inline void put_data(uint8_t *to, const struct pktio_frame *f,
			    uint32_t size)
{
	if (f->nvlan > 0)
		put_tagged(to, f, size);
	else
		memcpy(to, f->data, size);
}

static void put_pcap(struct writer *w, const struct pktio_frame *f,
		     uint32_t caplen, uint32_t wirelen)
{
	uint32_t ns = (uint32_t)(f->ts % NS_PER_S);
	uint32_t header[4] = { (uint32_t)(f->ts / NS_PER_S),
			       w->us ? ns / (uint32_t)NS_PER_US : ns, caplen,
			       wirelen };

	memcpy(w->buffer + w->used, header, FORMAT_RECORD_SIZE);
	put_data(w->buffer + w->used + FORMAT_RECORD_SIZE, f, caplen);
	w->used += FORMAT_RECORD_SIZE + (size_t)caplen;
}

/* Writes the description of the interface before its first frame. */
static int put_pcapng(struct pcap_file *p, const struct pktio_frame *f,
		      uint32_t caplen, uint32_t wirelen)
{
	struct writer *w = &p->writer;
	int64_t id = write_pcapng_find(&w->pcapng, f->linktype, f->ifindex);
	uint8_t *end;

	if (id < 0) {
		size_t n = write_pcapng_add(&w->pcapng, w->buffer + w->used,
					    f->linktype, f->ifindex);

		if (n == 0)
			return pktio_fail(&p->ring, -ENOMEM, "out of memory");
		w->used += n;
		id = w->pcapng.recent;
		writer_update_limit(p);
	}
	put_data(write_pcapng_epb(&w->pcapng, w->buffer + w->used, (uint32_t)id,
				  f, caplen, wirelen, &end),
		 f, caplen);
	w->used = (size_t)(end - w->buffer);
	return 0;
}

/* Puts a frame into the buffer. An error can be that of earlier frames. */
static int put_frame(struct pcap_file *p, const struct pktio_frame *f)
{
	struct writer *w = &p->writer;
	bool pcapng = w->format == WRITER_PCAPNG;
	uint32_t tags = f->nvlan * VLAN_TAG;
	uint32_t caplen = f->caplen + tags;
	uint32_t wirelen =
		(f->wirelen > f->caplen ? f->wirelen : f->caplen) + tags;
	size_t need;
	int r = check_frame(p, f);

	if (r < 0)
		return r;
	if (caplen > w->snaplen)
		caplen = w->snaplen;
	if (caplen > USUAL_MAX && caplen > format_longest(f->linktype))
		caplen = format_longest(f->linktype);
	need = caplen +
	       (pcapng ? write_pcapng_max(&w->pcapng) : FORMAT_RECORD_SIZE);
	if (w->used + need > w->limit || f->ts > w->last ||
	    w->file_frames >= w->max_frames) {
		r = writer_make_room(p, f->ts, need);
		if (r < 0)
			return r;
	}
	if (!pcapng)
		put_pcap(w, f, caplen, wirelen);
	else if ((r = put_pcapng(p, f, caplen, wirelen)) < 0)
		return r;
	w->frames++;
	w->file_frames++;
	w->bytes += caplen;
	return 0;
}

/* ---- Frames ------------------------------------------------------------- */

/* The result of a call that took i frames; the next call gets the error. */
static int result(struct writer *w, unsigned i, int r)
{
	if (r < 0)
		write_pcapng_forget(&w->pcapng);
	if (i == 0 || r == 0)
		return i > 0 ? (int)i : r;
	w->pending = r;
	return (int)i;
}

static int take_pending(struct writer *w)
{
	int r = w->pending;

	w->pending = 0;
	return r;
}

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

int pcap_file_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	int ret = take_pending(&p->writer);
	unsigned i;

	for (i = 0; ret == 0 && i < n; i += ret == 0) {
		ret = put_frame(p, &frames[i]);
		if (ret == 0)
			pktio_slab_put(p->writer.slab, frames[i].cookie);
	}
	return result(&p->writer, i, ret);
}

int pcap_file_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		     unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	int ret = take_pending(&p->writer);
	unsigned i;

	for (i = 0; ret == 0 && i < n; i += ret == 0)
		ret = put_frame(p, &frames[i]);
	return result(&p->writer, i, ret);
}

int pcap_file_flush(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);
	int pending = take_pending(&p->writer);
	int ret = 0;

	/* Between two files the buffer is empty. */
	if (p->writer.out.fd >= 0) {
		ret = writer_flush(p);
		if (ret == 0 && p->conf->sync) {
			ret = output_sync(&p->writer.out);
			if (ret < 0)
				pktio_fail(r, ret,
					   "%s: cannot sync to disk: %s",
					   p->name, strerror(-ret));
		}
	}
	return ret < 0 ? ret : pending;
}

int pcap_file_finish(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);
	int pending = take_pending(&p->writer);
	int ret = p->writer.out.fd >= 0 ? writer_finish(p) : 0;

	p->writer.finished = true;
	p->writer.limit = 0;
	return ret < 0 ? ret : pending;
}

/* ---- Metadata ----------------------------------------------------------- */

/* Reports why the value with this code was refused; returns the error. */
static int fail_meta(struct pcap_file *p, uint16_t code, int error)
{
	switch (error) {
	case -EMSGSIZE:
		return pktio_fail(&p->ring, error,
				  "%s: metadata with code %u is too long",
				  p->name, code);
	case -EBUSY:
		return pktio_fail(
			&p->ring, error,
			"%s: metadata with code %u comes too late; describe an interface before its first frame",
			p->name, code);
	case -ENOMEM:
		return pktio_fail(&p->ring, error, "out of memory");
	default:
		return pktio_fail(&p->ring, error,
				  "%s: invalid metadata with code %u", p->name,
				  code);
	}
}

int pcap_file_meta_set(struct pktio_ring *r, enum pktio_meta_scope scope,
		       uint64_t id, uint16_t code, const void *value,
		       size_t size)
{
	struct pcap_file *p = pcap_file_of(r);
	struct write_pcapng *ng = &p->writer.pcapng;
	int ret;

	if (p->writer.format != WRITER_PCAPNG)
		return pktio_fail(
			r, -ENOTSUP,
			"%s: a pcap file stores no metadata; use format=pcapng",
			p->name);
	if (scope == PKTIO_META_FRAME)
		ret = write_pcapng_meta_frame(ng, code, value, size);
	else
		ret = write_pcapng_meta_interface(ng, (uint32_t)id, code, value,
						  size);
	return ret < 0 ? fail_meta(p, code, ret) : 0;
}

/* ---- Open and close ----------------------------------------------------- */

static bool ends_in(const char *name, size_t size, const char *ending)
{
	size_t n = strlen(ending);

	return size >= n && memcmp(name + size - n, ending, n) == 0;
}

/* A file with this name would be expected to be compressed. */
static int check_name(struct pcap_file *p, const char *name)
{
	static const char *const others[] = { ".xz", ".bz2" };
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (p->conf->compress == COMPRESS_AUTO &&
		    ends_in(name, size, others[i]))
			return pktio_fail(
				&p->ring, -ENOTSUP,
				"%s: cannot compress to %s; use .gz, .zst or .lz4, or set 'compress'",
				p->name, others[i]);
	return 0;
}

/* Sets the format, and returns the codec or NULL. The name decides if the
 * options do not. */
static const struct codec *choose_format(struct pcap_file *p, const char *name)
{
	static const char *const endings[] = { [COMPRESS_GZIP] = ".gz",
					       [COMPRESS_ZSTD] = ".zst",
					       [COMPRESS_LZ4] = ".lz4" };
	struct writer *w = &p->writer;
	enum compress_codec named = COMPRESS_NONE;
	size_t size = strlen(name);

	for (unsigned i = COMPRESS_GZIP; i <= COMPRESS_LZ4; i++)
		if (ends_in(name, size, endings[i])) {
			named = i;
			size -= strlen(endings[i]);
			break;
		}
	w->format = p->conf->format;
	if (w->format == WRITER_AUTO)
		w->format = ends_in(name, size, ".pcapng") ||
					    ends_in(name, size, ".ntar") ?
				    WRITER_PCAPNG :
				    WRITER_PCAP;
	return compress_codec(p->conf->compress == COMPRESS_AUTO ?
				      named :
				      (enum compress_codec)p->conf->compress);
}

static int check_options(struct pcap_file *p, const char *target,
			 const struct codec *codec)
{
	const struct pcap_file_conf *conf = p->conf;
	unsigned max;
	int r;

	if (codec && codec_missing(codec))
		return pktio_fail(&p->ring, -ENOTSUP,
				  "%s: cannot compress: " CODEC_MISSING_TEXT,
				  p->name, codec->name, codec->package);
	max = codec ? codec->encoder->levels : 0;
	if (conf->level > max)
		return pktio_fail(
			&p->ring, -EINVAL,
			max ? "option 'level' is too high; the maximum is %u for %s" :
			      "option 'level' needs compression; set 'compress'",
			max, p->name);
	if (conf->rotate_keep && !p->writer.rotates)
		return pktio_fail(
			&p->ring, -EINVAL,
			"option 'rotate-keep' needs one of rotate-size, rotate-time and rotate-count");
	if (p->writer.format == WRITER_PCAP &&
	    (conf->comment[0] || conf->hardware[0] || conf->os[0]))
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"%s: a pcap file cannot store comment, hardware and os; use format=pcapng",
			p->name);
	if (!p->writer.rotates)
		return 0;
	if (strcmp(target, "-") == 0)
		return pktio_fail(
			&p->ring, -EINVAL,
			"cannot rotate standard output; write to a file");
	r = rotate_directory(target);
	return r < 0 ? pktio_fail(&p->ring, r,
				  "cannot create files named %s: %s", p->name,
				  strerror(-r)) :
		       0;
}

static int start_rotation(struct pcap_file *p, const char *target)
{
	const struct pcap_file_conf *conf = p->conf;
	struct writer *w = &p->writer;

	w->rotate = calloc(1, sizeof(*w->rotate));
	if (!w->rotate)
		return -ENOMEM;
	w->rotate->local = conf->rotate_zone;
	return rotate_start(w->rotate, target,
			    !conf->rotate_size && !conf->rotate_count,
			    (uint32_t)conf->rotate_keep);
}

static int get_memory(struct pcap_file *p, const struct codec *codec)
{
	struct writer *w = &p->writer;

	w->size = p->conf->buffer_size;
	if (codec) {
		w->size *= codec->encoder->buffers;
		if (w->size > COMPRESS_MAX)
			w->size = COMPRESS_MAX;
		w->compressor =
			compress_new(codec->encoder, (unsigned)p->conf->level);
		if (!w->compressor)
			return -ENOMEM;
		w->packed_size = compress_bound(w->compressor, w->size);
		w->packed = malloc(w->packed_size);
		if (!w->packed)
			return -ENOMEM;
	}
	w->buffer = malloc(w->size);
	w->slab = pktio_slab_new(SLOTS, SLOT_SIZE);
	return w->buffer && w->slab ? 0 : -ENOMEM;
}

int pcap_file_writer_open(struct pcap_file *p, const char *target)
{
	const struct pcap_file_conf *conf = p->conf;
	struct writer *w = &p->writer;
	const struct codec *codec;
	int r;

	*w = (struct writer){ .out = { .fd = -1 },
			      .last = UINT64_MAX,
			      .max_frames = UINT64_MAX,
			      .linktype = (uint16_t)pktio_linktype_value(
				      conf->linktype),
			      .snaplen = (uint32_t)conf->snaplen,
			      .us = conf->timestamp_precision == PCAP_FILE_US };
	w->pcapng = (struct write_pcapng){ .snaplen = w->snaplen,
					   .us = w->us,
					   .names = conf->if_names };
	w->rotates = conf->rotate_size || conf->rotate_time ||
		     conf->rotate_count;
	codec = choose_format(p, target);
	r = check_name(p, target);
	if (r == 0)
		r = check_options(p, target, codec);
	if (r < 0)
		return r;
	r = get_memory(p, codec);
	if (r == 0 && w->rotates)
		r = start_rotation(p, target);
	if (r < 0)
		pktio_fail(&p->ring, r, "out of memory");
	/* The name of a rotated file depends on its first frame. */
	else if (!w->rotates)
		r = writer_begin(p, target, false);
	if (r < 0) {
		pcap_file_writer_close(p);
		return r;
	}
	p->ring.info.linktype = w->linktype;
	p->ring.info.snaplen = w->snaplen;
	p->ring.info.max_held = SLOTS;
	return 0;
}

void pcap_file_writer_close(struct pcap_file *p)
{
	struct writer *w = &p->writer;

	if (w->out.fd >= 0 && writer_finish(p) < 0 && w->out.fd >= 0)
		output_close(&w->out);
	free(w->buffer);
	free(w->packed);
	write_pcapng_free(&w->pcapng);
	compress_free(w->compressor);
	pktio_slab_free(w->slab);
	if (w->rotate)
		rotate_stop(w->rotate);
	free(w->rotate);
}
