/* SPDX-License-Identifier: BSD-3-Clause */
/* The receiver of the backend under test, and one without a ring. */
#include "receive/receiver.h"

#include <stdlib.h>
#include <string.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include "traffic/marker.h"
#include "util/error.h"

/* ---- pktio -------------------------------------------------------------- */

#define BURST 64U

static int open_ring(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = config->index,
					.count = config->count,
					.settings = config->settings,
					.nsettings = config->nsettings };
	struct pktio_ring *ring;
	int r = pktio_open(&ring, config->uri, &args, reterr);

	if (r == 0)
		*ret = ring;
	return r;
}

/* The application receives all frames of a burst at the same time. */
static void read_markers(struct marker_reader *markers,
			 const struct pktio_frame *frames, int n)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < n; i++)
		marker_read(markers, frames[i].data, frames[i].caplen, now);
}

static int loop(void *state, struct tally *tally, struct pktio_error *reterr)
{
	struct pktio_ring *ring = state;
	struct pktio_frame frames[BURST];
	uint64_t count = tally->frames;
	uint64_t bytes = 0;
	int n = 0;

	while (!tally_stopped(tally)) {
		n = pktio_recv(ring, frames, BURST);
		if (n <= 0) {
			if (n == 0)
				n = pktio_wait(ring, -1);
			if (n < 0)
				break;
			continue;
		}
		if (tally->markers)
			read_markers(tally->markers, frames, n);
		for (int i = 0; i < n; i++)
			bytes += frames[i].caplen;
		count += (unsigned)n;
		pktio_release(ring, frames, (unsigned)n);
		tally_store(tally, count);
	}
	tally->bytes += bytes;
	if (n >= 0 || n == PKTIO_EOF || n == -EINTR)
		return 0;
	return error_set(reterr, n, "%s", pktio_last_error(ring));
}

static void wake(void *state)
{
	pktio_wake(state);
}

static int get_losses(void *state, struct losses *ret,
		      struct pktio_error *reterr)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	int r = pktio_get_stats(state, &stats);

	if (r < 0)
		return error_set(reterr, r, "%s", pktio_last_error(state));
	*ret = (struct losses){ .dropped = stats.dropped,
				.filtered = stats.filtered };
	return 0;
}

static void close_ring(void *state)
{
	pktio_close(state);
}

const struct receiver receiver_pktio = {
	.name = "pktio",
	.doc = "the backend under test",
	.live = true,
	.offline = &receiver_pktio,
	.write = &receiver_pktio_write,
	.open = open_ring,
	.loop = loop,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_ring,
};

/* ---- No ring ------------------------------------------------------------ */

static int open_none(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	int *fd = malloc(sizeof(*fd));

	(void)config;
	if (!fd)
		return error_set(reterr, -ENOMEM, "out of memory");
	*fd = eventfd(0, EFD_CLOEXEC);
	if (*fd < 0) {
		free(fd);
		return error_set(reterr, -errno,
				 "none: cannot create an eventfd: %s",
				 strerror(errno));
	}
	*ret = fd;
	return 0;
}

static int sleep_none(void *state, struct tally *tally,
		      struct pktio_error *reterr)
{
	const int *fd = state;
	uint64_t count;

	(void)reterr;
	while (!tally_stopped(tally) && read(*fd, &count, sizeof(count)) < 0)
		;
	return 0;
}

static void wake_none(void *state)
{
	const int *fd = state;
	uint64_t one = 1;

	while (write(*fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void close_none(void *state)
{
	close(*(int *)state);
	free(state);
}

/* Measures what an idle machine does without a ring. */
const struct receiver receiver_none = {
	.name = "none",
	.doc = "a sleeping thread without a ring",
	.live = true,
	.open = open_none,
	.loop = sleep_none,
	.wake = wake_none,
	.close = close_none,
};
