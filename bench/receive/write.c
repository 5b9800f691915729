/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ways to write frames to a file. All of them prepare the frames in memory
 * before the clock starts, write them repeatedly until the file has PASS_BYTES,
 * and flush at the end.
 */
#include "receive/receiver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "traffic/traffic.h"
#include "util/clock.h"
#include "util/error.h"

#define BURST 64U
#define PASS_BYTES (UINT64_C(1) << 30) /* of frames; then a new file */
#define BUFFER ((size_t)256 << 10)
#define RECORD_HEADER 16U
#define LINKTYPE_ETHERNET 1U
#define SNAPLEN 262144

/* The time of frame i is FIRST_SECOND plus i us, in every pass. */
#define FIRST_SECOND 1000000000U
#define US_PER_S 1000000U

struct writer {
	const struct traffic *traffic;
	struct pktio_ring *ring;     /* of pktio */
	struct pktio_frame *frames;  /* of pktio */
	struct pcap_pkthdr *headers; /* of libpcap */
	uint8_t *buffer;             /* of raw */
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	int fd; /* of raw */
};

static void close_writer(void *state)
{
	struct writer *w = state;

	pktio_close(w->ring);
	if (w->dumper)
		pcap_dump_close(w->dumper);
	if (w->pcap)
		pcap_close(w->pcap);
	if (w->fd >= 0)
		close(w->fd);
	free(w->frames);
	free(w->headers);
	free(w->buffer);
	free(w);
}

static struct writer *new_writer(const struct receiver_config *config,
				 struct pktio_error *reterr)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w) {
		error_set(reterr, -ENOMEM, "out of memory");
		return NULL;
	}
	w->fd = -1;
	w->traffic = config->traffic;
	return w;
}

static void wake(void *state)
{
	(void)state;
}

/* True if the file is large enough, or the loop must end. */
static bool is_over(const struct tally *tally, uint64_t bytes)
{
	return bytes >= PASS_BYTES || tally_stopped(tally);
}

/* ---- pktio -------------------------------------------------------------- */

static int open_pktio(void **ret, const struct receiver_config *config,
		      struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND,
					.settings = config->settings,
					.nsettings = config->nsettings };
	const struct traffic *t = config->traffic;
	struct writer *w = new_writer(config, reterr);
	int r = -ENOMEM;

	if (!w)
		return r;
	w->frames = calloc(t->n, sizeof(*w->frames));
	if (w->frames)
		r = pktio_open(&w->ring, config->uri, &args, reterr);
	else
		error_set(reterr, r, "out of memory");
	if (r < 0) {
		close_writer(w);
		return r;
	}
	for (size_t i = 0; i < t->n; i++)
		w->frames[i] = (struct pktio_frame){
			.data = t->bytes + t->frames[i].at,
			.ts = ((uint64_t)FIRST_SECOND * US_PER_S + i) *
			      NS_PER_US,
			.caplen = t->frames[i].len,
			.wirelen = t->frames[i].len,
			.linktype = LINKTYPE_ETHERNET,
		};
	*ret = w;
	return 0;
}

static int loop_pktio(void *state, struct tally *tally,
		      struct pktio_error *reterr)
{
	struct writer *w = state;
	uint64_t count = tally->frames;
	uint64_t bytes = 0;
	size_t at = 0;
	int r = 0;

	while (!is_over(tally, bytes)) {
		size_t left = w->traffic->n - at;

		r = pktio_inject(w->ring, w->frames + at,
				 left < BURST ? (unsigned)left : BURST);
		if (r <= 0)
			break;
		for (int i = 0; i < r; i++)
			bytes += w->frames[at++].caplen;
		if (at == w->traffic->n)
			at = 0;
		count += (unsigned)r;
		tally_store(tally, count);
	}
	tally->bytes += bytes;
	if (r >= 0)
		r = pktio_flush(w->ring);
	return r < 0 ? error_set(reterr, r, "%s", pktio_last_error(w->ring)) :
		       0;
}

const struct receiver receiver_pktio_write = {
	.name = "pktio",
	.doc = "the backend under test",
	.open = open_pktio,
	.loop = loop_pktio,
	.wake = wake,
	.close = close_writer,
};

/* ---- libpcap ------------------------------------------------------------ */

