/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PLAN_H
#define PKTIO_BENCH_PLAN_H

#include "cli/options.h"
#include "system/topology.h"
#include "traffic/sender.h"
#include "traffic/traffic.h"

#define PLAN_MAX_NOTES 8
#define PLAN_NOTE_SIZE 320

/* What is received, and with which options: one line of every table. */
struct scenario {
	char label[64];     /* "" if there is only one scenario */
	const char *size;   /* of frames, from --sizes; NULL: not varied */
	const char *format; /* of a file; NULL: not varied */
	const char *codec;  /* of a file; NULL: not varied */
	struct pktio_setting varied[OPTIONS_MAX_VARIED];
	size_t nvaried;

	struct receiver_config config;
	struct pktio_setting
		settings[OPTIONS_MAX_SETTINGS + 1 + OPTIONS_MAX_VARIED];
	char *uri, *path;        /* path: of a temporary file; NULL: none */
	struct traffic *traffic; /* owned by the plan; NULL: nothing is sent */
	const struct send_method *method;
	uint64_t source_frames; /* in one pass over the source; 0: unknown */
	bool endless;           /* the source has no end */
};

/* Everything that is decided before the first run. */
struct plan {
	const struct options *options;
	struct placement placement;
	const struct receiver *tested;  /* the backend under test */
	const char *sender;             /* interface; NULL: nothing is sent */
	const char *peer;               /* interface that receives */
	int cpus[AFFINITY_MAX_WORKERS]; /* of the workers */
	unsigned workers;               /* the largest number; at least 1 */

	struct scenario *scenarios;
	size_t nscenarios;
	struct traffic *traffics[OPTIONS_MAX_SIZES + 1];
	size_t ntraffics;
	char *files; /* directory of temporary files; NULL: none */

	char method_reason[PLAN_NOTE_SIZE]; /* why this send method */
	char notes[PLAN_MAX_NOTES][PLAN_NOTE_SIZE];
	size_t nnotes;
};

/* True if the first n workers and the sender all have different CPUs. */
bool plan_has_separate_cpus(const struct plan *plan, unsigned n);

/* The name of a receiver in the output. The receiver under test has the name
 * of its backend. */
const char *plan_receiver_name(const struct plan *plan,
			       const struct receiver *receiver);

/* Adds a note: what could not be done, and what bench does instead. */
void plan_note(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
