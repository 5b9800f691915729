/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replay: a file as a live source. A ring that wraps the ring that reads the
 * file or files: it selects frames, reads them several times, changes their
 * times, and returns each frame when it is due.
 *
 * The first frame is due when recv is first called. The others are due relative
 * to it, in CLOCK_MONOTONIC, by their own times or by a rate. A caller that
 * calls late gets all frames that became due meanwhile; the frames after these
 * are on time again.
 *
 * A burst of frames waits in `stage`, and a timer is set for the first of them.
 * The descriptor of the ring is the timer's. If the source can run dry, the
 * descriptor is an epoll instance that contains the timer and, while the stage
 * is empty, the descriptor of the source. (That descriptor is removed
 * otherwise, because epoll always reports a descriptor that is hung up.)
 *
 * A timer expires late: by a few us on bare metal, by 40 in a virtual machine.
 * So pktio_wait() wakes early, by as much as the timer was late recently, and
 * busy-waits for the short rest; the option `busy-wait` limits this. A program
 * that polls the descriptor itself gets no busy-waiting: recv does not.
 *
 * The stage is filled only when it is empty. At that moment the caller holds
 * all frames of the source that are not released, so that it may hold as many
 * frames as without replay.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "handle.h"
#include "target.h"
#include "util/clock.h"

#define STAGE 64U
#define NEVER UINT64_MAX
#define AT_ONCE 1 /* a time long past */
#define CLOCK_TRIES 4U

/* Products of times and rates need more than 64 bits. */
__extension__ typedef unsigned __int128 wide;

struct replay {
	struct pktio_ring ring;
	struct pktio_ring *inner; /* reads the file */
	const struct replay_conf *conf;
	struct pktio_stats seen; /* by pktio_inner_count() */

	/* Which frames of each pass through the file are selected. */
	struct replay_time start, stop;
	uint64_t read, taken; /* frames of this pass; those selected */
	uint64_t passes;      /* left, including this one */

	/* Times of frames, in ns since 1970. */
	uint64_t first;    /* of the first frame in the file */
	uint64_t min, max; /* of the selected frames of this pass */
	uint64_t added;  /* to the times of this pass, so that time continues */
	uint64_t origin; /* of the first frame ever selected */
	bool started;    /* there was such a frame */

	struct replay_pace pace;
	uint64_t frames; /* returned so far, and their bits, for a rate */
	uint64_t bits;
	uint64_t monotonic, now; /* both clocks at the start */

	struct pktio_frame stage[STAGE];
	unsigned at, n;   /* the rest of `stage` */
	uint64_t due;     /* of the next frame, in CLOCK_MONOTONIC */
	int timer, epoll; /* descriptors, -1: none */
	bool watching;    /* the source, and not the time */
	bool waits;       /* the caller uses pktio_wait() */
	uint64_t lead;    /* ns to wake early */
	uint64_t armed;   /* the time that the timer is set to */
};

static struct replay *replay_of(struct pktio_ring *r)
{
	return (struct replay *)r;
}

/* ---- Selection ---------------------------------------------------------- */

static void count(struct pktio_ring *r, const struct pktio_frame *f)
{
	r->stats.received++;
	r->stats.received_bytes += f->caplen;
	r->stats.truncated += f->caplen < f->wirelen;
}

static uint64_t time_of(const struct replay *t, const struct replay_time *when)
{
	uint64_t from = when->absolute ? 0 : t->first;

	return when->ns > UINT64_MAX - from ? UINT64_MAX : from + when->ns;
}

/* Whether a frame that was read is selected. */
static bool is_selected(struct replay *t, const struct pktio_frame *f)
{
	if (t->read++ == 0)
		t->first = f->ts;
	if (t->read <= t->conf->skip ||
	    (t->conf->count && t->taken == t->conf->count) ||
	    (t->start.given && f->ts < time_of(t, &t->start)) ||
	    (t->stop.given && f->ts >= time_of(t, &t->stop)))
		return false;
	if (t->taken == 0 || f->ts < t->min)
		t->min = f->ts;
	if (t->taken == 0 || f->ts > t->max)
		t->max = f->ts;
	t->taken++;
	return true;
}

