/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PLAN_H
#define PKTIO_BENCH_PLAN_H

#include "cli/options.h"
#include "system/affinity.h"
#include "system/topology.h"
#include "traffic/send_method.h"
#include "traffic/traffic.h"

#define PLAN_MAX_NOTES 8
#define PLAN_NOTE_SIZE 320

/* What is received, and how: one line of every table. */
struct scenario {
	char label[64];     /* "" where there is only one */
	const char *size;   /* of frames, as asked for; NULL: not varied */
	const char *format; /* of a file, and its codec; NULL: not varied */
	const char *codec;
	struct pktio_setting varied[OPTIONS_MAX_VARIED];
	size_t nvaried;

	struct receiver_config config;
	struct pktio_setting
		settings[OPTIONS_MAX_SETTINGS + 1 + OPTIONS_MAX_VARIED];
	char *uri, *path;        /* the file that was made for it; NULL: none */
	struct traffic *traffic; /* NULL: nothing is sent; the plan's */
	const struct send_method *method;
	uint64_t source_frames; /* of a source that ends, a pass; 0: unknown */
	bool endless;           /* there is no end of a pass */
};

/* Everything that is settled before the first run. */
struct plan {
	const struct options *options;
	struct placement placement;
	const struct receiver *ours;
	const char *sender;             /* interface to send on; NULL: none, */
	const char *peer;               /* and the one behind it */
	int cpus[AFFINITY_MAX_WORKERS]; /* of the workers */
	unsigned workers;               /* most that there are, 1 at least */

	struct scenario *scenarios;
	size_t nscenarios;
	struct traffic *traffics[OPTIONS_MAX_SIZES + 1];
	size_t ntraffics;
	char *files; /* directory of files that were made to be read */

	char method_why[PLAN_NOTE_SIZE];
	char notes[PLAN_MAX_NOTES][PLAN_NOTE_SIZE];
	size_t nnotes;
};

/*
 * Chooses CPUs, loads the traffic, makes the private network and enters it.
 * plan_free() afterwards, also when it failed.
 */
int plan_make(struct plan *ret, const struct options *options,
	      struct pktio_error *reterr);
void plan_free(struct plan *plan);

/* Whether no two of the first n workers and the sender share a CPU. */
bool plan_apart(const struct plan *plan, unsigned n);

/* Something asked for that could not be had, and what is done instead. */
void plan_note(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Opens a ring of ours once; what of it the others are to have as well. */
int plan_geometry(const struct plan *plan, struct scenario *scenario,
		  struct pktio_error *reterr);

#endif
