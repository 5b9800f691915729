/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pktio copy: frames of any source to any sink. Bursts go from the one ring
 * into the other; when the source is dry, what was sent is flushed before the
 * wait, so that a file is as far as the source.
 */
#include "copy.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "diagnostics.h"
#include "filter.h"
#include "metadata.h"
#include "options.h"
#include "progress.h"
#include "resolve_uri.h"
#include "same_file.h"

#define BURST 128U
#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U
#define SIGNALLED 128 /* as a shell tells which signal it was */

void copy_help(FILE *out)
{
	fputs("usage: pktio copy [option ...] SRC DST\n"
	      "\n"
	      "Copies frames from any source to any destination. Each is\n"
	      "  backend:target?option=value&...   as pktio list shows\n"
	      "  -                                 standard input or output, a file\n"
	      "  NAME                              an interface or a file of that name; to be\n"
	      "                                    sure write af_packet:NAME or ./NAME\n"
	      "\n"
	      "  -c N            at most so many frames, after the filter\n"
	      "  -s SNAPLEN      cut longer frames to so many bytes\n"
	      "  -f FILTER       only those that match, as in pcap-filter(7)\n"
	      "  -o name=value   an option for the source\n"
	      "  -O name=value   an option for the destination\n"
	      "  -q              say nothing but errors\n"
	      "  --stats         print the counters of both at the end\n"
	      "  --help\n"
	      "\n"
	      "Exit status: 0 everything was read and written; 1 it was not; 2 wrong usage.\n"
	      "A signal (SIGINT, SIGTERM) is the usual end of a live source: 0. Of a source\n"
	      "that has an end it leaves the rest: 128 and the number of the signal.\n",
	      out);
}

/* ---- Signals ------------------------------------------------------------ */

static volatile sig_atomic_t stopped; /* the number of the signal */
static struct pktio_ring *to_wake;

static void stop(int number)
{
	stopped = number;
	pktio_wake(to_wake);
}

/* A second one kills as usual: a write to a full pipe waits for ever. */
static void catch_signals(struct pktio_ring *ring)
{
	struct sigaction action = { .sa_handler = stop,
				    .sa_flags = SA_RESETHAND };

	to_wake = ring;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Before the ring goes that they wake. */
static void release_signals(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

/* ---- Copying ------------------------------------------------------------ */

struct copy {
	const struct options *options;
	struct pktio_ring *source, *sink;
	struct filter filter;
	struct describe describe;
	uint64_t frames, bytes; /* handed to the sink */
	bool failed;            /* and that was said */
	uint64_t too_long;      /* frames that the sink did not even queue */
	char refusal[256];      /* why the first frame was not sent */
};

/* Cuts as if the tags that were taken out were in the bytes. */
static void cut(struct pktio_frame *f, uint32_t snaplen)
{
	uint32_t tags = f->nvlan * VLAN_TAG;

	if (f->caplen + tags <= snaplen)
		return;
	if (tags > 0 && snaplen < MAC_ADDRESSES + tags) {
		/* Not even the tags remain whole. */
		f->wirelen += tags;
		f->nvlan = 0;
		tags = 0;
		snaplen = snaplen < MAC_ADDRESSES ? snaplen : MAC_ADDRESSES;
	}
	f->caplen = snaplen - tags;
	f->flags |= PKTIO_F_TRUNCATED;
}

/* How many frames the sink has for certain. */
static uint64_t saved(const struct copy *c)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	pktio_get_stats(c->sink, &stats);
	return stats.sent;
}

static const char *frames_were(uint64_t n)
{
	return n == 1 ? "frame was" : "frames were";
}

/* What went wrong, and what was saved nevertheless. */
static void fail(struct copy *c, const char *words)
{
	uint64_t n = saved(c);

	complain(STATUS_FAILED, "%s; %" PRIu64 " %s saved before it", words, n,
		 frames_were(n));
	c->failed = true;
}

/* The same of the source: the sink first writes what it has. */
static void fail_source(struct copy *c, const char *words)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", words);
	if (pktio_flush(c->sink) < 0)
		complain(STATUS_FAILED, "%s", pktio_strerror(c->sink));
	fail(c, copy);
}

/*
 * An interface counts what it lost, as its queue was full or a frame too long:
 * that is told at the end, and no reason for it.
 */
static bool is_fatal(struct copy *c, int r)
{
	if (r != -ENOBUFS && r != -EMSGSIZE)
		return r < 0;
	if (!c->refusal[0])
		snprintf(c->refusal, sizeof(c->refusal), "%s",
			 pktio_strerror(c->sink));
	return false;
}

/* Sends all of them; 0, or an error of the sink. */
static int put_run(struct copy *c, const struct pktio_frame *frames, unsigned n)
{
	unsigned done = 0;
	unsigned told = n; /* with which frame it said that one is too long */

	while (done < n) {
		int r = pktio_inject(c->sink, frames + done, n - done);

		if (r == 0)
			r = pktio_flush(c->sink);
		else if (r > 0)
			done += (unsigned)r;
		if (is_fatal(c, r))
			return r;
		/* Of frames before it is told once; if again, then of this. */
		if (r == -EMSGSIZE && told == done) {
			c->too_long++;
			done++;
		} else if (r == -EMSGSIZE) {
			told = done;
		}
	}
	return 0;
}