/* Reads both clocks at the same moment, as far as possible. */
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

/* Keeps the selected frames of a burst, and returns their number. */
static int choose(struct replay *t, struct pktio_frame *frames, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		if (!is_selected(t, &frames[i])) {
			pktio_release(t->inner, &frames[i], 1);
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

/* Returns the error of the inner ring with its message. */
static int fail_inner(struct replay *t, int code)
{
	return pktio_fail(&t->ring, code, "%s",
			  pktio_inner_error(&t->ring, t->inner));
}

/*
 * Starts the next pass; 0, PKTIO_EOF, or an error. The first frame of a pass
 * follows the last frame of the previous pass after the mean time between two
 * frames.
 */
static int next_pass(struct replay *t)
{
	uint64_t span = t->max - t->min;
	int r;

	/* After a pass without a frame all passes would be without. */
	if (t->passes == 1 || t->taken == 0)
		return PKTIO_EOF;
	r = pcap_file_rewind(t->inner);
	if (r < 0)
		return fail_inner(t, r);
	if (t->passes != NEVER)
		t->passes--;
	t->added += span + (t->taken > 1 ? span / (t->taken - 1) : 0);
	t->read = 0;
	t->taken = 0;
	return 0;
}

/* Reads selected frames; as recv. */
static int pull(struct replay *t, struct pktio_frame *frames, unsigned n)
{
	for (;;) {
		int got = PKTIO_EOF;

		if (!t->conf->count || t->taken < t->conf->count)
			got = pktio_recv(t->inner, frames, n);
		if (got == 0)
			return 0;
		if (got < 0 && got != PKTIO_EOF)
			return fail_inner(t, got);
		got = got > 0 ? choose(t, frames, got) : next_pass(t);
		if (got != 0)
			return got;
	}
}

/* ---- As fast as the file is read ---------------------------------------- */

static int recv_free(struct replay *t, struct pktio_frame *frames, unsigned n)
{
	int got = n > 0 ? pull(t, frames, n) : 0;

	for (int i = 0; i < got; i++) {
		if (t->conf->shift == REPLAY_SHIFT_NOW)
			frames[i].ts += t->now - t->origin;
		count(&t->ring, &frames[i]);
	}
	return got;
}

static int ready_free(struct replay *t, int polled)
{
	/* The replay can end before the source does. */
	return (t->conf->count && t->taken == t->conf->count) ||
	       pktio_inner_ready(t->inner, polled);
}

/* ---- Paced -------------------------------------------------------------- */

/* How long after the first frame this one is due. */
static uint64_t delay(const struct replay *t, const struct pktio_frame *f)
{
	wide delay = 0;

	switch (t->pace.unit) {
	case REPLAY_FREE:
		break;
	case REPLAY_SPEED: /* a frame that is older than the first is due */
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
	const struct itimerspec spec = { .it_value = ns_to_timespec(when) };

	if (when != t->armed)
		timerfd_settime(t->timer, TFD_TIMER_ABSTIME, &spec, NULL);
	t->armed = when;
}

/* Adds the descriptor of the source to the epoll instance, or removes it. */
static void watch(struct replay *t, bool source)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (t->epoll >= 0 && source != t->watching)
		epoll_ctl(t->epoll, source ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
			  t->inner->fd, &event);
	t->watching = source;
}

/* Adapts the lead to how late the timer is: fast upwards, slowly downwards. */
static void adapt_lead(struct replay *t, uint64_t now)
{
	uint64_t late = now > t->armed ? now - t->armed : 0;

	if (t->armed <= AT_ONCE)
		return;
	if (late > t->conf->busy_wait)
		late = t->conf->busy_wait;
	if (late > t->lead)
		t->lead += (late - t->lead + 7) / 8;
	else
		t->lead -= (t->lead - late) / 64;
}

/* Sets what makes the ring's descriptor readable next. */
static void set_wakeup(struct replay *t, int got, uint64_t now)
{
	uint64_t lead = t->waits ? t->lead : 0;

	if (t->at < t->n)
		arm(t, t->due > now + lead ? t->due - lead : AT_ONCE);
	else
		arm(t, got < 0 || t->inner->fd < 0 ? AT_ONCE : 0);
	watch(t, t->at == t->n && got >= 0);
}

static void find_due(struct replay *t)
{
	if (t->at < t->n)
		t->due = t->monotonic + delay(t, &t->stage[t->at]);
}

/* Fills the empty stage; as recv. */
static int fill(struct replay *t)
{
	int got = pull(t, t->stage, STAGE);

	if (got <= 0)
		return got;
	t->at = 0;
	t->n = (unsigned)got;
	find_due(t);
	return got;
}

/* Removes the next frame, which is due, from the stage. */
static void take(struct replay *t, struct pktio_frame *ret)
{
	*ret = t->stage[t->at++];
	if (t->conf->shift == REPLAY_SHIFT_NOW)
		ret->ts = t->now + (t->due - t->monotonic);
	count(&t->ring, ret);
	t->frames++;
	t->bits += (uint64_t)ret->wirelen * 8;
	find_due(t);
}

static int recv_paced(struct replay *t, struct pktio_frame *frames, unsigned n)
{
	uint64_t now = 0;
	unsigned done = 0;
	int got = 0;

	while (done < n) {
		if (t->at == t->n) {
			got = fill(t);
			if (got <= 0)
				break;
		}
		if (t->due > now) {
			now = clock_ns(CLOCK_MONOTONIC);
			if (t->due > now)
				break;
		}
		take(t, &frames[done++]);
	}
	if (done == n)
		return (int)n;
	/*
	 * Setting the timer takes microseconds in a virtual machine. So
	 * pktio_wait() sets it, after the caller has processed these frames.
	 * Until then the descriptor stays readable, as it was for them.
	 */
	if (done == 0 || !t->waits)
		set_wakeup(t, got, now);
	return done > 0 || got > 0 ? (int)done : got;
}

/* Finds when the next frame is due, and makes the descriptor readable then. */
static int ready_paced(struct replay *t, int polled)
{
	uint64_t now;
	int got = 1;

	t->waits = true;
	if (t->at == t->n) {
		bool came = polled && t->watching;

		got = t->inner->fd < 0 || ready_free(t, came) ? fill(t) : 0;
	}
	if (got < 0)
		return 1;
	now = clock_ns(CLOCK_MONOTONIC);
	if (polled && !t->watching)
		adapt_lead(t, now);
	if (t->at == t->n || t->due > now + t->lead) {
		set_wakeup(t, got, now);
		return 0;
	}
	while (now < t->due)
		now = clock_ns(CLOCK_MONOTONIC);
	return 1;
}

/* ---- The ring ----------------------------------------------------------- */

static bool is_paced(const struct replay *t)
{
	return t->pace.unit != REPLAY_FREE;
}

static int replay_recv(struct pktio_ring *r, struct pktio_frame *frames,
		       unsigned n)
{
	struct replay *t = replay_of(r);

	return is_paced(t) ? recv_paced(t, frames, n) : recv_free(t, frames, n);
}

static int replay_ready(struct pktio_ring *r, int polled)
{
	struct replay *t = replay_of(r);

	return is_paced(t) ? ready_paced(t, polled) : ready_free(t, polled);
}

static void replay_release(struct pktio_ring *r,
			   const struct pktio_frame *frames, unsigned n)
{
	pktio_release(replay_of(r)->inner, frames, n);
}

static int replay_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			   uint64_t id, uint16_t code, unsigned index,
			   void *buf, size_t size)
{
	return pktio_meta_get(replay_of(r)->inner, scope, id, code, index, buf,
			      size);
}

static int replay_get_stats(struct pktio_ring *r)
{
	struct replay *t = replay_of(r);

	return pktio_inner_count(r, t->inner, &t->seen);
}

static void replay_close(struct pktio_ring *r)
{
	struct replay *t = replay_of(r);

	if (t->timer >= 0)
		close(t->timer);
	if (t->epoll >= 0)
		close(t->epoll);
	pktio_close(t->inner);
}

/* ---- Open --------------------------------------------------------------- */

static int open_timer(struct replay *t)
{
	struct epoll_event event = { .events = EPOLLIN };

	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (t->timer < 0)
		return -errno;
	if (t->inner->fd < 0)
		return 0;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->epoll < 0 ||
	    epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->timer, &event) < 0 ||
	    epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->inner->fd, &event) < 0)
		return -errno;
	t->watching = true;
	return 0;
}

