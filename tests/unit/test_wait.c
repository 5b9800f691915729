/* SPDX-License-Identifier: BSD-3-Clause */
/* Wait and wake. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include "support/expect.h"
#include "support/fake_backends.h"
#include "support/timing.h"

#define MS UINT64_C(1000000)
#define LONG_MS 10000 /* longer than any test takes */

static struct pktio_ring *ring;
static const struct pktio_frame frame = { .data = (const uint8_t *)"abcd",
					  .caplen = 4,
					  .wirelen = 4 };

static void begin(void)
{
	struct pktio_error error;

	REQUIRE(!pktio_open(&ring, "fake:", NULL, &error), "%s", error.text);
}

static void end(void)
{
	ring = pktio_close(ring);
}

TestSuite(wait, .init = begin, .fini = end, .timeout = 30);

Test(wait, a_wait_times_out_if_no_frame_arrives)
{
	uint64_t start = now_ns();

	EXPECT_EQ(pktio_wait(ring, 0), 0);
	EXPECT(now_ns() - start < 1000 * MS, "0 ms took too long");
	start = now_ns();
	EXPECT_EQ(pktio_wait(ring, 50), 0);
	/* pktio_wait() counts whole milliseconds. */
	EXPECT(now_ns() - start >= 49 * MS, "50 ms took %ld ns",
	       (long)(now_ns() - start));
}

Test(wait, a_pending_frame_ends_every_wait_until_received)
{
	struct pktio_frame f;

	fake_feed(ring, &frame);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT_EQ(pktio_wait(ring, 0), 1);
	EXPECT_EQ(pktio_recv(ring, &f, 1), 1);
	EXPECT_EQ(pktio_wait(ring, 0), 0);
}

struct later {
	pthread_t thread;
	bool wake;
};

static void *do_later(void *arg)
{
	const struct later *later = arg;

	sleep_ms(50);
	if (later->wake)
		pktio_wake(ring);
	else
		eventfd_write(ring->fd, 1);
	return NULL;
}

static int wait_while(struct later *later)
{
	int r;

	REQUIRE_EQ(pthread_create(&later->thread, NULL, do_later, later), 0);
	r = pktio_wait(ring, LONG_MS);
	pthread_join(later->thread, NULL);
	return r;
}

Test(wait, an_arriving_frame_ends_a_wait)
{
	EXPECT_EQ(wait_while(&(struct later){ .wake = false }), 1);
}

Test(wait, a_wake_from_another_thread_ends_a_wait)
{
	EXPECT_EQ(wait_while(&(struct later){ .wake = true }), -EINTR);
	EXPECT_EQ(pktio_wait(ring, 0), 0);
}

Test(wait, a_wake_before_a_wait_ends_it_at_once)
{
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	EXPECT_EQ(pktio_wait(ring, 0), 0);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
}

Test(wait, any_number_of_wakes_end_one_wait)
{
	for (int i = 0; i < 3; i++)
		pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
}

Test(wait, a_wake_is_reported_before_a_pending_frame)
{
	fake_feed(ring, &frame);
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
}

Test(wait, a_ring_that_never_runs_dry_can_be_woken)
{
	int fd = ring->fd;

	EXPECT_EQ(pktio_fd(ring), fd);
	ring->fd = -1;
	EXPECT_EQ(pktio_fd(ring), -ENOTSUP);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	ring->fd = fd;
}

/* ---- Signals ------------------------------------------------------------ */

static volatile sig_atomic_t signals;

static void on_alarm_wake(int number)
{
	(void)number;
	signals++;
	pktio_wake(ring);
}

static void on_alarm_count(int number)
{
	(void)number;
	signals++;
}

/* Sends SIGALRM in 20 ms, and every 20 ms after that if `again`. */
static void set_alarm(void (*handler)(int), bool again, int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	struct itimerspec spec = { .it_value.tv_nsec = 20 * MS };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };
	timer_t timer;

	if (again)
		spec.it_interval.tv_nsec = 20 * MS;
	REQUIRE_EQ(sigaction(SIGALRM, &action, NULL), 0);
	REQUIRE_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	REQUIRE_EQ(timer_settime(timer, 0, &spec, NULL), 0);
}

Test(wait, a_wake_from_a_signal_handler_ends_a_wait)
{
	set_alarm(on_alarm_wake, false, 0);
	EXPECT_EQ(pktio_wait(ring, LONG_MS), -EINTR);
	EXPECT_EQ(signals, 1);
}

Test(wait, a_wake_from_a_handler_with_sa_restart_ends_a_wait)
{
	set_alarm(on_alarm_wake, false, SA_RESTART);
	EXPECT_EQ(pktio_wait(ring, LONG_MS), -EINTR);
	EXPECT_EQ(signals, 1);
}

Test(wait, other_signals_do_not_end_or_extend_a_wait)
{
	uint64_t start = now_ns();

	set_alarm(on_alarm_count, true, 0);
	EXPECT_EQ(pktio_wait(ring, 200), 0);
	EXPECT(now_ns() - start >= 199 * MS, "it took %ld ns",
	       (long)(now_ns() - start));
	EXPECT(now_ns() - start < 5000 * MS, "it took %ld ns",
	       (long)(now_ns() - start));
	EXPECT(signals >= 3, "%d signals arrived", (int)signals);
}

static void on_alarm_feed(int number)
{
	(void)number;
	if (++signals == 5)
		eventfd_write(ring->fd, 1);
}

Test(wait, other_signals_do_not_end_a_wait_without_timeout)
{
	set_alarm(on_alarm_feed, true, 0);
	EXPECT_EQ(pktio_wait(ring, -1), 1);
	EXPECT(signals >= 5, "%d signals arrived", (int)signals);
}

Test(wait, a_wake_does_not_change_errno)
{
	errno = ENOTTY;
	/* The eventfd is full: the next write to it fails. */
	while (eventfd_write(ring->wake_fd, UINT64_MAX - 1) == 0)
		;
	errno = ENOTTY;
	pktio_wake(ring);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_EQ(pktio_wait(ring, -1), -EINTR);
}

/* ---- Many of them ------------------------------------------------------- */

#define ROUNDS 20000
static int asked, answered; /* __atomic */

static void *wake_often(void *arg)
{
	(void)arg;
	for (int i = 1; i <= ROUNDS; i++) {
		/* Pairs with the release store after the wait. */
		while (__atomic_load_n(&answered, __ATOMIC_ACQUIRE) < i - 1)
			sched_yield();
		__atomic_store_n(&asked, i, __ATOMIC_RELEASE);
		pktio_wake(ring);
	}
	return NULL;
}

Test(wait, no_wake_is_lost_and_none_is_spurious)
{
	pthread_t thread;

	REQUIRE_EQ(pthread_create(&thread, NULL, wake_often, NULL), 0);
	for (int i = 1; i <= ROUNDS; i++) {
		int r = pktio_wait(ring, i % 2 ? -1 : LONG_MS);

		REQUIRE(r == -EINTR, "round %d: %d", i, r);
		REQUIRE(__atomic_load_n(&asked, __ATOMIC_ACQUIRE) == i,
			"round %d was early", i);
		__atomic_store_n(&answered, i, __ATOMIC_RELEASE);
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(pktio_wait(ring, 20), 0);
}
