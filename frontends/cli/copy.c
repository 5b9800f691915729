/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pktio copy: copies frames from any source to any destination. A loop receives
 * a burst from the source ring and sends it to the destination ring. When the
 * source has no more frames, the loop flushes the destination and then waits.
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
#include "util/vlan.h"

#define BURST 128U
#define STATUS_SIGNAL 128 /* plus the signal number, as in a shell */

void copy_help(FILE *out)
{
	fputs("usage: pktio copy [option ...] SRC DST\n"
	      "\n"
	      "Copies frames from a source to a destination. SRC and DST are one of\n"
	      "  backend:target?option=value&...   a URI; 'pktio list' lists the backends\n"
	      "  -                                 standard input or output, as a capture file\n"
	      "  NAME                              an interface or a file; af_packet:NAME is\n"
	      "                                    always the interface, ./NAME the file\n"
	      "\n"
	      "  -c, --count=N         stop after N frames that match the filter\n"
	      "  -s, --snaplen=BYTES   truncate longer frames, 1 to 262144 bytes\n"
	      "  -f, --filter=FILTER   copy only frames that match; see pcap-filter(7)\n"
	      "  -o NAME=VALUE         set an option of the source\n"
	      "  -O NAME=VALUE         set an option of the destination\n"
	      "  -q, --quiet           print errors only\n"
	      "  --stats               print the counters of both at the end\n"
	      "  -h, --help            print this text\n"
	      "\n"
	      "Exit status: 0 success; 1 a read or write failed; 2 the command line is wrong.\n"
	      "SIGINT and SIGTERM end a live source with status 0. If they interrupt a source\n"
	      "that has an end, the status is 128 plus the signal number.\n",
	      out);
}

/* ---- Signals ------------------------------------------------------------ */

static volatile sig_atomic_t stopped; /* the signal number; 0: none */
static struct pktio_ring *to_wake;

static void stop(int number)
{
	stopped = number;
	pktio_wake(to_wake);
}

/* A second signal ends the process: a write to a full pipe can block forever.
 */
static void catch_signals(struct pktio_ring *ring)
{
	struct sigaction action = { .sa_handler = stop,
				    .sa_flags = SA_RESETHAND };

	to_wake = ring;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Call it before the ring that stop() wakes is closed. */
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
	struct metadata metadata;
	uint64_t frames, bytes; /* passed to the sink */
	bool failed;            /* an error message was printed */
	uint64_t too_long;      /* frames that the sink did not accept */
	char send_error[256];   /* of the first frame that was not sent */
};

/* Counts the VLAN tags that the source removed from the bytes. */
static void truncate_frame(struct pktio_frame *f, uint32_t snaplen)
{
	uint32_t tags = f->nvlan * VLAN_TAG;

	if (f->caplen + tags <= snaplen)
		return;
	if (tags > 0 && snaplen < MAC_ADDRESSES + tags) {
		/* The snaplen ends before the end of the tags: drop the tags.
		 */
		f->wirelen += tags;
		f->nvlan = 0;
		tags = 0;
		snaplen = snaplen < MAC_ADDRESSES ? snaplen : MAC_ADDRESSES;
	}
	f->caplen = snaplen - tags;
	f->flags |= PKTIO_F_TRUNCATED;
}

/* How many frames the sink has written or sent. */
static uint64_t sent_frames(const struct copy *c)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	pktio_get_stats(c->sink, &stats);
	return stats.sent;
}

static const char *frames_were(uint64_t n)
{
	return n == 1 ? "frame was" : "frames were";
}

/* Prints the error and how many frames were written before it. */
static void fail(struct copy *c, const char *message)
{
	uint64_t n = sent_frames(c);

	print_error(STATUS_FAILED,
		    "%s; %" PRIu64 " %s written before the error", message, n,
		    frames_were(n));
	c->failed = true;
}

/* An error of the source: flush the sink first. `message` may be overwritten.
 */
