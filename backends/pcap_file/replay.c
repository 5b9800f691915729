/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replaying: a file as a live source. Stands in front of the reader, in its
 * place in the ring's operations, so that a ring that is only read does not
 * know of it: what is read is selected, gone through again, given other times,
 * and held back until it is due.
 *
 * The first frame is due when it is asked for, and the others count from there
 * in CLOCK_MONOTONIC: by their own times, or by a rate. Whoever comes late gets
 * all that has become due meanwhile, and the frames after that in time again.
 *
 * A burst of frames waits in `stage`, with the timer set for the first of them;
 * the ring's descriptor is the timer's. The source may run dry itself: then the
 * descriptor is an epoll instance, with the timer in it and, while nothing is
 * staged, the source's. (An idle descriptor cannot stay in it: one that is hung
 * up is always reported.)
 *
 * A timer wakes late: by some us on bare metal, by 40 in a virtual machine. So
 * pktio_wait() is woken early, by as much as it was late of late, and spins for
 * the rest, which is short; `spin` limits it. Whoever polls the descriptor
 * itself finds it readable when the timer says so: recv does not spin.
 *
 * The stage is filled only when it is empty. So at that moment all frames that
 * are out are the caller's, and as many may be held as without replaying.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "pcap_file.h"

#define NS_PER_S UINT64_C(1000000000)
#define STAGE 64U
#define NEVER UINT64_MAX
#define AT_ONCE 1 /* long ago */
#define CLOCK_TRIES 4U

/* Products of times and rates need more than 64 bits. */
__extension__ typedef unsigned __int128 wide;

struct replay {
	struct pktio_backend ops; /* the reader's, but for ours */
	const struct pktio_backend *reader;
	const struct replay_conf *conf;

	/* What is wanted of each pass through the file. */
	struct replay_time start, stop;
	uint64_t seen, taken; /* frames of this pass; those wanted */
	uint64_t passes;      /* left, with this one */
	off_t begin;          /* where the file starts: rarely not 0 */

	/* Times of frames, in ns since 1970. */
	uint64_t first;       /* of the first in the file */
	uint64_t least, most; /* of those taken in this pass */
	uint64_t added;       /* in this pass, so that time goes on */
	uint64_t origin;      /* of the first that was ever taken */
	bool started;         /* there was one */

	struct replay_pace pace;
	uint64_t frames; /* handed out, and their bits, for a rate */
	uint64_t bits;
	uint64_t monotonic, now; /* when it started: of either clock */

	struct pktio_frame stage[STAGE];
	unsigned at, n;           /* those left of it */
	uint64_t due;             /* of the next, in CLOCK_MONOTONIC */
	int timer, epoll, source; /* descriptors, -1: none */
	bool watching;            /* the source, and not the time */
	bool waits;               /* pktio_wait() is in use */
	uint64_t lead;            /* ns to be woken early */
	uint64_t armed;           /* what the timer is set to */
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- Selection ---------------------------------------------------------- */

/* Counts frames as received, or takes that back. */
static void count(struct pktio_ring *r, const struct pktio_frame *f, bool back)
{
	uint64_t one = back ? UINT64_MAX : 1; /* -1 */

	r->stats.received += one;
	r->stats.received_bytes += one * f->caplen;
	r->stats.truncated += f->caplen < f->wirelen ? one : 0;
}

static uint64_t time_of(const struct replay *t, const struct replay_time *when)
{
	uint64_t from = when->absolute ? 0 : t->first;

	return when->ns > UINT64_MAX - from ? UINT64_MAX : from + when->ns;
}

/* Looks at a frame that was read; true if it is wanted. */
static bool wants(struct replay *t, const struct pktio_frame *f)
{
	if (t->seen++ == 0)
		t->first = f->ts;
	if (t->seen <= t->conf->skip ||
	    (t->conf->count && t->taken == t->conf->count) ||
	    (t->start.given && f->ts < time_of(t, &t->start)) ||
	    (t->stop.given && f->ts >= time_of(t, &t->stop)))
		return false;
	if (t->taken == 0 || f->ts < t->least)
		t->least = f->ts;
	if (t->taken == 0 || f->ts > t->most)
		t->most = f->ts;
	t->taken++;
	return true;
}

/* Reads both clocks at one time, as far as that can be. */
static void start_clocks(struct replay *t)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < CLOCK_TRIES; i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC);
		uint64_t now = clock_ns(CLOCK_REALTIME);
		uint64_t took = clock_ns(CLOCK_MONOTONIC) - before;

		if (took < least) {
			least = took;
			t->monotonic = before + took / 2;
			t->now = now;
		}
	}
}

