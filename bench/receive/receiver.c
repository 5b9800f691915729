/* SPDX-License-Identifier: BSD-3-Clause */
/* Which ways to receive there are, and ours: any backend of pktio. */
#include "receive/receiver.h"

#include <stdlib.h>
#include <string.h>

#include <linux/if_packet.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/fail.h"
#include "traffic/marker.h"

const struct contender *const contender_peers[] = {
	&contender_raw,
	&contender_raw_ahead,
	&contender_raw_map,
	&contender_libpcap,
	&contender_libpcap_dispatch,
	&contender_programs[0],
	&contender_programs[1],
	&contender_programs[2],
	&contender_programs[3],
	&contender_programs[4],
	&contender_programs[5],
	&contender_programs[6],
	NULL,
};

const struct contender *contender_find(const char *name)
{
	for (const struct contender *const *c = contender_peers; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

int contender_share(int sock, const struct contest *contest)
{
	int group = contest->fanout | PACKET_FANOUT_HASH << 16;

	if (contest->count < 2)
		return 0;
	return setsockopt(sock, SOL_PACKET, PACKET_FANOUT, &group,
			  sizeof(group)) < 0 ?
		       -errno :
		       0;
}

/* ---- pktio -------------------------------------------------------------- */

#define BURST 64U

static int open_ring(void **ret, const struct contest *contest,
		     struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = contest->index,
					.count = contest->count,
					.settings = contest->settings,
					.nsettings = contest->nsettings };
	struct pktio_ring *ring;
	int r = pktio_open(&ring, contest->uri, &args, reterr);

	if (r == 0)
		*ret = ring;
	return r;
}

/* They are the application's from the moment that it got the burst. */
static void look(struct probe *probe, const struct pktio_frame *frames, int n)
{
	uint64_t now = clock_now();

	for (int i = 0; i < n; i++)
		probe_frame(probe, frames[i].data, frames[i].caplen, now);
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
		if (tally->probe)
			look(tally->probe, frames, n);
		for (int i = 0; i < n; i++)
			bytes += frames[i].caplen;
		count += (unsigned)n;
		pktio_release(ring, frames, (unsigned)n);
		tally_show(tally, count);
	}
	tally->bytes += bytes;
	if (n >= 0 || n == PKTIO_EOF || n == -EINTR)
		return 0;
	return bench_fail(reterr, n, "%s", pktio_strerror(ring));
}

static void wake(void *state)
{
	pktio_wake(state);
}

static int lost(void *state, struct losses *ret, struct pktio_error *reterr)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	int r = pktio_get_stats(state, &stats);

	if (r < 0)
		return bench_fail(reterr, r, "%s", pktio_strerror(state));
	*ret = (struct losses){ .dropped = stats.dropped,
				.filtered = stats.filtered };
	return 0;
}

static void close_ring(void *state)
{
	pktio_close(state);
}

const struct contender contender_pktio = {
	.name = "pktio",
	.doc = "the backend that is measured",
	.live = true,
	.offline = &contender_pktio,
	.write = &contender_pktio_write,
	.open = open_ring,
	.loop = loop,
	.wake = wake,
	.lost = lost,
	.close = close_ring,
};

/* ---- Nothing ------------------------------------------------------------ */

static int open_none(void **ret, const struct contest *contest,
		     struct pktio_error *reterr)
{
	int *fd = malloc(sizeof(*fd));

	(void)contest;
	if (!fd)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	*fd = eventfd(0, EFD_CLOEXEC);
	if (*fd < 0) {
		free(fd);
		return bench_fail(reterr, -errno, "none: no eventfd: %s",
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

/* What an idle machine does without any ring, to be taken off. */
const struct contender contender_none = {
	.name = "none",
	.doc = "a thread that sleeps, and no ring",
	.live = true,
	.open = open_none,
	.loop = sleep_none,
	.wake = wake_none,
	.close = close_none,
};
