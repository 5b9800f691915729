/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks which options can be combined. */
#include "cli/options_check.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/options_value.h"
#include "external/tool.h"

static int check_write(const struct options *o)
{
	if (strcmp(o->backend, "pcap_file") != 0)
		return options_wrong(
			"--write: the backend %s cannot write files; use --backend pcap_file",
			o->backend);
	for (size_t i = 0; i < o->nvs; i++)
		if (!o->vs[i]->write)
			return options_wrong(
				"--vs %s: this receiver cannot write files",
				o->vs[i]->name);
	return 0;
}

static int check_replay_jitter(struct options *o)
{
	o->backend = "pcap_file";
	o->mode = MODE_REPLAY_JITTER;
	if (!o->target && !o->traffic)
		return options_wrong("--replay-jitter: no file; use --file");
	if (o->nvs > 0 || o->write)
		return options_wrong(
			"--replay-jitter: cannot be combined with --vs or --write");
	return 0;
}

static int check_formats(struct options *o)
{
	o->backend = "pcap_file";
	if (o->target || o->interface || o->write)
		return options_wrong(
			"--formats: bench writes the files itself; --target, --interface and --write have no meaning");
	return 0;
}

/* The option that needs a sender; NULL: there is none. */
static const char *find_sending_option(const struct options *o)
{
	if (o->mode == MODE_RATES)
		return "--rates";
	if (o->mode == MODE_SEARCH)
		return "--search";
	if (o->mode == MODE_BURST)
		return "--burst";
	if (o->rate > 0)
		return "--rate";
	if (o->latency)
		return "--latency";
	return o->method ? "--sender" : NULL;
}

static int check_sending(const struct options *o)
{
	const char *option = find_sending_option(o);
	bool sends = !o->interface && !options_offline(o);

	if (option && !sends)
		return options_wrong("%s: bench sends nothing to %s", option,
				     o->interface ? o->interface : o->backend);
	if (o->nsizes && (!sends || o->traffic))
		return options_wrong(
			"--sizes: only for frames that bench generates and sends");
	if (o->rate > 0 && (o->mode == MODE_RATES || o->mode == MODE_BURST))
		return options_wrong(
			"--rate: cannot be combined with %s, which sets the rates",
			option);
	return 0;
}

static int check_modes(const struct options *o)
{
	if ((o->mode == MODE_SCALING || o->mode == MODE_IDLE) &&
	    options_offline(o))
		return options_wrong("--%s: the backend %s has no interface",
				     o->mode == MODE_IDLE ? "idle" : "workers",
				     o->backend);
	if (o->nsizes)
		for (size_t i = 0; i < o->ngen; i++)
			if (strncmp(o->gen[i].name, "size", 4) == 0)
				return options_wrong(
					"use only one of --size and --sizes");
	return check_sending(o);
}

/* A tool does not read markers, and cannot be stalled. */
static int check_tool(const struct options *o, const char *name)
{
	const char *option = o->latency ? "--latency" :
			     o->mode == MODE_BURST && o->stalled ?
					  "--burst=stalled" :
					  NULL;

	return option ? options_wrong(
				"--vs %s: an external tool does not support %s",
				name, option) :
			0;
}

/* A search needs the number of dropped frames. */
static int check_drop_count(struct options *o)
{
	size_t n = 0;

	if (o->mode != MODE_SEARCH && o->mode != MODE_BURST)
		return 0;
	for (size_t i = 0; i < o->nvs; i++) {
		const struct receiver *c = o->vs[i];

		if (!c->tool || !c->tool->no_drop_count)
			o->vs[n++] = c;
		else if (o->installed)
			options_list(o->no_drop_count, sizeof(o->no_drop_count),
				     c->name);
		else
			return options_wrong(
				"--vs %s: it does not print how many frames it drops, which %s needs",
				c->name,
				o->mode == MODE_BURST ? "--burst" : "--search");
	}
	o->nvs = n;
	return 0;
}

static int check_vs(struct options *o)
{
	bool file = strcmp(o->backend, "pcap_file") == 0;

	for (size_t i = 0; i < o->nvs; i++)
		if (o->vs[i]->tool && check_tool(o, o->vs[i]->name) < 0)
			return -EINVAL;
	if (check_drop_count(o) < 0)
		return -EINVAL;
	for (size_t i = 0; i < o->nvs; i++)
		if (options_offline(o) ? !file || !o->vs[i]->offline :
					 !o->vs[i]->live)
			return options_wrong(
				"--vs %s: cannot be compared with the backend %s",
				o->vs[i]->name, o->backend);
	return 0;
}

static int check_measure(struct options *o)
{
	bool file = strcmp(o->backend, "pcap_file") == 0;

	if (o->interface && o->target)
		return options_wrong(
			"use only one of --interface and --target");
	if (o->interface && options_offline(o))
		return options_wrong(
			"--interface: the backend %s has no interface",
			o->backend);
	if (o->interface && (o->traffic || o->ngen))
		return options_wrong(
			"--interface: bench sends nothing, so traffic options have no meaning");
	if (o->traffic && o->ngen)
		return options_wrong(
			"--traffic: the frames are read from the file, so --size, --flows and --gen have no meaning");
	if (o->write)
		return check_write(o);
	if (file && o->mode != MODE_FORMATS && !o->target && !o->traffic)
		return options_wrong(
			"--backend pcap_file: no file; use --file");
	if (!file && options_offline(o) && (o->traffic || o->ngen))
		return options_wrong(
			"--backend %s: bench sends nothing; set options of the backend with -o name=value",
			o->backend);
	return check_vs(o);
}

/* Replaces each receiver by the one that reads or writes files. */
static void select_vs(struct options *o)
{
	for (size_t i = 0; i < o->nvs; i++) {
		if (o->write)
			o->vs[i] = o->vs[i]->write;
		else if (options_offline(o))
			o->vs[i] = o->vs[i]->offline;
	}
	if (o->mode == MODE_IDLE && o->nvs < OPTIONS_MAX_VS)
		o->vs[o->nvs++] = &receiver_none;
}

static int check_suite(const struct options *o)
{
	if (!suite_exists(o->suite))
		return options_wrong(
			"--suite: unknown suite '%s'; the suites are: %s",
			o->suite, SUITE_NAMES);
	if (o->mode != MODE_PLAIN || options_offline(o) || o->interface ||
	    o->write || o->traffic || o->ngen || o->nsizes || o->nvaried ||
	    o->nvs || o->rate > 0 || o->latency || o->resolved)
		return options_wrong(
			"--suite sets modes, receivers and traffic; it can be combined with --time, --runs, --backend, -o, --sender, --bind and --oversubscribe");
	return 0;
}

int options_check(struct options *o)
{
	int r = 0;

	if (o->action == ACTION_SUITE)
		return check_suite(o);
	if (o->action == ACTION_REPORT && !o->html && !o->plot)
		return options_wrong(
			"--report: no output; use --html FILE or --plot FILE");
	if (o->action == ACTION_REPLAY_JITTER)
		return check_replay_jitter(o);
	if (o->action != ACTION_MEASURE)
		return 0;
	if (o->mode == MODE_FORMATS)
		r = check_formats(o);
	if (r == 0)
		r = check_modes(o);
	if (r == 0)
		r = check_measure(o);
	if (r == 0)
		select_vs(o);
	return r;
}