static int open_dump(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	const struct traffic *t = config->traffic;
	struct writer *w = new_writer(config, reterr);

	if (!w)
		return -ENOMEM;
	w->headers = calloc(t->n, sizeof(*w->headers));
	w->pcap = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
	if (w->headers && w->pcap)
		w->dumper = pcap_dump_open(w->pcap, config->target);
	if (!w->dumper) {
		error_set(reterr, -EIO, "libpcap: %.200s",
			  w->pcap ? pcap_geterr(w->pcap) : "out of memory");
		close_writer(w);
		return -EIO;
	}
	for (size_t i = 0; i < t->n; i++) {
		struct pcap_pkthdr *h = &w->headers[i];

		h->ts.tv_sec = FIRST_SECOND;
		h->ts.tv_usec = (suseconds_t)(i % US_PER_S * NS_PER_US);
		h->caplen = t->frames[i].len;
		h->len = t->frames[i].len;
	}
	*ret = w;
	return 0;
}

static int loop_dump(void *state, struct tally *tally,
		     struct pktio_error *reterr)
{
	struct writer *w = state;
	const struct traffic *t = w->traffic;
	uint64_t count = tally->frames;
	uint64_t bytes = 0;
	size_t at = 0;

	while (!is_over(tally, bytes)) {
		for (unsigned i = 0; i < BURST; i++) {
			pcap_dump((u_char *)w->dumper, &w->headers[at],
				  t->bytes + t->frames[at].at);
			bytes += t->frames[at].len;
			at = at + 1 == t->n ? 0 : at + 1;
		}
		count += BURST;
		tally_store(tally, count);
	}
	tally->bytes += bytes;
	if (pcap_dump_flush(w->dumper) < 0)
		return error_set(reterr, -errno, "libpcap: cannot write: %s",
				 strerror(errno));
	return 0;
}

const struct receiver receiver_libpcap_write = {
	.name = "libpcap",
	.doc = "pcap_dump()",
	.open = open_dump,
	.loop = loop_dump,
	.wake = wake,
	.close = close_writer,
};

/* ---- Raw ---------------------------------------------------------------- */

static int open_buffer(void **ret, const struct receiver_config *config,
		       struct pktio_error *reterr)
{
	static const uint32_t header[6] = { 0xa1b23c4d, 2 | 4 << 16,      0, 0,
					    SNAPLEN,    LINKTYPE_ETHERNET };
	struct writer *w = new_writer(config, reterr);

	if (!w)
		return -ENOMEM;
	w->buffer = malloc(BUFFER);
	w->fd = open(config->target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		     0666);
	if (!w->buffer || w->fd < 0 ||
	    write(w->fd, header, sizeof(header)) != (ssize_t)sizeof(header)) {
		error_set(reterr, -EIO, "raw: cannot write '%s': %s",
			  config->target, strerror(errno));
		close_writer(w);
		return -EIO;
	}
	*ret = w;
	return 0;
}

static int write_buffer(const struct writer *w, size_t used,
			struct pktio_error *reterr)
{
	if (write(w->fd, w->buffer, used) == (ssize_t)used)
		return 0;
	return error_set(reterr, -EIO, "raw: cannot write: %s",
			 strerror(errno));
}

static int loop_buffer(void *state, struct tally *tally,
		       struct pktio_error *reterr)
{
	struct writer *w = state;
	const struct traffic *t = w->traffic;
	uint64_t count = tally->frames;
	uint64_t bytes = 0;
	size_t used = 0;
	size_t at = 0;
	int r = 0;

	while (r == 0 && !is_over(tally, bytes)) {
		const struct traffic_frame *f = &t->frames[at];
		uint32_t header[4] = { FIRST_SECOND,
				       (uint32_t)(at % US_PER_S) * NS_PER_US,
				       f->len, f->len };

		if (BUFFER - used < RECORD_HEADER + (size_t)f->len) {
			r = write_buffer(w, used, reterr);
			used = 0;
			tally_store(tally, count);
		}
		memcpy(w->buffer + used, header, sizeof(header));
		memcpy(w->buffer + used + RECORD_HEADER, t->bytes + f->at,
		       f->len);
		used += RECORD_HEADER + (size_t)f->len;
		bytes += f->len;
		count++;
		at = at + 1 == t->n ? 0 : at + 1;
	}
	tally->bytes += bytes;
	tally_store(tally, count);
	return r < 0 ? r : write_buffer(w, used, reterr);
}

const struct receiver receiver_raw_write = {
	.name = "raw",
	.doc = "records in a buffer, and write(2)",
	.open = open_buffer,
	.loop = loop_buffer,
	.wake = wake,
	.close = close_writer,
};
