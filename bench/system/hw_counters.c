/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Instructions and cache misses by perf_event_open(2). Virtual machines often
 * have no such counters, and a kernel may forbid them.
 */
#include "system/hw_counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In user space and in the kernel, or where that is not allowed in the first.
 * Returns a descriptor, or -errno. */
static int open_one(uint64_t what)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
					.size = sizeof(attr),
					.config = what,
					.exclude_hv = 1 };
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			  PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		attr.exclude_kernel = 1;
		fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			     PERF_FLAG_FD_CLOEXEC);
	}
	return fd < 0 ? -errno : (int)fd;
}

void hw_counters_open(struct hw_counters_fds *ret)
{
	ret->instructions = open_one(PERF_COUNT_HW_INSTRUCTIONS);
	ret->cache_misses = open_one(PERF_COUNT_HW_CACHE_MISSES);
}

static bool read_one(int fd, uint64_t *ret)
{
	return fd >= 0 && read(fd, ret, sizeof(*ret)) == sizeof(*ret);
}

struct hw_counters hw_counters_read(const struct hw_counters_fds *fds)
{
	struct hw_counters c = { 0 };

	c.known = read_one(fds->instructions, &c.instructions) &&
		  read_one(fds->cache_misses, &c.cache_misses);
	return c;
}

void hw_counters_close(struct hw_counters_fds *fds)
{
	if (fds->instructions >= 0)
		close(fds->instructions);
	if (fds->cache_misses >= 0)
		close(fds->cache_misses);
	fds->instructions = fds->cache_misses = -1;
}

void hw_counters_describe(char *ret, size_t size)
{
	int fd = open_one(PERF_COUNT_HW_INSTRUCTIONS);

	if (fd >= 0) {
		close(fd);
		snprintf(ret, size, "hardware");
		return;
	}
	snprintf(ret, size, "none: %s",
		 fd == -ENOENT || fd == -EOPNOTSUPP || fd == -ENODEV ?
			 "the machine has no counters" :
		 fd == -ENOSYS ? "the kernel has no perf_event_open" :
				 strerror(-fd));
}
