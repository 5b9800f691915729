/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread that decompresses while the program processes earlier frames. The
 * thread fills a few buffers in turn, and waits when all are full. The reader
 * copies out of them, which is cheap compared with decompression.
 *
 * One mutex is locked once per buffer by each side. If the file can run dry,
 * the reader does not wait. It polls `ready_fd`, which is readable while there
 * are bytes, the end or an error. The thread waits for the file in poll(2),
 * together with `stop_fd`, so that close never waits for the other end of a
 * pipe. The thread blocks all signals: they belong to the program.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "codec/decompress.h"

#define BUFFERS 4U
#define BUFFER_SIZE ((size_t)256 << 10)

struct buffer {
	uint8_t *memory;
	size_t at, end; /* the bytes not read yet */
};

struct decompress_thread {
	struct decompressor *decompressor;
	pthread_t thread;
	int ready_fd, stop_fd; /* eventfds */

	/* The mutex protects these. Full buffers belong to the reader, the
	 * others to the thread. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned first, full; /* the full buffers */
	bool ended;           /* no buffer comes after them: see code */
	bool stopped;
	bool signalled; /* ready_fd is readable */
	ssize_t code;   /* 0: the end; or a negative errno value */

	struct buffer buffers[BUFFERS];
};

static void signal_fd(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void clear_fd(int fd)
{
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* ---- The thread --------------------------------------------------------- */

/* Waits for a buffer to fill; NULL: stop. */
static struct buffer *get_buffer(struct decompress_thread *a)
{
	struct buffer *b = NULL;

	pthread_mutex_lock(&a->mutex);
	while (a->full == BUFFERS && !a->stopped)
		pthread_cond_wait(&a->changed, &a->mutex);
	if (!a->stopped)
		b = &a->buffers[(a->first + a->full) % BUFFERS];
	pthread_mutex_unlock(&a->mutex);
	return b;
}

/* Passes on a buffer of n bytes, or the end or error n. */
static void put_buffer(struct decompress_thread *a, struct buffer *b, ssize_t n)
{
	b->at = 0;
	b->end = n > 0 ? (size_t)n : 0;
	pthread_mutex_lock(&a->mutex);
	if (n > 0)
		a->full++;
	else
		a->ended = true;
	a->code = n;
	if (!a->signalled) {
		a->signalled = true;
		signal_fd(a->ready_fd);
	}
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
}

static void wait_for_file(const struct decompress_thread *a)
{
	struct pollfd fds[2] = { { .fd = a->decompressor->fd,
				   .events = POLLIN },
				 { .fd = a->stop_fd, .events = POLLIN } };

	(void)poll(fds, 2, -1);
}

static void *run(void *arg)
{
	struct decompress_thread *a = arg;
	struct buffer *b;
	ssize_t n;

	do {
		b = get_buffer(a);
		if (!b)
			break;
		n = decompress_read(a->decompressor, b->memory, BUFFER_SIZE);
		if (n == -EAGAIN)
			wait_for_file(a);
		else
			put_buffer(a, b, n);
	} while (n > 0 || n == -EAGAIN);
	return NULL;
}

/* ---- The reader --------------------------------------------------------- */

/* The first full buffer; NULL: none, and *code is the reason. */
static struct buffer *first_full(struct decompress_thread *a, bool wait,
				 ssize_t *code)
{
	struct buffer *b = NULL;

	pthread_mutex_lock(&a->mutex);
	while (wait && a->full == 0 && !a->ended)
		pthread_cond_wait(&a->changed, &a->mutex);
	if (a->full > 0)
		b = &a->buffers[a->first];
	else
		*code = a->ended ? a->code : -EAGAIN;
	/* The end stays readable. */
	if (a->full == 0 && !a->ended && a->signalled) {
		a->signalled = false;
		clear_fd(a->ready_fd);
	}
	pthread_mutex_unlock(&a->mutex);
	return b;
}

static void return_buffer(struct decompress_thread *a)
{
	pthread_mutex_lock(&a->mutex);
	a->first = (a->first + 1) % BUFFERS;
	a->full--;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
}

ssize_t decompress_thread_read(struct decompress_thread *a, uint8_t *to,
			       size_t size)
{
	ssize_t code = 0;
	size_t done = 0;

	/* The rest of a buffer may be short: then continue with the next. */
	while (done < size) {
		bool wait = a->decompressor->regular && done == 0;
		struct buffer *b = first_full(a, wait, &code);
		size_t n;

		if (!b)
			break;
		n = b->end - b->at < size - done ? b->end - b->at : size - done;
		memcpy(to + done, b->memory + b->at, n);
		b->at += n;
		done += n;
		if (b->at == b->end)
			return_buffer(a);
	}
	return done > 0 ? (ssize_t)done : code;
}

int decompress_thread_fd(const struct decompress_thread *a)
{
	return a->ready_fd;
}

/* ---- Open and close ----------------------------------------------------- */

static int start(struct decompress_thread *a)
{
	sigset_t all;
	sigset_t before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static void dispose(struct decompress_thread *a)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		free(a->buffers[i].memory);
	if (a->ready_fd >= 0)
		close(a->ready_fd);
	if (a->stop_fd >= 0)
		close(a->stop_fd);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}

static int prepare(struct decompress_thread *a)
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		a->buffers[i].memory = malloc(BUFFER_SIZE);
		if (!a->buffers[i].memory)
			return -ENOMEM;
	}
	a->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->ready_fd < 0)
		return -errno;
	a->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return a->stop_fd < 0 ? -errno : 0;
}

struct decompress_thread *decompress_thread_new(struct decompressor *u,
						int *code)
{
	struct decompress_thread *a = calloc(1, sizeof(*a));

	*code = -ENOMEM;
	if (!a)
		return NULL;
	a->decompressor = u;
	a->ready_fd = -1;
	a->stop_fd = -1;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->changed, NULL);
	*code = prepare(a);
	if (*code == 0)
		*code = start(a);
	if (*code == 0)
		return a;
	dispose(a);
	return NULL;
}

struct decompress_thread *decompress_thread_free(struct decompress_thread *a)
{
	if (!a)
		return NULL;
	pthread_mutex_lock(&a->mutex);
	a->stopped = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	signal_fd(a->stop_fd);
	pthread_join(a->thread, NULL);
	dispose(a);
	return NULL;
}
