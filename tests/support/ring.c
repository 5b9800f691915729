/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/ring.h"

#include <stdbool.h>

#include <poll.h>

#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/timing.h"

/* Other tests run at the same time, and a sanitizer makes all of them slow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PATIENCE 5
#else
#define PATIENCE 2
#endif

struct pktio_ring *ring_open(const char *uri,
			     const struct pktio_open_args *args)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int r = pktio_open(&ring, uri, args, &error);

	REQUIRE(r == 0, "%s: %d %s", uri, r, error.text);
	return ring;
}

void expect_open_fails(const char *uri, const struct pktio_open_args *args,
		       int code, const char *text)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int r = pktio_open(&ring, uri, args, &error);

	EXPECT_EQ(r, code, "%s: %s", uri, error.text);
	EXPECT_EQ(error.code, r, "%s", uri);
	EXPECT_CONTAINS(error.text, text, "%s", uri);
	EXPECT(!ring, "%s", uri);
	pktio_close(ring);
}

struct pktio_stats ring_stats(struct pktio_ring *ring)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	REQUIRE_EQ(pktio_get_stats(ring, &stats), 0);
	return stats;
}

struct pktio_info ring_info(const struct pktio_ring *ring)
{
	struct pktio_info info = { .size = sizeof(info) };

	REQUIRE_EQ(pktio_get_info(ring, &info), 0);
	return info;
}

uint64_t ring_drain(struct pktio_ring *ring, int quiet_ms, uint8_t *seen,
		    size_t size)
{
	struct pktio_frame frames[64];
	uint64_t total = 0;

	while (pktio_wait(ring, PATIENCE * quiet_ms) == 1) {
		int n = pktio_recv(ring, frames, 64);

		REQUIRE(n >= 0, "%d %s", n, pktio_last_error(ring));
		for (int i = 0; i < n; i++) {
			int64_t number = frame_number(&frames[i]);

			if (seen && number >= 0 && (size_t)number < size)
				seen[number]++;
		}
		pktio_release(ring, frames, (unsigned)n);
		total += (unsigned)n;
	}
	return total;
}

unsigned ring_poll_events(struct pktio_ring *ring, unsigned ms,
			  unsigned *received)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000);
	unsigned n = 0;

	*received = 0;
	while (now_ns() < end) {
		struct pollfd fd = { .fd = pktio_fd(ring), .events = POLLIN };
		struct pktio_frame frames[64];
		int got;

		if (poll(&fd, 1, 10) > 0)
			n++;
		got = pktio_recv(ring, frames, 64);
		if (got > 0)
			*received += (unsigned)got;
	}
	return n;
}

/* A busy loop takes all of a second, in every try. */
static bool is_idle(uint64_t cpu_ns)
{
	EXPECT(cpu_ns < 100000000, "%lu us", cpu_ns / 1000);
	return cpu_ns < 10000000;
}

void expect_idle(struct pktio_ring *ring)
{
	uint64_t cpu;

	for (int i = 0; i < 3; i++) {
		cpu = thread_cpu_ns();
		EXPECT_EQ(pktio_wait(ring, 1000), 0);
		cpu = thread_cpu_ns() - cpu;
		if (is_idle(cpu))
			return;
	}
	EXPECT(false, "a wait of a second took %lu us of CPU time", cpu / 1000);
}

void expect_idle_polls(struct pktio_ring *ring, unsigned most_events)
{
	unsigned received, n;
	uint64_t cpu;

	for (int i = 0; i < 3; i++) {
		cpu = thread_cpu_ns();
		n = ring_poll_events(ring, 1000, &received);
		cpu = thread_cpu_ns() - cpu;
		EXPECT(n <= most_events, "%u events, not at most %u", n,
		       most_events);
		EXPECT_EQ(received, 0);
		if (is_idle(cpu))
			return;
	}
	EXPECT(false, "a second of polls took %lu us of CPU time", cpu / 1000);
}
