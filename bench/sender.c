/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends through pktio itself: alloc, fill, send, flush. The frames come from
 * memory, in bursts, and nothing paces them.
 */
#include "sender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "interrupt.h"
#include "place.h"

#define BURST 64U

struct sender {
	pthread_t thread;
	struct pktio_ring *ring;
	const struct traffic *traffic;
	int cpu;
	int stop; /* atomic: set by sender_stop() */
	struct sender_result result;
};

/* Fills and sends one burst from frame `at` on; returns where the next is. */
static size_t send_burst(struct sender *s, struct pktio_frame *frames, int n,
			 size_t at, int *error)
{
	const struct traffic *t = s->traffic;
	int done = 0;

	for (int i = 0; i < n; i++) {
		const struct traffic_frame *f = &t->frames[at];

		memcpy(pktio_frame_wdata(&frames[i]), t->bytes + f->at, f->len);
		frames[i].caplen = f->len;
		frames[i].wirelen = f->len;
		at = at + 1 == t->n ? 0 : at + 1;
	}
	while (done < n && *error == 0) {
		int taken = pktio_send(s->ring, frames + done,
				       (unsigned)(n - done));

		if (taken == 0)
			taken = pktio_flush(s->ring);
		else if (taken > 0)
			done += taken;
		/* The kernel's queue is full: counted, and not the end. */
		if (taken < 0 && taken != -ENOBUFS)
			*error = taken;
	}
	if (done < n)
		pktio_release(s->ring, frames + done, (unsigned)(n - done));
	return at;
}

static int send_all(struct sender *s)
{
	struct pktio_frame frames[BURST];
	size_t at = 0;
	int error = 0;

	while (error == 0 && !__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		int n = pktio_alloc(s->ring, frames, BURST);

		if (n > 0)
			at = send_burst(s, frames, n, at, &error);
		else
			error = n < 0 ? n : pktio_flush(s->ring);
		if (error == -ENOBUFS)
			error = 0;
	}
	/* What is queued leaves, also after an error; failures are counted. */
	pktio_flush(s->ring);
	return error;
}

static void *run(void *data)
{
	struct sender *s = data;
	struct pktio_stats stats = { .size = sizeof(stats) };
	uint64_t start;

	place_bind(s->cpu);
	start = clock_now();
	s->result.error = send_all(s);
	s->result.seconds = (double)(clock_now() - start) / NS_PER_S;
	if (s->result.error < 0)
		strncpy(s->result.words, pktio_strerror(s->ring),
			sizeof(s->result.words) - 1);
	if (pktio_get_stats(s->ring, &stats) == 0) {
		s->result.sent = stats.sent;
		s->result.failed = stats.send_failed;
	}
	return NULL;
}

int sender_start(struct sender **ret, const char *interface,
		 const struct traffic *traffic, int cpu,
		 struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	struct sender *s = calloc(1, sizeof(*s));
	char *uri = traffic_uri("af_packet", interface);
	int r = -ENOMEM;

	if (!s || !uri) {
		bench_fail(reterr, r, "out of memory");
		goto fail;
	}
	s->traffic = traffic;
	s->cpu = cpu;
	r = pktio_open(&s->ring, uri, &args, reterr);
	if (r < 0)
		goto fail;
	interrupt_block();
	r = -pthread_create(&s->thread, NULL, run, s);
	interrupt_unblock();
	if (r < 0) {
		bench_fail(reterr, r, "cannot start the sender's thread: %s",
			   strerror(-r));
		goto fail;
	}
	free(uri);
	*ret = s;
	return 0;
fail:
	if (s)
		pktio_close(s->ring);
	free(uri);
	free(s);
	return r;
}

struct sender *sender_stop(struct sender *s, struct sender_result *ret)
{
	if (s) {
		__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
		pthread_join(s->thread, NULL);
		*ret = s->result;
		pktio_close(s->ring);
		free(s);
	}
	return NULL;
}