/* Keeps those of a burst that are wanted; how many they are. */
static int choose(struct pcap_file *p, struct pktio_frame *frames, int n)
{
	struct replay *t = p->replay;
	int kept = 0;

	for (int i = 0; i < n; i++) {
		if (!wants(t, &frames[i])) {
			count(&p->ring, &frames[i], true);
			t->reader->release(&p->ring, &frames[i], 1);
			continue;
		}
		frames[kept] = frames[i];
		frames[kept].ts += t->added;
		kept++;
	}
	if (kept > 0 && !t->started) {
		t->started = true;
		t->origin = frames[0].ts;
		start_clocks(t);
	}
	return kept;
}

/*
 * From the start again, 0; or PKTIO_EOF. The first frame of a pass comes as
 * long after the last as frames of a pass come after one another.
 */
static int next_pass(struct pcap_file *p)
{
	struct replay *t = p->replay;
	uint64_t span = t->most - t->least;
	int r;

	/* A pass without a frame would be followed by nothing but such. */
	if (t->passes == 1 || t->taken == 0)
		return PKTIO_EOF;
	r = pcap_file_reader_rewind(p, t->begin);
	if (r < 0)
		return r;
	if (t->passes != NEVER)
		t->passes--;
	t->added += span + (t->taken > 1 ? span / (t->taken - 1) : 0);
	t->seen = 0;
	t->taken = 0;
	return 0;
}

/* Frames that are wanted, as recv has them. */
static int pull(struct pcap_file *p, struct pktio_frame *frames, unsigned n)
{
	struct replay *t = p->replay;

	for (;;) {
		int got = PKTIO_EOF;

		if (!t->conf->count || t->taken < t->conf->count)
			got = t->reader->recv(&p->ring, frames, n);
		if (got == PKTIO_EOF)
			got = next_pass(p);
		else if (got > 0)
			got = choose(p, frames, got);
		else
			return got;
		if (got != 0)
			return got;
	}
}

/* ---- As fast as the file is read ---------------------------------------- */

static int recv_free(struct pktio_ring *r, struct pktio_frame *frames,
		     unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	const struct replay *t = p->replay;
	int got = n > 0 ? pull(p, frames, n) : 0;

	if (t->conf->shift == REPLAY_SHIFT_NOW)
		for (int i = 0; i < got; i++)
			frames[i].ts += t->now - t->origin;
	return got;
}

static int ready_free(struct pktio_ring *r, int polled)
{
	const struct replay *t = pcap_file_of(r)->replay;

	/* The end may be before that of the source. */
	return (t->conf->count && t->taken == t->conf->count) ||
	       t->reader->ready(r, polled);
}

/* ---- Paced -------------------------------------------------------------- */

/* When the next frame is due, after the first. */
static uint64_t delay(const struct replay *t, const struct pktio_frame *f)
{
	wide delay = 0;

	switch (t->pace.unit) {
	case REPLAY_FREE:
		break;
	case REPLAY_SPEED: /* a time before the first is no reason to wait */
		if (f->ts > t->origin)
			delay = (wide)(f->ts - t->origin) * REPLAY_ONE;
		break;
	case REPLAY_FRAMES:
		delay = (wide)t->frames * (NS_PER_S * REPLAY_ONE);
		break;
	case REPLAY_BITS:
		delay = (wide)t->bits * (NS_PER_S * REPLAY_ONE);
		break;
	}
	delay /= t->pace.value;
	return delay < INT64_MAX / 2 ? (uint64_t)delay : INT64_MAX / 2;
}

