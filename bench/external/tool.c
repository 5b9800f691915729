/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An external tool as a receiver. It runs on the receiver's CPU. It is ready
 * when it has a packet socket on the interface and uses no more CPU time, and
 * it has processed all frames when it uses no more CPU time again. Its CPU time
 * is what its threads use in between.
 */
#include "external/tool.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <net/if.h>

#include "external/child.h"
#include "util/clock.h"
#include "util/error.h"

#define MAX_ARGUMENTS 24
#define ARGUMENT_SIZE 256
#define POLL_MS 50 /* how often its CPU time is read */
#define QUIET_NS (5 * NS_PER_MS)
#define POLLS_READY 2U /* quiet ones in a row */
/* In tcpdump, the kernel keeps a partly filled block for one second. */
#define POLLS_FINISHED 25U
#define READY_S 20U
#define FINISHED_S 10U
#define END_MS 10000

struct running_tool {
	const struct tool *tool;
	char interface[IF_NAMESIZE];
	struct child child;
	int wake; /* eventfd */
	struct child_usage ready, finished;
	struct tool_counts counts;
};

/* ---- The command line --------------------------------------------------- */

static const char *program_of(const struct tool *tool)
{
	return tool->program ? tool->program : tool->name;
}

bool tool_installed(const struct tool *tool)
{
	char path[PATH_MAX];

	return child_find_program(program_of(tool), path, sizeof(path));
}

/* The ring memory in bytes (b), KiB (k) or MiB (m), rounded up. */
static unsigned long long memory(const struct receiver_config *config,
				 char unit)
{
	unsigned long long size = unit == 'b' ? 1 :
				  unit == 'k' ? 1024 :
						1048576;

	return (config->ring_size + size - 1) / size;
}

/* Copies an argument and replaces what starts with %. */
static void fill(char *ret, const char *argument,
		 const struct receiver_config *config)
{
	size_t n = 0;

	for (; *argument && n < ARGUMENT_SIZE - 1; argument++) {
		if (*argument != '%') {
			ret[n++] = *argument;
			continue;
		}
		argument++;
		if (*argument == 'i')
			n += (size_t)snprintf(ret + n, ARGUMENT_SIZE - n, "%s",
					      config->target);
		else
			n += (size_t)snprintf(ret + n, ARGUMENT_SIZE - n,
					      "%llu",
					      memory(config, *argument));
	}
	ret[n < ARGUMENT_SIZE ? n : ARGUMENT_SIZE - 1] = '\0';
}

/* A command line; `list` ends with NULL. */
struct command {
	char arguments[MAX_ARGUMENTS][ARGUMENT_SIZE];
	char *list[MAX_ARGUMENTS + 1];
	size_t n;
};

static void add(struct command *c, const char *argument,
		const struct receiver_config *config)
{
	if (c->n == MAX_ARGUMENTS)
		return;
	fill(c->arguments[c->n], argument, config);
	c->list[c->n] = c->arguments[c->n];
	c->list[++c->n] = NULL;
}

static void make_command(struct command *c, const struct tool *tool,
			 const struct receiver_config *config)
{
	const char *at = tool->arguments;

	*c = (struct command){ 0 };
	if (tool->needs_frame) { /* it must write each line at once */
		add(c, "stdbuf", config);
		add(c, "-oL", config);
	}
	add(c, program_of(tool), config);
	while (*at) {
		char argument[ARGUMENT_SIZE];
		size_t length = strcspn(at, " ");

		snprintf(argument, sizeof(argument), "%.*s", (int)length, at);
		add(c, argument, config);
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

/* ---- Its output --------------------------------------------------------- */

/* The last line that is not empty. */
static const char *last_line(char *output)
{
	size_t n = strlen(output);
	char *line;

	while (n > 0 && strchr("\n ", output[n - 1]))
		output[--n] = '\0';
	line = strrchr(output, '\n');
	return line ? line + 1 : output;
}

static void first_line(char *ret, size_t size, const char *output)
{
	output += strspn(output, "\n ");
	snprintf(ret, size, "%.*s", (int)strcspn(output, "\n"), output);
}

void tool_version(const struct tool *tool, char *ret, size_t size)
{
	char name[ARGUMENT_SIZE];
	char option[ARGUMENT_SIZE];
	char *arguments[] = { name, option, NULL };
	char output[OUTPUT_SIZE];
	struct child p;

	*ret = '\0';
	if (!tool->version || child_prepare(&p) < 0)
		return;
	snprintf(name, sizeof(name), "%s", program_of(tool));
	snprintf(option, sizeof(option), "%s", tool->version);
	if (child_start(&p, arguments) == 0) {
		child_reap(&p);
		child_read_output(&p, output);
		first_line(ret, size, output);
	}
	child_free(&p);
}

/* ---- Waiting ------------------------------------------------------------ */

/* Counts the packet sockets that receive from an interface. */
static unsigned count_sockets(unsigned ifindex)
{
	FILE *file = fopen("/proc/net/packet", "re");
	char line[256];
	unsigned n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned fields[5];
		char *rest = NULL;
		const char *field = strtok_r(line, " ", &rest);

		/* sk RefCnt Type Proto Iface R ... */
		for (int i = 0; i < 5 && field; i++) {
			field = strtok_r(NULL, " ", &rest);
			fields[i] = field ? (unsigned)strtoul(field, NULL, 10) :
					    0;
		}
		n += field && fields[3] == ifindex && fields[4] == 1;
	}
	if (file)
		fclose(file);
	return n;
}

/* Waits until the process used no CPU time in `polls` polls in a row, at most
 * `seconds`. False: it has ended. */
static bool wait_quiet(const struct child *p, unsigned polls, unsigned seconds)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	uint64_t cpu = child_get_usage(p->pid).cpu;
	unsigned quiet = 0;

	while (quiet < polls && clock_ns(CLOCK_MONOTONIC) < end) {
		uint64_t now;

		if (child_ended(p, POLL_MS))
			return false;
		now = child_get_usage(p->pid).cpu;
		quiet = now - cpu < QUIET_NS ? quiet + 1 : 0;
		cpu = now;
	}
	return true;
}

