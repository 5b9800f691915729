/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program as a receiver. It runs on the receiver's CPU; it is taken to be
 * ready when it has a packet socket on the interface and does no more, and to
 * be through when it does no more again. Its CPU time is what its threads use
 * in between.
 */
#include "external/tool.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <net/if.h>

#include "netns/fail.h"
#include "scenario/files.h"
#include "system/clock.h"

#define MAX_WORDS 24
#define WORD_SIZE 256
#define SAID_SIZE 8192
#define S_NS UINT64_C(1000000000)
#define LOOK_MS 50 /* from one look at its CPU time to the next */
#define QUIET_NS (5 * (uint64_t)NS_PER_MS)
#define LOOKS_READY 2U /* that are quiet, in a row */
/* tcpdump has the kernel keep a block that is not full for a second. */
#define LOOKS_THROUGH 25U
#define READY_S 20U
#define THROUGH_S 10U
#define END_MS 10000
#define MAX_OPEN 8 /* directories, while one is removed */

/* What a process has used up to now. */
struct usage {
	uint64_t now, cpu, wakeups, preemptions;
};

struct program {
	const struct tool *tool;
	char interface[IF_NAMESIZE];
	pid_t pid; /* 0: it has ended */
	int pidfd, wake;
	FILE *said;
	char *directory; /* its own, for what it may leave; NULL: none */
	struct usage ready, used;
	double user_share; /* of the CPU time, from its start to its end */
	struct tool_counts count;
};

/* ---- Which program ------------------------------------------------------ */

/* The system's own may be missing from a user's PATH. */
static const char *const more_paths[] = { "/usr/sbin", "/sbin" };

static bool find_in(const char *directory, size_t length, const char *name,
		    char *ret, size_t size)
{
	snprintf(ret, size, "%.*s/%s", (int)length, directory, name);
	return access(ret, X_OK) == 0;
}

static bool find(const char *name, char *ret, size_t size)
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

static const char *program_of(const struct tool *tool)
{
	return tool->program ? tool->program : tool->name;
}

bool tool_installed(const struct tool *tool)
{
	char path[PATH_MAX];

	return find(program_of(tool), path, sizeof(path));
}

/* ---- Its command line --------------------------------------------------- */

/* In units of bytes, KiB or MiB, whole ones. */
static unsigned long long memory(const struct receiver_config *config,
				 char unit)
{
	unsigned long long size = unit == 'b' ? 1 :
				  unit == 'k' ? 1024 :
						1048576;

	return (config->ring_size + size - 1) / size;
}

/* A word with what stands for something put in. */
static void fill(char *ret, const char *word,
		 const struct receiver_config *config)
{
	size_t n = 0;

	for (; *word && n < WORD_SIZE - 1; word++) {
		if (*word != '%') {
			ret[n++] = *word;
			continue;
		}
		word++;
		if (*word == 'i')
			n += (size_t)snprintf(ret + n, WORD_SIZE - n, "%s",
					      config->target);
		else
			n += (size_t)snprintf(ret + n, WORD_SIZE - n, "%llu",
					      memory(config, *word));
	}
	ret[n < WORD_SIZE ? n : WORD_SIZE - 1] = '\0';
}

/* Words of the command line, ended by NULL. */
struct command {
	char words[MAX_WORDS][WORD_SIZE];
	char *list[MAX_WORDS + 1];
	size_t n;
};

static void add(struct command *c, const char *word,
		const struct receiver_config *config)
{
	if (c->n == MAX_WORDS)
		return;
	fill(c->words[c->n], word, config);
	c->list[c->n] = c->words[c->n];
	c->list[++c->n] = NULL;
}

static void make_command(struct command *c, const struct tool *tool,
			 const struct receiver_config *config)
{
	const char *at = tool->arguments;

	*c = (struct command){ 0 };
	if (tool->nudge) { /* lines are to come as they are written */
		add(c, "stdbuf", config);
		add(c, "-oL", config);
	}
	add(c, program_of(tool), config);
	while (*at) {
		char word[WORD_SIZE];
		size_t length = strcspn(at, " ");

		snprintf(word, sizeof(word), "%.*s", (int)length, at);
		add(c, word, config);
		at += length + (at[length] == ' ');
	}
}

void tool_command(const struct tool *tool, const struct receiver_config *config,
		  char *ret, size_t size)
{
	struct command c;
	size_t used = 0;

	make_command(&c, tool, config);
	*ret = '\0';
	for (size_t i = 0; i < c.n && used < size; i++)
		used += (size_t)snprintf(ret + used, size - used, "%s%s",
					 i ? " " : "", c.list[i]);
}

/* ---- Starting it -------------------------------------------------------- */

/* Starts a program that writes to a file; -errno. Signals are as usual there,
 * and those of the terminal do not reach it. */
static int start(pid_t *ret, char *const words[], FILE *said,
		 const char *directory)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t how;
	sigset_t none;
	sigset_t usual;
	char path[PATH_MAX];
	int r;

	if (!find(words[0], path, sizeof(path)))
		return -ENOENT;
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGPIPE);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &usual);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fileno(said), STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(said), STDERR_FILENO);
	if (directory)
		posix_spawn_file_actions_addchdir_np(&actions, directory);
	r = -posix_spawn(ret, path, &actions, &how, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&how);
	return r;
}

