/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line. */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SECONDS 3.0
#define MOST_SECONDS 86400.0
#define DEFAULT_RUNS 5
#define MOST_RUNS 1000

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
	OPT_LATENESS,
	OPT_PLACE,
	OPT_LIST,
	OPT_OPTIONS,
	OPT_JSON,
	OPT_VERSION,
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
	{ "lateness", no_argument, NULL, OPT_LATENESS },
	{ "place", no_argument, NULL, OPT_PLACE },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "options", required_argument, NULL, OPT_OPTIONS },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

void options_help(FILE *out)
{
	fprintf(out,
		"usage: bench [--backend NAME] [-o name=value ...] [--vs PEER ...] [option ...]\n"
		"\n"
		"Measures how a backend of pktio receives: what was lost and where, and the CPU\n"
		"time a packet takes. A private veth pair carries the traffic; no root is needed.\n"
		"\n"
		"what to measure\n"
		"  --backend NAME     the backend (af_packet)\n"
		"  -o name=value      an option of it; see --options\n"
		"  --vs PEER          compare with:\n");
	for (const struct contender *const *c = contender_peers; *c; c++)
		fprintf(out, "                       %-16s %s\n", (*c)->name,
			(*c)->doc);
	fprintf(out,
		"  --interface IF     what comes in on this interface; nothing is sent\n"
		"  --target TEXT      any other source that the backend can open; nothing is sent\n"
		"  --write            how it writes: --backend pcap_file, to --target (/dev/null)\n"
		"  --lateness         how late frames come that are replayed: --file F -o speed=1\n"
		"how long\n"
		"  --time S           seconds of a run (%g)\n"
		"  --runs N           runs, of which the median counts (%d)\n"
		"the traffic\n"
		"  --size N           bytes of a frame without FCS (60), or imix\n"
		"  --flows N          flows (64)\n"
		"  --gen name=value   any other option of the backend gen\n"
		"  --traffic FILE     the frames of a capture file instead, over and over; with\n"
		"                     --backend pcap_file the file to read\n"
		"  --file FILE        the same\n"
		"the report\n"
		"  --json [FILE]      as JSON, to FILE or standard output\n"
		"to know\n"
		"  --place            which CPUs would be used, and why\n"
		"  --list [-v]        the backends, and with -v their options\n"
		"  --options NAME     the options of one backend\n"
		"  --version, --help\n"
		"\n"
		"Exit status: 0 all packets are accounted for; 1 they are not, or it could not be\n"
		"measured; 2 wrong usage; 130 interrupted (the runs so far are printed).\n",
		DEFAULT_SECONDS, DEFAULT_RUNS);
}

static int wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int wrong(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bench: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -EINVAL;
}

/* ---- Values ------------------------------------------------------------- */

static int parse_seconds(double *ret, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value <= MOST_SECONDS))
		return wrong(
			"--time: '%s' is not a number of seconds above 0 and up to %g",
			text, MOST_SECONDS);
	*ret = value;
	return 0;
}

static int parse_runs(unsigned *ret, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 1 || value > MOST_RUNS)
		return wrong("--runs: '%s' is not a number from 1 to %d", text,
			     MOST_RUNS);
	*ret = (unsigned)value;
	return 0;
}

static int add_setting(struct pktio_setting *settings, size_t *n,
		       const char *option, const char *name, const char *value)
{
	if (*n == OPTIONS_MOST_SETTINGS)
		return wrong("%s: given more than %d times", option,
			     OPTIONS_MOST_SETTINGS);
	settings[(*n)++] = (struct pktio_setting){ name, value };
	return 0;
}

/* Takes "name=value" apart in place. */
static int parse_setting(struct pktio_setting *settings, size_t *n,
			 const char *option, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return wrong("%s: '%s' is not name=value", option, text);
	*equals = '\0';
	return add_setting(settings, n, option, text, equals + 1);
}

static int parse_size(struct options *o, const char *text)
{
	if (strcmp(text, "imix") == 0)
		return add_setting(o->gen, &o->ngen, "--size", "sizes", text);
	return add_setting(o->gen, &o->ngen, "--size", "size", text);
}

static int parse_peer(struct options *o, const char *name)
{
	const struct contender *peer = contender_find(name);

	if (!peer) {
		char known[128] = "";

		for (const struct contender *const *c = contender_peers; *c;
		     c++)
			snprintf(known + strlen(known),
				 sizeof(known) - strlen(known), "%s%s",
				 *known ? ", " : "", (*c)->name);
		return wrong(
			"--vs: there is no '%s' to compare with; there is: %s",
			name, known);
	}
	for (size_t i = 0; i < o->npeers; i++)
		if (o->peers[i] == peer)
			return wrong("--vs: '%s' is given twice", name);
	o->peers[o->npeers++] = peer;
	return 0;
}

/* The file may follow as a word of its own: there are no operands. */
static void parse_json(struct options *o, int argc, char **argv)
{
	o->json = true;
	if (optarg)
		o->json_file = optarg;
	else if (optind < argc && argv[optind][0] != '-')
		o->json_file = argv[optind++];
}

/* ---- All of it ---------------------------------------------------------- */

