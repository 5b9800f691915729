/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/expect.h"

static char directory[64];

const char *scratch_directory(void)
{
	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "/tmp/pktio-XXXXXX");
		REQUIRE(mkdtemp(directory), "mkdtemp: %s", strerror(errno));
	}
	return directory;
}

const char *scratch(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch_directory(), name);
	return path;
}

const char *scratch_file(const char *name, const void *data, size_t size)
{
	const char *path = scratch(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t done = 0;

	REQUIRE(fd >= 0, "%s: %s", path, strerror(errno));
	while (done < size) {
		ssize_t n =
			write(fd, (const uint8_t *)data + done, size - done);

		REQUIRE(n > 0, "%s: %s", path, strerror(errno));
		done += (size_t)n;
	}
	close(fd);
	return path;
}

long scratch_size(const char *name)
{
	struct stat info;

	return stat(scratch(name), &info) == 0 ? (long)info.st_size : -1;
}

void scratch_remove(void)
{
	DIR *dir = directory[0] ? opendir(directory) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	closedir(dir);
	rmdir(directory);
}

void skip(const char *format, ...)
{
	char why[128];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	scratch_remove();
	cr_skip("%s", why);
}

void read_text(const char *path, char *ret, size_t size)
{
	FILE *file = fopen(path, "re");

	REQUIRE(file, "%s: %s", path, strerror(errno));
	ret[fread(ret, 1, size - 1, file)] = '\0';
	fclose(file);
}

int run_tool(const char *out, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t pid;
	int r;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
					 out ? out : "/dev/null",
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	r = posix_spawnp(&pid, argv[0], &actions, NULL,
			 (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == ENOENT)
		skip("%s is not installed", argv[0]);
	REQUIRE(r == 0, "%s: %s", argv[0], strerror(r));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	REQUIRE_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	REQUIRE_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void unlimit_file_size(void)
{
	limit_file_size(RLIM_INFINITY);
}
