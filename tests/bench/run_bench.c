/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the bench command as a user does. */
#include "run_bench.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/expect.h"

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

#define EXIT_NO_NAMESPACE 125

/* Root in a new user namespace has no privileges outside of it. */
static void give_up_privilege(void)
{
	char map[32];
	unsigned uid = geteuid();
	unsigned gid = getegid();

	if (unshare(CLONE_NEWUSER) < 0)
		_exit(EXIT_NO_NAMESPACE);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
}

struct program *bench_start(const char *line)
{
	const struct program_setup setup = { .in = -1, .out = -1 };

	return program_start(BENCH_PROGRAM, line, &setup);
}

void run_bench(struct outcome *ret, const char *line)
{
	program_finish(bench_start(line), ret);
}

void bench_unprivileged(struct outcome *ret, const char *line)
{
	const struct program_setup setup = { .in = -1,
					     .out = -1,
					     .prepare = give_up_privilege };

	program_finish(program_start(BENCH_PROGRAM, line, &setup), ret);
	if (ret->status == EXIT_NO_NAMESPACE)
		cr_skip("user namespaces are not available");
}

void bench_live(struct outcome *ret, const char *line)
{
	run_bench(ret, line);
	if (ret->status == 1 &&
	    strstr(ret->err, "cannot create a user and network namespace"))
		cr_skip("network namespaces are not available");
}

json_t *bench_json(const struct outcome *o)
{
	json_error_t error;
	json_t *report = json_loads(o->out, 0, &error);

	REQUIRE_EQ(o->status, 0);
	REQUIRE(report, "%s in: %.100s", error.text, o->out);
	return report;
}

double bench_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	EXPECT(json_is_number(value), "%s is no number", name);
	return json_number_value(value);
}

#define TAGGED 64U
#define PLAIN 200U
#define JUMBO 3000U

static void write_frame(FILE *file, uint32_t size, uint16_t type)
{
	uint32_t header[4] = { 1, 0, size, size };
	uint8_t bytes[JUMBO] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	bytes[12] = (uint8_t)(type >> 8);
	bytes[13] = (uint8_t)type;
	fwrite(header, sizeof(header), 1, file);
	fwrite(bytes, size, 1, file);
}

void bench_capture(char *ret, size_t size)
{
	const uint32_t magic[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 };
	FILE *file;
	int fd;

	snprintf(ret, size, "/tmp/pktio-bench-XXXXXX");
	fd = mkstemp(ret);
	REQUIRE(fd >= 0, "no temporary file");
	file = fdopen(fd, "w");
	fwrite(magic, sizeof(magic), 1, file);
	write_frame(file, TAGGED, 0x8100);
	write_frame(file, PLAIN, 0x88b5);
	write_frame(file, JUMBO, 0x88b5);
	REQUIRE_EQ(fclose(file), 0);
}

uint64_t bench_capture_bytes(uint64_t n)
{
	static const uint64_t after[] = { 0, TAGGED, TAGGED + PLAIN };

	return n / 3 * (TAGGED + PLAIN + JUMBO) + after[n % 3];
}

void bench_capture_grow(const char *path)
{
	FILE *file = fopen(path, "ae");

	REQUIRE(file, "the capture is gone");
	write_frame(file, PLAIN, 0x88b5);
	REQUIRE_EQ(fclose(file), 0);
}
