/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_H
#define PKTIO_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "receive/receiver.h"

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
	ACTION_REPLAY_JITTER, /* of a file that is replayed */
	ACTION_SHOW_PLACEMENT,
	ACTION_REPORT,  /* of a JSON that there is */
	ACTION_COMPARE, /* two of them */
	ACTION_SUITE,   /* several modes */
	ACTION_LIST,    /* the backends */
	ACTION_OPTIONS, /* of one backend */
	ACTION_HELP,
	ACTION_VERSION,
};

/* Which trials are made, and what they are to find. */
enum mode {
	MODE_PLAIN,   /* one of each */
	MODE_SCALING, /* 1 to N workers */
	MODE_RATES,   /* several offered loads */
	MODE_SEARCH,  /* the highest load without loss */
	MODE_BURST,   /* the longest burst without loss */
	MODE_IDLE,    /* nothing comes */
	MODE_FORMATS, /* formats and codecs of files */
	MODE_REPLAY_JITTER,
};

/* An option of the backend, and values for it. */
struct options_varied {
	const char *name;
	const char *values[OPTIONS_MAX_VALUES];
	size_t nvalues;
};

/* Frames a second, or a part of the most that can be sent; 0: all of it. */
struct options_rate {
	double value;
	bool relative;
};

/* The command line. Texts are those of argv. */
struct options {
	enum action action;
	enum mode mode;
	bool verbose;
	const char *backend;
	size_t nsettings, ngen, nvs;
	struct pktio_setting settings[OPTIONS_MAX_SETTINGS]; /* the backend's */
	struct pktio_setting gen[OPTIONS_MAX_SETTINGS];      /* the traffic's */
	const struct receiver *vs[OPTIONS_MAX_VS];
	bool installed;     /* all programs that are, of which */
	char left_out[128]; /* - are not, */
	char silent[64];    /* - and do not say what is searched for */
	const char *traffic, *interface, *target; /* NULL: not given */
	double seconds;
	unsigned runs;
	bool write; /* and not read: the files of pcap_file */
	bool json;
	const char *json_file;      /* NULL: standard output */
	const char *html, *plot;    /* files; NULL: not asked for */
	const char *report, *newer; /* files to report on, to compare */
	const char *suite;
	double tolerance; /* of a comparison, as a share */
	bool timed, counted,
		resolved; /* seconds, runs, resolution were given */

	unsigned workers;   /* 0: not given */
	const char *bind;   /* of them, to CPUs */
	bool oversubscribe; /* several to one */
	double rate;        /* frames a second; 0: as fast as it goes */
	double resolution;  /* of a search, as a share */
	bool stalled;       /* nobody receives while a burst comes */
	bool latency;       /* from sending to receiving */
	const struct send_method *method; /* NULL: the best */
	size_t nsizes, nrates, nformats, nvaried;
	const char *sizes[OPTIONS_MAX_SIZES];
	struct options_rate rates[OPTIONS_MAX_RATES];
	const char *formats[OPTIONS_MAX_FORMATS];
	struct options_varied varied[OPTIONS_MAX_VARIED];

	size_t argc;      /* all of it, as it was given; */
	char **arguments; /* copies, since argv is taken apart */
};

/* Says on standard error what is wrong, and returns -EINVAL. */
int options_parse(struct options *ret, int argc, char **argv);
void options_free(struct options *o);
void options_help(FILE *out);

/* True for the backends that read something other than an interface. */
bool options_offline(const struct options *o);

/* How a mode is called. */
const char *options_mode_name(enum mode mode);

/* ---- Among the files of the command line -------------------------------- */

int options_wrong(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Numbers and lists: `option` is its name, for the words. Lists are taken apart
 * in place. */
int options_seconds(double *ret, const char *text);
int options_count(unsigned *ret, const char *option, const char *text,
		  unsigned most);
int options_frame_rate(double *ret, const char *option, const char *text);
int options_percent(double *ret, const char *option, const char *text);
int options_sizes(struct options *o, char *text);
int options_rates(struct options *o, char *text);
int options_formats(struct options *o, char *text);
int options_vary(struct options *o, char *text);
int options_vs(struct options *o, const char *name);
/* Adds a name to a list of them. */
void options_list(char *ret, size_t size, const char *name);
int options_method(struct options *o, const char *name);
int options_bind(struct options *o, const char *policy);
int options_setting(struct pktio_setting *settings, size_t *n,
		    const char *option, char *text);

/* What does not go together; and then which of the peers of one name. */
int options_check(struct options *o);

#endif
