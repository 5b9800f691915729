/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the machine spends, CPU by CPU: the work for a frame that is done before
 * any thread of ours is woken is in nobody's thread clock.
 */
#include "system/cpu_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000U
#define LINE_SIZE 8192 /* a column of /proc/interrupts for each CPU */

static unsigned wanted(int cpu, const int *cpus, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (cpus[i] == cpu)
			return 1;
	return 0;
}

static void add(struct cpu_time_split *cpu, const uint64_t *ticks)
{
	uint64_t tick = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);

	cpu->user += (ticks[0] + ticks[1]) * tick; /* and nice */
	cpu->system += ticks[2] * tick;
	cpu->softirq += (ticks[5] + ticks[6]) * tick;
}

/* Lines "cpu0 user nice system idle iowait irq softirq ...", in ticks. */
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

		if (*at == ' ') /* all of them */
			continue;
		cpu = (int)strtol(at, &at, 10);
		for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++)
			ticks[i] = strtoull(at, &at, 10);
		if (wanted(cpu, cpus, n))
			add(&ret->receivers, ticks);
		if (cpu == sender)
			add(&ret->sender, ticks);
		ret->known = true;
	}
	if (file)
		fclose(file);
}

/* Counts of a line of /proc/interrupts, whose columns are those of the head. */
static uint64_t sum_columns(const char *head, const char *counts,
			    const int *cpus, unsigned n)
{
	uint64_t sum = 0;

	while ((head = strstr(head, "CPU"))) {
		char *end;
		int cpu = (int)strtol(head + 3, &end, 10);
		uint64_t count = strtoull(counts, (char **)&counts, 10);

		sum += wanted(cpu, cpus, n) ? count : 0;
		head = end;
	}
	return sum;
}

/* x86 has a line of its own for them; others name a device. */
static bool is_timer(const char *line)
{
	return strncmp(line + strspn(line, " "), "LOC:", 4) == 0 ||
	       strstr(line, "arch_timer");
}

void cpu_time_read_timers(struct cpu_time *cost, const int *cpus, unsigned n)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char head[LINE_SIZE] = "";
	char line[LINE_SIZE];

	cost->timers = 0;
	if (!file)
		return;
	if (fgets(head, sizeof(head), file))
		while (fgets(line, sizeof(line), file)) {
			const char *colon = strchr(line, ':');

			if (!colon || !is_timer(line))
				continue;
			cost->timers += sum_columns(head, colon + 1, cpus, n);
			cost->timers_known = true;
		}
	fclose(file);
}

static void read_memory(struct cpu_time *ret)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128];
	char *at;

	if (file && fgets(line, sizeof(line), file)) {
		strtoull(line, &at, 10); /* its whole size */
		ret->memory = strtoull(at, NULL, 10) *
			      (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (file)
		fclose(file);
}

struct cpu_time cpu_time_read(const int *cpus, unsigned n, int sender)
{
	struct cpu_time cost = { 0 };

	read_stat(&cost, cpus, n, sender);
	cpu_time_read_timers(&cost, cpus, n);
	read_memory(&cost);
	return cost;
}

struct cpu_time_split cpu_time_diff(const struct cpu_time_split *before,
				    const struct cpu_time_split *after)
{
	return (struct cpu_time_split){ after->user - before->user,
					after->system - before->system,
					after->softirq - before->softirq };
}
