/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_H
#define PKTIO_BENCH_OPTIONS_H

#include <stdbool.h>

#include "receive/receiver.h"

#define OPTIONS_DEFAULT_SECONDS 3.0
#define OPTIONS_DEFAULT_RUNS 5
#define OPTIONS_DEFAULT_RESOLUTION 0.02
#define OPTIONS_DEFAULT_TOLERANCE 0.05

#define OPTIONS_MAX_VS 16
#define OPTIONS_MAX_SETTINGS 64
#define OPTIONS_MAX_SIZES 32
#define OPTIONS_MAX_RATES 64
#define OPTIONS_MAX_FORMATS 16
#define OPTIONS_MAX_VARIED 4
#define OPTIONS_MAX_VALUES 16

struct send_method;

enum action {
	ACTION_MEASURE,
	ACTION_REPLAY_JITTER,
	ACTION_SHOW_PLACEMENT,
	ACTION_REPORT,  /* convert a JSON file */
	ACTION_COMPARE, /* compare two JSON files */
	ACTION_SUITE,   /* several modes */
	ACTION_LIST,    /* list the backends */
	ACTION_OPTIONS, /* list the options of a backend */
	ACTION_HELP,
	ACTION_VERSION,
};

/* Which runs are made, and what they find. */
enum mode {
	MODE_PLAIN,   /* each scenario once */
	MODE_SCALING, /* 1 to N workers */
	MODE_RATES,   /* several offered rates */
	MODE_SEARCH,  /* the highest rate without loss */
	MODE_BURST,   /* the longest burst without loss */
	MODE_IDLE,    /* no frame arrives */
	MODE_FORMATS, /* file formats and codecs */
	MODE_REPLAY_JITTER,
};

/* An option of the backend and its values. */
struct options_varied {
	const char *name;
	const char *values[OPTIONS_MAX_VALUES];
	size_t nvalues;
};

/* Frames per second, or a share of the highest rate; 0: the highest rate. */
struct options_rate {
	double value;
	bool relative;
};

/* The command line. The texts belong to argv. */
struct options {
	enum action action;
	enum mode mode;
	bool verbose;
	const char *backend;
	size_t nsettings, ngen, nvs;
	struct pktio_setting settings[OPTIONS_MAX_SETTINGS]; /* of -o */
	struct pktio_setting gen[OPTIONS_MAX_SETTINGS];      /* of --gen */
	const struct receiver *vs[OPTIONS_MAX_VS];
	bool installed;          /* --vs installed; of its tools: */
	char not_installed[128]; /* - names of those not installed */
	char no_drop_count[64];  /* - names of those not searched with */
	const char *traffic, *interface, *target; /* NULL: not given */
	double seconds;
	unsigned runs;
	bool write; /* write files instead of reading them */
	bool json;
	const char *json_file;      /* NULL: standard output */
	const char *html, *plot;    /* files; NULL: not wanted */
	const char *report, *newer; /* files of --report and --compare */
	const char *suite;
	double tolerance; /* of --compare, as a share */
	bool timed, counted,
		resolved; /* these options are on the command line */

	unsigned workers;   /* 0: not given */
	const char *bind;   /* policy */
	bool oversubscribe; /* several workers per CPU */
	double rate;        /* frames per second; 0: no schedule */
	double resolution;  /* of a search, as a share */
	bool stalled;       /* the receiver waits during a burst */
	bool latency;       /* measure it */
	const struct send_method *method; /* NULL: auto */
	size_t nsizes, nrates, nformats, nvaried;
	const char *sizes[OPTIONS_MAX_SIZES];
	struct options_rate rates[OPTIONS_MAX_RATES];
	const char *formats[OPTIONS_MAX_FORMATS];
	struct options_varied varied[OPTIONS_MAX_VARIED];

	size_t argc;      /* the whole command line: */
	char **arguments; /* copies, because parsing changes argv */
};

void options_free(struct options *o);
/* True if the backend does not receive from an interface. */
bool options_offline(const struct options *o);

/* The name of a mode in the JSON document. */
const char *options_mode_name(enum mode mode);

/* Prints an error; returns -EINVAL. */
int options_wrong(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
