/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several modes, one after another. Each is bench itself, started anew: a part
 * has a network of its own, and one that fails leaves the others alone.
 */
#include "cli/suite.h"

#include <argz.h>
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/json.h"
#include "scenario/files.h"
#include "system/interrupt.h"
#include "traffic/send_method.h"

#define MAX_WORKERS 8

enum { SIGNALLED = 128, INTERRUPTED = 130 };

struct part {
	const char *title;
	const char *words; /* of the command line */
	const char *time, *runs;
	bool live;  /* of an interface, and so with what belongs to one */
	bool rings; /* as many as suit the machine */
};

/* To see that it works at all. */
static const struct part smoke[] = {
	{ "As fast as it goes", "--vs raw", "0.1", "1", true, false },
	{ "Under growing load", "--latency --rates 50%,100%", "0.1", "1", true,
	  false },
	{ 0 },
};

/* Four runs, wherever there is time for them: of fewer, a comparison can say
 * nothing. */
static const struct part quick[] = {
	{ "As fast as it goes", "--vs raw --vs raw-prefetch --vs libpcap",
	  "0.35", "11", true, false },
	{ "Under growing load",
	  "--rates 10%,25%,50%,75%,100% --vs raw --vs libpcap", "0.25", "5",
	  true, false },
	{ "Time until a frame is received",
	  "--latency --rates 10k,100k,500k --vs libpcap", "0.5", "5", true,
	  false },
	{ "More rings", "", "0.25", "4", true, true },
	{ "Frames of many sizes", "--sizes all --vs libpcap", "0.3", "1", true,
	  false },
	{ "The most that is received without loss",
	  "--search zero-loss --resolution 5 --vs libpcap", "0.4", "1", true,
	  false },
	{ "Bursts while the receiver is stalled",
	  "--burst --resolution 5 --vs libpcap", "0.5", "1", true, false },
	{ "Waiting for nothing", "--idle --vs libpcap", "0.5", "4", true,
	  false },
	{ "Packet files", "--formats all --vs raw --vs libpcap", "0.1", "4",
	  false, false },
	{ 0 },
};

/* Many short runs, for it is from one to the next that figures differ: two
 * suites are to agree. */