/* Options that are a text, or only there. */
static bool parse_plain(struct options *o, int option)
{
	switch (option) {
	case OPT_BACKEND:
		o->backend = optarg;
		return true;
	case OPT_TRAFFIC:
		o->traffic = optarg;
		return true;
	case OPT_INTERFACE:
		o->interface = optarg;
		return true;
	case OPT_TARGET:
		o->target = optarg;
		return true;
	case OPT_LATENESS:
		o->action = ACTION_LATENESS;
		return true;
	case OPT_PLACE:
		o->action = ACTION_PLACE;
		return true;
	case OPT_LIST:
		o->action = ACTION_LIST;
		return true;
	case OPT_OPTIONS:
		o->action = ACTION_OPTIONS;
		o->backend = optarg;
		return true;
	case OPT_VERSION:
		o->action = ACTION_VERSION;
		return true;
	case OPT_WRITE:
		o->write = true;
		return true;
	case 'h':
		o->action = ACTION_HELP;
		return true;
	case 'v':
		o->verbose = true;
		return true;
	default:
		return false;
	}
}

/* Of a letter among others, and of a long option, getopt tells differently. */
static int unknown(char **argv)
{
	if (optopt > 0 && optopt < OPT_BACKEND)
		return wrong("there is no option '-%c'; see --help", optopt);
	return wrong("'%s': %s; see --help", argv[optind - 1],
		     optopt ? "takes no value" : "there is no such option");
}

static int parse_one(struct options *o, int option, int argc, char **argv)
{
	if (parse_plain(o, option))
		return 0;
	switch (option) {
	case OPT_TIME:
		return parse_seconds(&o->seconds, optarg);
	case OPT_RUNS:
		return parse_runs(&o->runs, optarg);
	case OPT_VS:
		return parse_peer(o, optarg);
	case OPT_SIZE:
		return parse_size(o, optarg);
	case OPT_FLOWS:
		return add_setting(o->gen, &o->ngen, "--flows", "flows",
				   optarg);
	case OPT_GEN:
		return parse_setting(o->gen, &o->ngen, "--gen", optarg);
	case OPT_JSON:
		parse_json(o, argc, argv);
		return 0;
	case 'o':
		return parse_setting(o->settings, &o->nsettings, "-o", optarg);
	case ':':
		return wrong("'%s' wants a value; see --help",
			     argv[optind - 1]);
	default:
		return unknown(argv);
	}
}

bool options_offline(const struct options *o)
{
	return o->target || strcmp(o->backend, "gen") == 0 ||
	       strcmp(o->backend, "pcap_file") == 0;
}

static int check_write(const struct options *o)
{
	if (strcmp(o->backend, "pcap_file") != 0)
		return wrong(
			"--write: only pcap_file writes; the backend is %s",
			o->backend);
	for (size_t i = 0; i < o->npeers; i++)
		if (!o->peers[i]->write)
			return wrong("--vs %s: does not write files",
				     o->peers[i]->name);
	return 0;
}

static int check_lateness(struct options *o)
{
	o->backend = "pcap_file";
	if (!o->target && !o->traffic)
		return wrong("--lateness: of which file? give it with --file");
	if (o->npeers > 0 || o->write)
		return wrong("--lateness: nothing is compared or written");
	return 0;
}

/* Of those of one name, the ones that do what is to be done. */
static void choose_peers(struct options *o)
{
	for (size_t i = 0; i < o->npeers; i++) {
		if (o->write)
			o->peers[i] = o->peers[i]->write;
		else if (options_offline(o))
			o->peers[i] = o->peers[i]->offline;
	}
}

/* What does not go together. */
static int check(const struct options *o)
{
	bool file = strcmp(o->backend, "pcap_file") == 0;

	if (o->interface && o->target)
		return wrong("--interface and --target exclude each other");
	if (o->interface && options_offline(o))
		return wrong("--interface: the backend %s has none",
			     o->backend);
	if (o->interface && (o->traffic || o->ngen))
		return wrong(
			"--interface: nothing is sent, so there is no traffic to choose");
	if (o->traffic && o->ngen)
		return wrong(
			"--traffic: the frames come from the file, so --size, --flows and --gen have no meaning");
	if (o->write)
		return check_write(o);
	if (file && !o->target && !o->traffic)
		return wrong(
			"--backend pcap_file: which file? give it with --file");
	if (!file && options_offline(o) && (o->traffic || o->ngen))
		return wrong(
			"--backend %s: nothing is sent; its own options go with -o name=value",
			o->backend);
	for (size_t i = 0; i < o->npeers; i++)
		if (options_offline(o) ? !file || !o->peers[i]->offline :
					 !o->peers[i]->live)
			return wrong(
				"--vs %s: cannot receive what the backend %s does",
				o->peers[i]->name, o->backend);
	return 0;
}

int options_parse(struct options *ret, int argc, char **argv)
{
	int option;
	int r = 0;

	*ret = (struct options){ .backend = "af_packet",
				 .seconds = DEFAULT_SECONDS,
				 .runs = DEFAULT_RUNS };
	opterr = 0;
	while (r == 0 && (option = getopt_long(argc, argv, ":o:vh",
					       long_options, NULL)) != -1)
		r = parse_one(ret, option, argc, argv);
	if (r == 0 && optind < argc)
		return wrong("'%s' is left over; see --help", argv[optind]);
	if (r == 0 && ret->action == ACTION_MEASURE)
		r = check(ret);
	if (r == 0 && ret->action == ACTION_LATENESS)
		r = check_lateness(ret);
	if (r == 0 && ret->action == ACTION_MEASURE)
		choose_peers(ret);
	return r;
}