/* Parses the options that are texts. */
static int parse(struct replay *t)
{
	char reason[224];

	if (replay_parse_pace(&t->pace, t->conf, reason, sizeof(reason)) < 0 ||
	    replay_parse_time(&t->start, "start-time", t->conf->start_time,
			      reason, sizeof(reason)) < 0 ||
	    replay_parse_time(&t->stop, "stop-time", t->conf->stop_time, reason,
			      sizeof(reason)) < 0)
		return pktio_fail(&t->ring, -EINVAL, "%s", reason);
	return 0;
}

static int start(struct replay *t, const char *target)
{
	int r = parse(t);

	if (r < 0)
		return r;
	if (t->passes != 1 && !pcap_file_is_regular(t->inner))
		return pktio_fail(
			&t->ring, -ESPIPE,
			"%s: only a regular file can be read again; use loop=1",
			pcap_file_of(t->inner)->name);
	if (!is_paced(t)) {
		t->ring.fd = t->inner->fd;
		return 0;
	}
	r = open_timer(t);
	if (r < 0)
		return pktio_fail(&t->ring, r, "'%s': cannot set a timer: %s",
				  target, strerror(-r));
	t->ring.fd = t->epoll >= 0 ? t->epoll : t->timer;
	arm(t, AT_ONCE); /* so that the caller calls recv, which starts */
	return 0;
}

