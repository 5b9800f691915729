/* SPDX-License-Identifier: BSD-3-Clause */
/* Wait and wake. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "contract/fixture.h"
#include "support/expect.h"
#include "support/timing.h"

#define MS UINT64_C(1000000)

PROPERTY(a_wake_before_a_wait_ends_one_wait, ALL)
{
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 1);
	ring = fixture_open(fx, NULL);
	pktio_wake(ring);
	pktio_wake(ring);
	EXPECT_EQ(pktio_wait(ring, 1000), -EINTR);
	EXPECT_EQ(pktio_wait(ring, 0), fx->backend->live ? 0 : 1);
	pktio_close(ring);
}

static void *wake_soon(void *ring)
{
	sleep_ms(50);
	pktio_wake(ring);
	return NULL;
}

PROPERTY(a_wake_ends_a_running_wait, LIVE)
{
	struct pktio_ring *ring = fixture_open(fx, NULL);
	uint64_t begin = now_ns();
	pthread_t thread;

	pthread_create(&thread, NULL, wake_soon, ring);
	EXPECT_EQ(pktio_wait(ring, 5000), -EINTR);
	EXPECT_LT(now_ns() - begin, 2000 * MS);
	pthread_join(thread, NULL);
	pktio_close(ring);
}

static struct pktio_ring *to_wake;

static void wake_ring(int sig)
{
	(void)sig;
	pktio_wake(to_wake);
}

static void do_nothing(int sig)
{
	(void)sig;
}

PROPERTY(a_signal_without_a_wake_does_not_end_a_wait, LIVE)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct timespec soon = { .tv_nsec = 30 * (long)MS };
	struct itimerspec when = { .it_value = soon };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	uint64_t begin;
	timer_t timer;

	to_wake = fixture_open(fx, NULL);
	sigaction(SIGUSR1, &action, NULL);
	REQUIRE_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	begin = now_ns();
	timer_settime(timer, 0, &when, NULL);
	EXPECT_EQ(pktio_wait(to_wake, 100), 0);
	EXPECT_GE(now_ns() - begin, 99 * MS);
	action.sa_handler = wake_ring;
	sigaction(SIGUSR1, &action, NULL);
	timer_settime(timer, 0, &when, NULL);
	EXPECT_EQ(pktio_wait(to_wake, 5000), -EINTR);
	timer_delete(timer);
	pktio_close(to_wake);
}

PROPERTY(a_wait_times_out_on_time, LIVE)
{
	struct pktio_ring *ring = fixture_open(fx, NULL);
	uint64_t begin = now_ns();

	for (int i = 0; i < 100; i++)
		EXPECT_EQ(pktio_wait(ring, 0), 0);
	EXPECT_LT(now_ns() - begin, 100 * MS);
	for (int ms = 1; ms <= 64; ms *= 4) {
		begin = now_ns();
		EXPECT_EQ(pktio_wait(ring, ms), 0);
		/* The library rounds times down to whole ms. */
		EXPECT_GE(now_ns() - begin + MS, (unsigned)ms * MS);
		EXPECT_LT(now_ns() - begin, (ms + 500U) * MS);
	}
	pktio_close(ring);
}

PROPERTY(a_wait_sleeps_if_no_frame_arrives, LIVE)
{
	struct pktio_frame f;
	struct pktio_ring *ring;
	uint64_t cpu;

	fixture_make_frames(fx, PLAIN, 1);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, 1);
	fixture_receive(ring, &f, 1, 1);
	/* A wait must not busy-loop while the newest frame is held. */
	cpu = thread_cpu_ns();
	EXPECT_EQ(pktio_wait(ring, 300), 0);
	EXPECT_LT(thread_cpu_ns() - cpu, 30 * MS);
	pktio_release(ring, &f, 1);
	pktio_close(ring);
}

PROPERTY(a_frame_ends_a_wait, LIVE)
{
	struct pktio_frame f;
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 50);
	ring = fixture_open(fx, NULL);
	for (unsigned i = 0; i < 50; i++) {
		REQUIRE_EQ(pktio_wait(ring, 0), 0, "before frame %u", i);
		REQUIRE_EQ(pktio_recv(ring, &f, 1), 0);
		fixture_feed(fx, 1);
		fixture_receive(ring, &f, 1, 1);
		fixture_expect_frame(fx, &f, i);
		pktio_release(ring, &f, 1);
	}
	pktio_close(ring);
}

PROPERTY(wait_reports_frames_correctly_after_a_full_burst, LIVE)
{
	struct pktio_frame frames[32];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 320);
	ring = fixture_open(fx, NULL);
	for (unsigned i = 0; i < 10; i++) {
		fixture_feed(fx, 32);
		/* The last frame may fill a burst exactly. */
		fixture_receive(ring, frames, 32, 16);
		pktio_release(ring, frames, 32);
		REQUIRE_EQ(pktio_wait(ring, 0), 0, "round %u", i);
	}
	pktio_close(ring);
}

PROPERTY(the_descriptor_can_be_polled_or_is_not_needed, ALL)
{
	struct pktio_frame frames[8];
	struct pktio_ring *ring;
	struct pollfd fd = { .events = POLLIN };

	fixture_make_frames(fx, PLAIN, 8);
	ring = fixture_open(fx, NULL);
	fd.fd = pktio_fd(ring);
	if (!fx->backend->live) {
		EXPECT_EQ(fd.fd, -ENOTSUP);
		EXPECT_EQ(pktio_recv(ring, frames, 8), 8);
		pktio_close(ring);
		return;
	}
	REQUIRE_GE(fd.fd, 0);
	EXPECT_EQ(poll(&fd, 1, 50), 0);
	fixture_feed(fx, 8);
	EXPECT_EQ(poll(&fd, 1, 2000), 1);
	fixture_receive(ring, frames, 8, 8);
	pktio_release(ring, frames, 8);
	/* Call recv until it returns 0. */
	EXPECT_EQ(pktio_recv(ring, frames, 8), 0);
	pktio_close(ring);
}
