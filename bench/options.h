/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_H
#define PKTIO_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "contender.h"

#define OPTIONS_MOST_PEERS 8
#define OPTIONS_MOST_SETTINGS 64

enum action {
	ACTION_MEASURE,
	ACTION_LATENESS, /* of a file that is replayed */
	ACTION_PLACE,
	ACTION_LIST,    /* the backends */
	ACTION_OPTIONS, /* of one backend */
	ACTION_HELP,
	ACTION_VERSION,
};

/* The command line. Texts are those of argv. */
struct options {
	enum action action;
	bool verbose;
	const char *backend;
	size_t nsettings, ngen, npeers;
	struct pktio_setting
		settings[OPTIONS_MOST_SETTINGS];         /* the backend's */
	struct pktio_setting gen[OPTIONS_MOST_SETTINGS]; /* the traffic's */
	const struct contender *peers[OPTIONS_MOST_PEERS];
	const char *traffic, *interface, *target; /* NULL: not given */
	double seconds;
	unsigned runs;
	bool write; /* and not read: the files of pcap_file */
	bool json;
	const char *json_file; /* NULL: standard output */
};

/* Says on standard error what is wrong, and returns -EINVAL. */
int options_parse(struct options *ret, int argc, char **argv);
void options_help(FILE *out);

/* True for the backends that read something other than an interface. */
bool options_offline(const struct options *o);

#endif
