/* SPDX-License-Identifier: BSD-3-Clause */
/* Which ways to receive there are, and ours: any backend of pktio. */
#include "contender.h"

#include <string.h>

#include "fail.h"

const struct contender *const contender_peers[] = {
	&contender_raw,     &contender_raw_ahead,        &contender_raw_map,
	&contender_libpcap, &contender_libpcap_dispatch, NULL,
};

const struct contender *contender_find(const char *name)
{
	for (const struct contender *const *c = contender_peers; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

/* ---- pktio -------------------------------------------------------------- */

#define BURST 64U

static int open_ring(void **ret, const struct contest *contest,
		     struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = contest->settings,
					.nsettings = contest->nsettings };
	struct pktio_ring *ring;
	int r = pktio_open(&ring, contest->uri, &args, reterr);

	if (r == 0)
		*ret = ring;
	return r;
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

static int dropped(void *state, uint64_t *ret, struct pktio_error *reterr)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	int r = pktio_get_stats(state, &stats);

	if (r < 0)
		return bench_fail(reterr, r, "%s", pktio_strerror(state));
	*ret = stats.dropped;
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
	.dropped = dropped,
	.close = close_ring,
};
