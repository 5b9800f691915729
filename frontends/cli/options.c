/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of `pktio copy`. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "util/nearest.h"

#define MAX_SNAPLEN 262144U

enum { OPT_STATS = 256 };

static const struct option long_options[] = {
	{ "count", required_argument, NULL, 'c' },
	{ "snaplen", required_argument, NULL, 's' },
	{ "filter", required_argument, NULL, 'f' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_number(uint64_t *ret, const char *option, const char *text,
			uint64_t max)
{
	unsigned long long value = 0;
	char *end = NULL;

	errno = 0;
	if (*text >= '0' && *text <= '9')
		value = strtoull(text, &end, 10);
	if (!end || *end || errno || value < 1 || value > max) {
		if (max == UINT64_MAX)
			return print_error(
				STATUS_USAGE,
				"%s: invalid number '%s'; the minimum is 1",
				option, text);
		return print_error(
			STATUS_USAGE,
			"%s: invalid number '%s'; the range is 1 to %llu",
			option, text, (unsigned long long)max);
	}
	*ret = value;
	return STATUS_OK;
}

static int parse_snaplen(struct options *o, const char *text)
{
	uint64_t value = 0;
	int status = parse_number(&value, "-s", text, MAX_SNAPLEN);

	if (status == STATUS_OK)
		o->snaplen = (uint32_t)value;
	return status;
}

/* Splits "name=value" in place. */
static int parse_setting(struct settings *settings, const char *option,
			 char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return print_error(
			STATUS_USAGE,
			"%s: expected name=value, not '%s'; 'pktio list -v' lists the options",
			option, text);
	if (settings->n == OPTIONS_MAX_SETTINGS)
		return print_error(STATUS_USAGE,
				   "%s: too many options; the maximum is %d",
				   option, OPTIONS_MAX_SETTINGS);
	*equals = '\0';
	settings->list[settings->n++] =
		(struct pktio_setting){ text, equals + 1 };
	return STATUS_OK;
}

/*
 * getopt sets `optopt` to an unknown letter, to 0 after an unknown long option,
 * and to the letter of a known option if a long option got a value it does not
 * take.
 */
static int unknown(char **argv)
{
	const char *names[sizeof(long_options) / sizeof(long_options[0])];
	const char *word = argv[optind - 1];
	const char *meant;
	char name[32];
	unsigned n = 0;

	while (long_options[n].name) {
		if (optopt && long_options[n].val == optopt)
			return print_error(STATUS_USAGE,
					   "'%s': this option takes no value",
					   word);
		names[n] = long_options[n].name;
		n++;
	}
	if (optopt)
		return print_error(
			STATUS_USAGE,
			"unknown option '-%c'; see 'pktio help copy'", optopt);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="),
		 word + 2);
	meant = nearest_name(name, names, n);
	return print_error(STATUS_USAGE, "unknown option '%s'%s%s%s", word,
			   meant ? "; did you mean '--" :
				   "; see 'pktio help copy'",
			   meant ? meant : "", meant ? "'?" : "");
}

static int parse_one(struct options *o, int option, char **argv)
{
	switch (option) {
	case 'c':
		return parse_number(&o->count, "-c", optarg, UINT64_MAX);
	case 's':
		return parse_snaplen(o, optarg);
	case 'f':
		o->filter = optarg;
		return STATUS_OK;
	case 'o':
		return parse_setting(&o->source_settings, "-o", optarg);
	case 'O':
		return parse_setting(&o->destination_settings, "-O", optarg);
	case 'q':
		o->quiet = true;
		return STATUS_OK;
	case OPT_STATS:
		o->stats = true;
		return STATUS_OK;
	case 'h':
		o->help = true;
		return STATUS_OK;
	case ':':
		return print_error(STATUS_USAGE,
				   "'%s' needs a value; see 'pktio help copy'",
				   argv[optind - 1]);
	default:
		return unknown(argv);
	}
}

int options_parse(struct options *ret, int argc, char **argv)
{
	int status = STATUS_OK;
	int option;

	*ret = (struct options){ .count = UINT64_MAX, .snaplen = UINT32_MAX };
	opterr = 0;
	optind = 1;
	while (status == STATUS_OK && !ret->help &&
	       (option = getopt_long(argc, argv, ":c:s:f:o:O:qh", long_options,
				     NULL)) != -1)
		status = parse_one(ret, option, argv);
	if (status != STATUS_OK || ret->help)
		return status;
	if (argc - optind < 2)
		return print_error(STATUS_USAGE, "%s; see 'pktio help copy'",
				   argc - optind == 0 ?
					   "SRC and DST are missing" :
					   "DST is missing");
	if (argc - optind > 2)
		return print_error(
			STATUS_USAGE,
			"unexpected argument '%s'; see 'pktio help copy'",
			argv[optind + 2]);
	ret->source = argv[optind];
	ret->destination = argv[optind + 1];
	return STATUS_OK;
}