static void read_said(FILE *said, char *ret)
{
	size_t n;

	rewind(said);
	n = fread(ret, 1, SAID_SIZE - 1, said);
	/* Of much, the end says what happened. */
	while (!feof(said) && n == SAID_SIZE - 1) {
		memmove(ret, ret + SAID_SIZE / 2, SAID_SIZE / 2 - 1);
		n = SAID_SIZE / 2 - 1;
		n += fread(ret + n, 1, SAID_SIZE - 1 - n, said);
	}
	for (size_t i = 0; i < n; i++)
		if (ret[i] == '\0' || ret[i] == '\r')
			ret[i] = ' ';
	ret[n] = '\0';
}

/* The last line that says something. */
static const char *last_line(char *said)
{
	size_t n = strlen(said);
	char *line;

	while (n > 0 && strchr("\n ", said[n - 1]))
		said[--n] = '\0';
	line = strrchr(said, '\n');
	return line ? line + 1 : said;
}

static void first_line(char *ret, size_t size, const char *said)
{
	said += strspn(said, "\n ");
	snprintf(ret, size, "%.*s", (int)strcspn(said, "\n"), said);
}

void tool_version(const struct tool *tool, char *ret, size_t size)
{
	char name[WORD_SIZE];
	char option[WORD_SIZE];
	char *words[] = { name, option, NULL };
	char said[SAID_SIZE];
	FILE *file;
	pid_t pid;
	int status;

	*ret = '\0';
	if (!tool->version)
		return;
	file = tmpfile();
	if (!file)
		return;
	snprintf(name, sizeof(name), "%s", program_of(tool));
	snprintf(option, sizeof(option), "%s", tool->version);
	if (start(&pid, words, file, NULL) == 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		read_said(file, said);
		first_line(ret, size, said);
	}
	fclose(file);
}

/* ---- Watching it -------------------------------------------------------- */

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

/* Of all of its threads. */
static struct usage use(pid_t pid)
{
	struct usage u = { .now = clock_now() };
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

/* Packet sockets that receive from an interface. */
static unsigned count_sockets(unsigned ifindex)
{
	FILE *file = fopen("/proc/net/packet", "re");
	char line[256];
	unsigned n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned words[5];
		char *rest = NULL;
		const char *word = strtok_r(line, " ", &rest);

		/* sk RefCnt Type Proto Iface R ... */
		for (int i = 0; i < 5 && word; i++) {
			word = strtok_r(NULL, " ", &rest);
			words[i] = word ? (unsigned)strtoul(word, NULL, 10) : 0;
		}
		n += word && words[3] == ifindex && words[4] == 1;
	}
	if (file)
		fclose(file);
	return n;
}

static bool has_ended(const struct program *p, int timeout)
{
	struct pollfd fd = { p->pidfd, POLLIN, 0 };

	return poll(&fd, 1, timeout) > 0;
}

/* Until it does nothing for so many looks, or `seconds` are over. False: it has
 * ended. */
static bool wait_quiet(const struct program *p, unsigned looks,
		       unsigned seconds)
{
	uint64_t end = clock_now() + seconds * S_NS;
	uint64_t cpu = use(p->pid).cpu;
	unsigned quiet = 0;

	while (quiet < looks && clock_now() < end) {
		uint64_t now;

		if (has_ended(p, LOOK_MS))
			return false;
		now = use(p->pid).cpu;
		quiet = now - cpu < QUIET_NS ? quiet + 1 : 0;
		cpu = now;
	}
	return true;
}

static int fail_ended(const struct program *p, struct pktio_error *reterr)
{
	char said[SAID_SIZE];

	read_said(p->said, said);
	return bench_fail(reterr, -EIO,
			  "%s: ended before it was told to: %.160s",
			  p->tool->name, last_line(said));
}

/* Until it receives. */
static int wait_ready(const struct program *p, unsigned sockets,
		      struct pktio_error *reterr)
{
	unsigned ifindex = if_nametoindex(p->interface);
	uint64_t end = clock_now() + READY_S * S_NS;

	while (count_sockets(ifindex) <= sockets) {
		if (has_ended(p, LOOK_MS))
			return fail_ended(p, reterr);
		if (clock_now() > end)
			return bench_fail(
				reterr, -ETIMEDOUT,
				"%s: has not begun to receive from '%s' within %u s",
				p->tool->name, p->interface, READY_S);
	}
	return wait_quiet(p, LOOKS_READY, READY_S) ? 0 : fail_ended(p, reterr);
}

/* ---- A receiver -------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *stat, int type,
			struct FTW *at)
{
	(void)stat;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

/* With what is in it: Zeek makes directories in its own. */
static void remove_directory(const char *directory)
{
	nftw(directory, remove_entry, MAX_OPEN, FTW_DEPTH | FTW_PHYS);
}