static int replay_open(struct pktio_ring *r, const void *conf,
		       const struct pktio_open_ctx *ctx)
{
	struct replay *t = replay_of(r);
	int code;

	t->conf = &((const struct pcap_file_conf *)conf)->replay;
	t->timer = -1;
	t->epoll = -1;
	t->lead = t->conf->busy_wait / 2;
	t->passes = t->conf->loop ? t->conf->loop : NEVER;
	code = pktio_inner_open(&t->inner, r, pcap_file_reader(ctx->target),
				conf, ctx);
	if (code < 0)
		return code;
	r->info = t->inner->info;
	code = start(t, ctx->target);
	if (code < 0)
		replay_close(r);
	return code;
}

bool replay_wanted(const struct replay_conf *conf)
{
	return strcmp(conf->speed, "max") != 0 || conf->rate[0] ||
	       conf->start_time[0] || conf->stop_time[0] || conf->loop != 1 ||
	       conf->skip > 0 || conf->count > 0 ||
	       conf->shift != REPLAY_SHIFT_NONE;
}

const struct pktio_backend replay_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_file",
	.doc = "a capture file as a live source",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct replay),
	.conf_size = sizeof(struct pcap_file_conf),
	.open = replay_open,
	.close = replay_close,
	.recv = replay_recv,
	.release = replay_release,
	.ready = replay_ready,
	.get_stats = replay_get_stats,
	.meta_get = replay_meta_get,
};
