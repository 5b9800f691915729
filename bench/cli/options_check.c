/* SPDX-License-Identifier: BSD-3-Clause */
/* What does not go together on the command line. */
#include "cli/options.h"

#include <string.h>

#include "cli/suite.h"
#include "external/tool.h"

bool options_offline(const struct options *o)
{
	return o->target || strcmp(o->backend, "gen") == 0 ||
	       strcmp(o->backend, "pcap_file") == 0;
}

static int check_write(const struct options *o)
{
	if (strcmp(o->backend, "pcap_file") != 0)
		return options_wrong(
			"--write: only pcap_file writes; the backend is %s",
			o->backend);
	for (size_t i = 0; i < o->nvs; i++)
		if (!o->vs[i]->write)
			return options_wrong("--vs %s: does not write files",
					     o->vs[i]->name);
	return 0;
}

static int check_replay_jitter(struct options *o)
{
	o->backend = "pcap_file";
	o->mode = MODE_REPLAY_JITTER;
	if (!o->target && !o->traffic)
		return options_wrong(
			"--replay-jitter: of which file? give it with --file");
	if (o->nvs > 0 || o->write)
		return options_wrong(
			"--replay-jitter: nothing is compared or written");
	return 0;
}

static int check_formats(struct options *o)
{
	o->backend = "pcap_file";
	if (o->target || o->interface || o->write)
		return options_wrong(
			"--formats: the files are made of generated frames, or of those of --file");
	return 0;
}

/* The option that wants traffic of our own, NULL: there is none. */
static const char *find_sending(const struct options *o)
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
	const char *what = find_sending(o);
	bool sends = !o->interface && !options_offline(o);

	if (what && !sends)
		return options_wrong("%s: nothing is sent to %s", what,
				     o->interface ? o->interface : o->backend);
	if (o->nsizes && (!sends || o->traffic))
		return options_wrong(
			"--sizes: only frames that bench sends have one");
	if (o->rate > 0 && (o->mode == MODE_RATES || o->mode == MODE_BURST))
		return options_wrong("--rate: %s chooses the rates itself",
				     what);
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
					"--size and --sizes exclude each other");
	return check_sending(o);
}

/* Nobody can look into a program, or stop it for a while. */
static int check_program(const struct options *o, const char *name)
{
	const char *what = o->latency ? "--latency" :
			   o->mode == MODE_BURST && o->stalled ?
					"--burst=stalled" :
					NULL;

	return what ? options_wrong("--vs %s: a program has no %s", name,
				    what) :
		      0;
}

/* What is searched for is the most without loss, which has to be known. */
static int check_silent(struct options *o)
{
	size_t n = 0;

	if (o->mode != MODE_SEARCH && o->mode != MODE_BURST)
		return 0;
	for (size_t i = 0; i < o->nvs; i++) {
		const struct receiver *c = o->vs[i];

		if (!c->tool || !c->tool->silent)
			o->vs[n++] = c;
		else if (o->installed)
			options_list(o->silent, sizeof(o->silent), c->name);
		else
			return options_wrong(
				"--vs %s: does not say what it loses, which %s has to know",
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
		if (o->vs[i]->tool && check_program(o, o->vs[i]->name) < 0)
			return -EINVAL;
	if (check_silent(o) < 0)
		return -EINVAL;
	for (size_t i = 0; i < o->nvs; i++)
		if (options_offline(o) ? !file || !o->vs[i]->offline :
					 !o->vs[i]->live)
			return options_wrong(
				"--vs %s: cannot receive what the backend %s does",
				o->vs[i]->name, o->backend);
	return 0;
}

static int check_measure(struct options *o)
{
	bool file = strcmp(o->backend, "pcap_file") == 0;

	if (o->interface && o->target)
		return options_wrong(
			"--interface and --target exclude each other");
	if (o->interface && options_offline(o))
		return options_wrong("--interface: the backend %s has none",
				     o->backend);
	if (o->interface && (o->traffic || o->ngen))
		return options_wrong(
			"--interface: nothing is sent, so there is no traffic to choose");
	if (o->traffic && o->ngen)
		return options_wrong(
			"--traffic: the frames come from the file, so --size, --flows and --gen have no meaning");
	if (o->write)
		return check_write(o);
	if (file && o->mode != MODE_FORMATS && !o->target && !o->traffic)
		return options_wrong(
			"--backend pcap_file: which file? give it with --file");
	if (!file && options_offline(o) && (o->traffic || o->ngen))
		return options_wrong(
			"--backend %s: nothing is sent; its own options go with -o name=value",
			o->backend);
	return check_vs(o);
}

/* Of those of one name, the ones that do what is to be done. */
static void choose_vs(struct options *o)
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
		return options_wrong("--suite: there is no '%s'; there is: %s",
				     o->suite, SUITE_NAMES);
	if (o->mode != MODE_PLAIN || options_offline(o) || o->interface ||
	    o->write || o->traffic || o->ngen || o->nsizes || o->nvaried ||
	    o->nvs || o->rate > 0 || o->latency || o->resolved)
		return options_wrong(
			"--suite: chooses modes, peers and traffic itself; it takes --time, --runs, --backend, -o, --sender, --bind and --oversubscribe");
	return 0;
}

int options_check(struct options *o)
{
	int r = 0;

	if (o->action == ACTION_SUITE)
		return check_suite(o);
	if (o->action == ACTION_REPORT && !o->html && !o->plot)
		return options_wrong(
			"--report: as what? with --html FILE or --plot FILE");
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
		choose_vs(o);
	return r;
}