/* Sets the timer for `when`; 0 stops it. */
static void arm(struct replay *t, uint64_t when)
{
	struct itimerspec spec = {
		.it_value = { .tv_sec = (time_t)(when / NS_PER_S),
			      .tv_nsec = (long)(when % NS_PER_S) }
	};

	if (when != t->armed)
		timerfd_settime(t->timer, TFD_TIMER_ABSTIME, &spec, NULL);
	t->armed = when;
}

/* Makes the descriptor that of the source, or no longer. */
static void watch(struct replay *t, bool source)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (t->epoll >= 0 && source != t->watching)
		epoll_ctl(t->epoll, source ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
			  t->source, &event);
	t->watching = source;
}

/* Follows how late the timer is: upwards fast, downwards slowly. */
static void learn(struct replay *t, uint64_t now)
{
	uint64_t late = now > t->armed ? now - t->armed : 0;

	if (t->armed <= AT_ONCE)
		return;
	if (late > t->conf->spin)
		late = t->conf->spin;
	if (late > t->lead)
		t->lead += (late - t->lead + 7) / 8;
	else
		t->lead -= (t->lead - late) / 64;
}

/* What makes the ring's descriptor readable when it should be. */
static void await(struct replay *t, int got, uint64_t now)
{
	uint64_t lead = t->waits ? t->lead : 0;

	if (t->at < t->n)
		arm(t, t->due > now + lead ? t->due - lead : AT_ONCE);
	else
		arm(t, got < 0 || t->source < 0 ? AT_ONCE : 0);
	watch(t, t->at == t->n && got >= 0);
}

static void find_due(struct replay *t)
{
	if (t->at < t->n)
		t->due = t->monotonic + delay(t, &t->stage[t->at]);
}

/* Fills the empty stage; as recv. */
static int fill(struct pcap_file *p)
{
	struct replay *t = p->replay;
	int got = pull(p, t->stage, STAGE);

	if (got <= 0)
		return got;
	for (int i = 0; i < got; i++)
		count(&p->ring, &t->stage[i], true);
	t->at = 0;
	t->n = (unsigned)got;
	find_due(t);
	return got;
}

/* Takes the next frame, which is due, from the stage. */
static void take(struct pcap_file *p, struct pktio_frame *ret)
{
	struct replay *t = p->replay;

	*ret = t->stage[t->at++];
	if (t->conf->shift == REPLAY_SHIFT_NOW)
		ret->ts = t->now + (t->due - t->monotonic);
	count(&p->ring, ret, false);
	t->frames++;
	t->bits += (uint64_t)ret->wirelen * 8;
	find_due(t);
}

static int recv_paced(struct pktio_ring *r, struct pktio_frame *frames,
		      unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	struct replay *t = p->replay;
	uint64_t now = 0;
	unsigned done = 0;
	int got = 0;

	while (done < n) {
		if (t->at == t->n) {
			got = fill(p);
			if (got <= 0)
				break;
		}
		if (t->due > now) {
			now = clock_ns(CLOCK_MONOTONIC);
			if (t->due > now)
				break;
		}
		take(p, &frames[done++]);
	}
	if (done == n)
		return (int)n;
	/*
	 * Setting the timer takes us in a virtual machine: pktio_wait() does
	 * it, when the caller has done with these frames. Until then the
	 * descriptor stays readable, as it was for them.
	 */
	if (done == 0 || !t->waits)
		await(t, got, now);
	return done > 0 || got > 0 ? (int)done : got;
}