static const struct part full[] = {
	{ "As fast as it goes",
	  "--vs raw --vs raw-prefetch --vs libpcap --vs installed", "0.8", "15",
	  true, false },
	{ "Under growing load",
	  "--rates 10%,20%,30%,40%,50%,60%,70%,80%,90%,100% --vs raw --vs libpcap",
	  "0.5", "15", true, false },
	{ "Time until a frame is received",
	  "--latency --rates 1k,10k,100k,500k,1M --vs raw --vs libpcap", "1",
	  "9", true, false },
	{ "More rings", "--vs raw", "0.5", "15", true, true },
	{ "Frames of many sizes", "--sizes all --vs raw --vs libpcap", "0.35",
	  "15", true, false },
	{ "Rings of many sizes",
	  "--vary ring-size=4M,16M,64M --vary block-size=64K,1M", "1", "5",
	  true, false },
	{ "The most that is received without loss",
	  "--search zero-loss --vs raw --vs libpcap", "0.7", "9", true, false },
	{ "Bursts while the receiver is stalled",
	  "--burst --vs raw --vs libpcap", "0.5", "9", true, false },
	{ "Waiting for nothing", "--idle --vs raw --vs libpcap", "5", "3", true,
	  false },
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

/* Texts, one after another, as <argz.h> has them. */
struct words {
	char *list;
	size_t size;
	bool failed;
};

static void add(struct words *w, const char *text)
{
	w->failed |= argz_add(&w->list, &w->size, text) != 0;
}

static void add_line(struct words *w, const char *line)
{
	w->failed |= argz_add_sep(&w->list, &w->size, line, ' ') != 0;
}

static void add_settings(struct words *w, const struct options *o)
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

/* One CPU is the sender's, if there are enough. */
static void add_rings(struct words *w)
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

/* What the user gave comes last, and so holds. */
static void make_words(struct words *w, const struct part *part,
		       const struct options *o, const char *json)
{
	char text[32];

	*w = (struct words){ 0 };
	add(w, "bench");
	add_line(w, part->words);
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

/* ---- Which are left out ------------------------------------------------- */

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
	const struct pktio_opt *opt =
		pktio_backend_opts(pktio_backend_find(o->backend));

	for (; opt && opt->name; opt++)
		if (strlen(opt->name) == length &&
		    strncmp(opt->name, name, length) == 0)
			return true;
	return false;
}

/* Whether the backend can vary all that a part does; if not, why. */
static bool can_vary(const struct part *part, const struct options *o,
		     char *reason, size_t size)
{
	static const char option[] = "--vary ";
	const char *at = part->words;

	while ((at = strstr(at, option))) {
		size_t length;

		at += strlen(option);
		length = strcspn(at, "=");
		if (is_given(o, at, length)) {
			snprintf(reason, size, "-o says what %.*s is",
				 (int)length, at);
			return false;
		}
		if (!has_option(o, at, length)) {
			snprintf(reason, size, "%s has no %.*s", o->backend,
				 (int)length, at);
			return false;
		}
	}
	return true;
}

/* ---- Running it --------------------------------------------------------- */

/* The exit status of bench as a shell has it, or -errno. */
static int run(const struct words *w, FILE *table)
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

/* The report of a part; NULL: there is none, and *status says why. */
static json_t *run_part(const struct part *part, const struct options *o,
			FILE *table, int *status)
{
	json_t *report = NULL;
	struct words w;
	char *path = files_temporary();
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
	make_words(&w, part, o, path);
	if (!w.failed) {
		*status = run(&w, table);
		report = json_load_file(path, 0, NULL);
	}
	free(w.list);
	unlink(path);
	free(path);
	return report;
}

static void note(json_t *list, const struct part *part, const char *reason)
{
	json_array_append_new(list, json_pack("{s:s, s:s}", "title",
					      part->title, "reason", reason));
}

static void note_failure(json_t *failures, const struct part *part, int status)
{
	char reason[256];

	if (status < 0)
		snprintf(reason, sizeof(reason), "it could not be run: %s",
			 strerror(-status));
	else if (status > SIGNALLED)
		snprintf(reason, sizeof(reason),
			 "bench %s was ended by signal %d", part->words,
			 status - SIGNALLED);
	else
		snprintf(reason, sizeof(reason),
			 "bench %s exited with %d, and no report", part->words,
			 status);
	note(failures, part, reason);
}

/* Where the report was for a moment is of no interest to anybody. */
static void name_report(json_t *report, const char *title)
{
	json_t *words = json_object_get(json_object_get(report, "options"),
					"arguments");
	size_t n = json_array_size(words);

	if (n > 2) {
		json_array_remove(words, n - 1);
		json_array_remove(words, n - 2);
	}
	json_object_set_new(report, "title", json_string(title));
}

json_t *suite_run(const struct options *o, FILE *table, int *status)
{
	const struct part *parts = find(o->suite);
	json_t *reports = json_array();
	json_t *failures = json_array();
	json_t *left_out = json_array();
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
			fprintf(table, "left out: %s\n", reason);
			note(left_out, &parts[i], reason);
			continue;
		}
		report = run_part(&parts[i], o, table, &r);
		if (report) {
			name_report(report, parts[i].title);
			json_array_append_new(reports, report);
		} else if (r != INTERRUPTED)
			note_failure(failures, &parts[i], r);
		if (r != 0)
			*status = EXIT_FAILURE;
		interrupted = interrupt_pending() || r == INTERRUPTED;
	}
	if (interrupted)
		*status = INTERRUPTED;
	return json_pack("{s:i, s:s, s:s, s:b, s:o, s:o, s:o}", "schema",
			 JSON_SCHEMA, "version", pktio_version(), "suite",
			 o->suite, "interrupted", (int)interrupted, "reports",
			 reports, "failures", failures, "skipped", left_out);
}