/* Takes it off the list of processes. */
static void reap(struct program *p)
{
	struct rusage rusage = { 0 };
	int status;
	uint64_t user;
	uint64_t system;

	while (wait4(p->pid, &status, 0, &rusage) < 0 && errno == EINTR)
		;
	p->pid = 0;
	user = (uint64_t)rusage.ru_utime.tv_sec * S_NS +
	       (uint64_t)rusage.ru_utime.tv_usec * 1000U;
	system = (uint64_t)rusage.ru_stime.tv_sec * S_NS +
		 (uint64_t)rusage.ru_stime.tv_usec * 1000;
	p->user_share = user + system ? (double)user / (double)(user + system) :
					1;
}

void tool_close(void *state)
{
	struct program *p = state;

	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		reap(p);
	}
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (p->wake >= 0)
		close(p->wake);
	if (p->said)
		fclose(p->said);
	if (p->directory)
		remove_directory(p->directory);
	free(p->directory);
	free(p);
}

static struct program *new_program(const struct tool *tool,
				   const struct receiver_config *config)
{
	struct program *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->tool = tool;
	p->pidfd = -1;
	snprintf(p->interface, sizeof(p->interface), "%s", config->target);
	p->wake = eventfd(0, EFD_CLOEXEC);
	p->said = tmpfile();
	p->directory = files_temporary();
	if (p->directory && !mkdtemp(p->directory)) {
		free(p->directory);
		p->directory = NULL;
	}
	if (p->wake < 0 || !p->said || !p->directory) {
		tool_close(p);
		return NULL;
	}
	return p;
}

int tool_open(void **ret, const struct tool *tool,
	      const struct receiver_config *config, struct pktio_error *reterr)
{
	unsigned sockets = count_sockets(if_nametoindex(config->target));
	struct program *p = new_program(tool, config);
	struct command command;
	int r;

	if (!p)
		return bench_fail(reterr, -errno, "%s: cannot be run: %s",
				  tool->name, strerror(errno));
	make_command(&command, tool, config);
	r = start(&p->pid, command.list, p->said, p->directory);
	if (r == 0) {
		p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
		r = p->pidfd < 0 ? -errno : 0;
	}
	if (r < 0)
		bench_fail(reterr, r, "%s: cannot be run: %s", tool->name,
			   strerror(-r));
	else
		r = wait_ready(p, sockets, reterr);
	if (r < 0) {
		tool_close(p);
		return r;
	}
	p->ready = use(p->pid);
	*ret = p;
	return 0;
}

/* One frame more, on the interface itself: it leaves there, and so is seen. */
static void nudge(const struct program *p)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1,    2,
					   0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(p->interface),
	};
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	sendto(sock, frame, sizeof(frame), 0, (struct sockaddr *)&to,
	       sizeof(to));
	close(sock);
	has_ended(p, LOOK_MS);
}

static int end(struct program *p, struct pktio_error *reterr)
{
	char said[SAID_SIZE];
	bool ended = !wait_quiet(p, LOOKS_THROUGH, THROUGH_S);

	if (ended)
		return fail_ended(p, reterr);
	if (p->tool->nudge)
		nudge(p);
	p->used = use(p->pid);
	kill(p->pid, SIGINT);
	if (!has_ended(p, END_MS))
		return bench_fail(reterr, -ETIMEDOUT,
				  "%s: has not ended within %d s of SIGINT",
				  p->tool->name, END_MS / 1000);
	reap(p);
	read_said(p->said, said);
	if (!p->tool->parse(said, &p->count))
		return bench_fail(
			reterr, -EPROTO,
			"%s: does not say what it received; its last words: %.120s",
			p->tool->name, last_line(said));
	return 0;
}

int tool_loop(void *state, struct tally *tally, struct pktio_error *reterr)
{
	struct program *p = state;
	struct pollfd fds[] = { { p->wake, POLLIN, 0 },
				{ p->pidfd, POLLIN, 0 } };
	int r;

	while (!tally_stopped(tally)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return bench_fail(reterr, -errno, "%s: poll: %s",
					  p->tool->name, strerror(errno));
		if (fds[1].revents)
			return fail_ended(p, reterr);
	}
	r = end(p, reterr);
	if (r == 0)
		tally_store(tally, tally->frames + p->count.received);
	return r;
}

void tool_wake(void *state)
{
	const struct program *p = state;
	uint64_t one = 1;

	while (write(p->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

int tool_lost(void *state, struct losses *ret, struct pktio_error *reterr)
{
	const struct program *p = state;

	(void)reterr;
	*ret = (struct losses){ .dropped = p->count.dropped,
				.unknown = p->tool->silent };
	return 0;
}

static uint64_t since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

void tool_usage(void *state, struct receiver_usage *ret)
{
	const struct program *p = state;

	ret->elapsed = since(p->used.now, p->ready.now);
	ret->cpu = since(p->used.cpu, p->ready.cpu);
	ret->user = (uint64_t)((double)ret->cpu * p->user_share);
	ret->wakeups = since(p->used.wakeups, p->ready.wakeups);
	ret->preemptions = since(p->used.preemptions, p->ready.preemptions);
}