/* Learns when the next frame is due, and sees to it that a poll ends then. */
static int ready_paced(struct pktio_ring *r, int polled)
{
	struct pcap_file *p = pcap_file_of(r);
	struct replay *t = p->replay;
	uint64_t now;
	int got = 1;

	t->waits = true;
	if (t->at == t->n) {
		bool came = polled && t->watching;

		got = t->source < 0 || ready_free(r, came) ? fill(p) : 0;
	}
	if (got < 0)
		return 1;
	now = clock_ns(CLOCK_MONOTONIC);
	if (polled && !t->watching)
		learn(t, now);
	if (t->at == t->n || t->due > now + t->lead) {
		await(t, got, now);
		return 0;
	}
	while (now < t->due)
		now = clock_ns(CLOCK_MONOTONIC);
	return 1;
}

/* ---- Open and close ----------------------------------------------------- */

static void dispose(struct replay *t)
{
	if (t->timer >= 0)
		close(t->timer);
	if (t->epoll >= 0)
		close(t->epoll);
	free(t);
}

static void replay_close(struct pktio_ring *r)
{
	struct replay *t = pcap_file_of(r)->replay;

	r->ops = t->reader;
	r->ops->close(r);
	dispose(t);
}

static int open_timer(struct replay *t)
{
	struct epoll_event event = { .events = EPOLLIN };

	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (t->timer < 0)
		return -errno;
	if (t->source < 0)
		return 0;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->epoll < 0 ||
	    epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->timer, &event) < 0 ||
	    epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->source, &event) < 0)
		return -errno;
	t->watching = true;
	return 0;
}

/* What the options say, checked. */
static int parse(struct pcap_file *p, struct replay *t)
{
	char why[224];

	if (replay_parse_pace(&t->pace, t->conf, why, sizeof(why)) < 0 ||
	    replay_parse_time(&t->start, "start-time", t->conf->start_time, why,
			      sizeof(why)) < 0 ||
	    replay_parse_time(&t->stop, "stop-time", t->conf->stop_time, why,
			      sizeof(why)) < 0)
		return pktio_fail(&p->ring, -EINVAL, "%s", why);
	if (t->conf->loop != 1 && !p->regular)
		return pktio_fail(
			&p->ring, -ESPIPE,
			"%s: only a regular file can be read again; take loop=1",
			p->name);
	return 0;
}

static bool asked_for(const struct replay_conf *conf,
		      const struct replay_pace *pace)
{
	return pace->unit != REPLAY_FREE || conf->start_time[0] ||
	       conf->stop_time[0] || conf->loop != 1 || conf->skip > 0 ||
	       conf->count > 0 || conf->shift != REPLAY_SHIFT_NONE;
}

static void take_over(struct pcap_file *p, struct replay *t)
{
	bool paced = t->pace.unit != REPLAY_FREE;

	t->ops = *t->reader;
	t->ops.recv = paced ? recv_paced : recv_free;
	t->ops.ready = paced ? ready_paced : ready_free;
	t->ops.close = replay_close;
	p->ring.ops = &t->ops;
	p->replay = t;
	if (paced) {
		p->ring.fd = t->epoll >= 0 ? t->epoll : t->timer;
		arm(t, AT_ONCE); /* recv has to be called to start it */
	}
}

int replay_open(struct pcap_file *p)
{
	const struct replay_conf *conf = &p->conf->replay;
	struct replay *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	t->conf = conf;
	t->reader = p->ring.ops;
	t->timer = -1;
	t->epoll = -1;
	t->source = p->ring.fd;
	t->lead = conf->spin / 2;
	t->passes = conf->loop ? conf->loop : NEVER;
	r = parse(p, t);
	if (r == 0 && !asked_for(conf, &t->pace)) {
		dispose(t);
		return 0;
	}
	if (r == 0 && t->passes != 1)
		t->begin = pcap_file_reader_begin(p);
	if (r == 0 && t->pace.unit != REPLAY_FREE) {
		r = open_timer(t);
		if (r < 0)
			pktio_fail(&p->ring, r, "%s: cannot set a timer: %s",
				   p->name, strerror(-r));
	}
	if (r < 0) {
		dispose(t);
		return r;
	}
	take_over(p, t);
	return 0;
}
