/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs several modes in order. Each part is a new process of bench: it has its
 * own network, and a part that fails does not affect the others.
 */
#include "cli/commands.h"

#include <argz.h>
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/output.h"
#include "scenario/plan.h"
#include "system/process.h"
#include "traffic/sender.h"

#define MAX_WORKERS 8

enum { SIGNALLED = 128, INTERRUPTED = 130 };

struct part {
	const char *title;
	const char *arguments;
	const char *time, *runs;
	bool live;  /* it measures an interface */
	bool rings; /* it uses several rings */
};

/* Shows that bench works on this machine. */
static const struct part smoke[] = {
	{ "Maximum rate", "--vs raw", "0.1", "1", true, false },
	{ "Offered rates", "--latency --rates 50%,100%", "0.1", "1", true,
	  false },
	{ 0 },
};

/* A comparison needs at least four runs. */
static const struct part quick[] = {
	{ "Maximum rate", "--vs raw --vs raw-prefetch --vs libpcap", "0.35",
	  "11", true, false },
	{ "Offered rates", "--rates 10%,25%,50%,75%,100% --vs raw --vs libpcap",
	  "0.25", "5", true, false },
	{ "Latency", "--latency --rates 10k,100k,500k --vs libpcap", "0.5", "5",
	  true, false },
	{ "Several rings", "", "0.25", "4", true, true },
	{ "Frame sizes", "--sizes all --vs libpcap", "0.3", "1", true, false },
	{ "Highest rate without loss",
	  "--search zero-loss --resolution 5 --vs libpcap", "0.4", "1", true,
	  false },
	{ "Longest burst with a stalled receiver",
	  "--burst --resolution 5 --vs libpcap", "0.5", "1", true, false },
	{ "Idle rings", "--idle --vs libpcap", "0.5", "4", true, false },
	{ "Packet files", "--formats all --vs raw --vs libpcap", "0.1", "4",
	  false, false },
	{ 0 },
};

/* Many short runs: metrics differ more between runs than within a run. */
static const struct part full[] = {
	{ "Maximum rate",
	  "--vs raw --vs raw-prefetch --vs libpcap --vs installed", "0.8", "15",
	  true, false },
	{ "Offered rates",
	  "--rates 10%,20%,30%,40%,50%,60%,70%,80%,90%,100% --vs raw --vs libpcap",
	  "0.5", "15", true, false },
	{ "Latency",
	  "--latency --rates 1k,10k,100k,500k,1M --vs raw --vs libpcap", "1",
	  "9", true, false },
	{ "Several rings", "--vs raw", "0.5", "15", true, true },
	{ "Frame sizes", "--sizes all --vs raw --vs libpcap", "0.35", "15",
	  true, false },
	{ "Ring sizes", "--vary ring-size=4M,16M,64M --vary block-size=64K,1M",
	  "1", "5", true, false },
	{ "Highest rate without loss",
	  "--search zero-loss --vs raw --vs libpcap", "0.7", "9", true, false },
	{ "Longest burst with a stalled receiver",
	  "--burst --vs raw --vs libpcap", "0.5", "9", true, false },
	{ "Idle rings", "--idle --vs raw --vs libpcap", "5", "3", true, false },
	{ "Packet files",
	  "--formats all --vs raw --vs libpcap --vs libpcap-dispatch", "0.5",
	  "15", false, false },
	{ 0 },
};

static const struct part *find(const char *name)
{
	return strcmp(name, "smoke") == 0 ? smoke :
	       strcmp(name, "quick") == 0 ? quick :
	       strcmp(name, "full") == 0  ? full :
					    NULL;
}

bool suite_exists(const char *name)
{
	return find(name);
}

/* ---- The command line of a part ----------------------------------------- */

/* A list of arguments; see argz_add(3). */
struct arguments {
	char *list;
	size_t size;
	bool failed;
};

static void add(struct arguments *w, const char *text)
{
	w->failed |= argz_add(&w->list, &w->size, text) != 0;
}

static void add_line(struct arguments *w, const char *line)
{
	w->failed |= argz_add_sep(&w->list, &w->size, line, ' ') != 0;
}

static void add_settings(struct arguments *w, const struct options *o)
{
	for (size_t i = 0; i < o->nsettings; i++) {
		char *text = NULL;

		if (asprintf(&text, "%s=%s", o->settings[i].name,
			     o->settings[i].value) < 0) {
			w->failed = true;
			return;
		}
		add(w, "-o");
		add(w, text);
		free(text);
	}
}

/* Leaves one CPU for the sender, if there are enough. */
static void add_rings(struct arguments *w)
{
	cpu_set_t set;
	int n = 2;
	char text[16];

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set) - 1;
	n = n < 2 ? 2 : n > MAX_WORKERS ? MAX_WORKERS : n;
	snprintf(text, sizeof(text), "%d", n);
	add(w, "--workers");
	add(w, text);
	add(w, "--oversubscribe");
}

/* The options of the user are last, so they override those of the part. */
static void make_arguments(struct arguments *w, const struct part *part,
			   const struct options *o, const char *json)
{
	char text[32];

	*w = (struct arguments){ 0 };
	add(w, "bench");
	add_line(w, part->arguments);
	if (part->rings)
		add_rings(w);
	add(w, "--time");
	snprintf(text, sizeof(text), "%g", o->seconds);
	add(w, o->timed ? text : part->time);
	add(w, "--runs");
	snprintf(text, sizeof(text), "%u", o->runs);
	add(w, o->counted ? text : part->runs);
	if (part->live) {
		add(w, "--backend");
		add(w, o->backend);
		add(w, "--bind");
		add(w, o->bind);
		if (o->oversubscribe)
			add(w, "--oversubscribe");
		if (o->method) {
			add(w, "--sender");
			add(w, o->method->name);
		}
		add_settings(w, o);
	}
	add(w, "--json");
	add(w, json);
}

