/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts, watches and ends the process of an external tool. */
#include "external/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/process.h"
#include "util/clock.h"

#define MAX_OPEN 8 /* directories, while a tree is removed */

/* ---- The program -------------------------------------------------------- */

/* The PATH of a user may lack the directories of system tools. */
static const char *const more_paths[] = { "/usr/sbin", "/sbin" };

static bool find_in(const char *directory, size_t length, const char *name,
		    char *ret, size_t size)
{
	snprintf(ret, size, "%.*s/%s", (int)length, directory, name);
	return access(ret, X_OK) == 0;
}

bool child_find_program(const char *name, char *ret, size_t size)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t length = strcspn(path, ":");

		if (length > 0 && find_in(path, length, name, ret, size))
			return true;
		path += length + (path[length] == ':');
	}
	for (size_t i = 0; i < sizeof(more_paths) / sizeof(*more_paths); i++)
		if (find_in(more_paths[i], strlen(more_paths[i]), name, ret,
			    size))
			return true;
	return false;
}

/* ---- Start -------------------------------------------------------------- */

int child_prepare(struct child *ret)
{
	int r;

	*ret = (struct child){ .pidfd = -1 };
	ret->output = tmpfile();
	ret->directory = temporary_path();
	if (ret->directory && !mkdtemp(ret->directory)) {
		free(ret->directory);
		ret->directory = NULL;
	}
	if (ret->output && ret->directory)
		return 0;
	r = errno ? -errno : -ENOMEM;
	child_free(ret);
	return r;
}

static int spawn(struct child *p, const char *path, char *const arguments[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigset_t defaults;
	int r;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fileno(p->output),
					 STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(p->output),
					 STDERR_FILENO);
	if (p->directory)
		posix_spawn_file_actions_addchdir_np(&actions, p->directory);
	r = -posix_spawn(&p->pid, path, &actions, &attributes, arguments,
			 environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return r;
}

int child_start(struct child *p, char *const arguments[])
{
	char path[PATH_MAX];
	int r;

	if (!child_find_program(arguments[0], path, sizeof(path)))
		return -ENOENT;
	r = spawn(p, path, arguments);
	if (r < 0) {
		p->pid = 0;
		return r;
	}
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return p->pidfd < 0 ? -errno : 0;
}

/* ---- End ---------------------------------------------------------------- */

void child_reap(struct child *p)
{
	struct rusage rusage = { 0 };
	int status;
	uint64_t user;
	uint64_t system;

	while (wait4(p->pid, &status, 0, &rusage) < 0 && errno == EINTR)
		;
	p->pid = 0;
	user = (uint64_t)rusage.ru_utime.tv_sec * NS_PER_S +
	       (uint64_t)rusage.ru_utime.tv_usec * NS_PER_US;
	system = (uint64_t)rusage.ru_stime.tv_sec * NS_PER_S +
		 (uint64_t)rusage.ru_stime.tv_usec * NS_PER_US;
	p->user_share = user + system ? (double)user / (double)(user + system) :
					1;
}

static int remove_entry(const char *path, const struct stat *stat, int type,
			struct FTW *at)
{
	(void)stat;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void child_free(struct child *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		child_reap(p);
	}
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (p->output)
		fclose(p->output);
	/* Zeek creates directories in its working directory. */
	if (p->directory)
		nftw(p->directory, remove_entry, MAX_OPEN,
		     FTW_DEPTH | FTW_PHYS);
	free(p->directory);
	*p = (struct child){ .pidfd = -1 };
}

/* ---- Observation -------------------------------------------------------- */

bool child_ended(const struct child *p, int timeout)
{
	struct pollfd fd = { p->pidfd, POLLIN, 0 };

	return poll(&fd, 1, timeout) > 0;
}

/* The number after a name in a file of /proc; 0: there is none. */
static uint64_t read_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[256];
	uint64_t value = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0) {
			value = strtoull(line + strlen(name), NULL, 10);
			break;
		}
	if (file)
		fclose(file);
	return value;
}

struct child_usage child_get_usage(pid_t pid)
{
	struct child_usage u = { .now = clock_ns(CLOCK_MONOTONIC) };
	const struct dirent *entry;
	char path[PATH_MAX];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat",
			 (int)pid, entry->d_name);
		u.cpu += read_number(path, "");
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status",
			 (int)pid, entry->d_name);
		u.wakeups += read_number(path, "voluntary_ctxt_switches:");
		u.preemptions +=
			read_number(path, "nonvoluntary_ctxt_switches:");
	}
	if (tasks)
		closedir(tasks);
	return u;
}

void child_read_output(const struct child *p, char *ret)
{
	size_t n;

	rewind(p->output);
	n = fread(ret, 1, OUTPUT_SIZE - 1, p->output);
	/* Keep the end of long output: it says what happened. */
	while (!feof(p->output) && n == OUTPUT_SIZE - 1) {
		memmove(ret, ret + OUTPUT_SIZE / 2, OUTPUT_SIZE / 2 - 1);
		n = OUTPUT_SIZE / 2 - 1;
		n += fread(ret + n, 1, OUTPUT_SIZE - 1 - n, p->output);
	}
	for (size_t i = 0; i < n; i++)
		if (ret[i] == '\0' || ret[i] == '\r')
			ret[i] = ' ';
	ret[n] = '\0';
}