static void fail_receive(struct copy *c, const char *message)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", message);
	if (pktio_flush(c->sink) < 0)
		print_error(STATUS_FAILED, "%s", pktio_last_error(c->sink));
	fail(c, text);
}

/*
 * An interface may not accept a frame because its queue is full or the frame is
 * too long. The copy continues, and finish() reports the number of such frames.
 */
static bool is_fatal(struct copy *c, int r)
{
	if (r != -ENOBUFS && r != -EMSGSIZE)
		return r < 0;
	if (!c->send_error[0])
		snprintf(c->send_error, sizeof(c->send_error), "%s",
			 pktio_last_error(c->sink));
	return false;
}

/* Sends all frames; 0, or an error of the sink. */
static int send_frames(struct copy *c, const struct pktio_frame *frames,
		       unsigned n)
{
	unsigned done = 0;
	unsigned reported =
		n; /* the frame at which -EMSGSIZE was returned last */

	while (done < n) {
		int r = pktio_inject(c->sink, frames + done, n - done);

		if (r == 0)
			r = pktio_flush(c->sink);
		else if (r > 0)
			done += (unsigned)r;
		if (is_fatal(c, r))
			return r;
		/*
		 * The sink returns -EMSGSIZE once for earlier frames. If it
		 * returns it again at the same frame, this frame is too long.
		 */
		if (r == -EMSGSIZE && reported == done) {
			c->too_long++;
			done++;
		} else if (r == -EMSGSIZE) {
			reported = done;
		}
	}
	return 0;
}

/* Sends all frames with their metadata. */
static int send_with_metadata(struct copy *c, const struct pktio_frame *frames,
			      unsigned n)
{
	unsigned run;

	for (unsigned done = 0; done < n; done += run) {
		int r;

		run = metadata_copy_frame(&c->metadata, frames + done,
					  n - done);
		r = send_frames(c, frames + done, run);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Filters, truncates and sends a burst; false on an error. */
static bool copy_burst(struct copy *c, struct pktio_frame *frames, int n)
{
	uint64_t bytes = 0;
	int r;

	n = filter_burst(&c->filter, c->source, frames, n);
	if (n < 0) {
		fail_receive(c, c->filter.error.text);
		return false;
	}
	for (int i = 0; i < n; i++) {
		truncate_frame(&frames[i], c->options->snaplen);
		bytes += frames[i].caplen;
	}
	r = metadata_copy_interfaces(&c->metadata, frames, (unsigned)n) ?
		    send_with_metadata(c, frames, (unsigned)n) :
		    -ENOMEM;
	pktio_release(c->source, frames, (unsigned)n);
	if (r < 0) {
		fail(c, r == -ENOMEM ? "out of memory" :
				       pktio_last_error(c->sink));
		return false;
	}
	c->frames += (unsigned)n;
	c->bytes += bytes;
	return true;
}

/* The source has no frames now; false on an error. */
static bool flush_and_wait(struct copy *c)
{
	int r = pktio_flush(c->sink);

	if (is_fatal(c, r)) {
		fail(c, pktio_last_error(c->sink));
		return false;
	}
	r = pktio_wait(c->source, -1);
	if (r < 0 && r != -EINTR) {
		fail_receive(c, pktio_last_error(c->source));
		return false;
	}
	return true;
}

static void print_notices(const struct copy *c, struct pktio_ring *ring)
{
	const char *notice;

	while (!c->options->quiet && (notice = pktio_next_notice(ring)))
		print_error(STATUS_OK, "%s", notice);
}

/* Runs until the end of the source, the count, a signal or an error. */
static void copy_frames(struct copy *c)
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
			fail_receive(c, pktio_last_error(c->source));
			return;
		}
		if (n == 0)
			print_notices(c, c->source);
		more = n > 0 ? copy_burst(c, frames, n) : flush_and_wait(c);
		if (!c->options->quiet)
			progress_show(c->frames, c->bytes);
	}
}

/* ---- Results ------------------------------------------------------------ */

