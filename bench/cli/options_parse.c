/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses the command line. */
#include "cli/options_parse.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_check.h"
#include "cli/options_value.h"
#include "system/topology.h"
#include "util/nearest.h"

#define MAX_RUNS 1000

enum {
	OPT_BACKEND = 256,
	OPT_TIME,
	OPT_RUNS,
	OPT_VS,
	OPT_TRAFFIC,
	OPT_WRITE,
	OPT_SIZE,
	OPT_FLOWS,
	OPT_GEN,
	OPT_INTERFACE,
	OPT_TARGET,
	OPT_REPLAY_JITTER,
	OPT_SHOW_PLACEMENT,
	OPT_LIST,
	OPT_OPTIONS,
	OPT_JSON,
	OPT_VERSION,
	OPT_WORKERS,
	OPT_BIND,
	OPT_OVERSUBSCRIBE,
	OPT_RATE,
	OPT_RATES,
	OPT_SEARCH,
	OPT_RESOLUTION,
	OPT_BURST,
	OPT_LATENCY,
	OPT_IDLE,
	OPT_SIZES,
	OPT_VARY,
	OPT_FORMATS,
	OPT_SENDER,
	OPT_HTML,
	OPT_PLOT,
	OPT_REPORT,
	OPT_COMPARE,
	OPT_TOLERANCE,
	OPT_SUITE,
};

static const struct option long_options[] = {
	{ "backend", required_argument, NULL, OPT_BACKEND },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "runs", required_argument, NULL, OPT_RUNS },
	{ "vs", required_argument, NULL, OPT_VS },
	{ "traffic", required_argument, NULL, OPT_TRAFFIC },
	{ "file", required_argument, NULL, OPT_TRAFFIC },
	{ "write", no_argument, NULL, OPT_WRITE },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "flows", required_argument, NULL, OPT_FLOWS },
	{ "gen", required_argument, NULL, OPT_GEN },
	{ "interface", required_argument, NULL, OPT_INTERFACE },
	{ "target", required_argument, NULL, OPT_TARGET },
	{ "replay-jitter", no_argument, NULL, OPT_REPLAY_JITTER },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "bind", required_argument, NULL, OPT_BIND },
	{ "oversubscribe", no_argument, NULL, OPT_OVERSUBSCRIBE },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "rates", required_argument, NULL, OPT_RATES },
	{ "search", required_argument, NULL, OPT_SEARCH },
	{ "resolution", required_argument, NULL, OPT_RESOLUTION },
	{ "burst", optional_argument, NULL, OPT_BURST },
	{ "latency", no_argument, NULL, OPT_LATENCY },
	{ "idle", no_argument, NULL, OPT_IDLE },
	{ "sizes", required_argument, NULL, OPT_SIZES },
	{ "vary", required_argument, NULL, OPT_VARY },
	{ "formats", required_argument, NULL, OPT_FORMATS },
	{ "sender", required_argument, NULL, OPT_SENDER },
	{ "show-placement", no_argument, NULL, OPT_SHOW_PLACEMENT },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "options", required_argument, NULL, OPT_OPTIONS },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "plot", required_argument, NULL, OPT_PLOT },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "compare", required_argument, NULL, OPT_COMPARE },
	{ "tolerance", required_argument, NULL, OPT_TOLERANCE },
	{ "suite", required_argument, NULL, OPT_SUITE },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* The file may be the next argument: bench has no operands. */
static void parse_json(struct options *o, int argc, char **argv)
{
	o->json = true;
	if (optarg)
		o->json_file = optarg;
	else if (optind < argc && argv[optind][0] != '-')
		o->json_file = argv[optind++];
}

/* Options whose value is a text. */
static bool parse_text(struct options *o, int option)
{
	const char **text = option == OPT_BACKEND   ? &o->backend :
			    option == OPT_TRAFFIC   ? &o->traffic :
			    option == OPT_INTERFACE ? &o->interface :
			    option == OPT_TARGET    ? &o->target :
						      NULL;

	if (text)
		*text = optarg;
	return text;
}