/* The same, with what the source says of them. */
static int put(struct copy *c, const struct pktio_frame *frames, unsigned n)
{
	unsigned run;

	for (unsigned done = 0; done < n; done += run) {
		int r;

		run = describe_frames(&c->describe, frames + done, n - done);
		r = put_run(c, frames + done, run);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Passes on a burst that was received; false when it is over. */
static bool pass_on(struct copy *c, struct pktio_frame *frames, int n)
{
	uint64_t bytes = 0;
	int r;

	n = filter_burst(&c->filter, c->source, frames, n);
	if (n < 0) {
		fail_source(c, c->filter.error.text);
		return false;
	}
	for (int i = 0; i < n; i++) {
		cut(&frames[i], c->options->snaplen);
		bytes += frames[i].caplen;
	}
	r = describe_interfaces(&c->describe, frames, (unsigned)n) ?
		    put(c, frames, (unsigned)n) :
		    -ENOMEM;
	pktio_release(c->source, frames, (unsigned)n);
	if (r < 0) {
		fail(c,
		     r == -ENOMEM ? "out of memory" : pktio_strerror(c->sink));
		return false;
	}
	c->frames += (unsigned)n;
	c->bytes += bytes;
	return true;
}

/* Nothing to read just now; false when it is over. */
static bool rest(struct copy *c)
{
	int r = pktio_flush(c->sink);

	if (is_fatal(c, r)) {
		fail(c, pktio_strerror(c->sink));
		return false;
	}
	r = pktio_wait(c->source, -1);
	if (r < 0 && r != -EINTR) {
		fail_source(c, pktio_strerror(c->source));
		return false;
	}
	return true;
}

/* Until the end, the count, a signal or an error. */
static void copy_all(struct copy *c)
{
	struct pktio_frame frames[BURST];
	bool more = true;

	while (more && !stopped && c->frames < c->options->count) {
		uint64_t left = c->options->count - c->frames;
		int n = pktio_recv(c->source, frames,
				   left < BURST ? (unsigned)left : BURST);

		if (n == PKTIO_EOF)
			return;
		if (n < 0) {
			fail_source(c, pktio_strerror(c->source));
			return;
		}
		more = n > 0 ? pass_on(c, frames, n) : rest(c);
		if (!c->options->quiet)
			progress_show(c->frames, c->bytes);
	}
}

/* ---- The end ------------------------------------------------------------ */

static void print_stats(struct pktio_ring *ring, const char *what,
			const char *uri)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	if (pktio_get_stats(ring, &stats) < 0) {
		complain(STATUS_FAILED, "%s", pktio_strerror(ring));
		return;
	}
	fprintf(stderr, "%s %s\n", what, uri);
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++) {
		uint64_t value;

		memcpy(&value, (const char *)&stats + c->offset, sizeof(value));
		fprintf(stderr, "  %-16s %14" PRIu64 "  %-7s %s\n", c->name,
			value, c->unit, c->doc);
	}
}

/* A source that a program has to wait for; the others have an end. */
static bool is_live(const struct copy *c)
{
	return pktio_fd(c->source) >= 0;
}

static void summarize(const struct copy *c)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	if (c->options->quiet)
		return;
	pktio_get_stats(c->source, &stats);
	progress_clear();
	fprintf(stderr, "pktio: %" PRIu64 " %s copied", c->frames,
		frames_were(c->frames));
	if (stats.dropped)
		fprintf(stderr, ", %" PRIu64 " lost by the source",
			stats.dropped);
	if (stats.skipped)
		fprintf(stderr, ", %" PRIu64 " %s left out", stats.skipped,
			stats.skipped == 1 ? "block that is no frame" :
					     "blocks that are no frames");
	if (c->describe.refused)
		fprintf(stderr, ", %" PRIu64 " %s left out",
			c->describe.refused,
			c->describe.refused == 1 ? "damaged description" :
						   "damaged descriptions");
	fputc('\n', stderr);
}

/* Sees that everything is written; the exit status. */
static int finish(struct copy *c)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	int number = stopped;

	if (c->failed)
		return STATUS_FAILED;
	if (is_fatal(c, pktio_finish(c->sink))) {
		fail(c, pktio_strerror(c->sink));
		return STATUS_FAILED;
	}
	pktio_get_stats(c->sink, &stats);
	if (stats.send_failed + c->too_long > 0)
		return complain(STATUS_FAILED,
				"%" PRIu64 " of %" PRIu64
				" frames could not be sent; of the first: %s",
				stats.send_failed + c->too_long, c->frames,
				c->refusal[0] ? c->refusal :
						pktio_strerror(c->sink));
	if (number && !is_live(c)) {
		complain(SIGNALLED + number,
			 "interrupted; %" PRIu64 " %s copied before it",
			 c->frames, frames_were(c->frames));
		return SIGNALLED + number;
	}
	summarize(c);
	return STATUS_OK;
}