static void print_stats(struct pktio_ring *ring, const char *what,
			const char *uri)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_info info = { .size = sizeof(info) };

	if (pktio_get_stats(ring, &stats) < 0 ||
	    pktio_get_info(ring, &info) < 0) {
		print_error(STATUS_FAILED, "%s", pktio_last_error(ring));
		return;
	}
	fprintf(stderr, "%s %s\n", what, uri);
	if (info.state != PKTIO_STATE_NONE)
		fprintf(stderr, "  %-18s %14s\n", "state",
			pktio_state_name(info.state));
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++) {
		uint64_t value;

		memcpy(&value, (const char *)&stats + c->offset, sizeof(value));
		fprintf(stderr, "  %-18s %14" PRIu64 "  %-7s %s\n", c->name,
			value, c->unit, c->doc);
	}
}

/* A source with a descriptor is live; other sources have an end. */
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
		fprintf(stderr, ", %" PRIu64 " dropped by the source",
			stats.dropped);
	if (stats.skipped)
		fprintf(stderr, ", %" PRIu64 " %s skipped", stats.skipped,
			stats.skipped == 1 ? "block without a frame" :
					     "blocks without a frame");
	if (c->metadata.rejected)
		fprintf(stderr, ", %" PRIu64 " %s skipped",
			c->metadata.rejected,
			c->metadata.rejected == 1 ? "invalid metadata value" :
						    "invalid metadata values");
	fputc('\n', stderr);
}

/* Waits until the sink has written all frames; returns the exit status. */
static int finish(struct copy *c)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	int number = stopped;

	if (c->failed)
		return STATUS_FAILED;
	if (is_fatal(c, pktio_finish(c->sink))) {
		fail(c, pktio_last_error(c->sink));
		return STATUS_FAILED;
	}
	pktio_get_stats(c->sink, &stats);
	if (stats.send_failed + c->too_long > 0)
		return print_error(
			STATUS_FAILED,
			"%" PRIu64 " of %" PRIu64
			" frames could not be sent; reason for the first: %s",
			stats.send_failed + c->too_long, c->frames,
			c->send_error[0] ? c->send_error :
					   pktio_last_error(c->sink));
	if (number && !is_live(c)) {
		print_error(STATUS_SIGNAL + number,
			    "interrupted; %" PRIu64
			    " %s copied before the signal",
			    c->frames, frames_were(c->frames));
		return STATUS_SIGNAL + number;
	}
	summarize(c);
	return STATUS_OK;
}

/* ---- Opening ------------------------------------------------------------ */

static bool find_option(struct pktio_opt *ret, const struct pktio_backend *b,
			const char *name)
{
	*ret = (struct pktio_opt)PKTIO_OPT_INIT;
	for (unsigned i = 0; b && pktio_backend_opt(b, i, ret) == 0; i++)
		if (strcmp(ret->name, name) == 0)
			return true;
	return false;
}

static bool is_set(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->n; i++)
		if (strcmp(settings->list[i].name, name) == 0)
			return true;
	return false;
}

/* Adds the file metadata of the source, unless -O or the URI sets it. */
static void add_settings(struct copy *c, const struct resolved_uri *name,
			 struct settings *settings)
{
	size_t n = metadata_read_source(&c->metadata);
	struct pktio_opt opt;

	for (size_t i = 0; i < n; i++) {
		const char *option = c->metadata.settings[i].name;

		if (find_option(&opt, name->backend, option) &&
		    !resolved_uri_sets(name, option) &&
		    !is_set(settings, option))
			settings->list[settings->n++] = c->metadata.settings[i];
	}
}