/* Options that select another action than to measure. */
static bool parse_action(struct options *o, int option)
{
	static const struct {
		int option;
		enum action action;
	} actions[] = {
		{ OPT_REPLAY_JITTER, ACTION_REPLAY_JITTER },
		{ OPT_SHOW_PLACEMENT, ACTION_SHOW_PLACEMENT },
		{ OPT_LIST, ACTION_LIST },
		{ OPT_OPTIONS, ACTION_OPTIONS },
		{ OPT_VERSION, ACTION_VERSION },
		{ 'h', ACTION_HELP },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (actions[i].option == option) {
			o->action = actions[i].action;
			if (option == OPT_OPTIONS)
				o->backend = optarg;
			return true;
		}
	return false;
}

/* Options without a value. */
static bool parse_flag(struct options *o, int option)
{
	bool *flag = option == OPT_WRITE         ? &o->write :
		     option == OPT_OVERSUBSCRIBE ? &o->oversubscribe :
		     option == OPT_LATENCY       ? &o->latency :
		     option == 'v'               ? &o->verbose :
						   NULL;

	if (flag)
		*flag = true;
	return flag;
}

/* Options of earlier versions that have another name now. */
static int check_renamed(const char *argument)
{
	static const char *const renamed[][2] = {
		{ "--lateness", "--replay-jitter" },
		{ "--loads", "--rates" },
		{ "--place", "--show-placement" },
	};
	size_t length = strcspn(argument, "=");

	for (size_t i = 0; i < sizeof(renamed) / sizeof(*renamed); i++)
		if (strlen(renamed[i][0]) == length &&
		    strncmp(renamed[i][0], argument, length) == 0)
			return options_wrong("unknown option '%s'; use '%s'",
					     renamed[i][0], renamed[i][1]);
	return 0;
}

static int unknown_name(const char *argument)
{
	const char *names[sizeof(long_options) / sizeof(*long_options)];
	const char *nearest;
	char name[64];
	size_t n = 0;

	while (long_options[n].name) {
		names[n] = long_options[n].name;
		n++;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument + 2, "="),
		 argument + 2);
	nearest = nearest_name(name, names, n);
	if (nearest)
		return options_wrong(
			"unknown option '--%s'; did you mean '--%s'?", name,
			nearest);
	return options_wrong("unknown option '--%s'; --help lists the options",
			     name);
}

/* getopt reports an unknown letter in optopt, an unknown long option in argv.
 */
static int unknown(char **argv)
{
	if (check_renamed(argv[optind - 1]) < 0)
		return -EINVAL;
	if (optopt > 0 && optopt < OPT_BACKEND)
		return options_wrong(
			"unknown option '-%c'; --help lists the options",
			optopt);
	if (optopt)
		return options_wrong("'%s': this option has no value",
				     argv[optind - 1]);
	return unknown_name(argv[optind - 1]);
}

static int set_mode(struct options *o, enum mode mode)
{
	if (o->mode != MODE_PLAIN && o->mode != mode)
		return options_wrong(
			"use only one of --workers, --rates, --search, --burst, --idle and --formats");
	o->mode = mode;
	return 0;
}

static int parse_mode(struct options *o, int option)
{
	switch (option) {
	case OPT_WORKERS:
		if (set_mode(o, MODE_SCALING) < 0)
			return -EINVAL;
		return options_count(&o->workers, "--workers", optarg,
				     AFFINITY_MAX_WORKERS);
	case OPT_RATES:
		return set_mode(o, MODE_RATES) < 0 ? -EINVAL :
						     options_rates(o, optarg);
	case OPT_SEARCH:
		if (strcmp(optarg, "zero-loss") != 0)
			return options_wrong(
				"--search: invalid value '%s'; use zero-loss",
				optarg);
		return set_mode(o, MODE_SEARCH);
	case OPT_BURST:
		o->stalled = !optarg || strcmp(optarg, "stalled") == 0;
		if (!o->stalled && strcmp(optarg, "running") != 0)
			return options_wrong(
				"--burst: invalid value '%s'; use stalled or running",
				optarg);
		return set_mode(o, MODE_BURST);
	case OPT_IDLE:
		return set_mode(o, MODE_IDLE);
	case OPT_FORMATS:
		return set_mode(o, MODE_FORMATS) < 0 ?
			       -EINVAL :
			       options_formats(o, optarg);
	default:
		return 1;
	}
}

