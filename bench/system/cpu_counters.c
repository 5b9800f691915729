/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU time of whole CPUs, and hardware counters of threads. The kernel
 * processes a frame before it wakes a worker thread; only the CPU counters
 * include that work. Virtual machines often have no hardware counters, and a
 * kernel may forbid them.
 */
#include "system/cpu_counters.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/clock.h"

/* ---- CPU time ----------------------------------------------------------- */

#define LINE_SIZE 8192 /* /proc/interrupts has a column for each CPU */

static unsigned is_wanted(int cpu, const int *cpus, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (cpus[i] == cpu)
			return 1;
	return 0;
}

static void add(struct cpu_time_split *cpu, const uint64_t *ticks)
{
	uint64_t tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);

	cpu->user += (ticks[0] + ticks[1]) * tick; /* user and nice */
	cpu->system += ticks[2] * tick;
	cpu->softirq += (ticks[5] + ticks[6]) * tick;
}

/* Reads lines "cpu0 user nice system idle iowait irq softirq ...", in ticks. */
static void read_stat(struct cpu_time *ret, const int *cpus, unsigned n,
		      int sender)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[LINE_SIZE];

	while (file && fgets(line, sizeof(line), file) &&
	       strncmp(line, "cpu", 3) == 0) {
		uint64_t ticks[7] = { 0 };
		char *at = line + 3;
		int cpu;

		if (*at == ' ') /* the sum of all CPUs */
			continue;
		cpu = (int)strtol(at, &at, 10);
		for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++)
			ticks[i] = strtoull(at, &at, 10);
		if (is_wanted(cpu, cpus, n))
			add(&ret->receivers, ticks);
		if (cpu == sender)
			add(&ret->sender, ticks);
		ret->known = true;
	}
	if (file)
		fclose(file);
}

/* Sums the counts of some CPUs in a line of /proc/interrupts. `head` names the
 * columns. */
static uint64_t sum_columns(const char *head, const char *counts,
			    const int *cpus, unsigned n)
{
	uint64_t sum = 0;

	while ((head = strstr(head, "CPU"))) {
		char *end;
		int cpu = (int)strtol(head + 3, &end, 10);
		uint64_t count = strtoull(counts, (char **)&counts, 10);

		sum += is_wanted(cpu, cpus, n) ? count : 0;
		head = end;
	}
	return sum;
}

/* On x86 the line is LOC; other architectures name the device. */
static bool is_timer(const char *line)
{
	return strncmp(line + strspn(line, " "), "LOC:", 4) == 0 ||
	       strstr(line, "arch_timer");
}

void cpu_time_read_timers(struct cpu_time *time, const int *cpus, unsigned n)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char head[LINE_SIZE] = "";
	char line[LINE_SIZE];

	time->timers = 0;
	if (!file)
		return;
	if (fgets(head, sizeof(head), file))
		while (fgets(line, sizeof(line), file)) {
			const char *colon = strchr(line, ':');

			if (!colon || !is_timer(line))
				continue;
			time->timers += sum_columns(head, colon + 1, cpus, n);
			time->timers_known = true;
		}
	fclose(file);
}

static void read_memory(struct cpu_time *ret)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128];
	char *at;

	if (file && fgets(line, sizeof(line), file)) {
		strtoull(line, &at, 10); /* the virtual size */
		ret->memory = strtoull(at, NULL, 10) *
			      (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (file)
		fclose(file);
}

struct cpu_time cpu_time_read(const int *cpus, unsigned n, int sender)
{
	struct cpu_time time = { 0 };

	read_stat(&time, cpus, n, sender);
	cpu_time_read_timers(&time, cpus, n);
	read_memory(&time);
	return time;
}

struct cpu_time_split cpu_time_diff(const struct cpu_time_split *before,
				    const struct cpu_time_split *after)
{
	return (struct cpu_time_split){ after->user - before->user,
					after->system - before->system,
					after->softirq - before->softirq };
}

/* ---- Hardware counters -------------------------------------------------- */

/* Opens a counter for user space and kernel, or only for user space if the
 * kernel does not allow more. Returns a descriptor or -errno. */
static int open_one(uint64_t event)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
					.size = sizeof(attr),
					.config = event,
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
		 fd == -ENOSYS ? "the kernel has no perf_event_open()" :
				 strerror(-fd));
}
