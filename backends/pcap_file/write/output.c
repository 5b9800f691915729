/* SPDX-License-Identifier: BSD-3-Clause */
/* The file that is written. */
#include "write/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_path(struct output *o, const char *path, bool fresh)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	int fd = open(path, flags | O_EXCL, 0666);

	o->created = fd >= 0;
	if (fd < 0 && errno == EEXIST && !fresh)
		fd = open(path, flags, 0666);
	return fd;
}

int output_open(struct output *o, const char *path, bool fresh)
{
	struct stat stat;
	int code;

	*o = (struct output){ .shared = strcmp(path, "-") == 0 };
	o->fd = o->shared ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) :
			    open_path(o, path, fresh);
	if (o->fd < 0)
		return -errno;
	if (fstat(o->fd, &stat) < 0) {
		code = -errno;
		output_close(o);
		return code;
	}
	o->regular = S_ISREG(stat.st_mode);
	/* Standard output can be in the middle of a file, or append to it. */
	if (o->regular)
		o->offset = fcntl(o->fd, F_GETFL) & O_APPEND ?
				    stat.st_size :
				    lseek(o->fd, 0, SEEK_CUR);
	return 0;
}

int output_empty(struct output *o)
{
	if (!o->regular || o->created || o->shared)
		return 0;
	return ftruncate(o->fd, o->offset) < 0 ? -errno : 0;
}

int output_write(struct output *o, const uint8_t *bytes, size_t size,
		 size_t *done)
{
	*done = 0;
	while (*done < size) {
		ssize_t n = write(o->fd, bytes + *done, size - *done);
		struct pollfd pollfd = { .fd = o->fd, .events = POLLOUT };

		if (n >= 0)
			*done += (size_t)n;
		else if (errno ==
			 EAGAIN) /* another process made it non-blocking */
			poll(&pollfd, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	o->offset += (off_t)size;
	return 0;
}

void output_cut(struct output *o, size_t whole, size_t done, int code)
{
	o->offset += (off_t)whole;
	if (whole < done && (!o->regular || ftruncate(o->fd, o->offset) < 0 ||
			     lseek(o->fd, o->offset, SEEK_SET) < 0))
		o->broken = code;
}

int output_sync(struct output *o)
{
	if (!o->regular)
		return 0;
	return fdatasync(o->fd) < 0 ? -errno : 0;
}

int output_close(struct output *o)
{
	int r = close(o->fd) < 0 ? -errno : 0;

	o->fd = -1;
	return r == -EINTR ? 0 : r;
}
