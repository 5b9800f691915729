/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits for frames, and wakes a wait. */
#include <stdbool.h>
#include <string.h>

#include <poll.h>
#include <unistd.h>

#include <pktio/backend.h>

#include "util/clock.h"

static int64_t now_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / NS_PER_MS);
}

/*
 * Returns true once after any number of wakes. A wait that does not sleep reads
 * only the flag and makes no system call. The acquire pairs with the release in
 * pktio_wake().
 */
static bool take_wake(struct pktio_ring *r)
{
	uint64_t count;

	if (!__atomic_load_n(&r->woken, __ATOMIC_RELAXED))
		return false;
	if (!__atomic_exchange_n(&r->woken, 0, __ATOMIC_ACQUIRE))
		return false;
	while (read(r->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	return true;
}

/* Sleeps; sets *polled if the descriptor of the ring is readable. */
static int sleep_on(struct pktio_ring *r, int timeout_ms, bool *polled)
{
	struct pollfd fds[2] = { { .fd = r->wake_fd, .events = POLLIN },
				 { .fd = r->fd, .events = POLLIN } };
	uint64_t count;
	int n = poll(fds, 2, timeout_ms);

	*polled = n > 0 && fds[1].revents;
	if (n < 0 && errno != EINTR)
		return pktio_fail(r, -errno, "poll: %s", strerror(errno));
	/* take_wake() can leave the eventfd readable, if a wake sets the flag
	 * before it writes. */
	if (n > 0 && fds[0].revents &&
	    !__atomic_load_n(&r->woken, __ATOMIC_RELAXED) &&
	    read(r->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN &&
	    errno != EINTR)
		return pktio_fail(r, -errno, "eventfd: %s", strerror(errno));
	return 0;
}

int pktio_wait(struct pktio_ring *r, int timeout_ms)
{
	int64_t end = timeout_ms > 0 ? now_ms() + timeout_ms : 0;
	int left = timeout_ms;
	bool polled = false;
	bool expired = false;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	for (;;) {
		int ret;

		if (take_wake(r))
			return -EINTR;
		if (r->ops->ready ? r->ops->ready(r, polled) :
				    r->fd < 0 || polled)
			return 1;
		if (expired)
			return 0;
		expired = left == 0;
		ret = sleep_on(r, left, &polled);
		if (ret < 0)
			return ret;
		if (timeout_ms > 0) {
			int64_t ms = end - now_ms();

			left = ms > 0 ? (int)ms : 0;
		}
	}
}

void pktio_wake(struct pktio_ring *r)
{
	uint64_t one = 1;
	int saved = errno; /* this may be a signal handler */

	__atomic_store_n(&r->woken, 1, __ATOMIC_RELEASE);
	while (write(r->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

int pktio_fd(const struct pktio_ring *r)
{
	return r->fd < 0 ? -ENOTSUP : r->fd;
}