/* ---- Opening ------------------------------------------------------------ */

static bool has_option(const struct pktio_backend *b, const char *name)
{
	const struct pktio_opt *opt = b ? pktio_backend_opts(b) : NULL;

	while (opt && opt->name && strcmp(opt->name, name) != 0)
		opt++;
	return opt && opt->name;
}

static bool is_set(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->n; i++)
		if (strcmp(settings->list[i].name, name) == 0)
			return true;
	return false;
}

/* What the source says of itself, unless told otherwise. */
static void add_settings(struct copy *c, const struct name *name,
			 struct settings *settings)
{
	size_t n = describe_source(&c->describe);

	for (size_t i = 0; i < n; i++) {
		const char *option = c->describe.settings[i].name;

		if (has_option(name->backend, option) &&
		    !name_sets(name, option) && !is_set(settings, option))
			settings->list[settings->n++] = c->describe.settings[i];
	}
}

/* A file of one link type has that of the source, unless told otherwise. */
static int open_sink(struct copy *c, const struct name *name,
		     struct pktio_error *reterr)
{
	struct settings settings = c->options->written;
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND,
					.settings = settings.list };
	char linktype[16];
	size_t asked;
	int r;

	if (has_option(name->backend, "linktype") &&
	    !name_sets(name, "linktype") && !is_set(&settings, "linktype") &&
	    pktio_get_info(c->source, &info) == 0) {
		snprintf(linktype, sizeof(linktype), "%" PRIu32, info.linktype);
		settings.list[settings.n++] =
			(struct pktio_setting){ "linktype", linktype };
	}
	describe_begin(&c->describe, c->options->filter,
		       !name_sets(name, "precision") &&
			       !is_set(&settings, "precision"));
	asked = settings.n;
	add_settings(c, name, &settings);
	args.nsettings = settings.n;
	r = pktio_open(&c->sink, name->uri, &args, reterr);
	/* A pcap file has no place for what the source says of itself. */
	if (r == -ENOTSUP && asked < settings.n) {
		args.nsettings = asked;
		r = pktio_open(&c->sink, name->uri, &args, reterr);
	}
	return r;
}

static int open_both(struct copy *c, const struct name *source,
		     const struct name *sink)
{
	const struct options *o = c->options;
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = o->read.list,
					.nsettings = o->read.n };
	struct pktio_error error = { 0 };

	if (pktio_open(&c->source, source->uri, &args, &error) < 0)
		return complain(STATUS_FAILED, "%s", error.text);
	if (filter_open(&c->filter, o->filter, c->source) < 0)
		return complain(STATUS_FAILED, "%s", c->filter.error.text);
	c->describe.source = c->source;
	if (open_sink(c, sink, &error) < 0)
		return complain(STATUS_FAILED, "%s", error.text);
	c->describe.sink = c->sink;
	return STATUS_OK;
}

/* What is refused before anything is opened. */
static int check(const struct name *source, const struct name *sink)
{
	if (!sink->file)
		return STATUS_OK;
	if (source->file && same_file(source->file, sink->file))
		return complain(
			STATUS_USAGE,
			"'%s' is what is read: it would be overwritten by itself; give another DST",
			sink->file);
	if (strcmp(sink->file, "-") == 0 && isatty(STDOUT_FILENO))
		return complain(
			STATUS_USAGE,
			"DST is a terminal, which packets are not for; write to a file or a pipe");
	return STATUS_OK;
}

static int copy(const struct options *o, const struct name *source,
		const struct name *sink)
{
	struct copy c = { .options = o };
	int status = check(source, sink);

	if (status != STATUS_OK)
		return status;
	status = open_both(&c, source, sink);
	if (status == STATUS_OK) {
		catch_signals(c.source);
		if (!o->quiet)
			progress_begin();
		copy_all(&c);
		describe_end(&c.describe);
		status = finish(&c);
		if (o->stats) {
			print_stats(c.source, "source", source->uri);
			print_stats(c.sink, "destination", sink->uri);
			if (c.filter.refused)
				fprintf(stderr,
					"%" PRIu64
					" frames were refused by the filter\n",
					c.filter.refused);
		}
	}
	pktio_close(c.sink);
	filter_close(&c.filter);
	describe_free(&c.describe);
	release_signals();
	pktio_close(c.source);
	return status;
}

int copy_main(int argc, char **argv)
{
	struct options o;
	struct name source = { 0 };
	struct name sink = { 0 };
	int status = options_parse(&o, argc, argv);

	if (status != STATUS_OK)
		return status;
	if (o.help) {
		copy_help(stdout);
		return STATUS_OK;
	}
	status = name_resolve(&source, o.source, false);
	if (status == STATUS_OK)
		status = name_resolve(&sink, o.destination, true);
	if (status == STATUS_OK)
		status = copy(&o, &source, &sink);
	name_free(&source);
	name_free(&sink);
	return status;
}