/* A file gets the link type of the source, unless -O or the URI sets it. */
static int open_sink(struct copy *c, const struct resolved_uri *name,
		     struct pktio_error *reterr)
{
	struct settings settings = c->options->destination_settings;
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND,
					.settings = settings.list };
	char linktype[16];
	size_t given;
	int r;

	if (name->file && !resolved_uri_sets(name, "linktype") &&
	    !is_set(&settings, "linktype") &&
	    pktio_get_info(c->source, &info) == 0) {
		snprintf(linktype, sizeof(linktype), "%" PRIu32, info.linktype);
		settings.list[settings.n++] =
			(struct pktio_setting){ "linktype", linktype };
	}
	metadata_begin(&c->metadata, c->options->filter,
		       !resolved_uri_sets(name, "timestamp-precision") &&
			       !is_set(&settings, "timestamp-precision"));
	given = settings.n;
	add_settings(c, name, &settings);
	args.nsettings = settings.n;
	r = pktio_open(&c->sink, name->uri, &args, reterr);
	/* A pcap file cannot store metadata: open it without. */
	if (r == -ENOTSUP && given < settings.n) {
		args.nsettings = given;
		r = pktio_open(&c->sink, name->uri, &args, reterr);
	}
	return r;
}

/* An invalid option, target or filter is an error of the command line. */
static int open_status(int r)
{
	return r == -EINVAL || r == -ERANGE ? STATUS_USAGE : STATUS_FAILED;
}

static int open_both(struct copy *c, const struct resolved_uri *source,
		     const struct resolved_uri *sink)
{
	const struct options *o = c->options;
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = o->source_settings.list,
					.nsettings = o->source_settings.n };
	struct pktio_error error = { 0 };
	int r = pktio_open(&c->source, source->uri, &args, &error);

	if (r < 0)
		return print_error(open_status(r), "%s", error.text);
	r = filter_open(&c->filter, o->filter, c->source);
	if (r < 0)
		return print_error(open_status(r), "%s", c->filter.error.text);
	c->metadata.source = c->source;
	r = open_sink(c, sink, &error);
	if (r < 0)
		return print_error(open_status(r), "%s", error.text);
	c->metadata.sink = c->sink;
	return STATUS_OK;
}

/* Checks that need no open ring. */
static int check(const struct resolved_uri *source,
		 const struct resolved_uri *sink)
{
	if (!sink->file)
		return STATUS_OK;
	if (source->file && same_file(source->file, sink->file))
		return print_error(
			STATUS_USAGE,
			"'%s' is part of SRC, and writing would overwrite it; choose another DST",
			sink->file);
	if (strcmp(sink->file, "-") == 0 && isatty(STDOUT_FILENO))
		return print_error(
			STATUS_USAGE,
			"DST is a terminal; write to a file or a pipe");
	return STATUS_OK;
}

static int copy(const struct options *o, const struct resolved_uri *source,
		const struct resolved_uri *sink)
{
	struct copy c = { .options = o };
	int status = check(source, sink);

	if (status != STATUS_OK)
		return status;
	status = open_both(&c, source, sink);
	if (status == STATUS_OK) {
		catch_signals(c.source);
		print_notices(&c, c.source);
		print_notices(&c, c.sink);
		if (!o->quiet)
			progress_begin();
		copy_frames(&c);
		metadata_end(&c.metadata);
		status = finish(&c);
		print_notices(&c, c.source);
		print_notices(&c, c.sink);
		if (o->stats) {
			print_stats(c.source, "source", source->uri);
			print_stats(c.sink, "destination", sink->uri);
			if (c.filter.rejected)
				fprintf(stderr,
					"%" PRIu64
					" frames did not match the filter\n",
					c.filter.rejected);
		}
	}
	pktio_close(c.sink);
	filter_close(&c.filter);
	metadata_free(&c.metadata);
	release_signals();
	pktio_close(c.source);
	return status;
}

int copy_main(int argc, char **argv)
{
	struct options o;
	struct resolved_uri source = { 0 };
	struct resolved_uri sink = { 0 };
	int status = options_parse(&o, argc, argv);

	if (status != STATUS_OK)
		return status;
	if (o.help) {
		copy_help(stdout);
		return STATUS_OK;
	}
	status = resolve_uri(&source, o.source, false);
	if (status == STATUS_OK)
		status = resolve_uri(&sink, o.destination, true);
	if (status == STATUS_OK)
		status = copy(&o, &source, &sink);
	resolved_uri_free(&source);
	resolved_uri_free(&sink);
	return status;
}