static int fail_ended(const struct running_tool *t, struct pktio_error *reterr)
{
	char output[OUTPUT_SIZE];

	child_read_output(&t->child, output);
	return error_set(reterr, -EIO,
			 "%s: ended too early; its last message: %.160s",
			 t->tool->name, last_line(output));
}

static int wait_ready(const struct running_tool *t, unsigned sockets,
		      struct pktio_error *reterr)
{
	unsigned ifindex = if_nametoindex(t->interface);
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + READY_S * NS_PER_S;

	while (count_sockets(ifindex) <= sockets) {
		if (child_ended(&t->child, POLL_MS))
			return fail_ended(t, reterr);
		if (clock_ns(CLOCK_MONOTONIC) > end)
			return error_set(
				reterr, -ETIMEDOUT,
				"%s: has not opened a packet socket on '%s' within %u s",
				t->tool->name, t->interface, READY_S);
	}
	return wait_quiet(&t->child, POLLS_READY, READY_S) ?
		       0 :
		       fail_ended(t, reterr);
}

/* ---- The receiver ------------------------------------------------------- */

void tool_close(void *state)
{
	struct running_tool *t = state;

	child_free(&t->child);
	if (t->wake >= 0)
		close(t->wake);
	free(t);
}

static int start(struct running_tool *t, const struct receiver_config *config,
		 struct pktio_error *reterr)
{
	unsigned sockets = count_sockets(if_nametoindex(config->target));
	struct command command;
	int r = child_prepare(&t->child);

	if (r == 0 && t->wake < 0)
		r = -EMFILE;
	if (r == 0) {
		make_command(&command, t->tool, config);
		r = child_start(&t->child, command.list);
	}
	if (r < 0)
		return error_set(reterr, r, "%s: cannot start it: %s",
				 t->tool->name, strerror(-r));
	return wait_ready(t, sockets, reterr);
}

int tool_open(void **ret, const struct tool *tool,
	      const struct receiver_config *config, struct pktio_error *reterr)
{
	struct running_tool *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return error_set(reterr, -ENOMEM, "%s: out of memory",
				 tool->name);
	t->tool = tool;
	snprintf(t->interface, sizeof(t->interface), "%s", config->target);
	t->wake = eventfd(0, EFD_CLOEXEC);
	r = start(t, config, reterr);
	if (r < 0) {
		tool_close(t);
		return r;
	}
	t->ready = child_get_usage(t->child.pid);
	*ret = t;
	return 0;
}

/* Sends one frame from the interface itself. The tool sees outgoing frames. */
static void send_extra_frame(const struct running_tool *t)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1,    2,
					   0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(t->interface),
	};
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	sendto(sock, frame, sizeof(frame), 0, (struct sockaddr *)&to,
	       sizeof(to));
	close(sock);
	child_ended(&t->child, POLL_MS);
}

static int finish(struct running_tool *t, struct pktio_error *reterr)
{
	char output[OUTPUT_SIZE];

	if (!wait_quiet(&t->child, POLLS_FINISHED, FINISHED_S))
		return fail_ended(t, reterr);
	if (t->tool->needs_frame)
		send_extra_frame(t);
	t->finished = child_get_usage(t->child.pid);
	kill(t->child.pid, SIGINT);
	if (!child_ended(&t->child, END_MS))
		return error_set(reterr, -ETIMEDOUT,
				 "%s: has not ended within %d s after SIGINT",
				 t->tool->name, END_MS / 1000);
	child_reap(&t->child);
	child_read_output(&t->child, output);
	if (!t->tool->parse(output, &t->counts))
		return error_set(
			reterr, -EPROTO,
			"%s: its output has no frame counts; the last line: %.120s",
			t->tool->name, last_line(output));
	return 0;
}

int tool_loop(void *state, struct tally *tally, struct pktio_error *reterr)
{
	struct running_tool *t = state;
	struct pollfd fds[] = { { t->wake, POLLIN, 0 },
				{ t->child.pidfd, POLLIN, 0 } };
	int r;

	while (!tally_stopped(tally)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return error_set(reterr, -errno, "%s: poll: %s",
					 t->tool->name, strerror(errno));
		if (fds[1].revents)
			return fail_ended(t, reterr);
	}
	r = finish(t, reterr);
	if (r == 0)
		tally_store(tally, tally->frames + t->counts.received);
	return r;
}

void tool_wake(void *state)
{
	const struct running_tool *t = state;
	uint64_t one = 1;

	while (write(t->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

int tool_losses(void *state, struct losses *ret, struct pktio_error *reterr)
{
	const struct running_tool *t = state;

	(void)reterr;
	*ret = (struct losses){ .dropped = t->counts.dropped,
				.unknown = t->tool->no_drop_count };
	return 0;
}

static uint64_t difference(uint64_t after, uint64_t before)
{
	return after > before ? after - before : 0;
}

void tool_usage(void *state, struct receiver_usage *ret)
{
	const struct running_tool *t = state;
	const struct child_usage *before = &t->ready;
	const struct child_usage *after = &t->finished;

	ret->elapsed = difference(after->now, before->now);
	ret->cpu = difference(after->cpu, before->cpu);
	ret->user = (uint64_t)((double)ret->cpu * t->child.user_share);
	ret->wakeups = difference(after->wakeups, before->wakeups);
	ret->preemptions = difference(after->preemptions, before->preemptions);
}