/* ---- Parts to skip ------------------------------------------------------ */

static bool is_given(const struct options *o, const char *name, size_t length)
{
	for (size_t i = 0; i < o->nsettings; i++)
		if (strlen(o->settings[i].name) == length &&
		    strncmp(o->settings[i].name, name, length) == 0)
			return true;
	return false;
}

static bool has_option(const struct options *o, const char *name, size_t length)
{
	const struct pktio_backend *b = pktio_backend_find(o->backend);
	struct pktio_opt opt = PKTIO_OPT_INIT;

	for (unsigned i = 0; b && pktio_backend_opt(b, i, &opt) == 0; i++)
		if (strlen(opt.name) == length &&
		    strncmp(opt.name, name, length) == 0)
			return true;
	return false;
}

/* True if the backend has the options that a part varies, and -o does not set
 * them. If not, `reason` says why. */
static bool can_vary(const struct part *part, const struct options *o,
		     char *reason, size_t size)
{
	static const char option[] = "--vary ";
	const char *at = part->arguments;

	while ((at = strstr(at, option))) {
		size_t length;

		at += strlen(option);
		length = strcspn(at, "=");
		if (is_given(o, at, length)) {
			snprintf(reason, size, "-o sets %.*s", (int)length, at);
			return false;
		}
		if (!has_option(o, at, length)) {
			snprintf(reason, size, "%s has no option %.*s",
				 o->backend, (int)length, at);
			return false;
		}
	}
	return true;
}

/* ---- Running a part ----------------------------------------------------- */

/* Returns the exit status, with 128 + signal as in a shell, or -errno. */
static int run(const struct arguments *w, FILE *table)
{
	size_t n = argz_count(w->list, w->size);
	char **list = calloc(n + 1, sizeof(*list));
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;
	int r;

	if (!list)
		return -ENOMEM;
	argz_extract(w->list, w->size, list);
	fflush(table);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(table),
					 STDOUT_FILENO);
	r = -posix_spawn(&pid, "/proc/self/exe", &actions, NULL, list, environ);
	free(list);
	posix_spawn_file_actions_destroy(&actions);
	if (r < 0)
		return r;
	interrupt_forward(pid);
	while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	interrupt_forward(0);
	if (r < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   SIGNALLED + WTERMSIG(status);
}

/* Returns the report of a part; NULL: there is none, see *status. */
static json_t *run_part(const struct part *part, const struct options *o,
			FILE *table, int *status)
{
	json_t *report = NULL;
	struct arguments w;
	char *path = temporary_path();
	int fd;

	*status = -ENOMEM;
	if (!path)
		return NULL;
	fd = mkstemp(path);
	if (fd < 0) {
		*status = -errno;
		free(path);
		return NULL;
	}
	close(fd);
	make_arguments(&w, part, o, path);
	if (!w.failed) {
		*status = run(&w, table);
		report = json_load_file(path, 0, NULL);
	}
	free(w.list);
	unlink(path);
	free(path);
	return report;
}

static void add_reason(json_t *list, const struct part *part,
		       const char *reason)
{
	json_array_append_new(list, json_pack("{s:s, s:s}", "title",
					      part->title, "reason", reason));
}

static void add_failure(json_t *failures, const struct part *part, int status)
{
	char reason[256];

	if (status < 0)
		snprintf(reason, sizeof(reason),
			 "bench could not be started: %s", strerror(-status));
	else if (status > SIGNALLED)
		snprintf(reason, sizeof(reason),
			 "bench %s was ended by signal %d", part->arguments,
			 status - SIGNALLED);
	else
		snprintf(reason, sizeof(reason),
			 "bench %s exited with status %d and wrote no report",
			 part->arguments, status);
	add_reason(failures, part, reason);
}

/* Sets the title, and removes the temporary file from the arguments. */
static void name_report(json_t *report, const char *title)
{
	json_t *arguments = json_object_get(json_object_get(report, "options"),
					    "arguments");
	size_t n = json_array_size(arguments);

	if (n > 2) {
		json_array_remove(arguments, n - 1);
		json_array_remove(arguments, n - 2);
	}
	json_object_set_new(report, "title", json_string(title));
}

json_t *suite_run(const struct options *o, FILE *table, int *status)
{
	const struct part *parts = find(o->suite);
	json_t *reports = json_array();
	json_t *failures = json_array();
	json_t *skipped = json_array();
	bool interrupted = false;
	size_t n = 0;

	while (parts[n].title)
		n++;
	for (size_t i = 0; i < n && !interrupted; i++) {
		json_t *report;
		char reason[128];
		int r;

		fprintf(table, "%s%zu of %zu: %s\n\n", i ? "\n" : "", i + 1, n,
			parts[i].title);
		if (!can_vary(&parts[i], o, reason, sizeof(reason))) {
			fprintf(table, "skipped: %s\n", reason);
			add_reason(skipped, &parts[i], reason);
			continue;
		}
		report = run_part(&parts[i], o, table, &r);
		if (report) {
			name_report(report, parts[i].title);
			json_array_append_new(reports, report);
		} else if (r != INTERRUPTED)
			add_failure(failures, &parts[i], r);
		if (r != 0)
			*status = EXIT_FAILURE;
		interrupted = interrupt_pending() || r == INTERRUPTED;
	}
	if (interrupted)
		*status = INTERRUPTED;
	return json_pack("{s:i, s:s, s:s, s:b, s:o, s:o, s:o}", "schema",
			 OUTPUT_SCHEMA, "version", pktio_version(), "suite",
			 o->suite, "interrupted", (int)interrupted, "reports",
			 reports, "failures", failures, "skipped", skipped);
}