static int parse_traffic(struct options *o, int option)
{
	switch (option) {
	case OPT_SIZE:
		o->gen[o->ngen].name = strcmp(optarg, "imix") == 0 ? "sizes" :
								     "size";
		o->gen[o->ngen++].value = optarg;
		return 0;
	case OPT_FLOWS:
		o->gen[o->ngen++] = (struct pktio_setting){ "flows", optarg };
		return 0;
	case OPT_GEN:
		return options_setting(o->gen, &o->ngen, "--gen", optarg);
	case OPT_SIZES:
		return options_sizes(o, optarg);
	case OPT_RATE:
		return options_frame_rate(&o->rate, "--rate", optarg);
	case OPT_SENDER:
		return options_method(o, optarg);
	default:
		return 1;
	}
}

/* Options of the report. */
static int parse_report(struct options *o, int option, int argc, char **argv)
{
	switch (option) {
	case OPT_JSON:
		parse_json(o, argc, argv);
		return 0;
	case OPT_HTML:
		o->html = optarg;
		return 0;
	case OPT_PLOT:
		o->plot = optarg;
		return 0;
	case OPT_REPORT:
		o->action = ACTION_REPORT;
		o->report = optarg;
		return 0;
	case OPT_COMPARE:
		o->action = ACTION_COMPARE;
		o->report = optarg;
		if (optind == argc || argv[optind][0] == '-')
			return options_wrong(
				"--compare needs two files: --compare OLD.json NEW.json");
		o->newer = argv[optind++];
		return 0;
	case OPT_TOLERANCE:
		return options_percent(&o->tolerance, "--tolerance", optarg);
	case OPT_SUITE:
		o->action = ACTION_SUITE;
		o->suite = optarg;
		return 0;
	default:
		return 1;
	}
}

static int parse_one(struct options *o, int option, int argc, char **argv)
{
	int r;

	if (parse_text(o, option) || parse_action(o, option) ||
	    parse_flag(o, option))
		return 0;
	r = parse_mode(o, option);
	if (r == 1)
		r = parse_traffic(o, option);
	if (r == 1)
		r = parse_report(o, option, argc, argv);
	if (r != 1)
		return r;
	switch (option) {
	case OPT_TIME:
		o->timed = true;
		return options_seconds(&o->seconds, optarg);
	case OPT_RUNS:
		o->counted = true;
		return options_count(&o->runs, "--runs", optarg, MAX_RUNS);
	case OPT_VS:
		return options_vs(o, optarg);
	case OPT_RESOLUTION:
		o->resolved = true;
		return options_percent(&o->resolution, "--resolution", optarg);
	case OPT_BIND:
		return options_bind(o, optarg);
	case OPT_VARY:
		return options_vary(o, optarg);
	case 'o':
		return options_setting(o->settings, &o->nsettings, "-o",
				       optarg);
	case ':':
		return options_wrong(
			"'%s' needs a value; --help shows its form",
			argv[optind - 1]);
	default:
		return unknown(argv);
	}
}

static int keep_arguments(struct options *o, int argc, char **argv)
{
	o->arguments = calloc((size_t)argc + 1, sizeof(*o->arguments));
	if (!o->arguments)
		return -ENOMEM;
	for (int i = 0; i < argc; i++) {
		o->arguments[i] = strdup(argv[i]);
		if (!o->arguments[i])
			return -ENOMEM;
		o->argc++;
	}
	return 0;
}

int options_parse(struct options *ret, int argc, char **argv)
{
	int option;
	int r = 0;

	*ret = (struct options){ .backend = "af_packet",
				 .seconds = OPTIONS_DEFAULT_SECONDS,
				 .runs = OPTIONS_DEFAULT_RUNS,
				 .resolution = OPTIONS_DEFAULT_RESOLUTION,
				 .tolerance = OPTIONS_DEFAULT_TOLERANCE,
				 .bind = "cores" };
	if (keep_arguments(ret, argc, argv) < 0)
		return options_wrong("out of memory");
	opterr = 0;
	while (r == 0 && (option = getopt_long(argc, argv, ":o:vh",
					       long_options, NULL)) != -1) {
		if (ret->ngen == OPTIONS_MAX_SETTINGS)
			return options_wrong("more than %d traffic options",
					     OPTIONS_MAX_SETTINGS - 1);
		r = parse_one(ret, option, argc, argv);
	}
	if (r == 0 && optind < argc)
		return options_wrong(
			"unexpected argument '%s'; --help lists the options",
			argv[optind]);
	return r < 0 ? r : options_check(ret);
}
