/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends with the transmit ring of af_packet: alloc, fill, send, flush. */
#include "traffic/send.h"

#include <stdlib.h>
#include <string.h>

#include "traffic/marker.h"
#include "util/error.h"

#define BURST 64U

struct ring_sender {
	struct pktio_ring *ring;
	const struct traffic *traffic;
	size_t at;
	bool timestamp, each; /* each: flush after each burst */
};

static int open_ring(void **ret, const struct send_config *config,
		     struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct ring_sender *s = calloc(1, sizeof(*s));
	char *uri = traffic_uri("af_packet", config->interface);
	int r = -ENOMEM;

	if (s && uri)
		r = pktio_open(&s->ring, uri, &args, reterr);
	else
		error_set(reterr, r, "out of memory");
	free(uri);
	if (r < 0) {
		free(s);
		return r;
	}
	s->traffic = config->traffic;
	s->timestamp = config->timestamp;
	s->each = config->rate > 0 || config->timestamp;
	*ret = s;
	return 0;
}

static void fill(struct ring_sender *s, struct pktio_frame *frame)
{
	const struct traffic *t = s->traffic;
	const struct traffic_frame *f = &t->frames[s->at];
	uint8_t *data = pktio_frame_wdata(frame);

	memcpy(data, t->bytes + f->at, f->len);
	if (s->timestamp)
		marker_set_time(data + f->len, clock_ns(CLOCK_MONOTONIC));
	frame->caplen = f->len;
	frame->wirelen = f->len;
	s->at = s->at + 1 == t->n ? 0 : s->at + 1;
}

/* Fills and sends allocated frames. */
static int send_filled(struct ring_sender *s, struct pktio_frame *frames, int n)
{
	int done = 0;
	int error = 0;

	for (int i = 0; i < n; i++)
		fill(s, &frames[i]);
	while (done < n && error == 0) {
		int taken = pktio_send(s->ring, frames + done,
				       (unsigned)(n - done));

		if (taken == 0)
			taken = pktio_flush(s->ring);
		else if (taken > 0)
			done += taken;
		/* -ENOBUFS: the queue of the kernel is full. The ring counts
		 * that, and sending continues. */
		if (taken < 0 && taken != -ENOBUFS)
			error = taken;
	}
	if (done < n)
		pktio_release(s->ring, frames + done, (unsigned)(n - done));
	return error;
}

static int send_frames(void *state, unsigned n, struct pktio_error *reterr)
{
	struct ring_sender *s = state;
	struct pktio_frame frames[BURST];
	int error = 0;

	while (n > 0 && error == 0) {
		int got = pktio_alloc(s->ring, frames, n < BURST ? n : BURST);

		if (got > 0) {
			error = send_filled(s, frames, got);
			n -= (unsigned)got;
		} else {
			error = got < 0 ? got : pktio_flush(s->ring);
		}
		if (error == -ENOBUFS)
			error = 0;
	}
	if (error == 0 && s->each) {
		error = pktio_flush(s->ring);
		if (error == -ENOBUFS)
			error = 0;
	}
	return error < 0 ? error_set(reterr, error, "%s",
				     pktio_last_error(s->ring)) :
			   0;
}

static void finish(void *state, struct send_counts *ret)
{
	struct ring_sender *s = state;
	struct pktio_stats stats = { .size = sizeof(stats) };

	/* Send queued frames, also after an error; the ring counts failures. */
	pktio_flush(s->ring);
	if (pktio_get_stats(s->ring, &stats) == 0)
		*ret = (struct send_counts){ .sent = stats.sent,
					     .failed = stats.send_failed };
}

static void close_ring(void *state)
{
	struct ring_sender *s = state;

	pktio_close(s->ring);
	free(s);
}

const struct send_method send_ring = {
	.name = "ring",
	.doc = "the transmit ring of af_packet",
	.burst = BURST,
	.open = open_ring,
	.send = send_frames,
	.finish = finish,
	.close = close_ring,
};
