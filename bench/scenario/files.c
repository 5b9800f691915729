/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the same frames to a file of each format and codec. The number of
 * frames is counted while writing, because libpcap cannot count the frames of a
 * compressed file.
 */
#include "scenario/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/process.h"
#include "util/clock.h"
#include "util/error.h"

#define BURST 64U
#define FILE_BYTES ((uint64_t)64 << 20) /* of frames in each file */
#define LINKTYPE_ETHERNET 1U
#define FIRST_NS UINT64_C(1000000000000000000)
#define PATH_SIZE 256

/* The codec of a format name. */
static const char *codec_of(const char *name)
{
	const char *dot = strchr(name, '.');

	if (!dot)
		return "none";
	return strcmp(dot, ".gz") == 0  ? "gzip" :
	       strcmp(dot, ".zst") == 0 ? "zstd" :
					  "lz4";
}

static void path_of(char *ret, const struct plan *plan, const char *format)
{
	snprintf(ret, PATH_SIZE, "%s/frames.%s", plan->files, format);
}

/* Writes the traffic repeatedly, up to FILE_BYTES. Returns the number of
 * frames.
 */
static int64_t write_frames(struct pktio_ring *ring, const struct traffic *t)
{
	uint64_t bytes = 0;
	uint64_t n = 0;

	while (bytes < FILE_BYTES) {
		const struct traffic_frame *f = &t->frames[n % t->n];
		struct pktio_frame frame = {
			.data = t->bytes + f->at,
			.ts = FIRST_NS + n * NS_PER_US,
			.caplen = f->len,
			.wirelen = f->len,
			.linktype = LINKTYPE_ETHERNET,
		};
		int r = pktio_inject(ring, &frame, 1);

		if (r < 0)
			return r;
		n += (unsigned)r;
		bytes += (uint64_t)r * f->len;
	}
	return (int64_t)n;
}

static int write_file(struct scenario *scenario, const struct traffic *traffic,
		      struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };
	char *uri = traffic_uri("pcap_file", scenario->config.target);
	struct pktio_ring *ring = NULL;
	int64_t n;
	int r;

	progress_show("writing %s", scenario->config.target);
	if (!uri)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = pktio_open(&ring, uri, &args, reterr);
	free(uri);
	if (r < 0)
		return r;
	n = write_frames(ring, traffic);
	r = n < 0 ? (int)n : pktio_flush(ring);
	if (r < 0)
		error_set(reterr, r, "%s", pktio_last_error(ring));
	else
		scenario->source_frames = (uint64_t)n;
	pktio_close(ring);
	return r;
}

static int make_directory(struct plan *plan, struct pktio_error *reterr)
{
	plan->files = temporary_path();
	if (!plan->files)
		return error_set(reterr, -ENOMEM, "out of memory");
	if (!mkdtemp(plan->files)) {
		int r = error_set(reterr, -errno,
				  "cannot create the directory '%s': %s",
				  plan->files, strerror(errno));

		free(plan->files);
		plan->files = NULL;
		return r;
	}
	return 0;
}

/* Writes one file and sets up the scenario that reads it. */
static int make_scenario(struct scenario *scenario, const struct plan *plan,
			 const char *format, const struct traffic *traffic,
			 struct pktio_error *reterr)
{
	char path[PATH_SIZE];

	path_of(path, plan, format);
	scenario->path = strdup(path);
	if (!scenario->path)
		return error_set(reterr, -ENOMEM, "out of memory");
	scenario->config.target = scenario->path;
	scenario->codec = codec_of(format);
	scenario->format = strncmp(format, "pcapng", 6) == 0 ? "pcapng" :
							       "pcap";
	snprintf(scenario->label, sizeof(scenario->label), "%s", format);
	return write_file(scenario, traffic, reterr);
}

int files_make(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	struct traffic *traffic = NULL;
	int r;

	plan->scenarios = calloc(o->nformats, sizeof(*plan->scenarios));
	if (!plan->scenarios)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = o->traffic ? traffic_load(&traffic, o->traffic, reterr) :
			 traffic_generate(&traffic, o->gen, o->ngen, reterr);
	if (r == 0)
		r = make_directory(plan, reterr);
	for (size_t i = 0; r == 0 && i < o->nformats; i++)
		r = interrupt_pending() ?
			    error_set(reterr, -EINTR, "interrupted") :
			    make_scenario(&plan->scenarios[plan->nscenarios++],
					  plan, o->formats[i], traffic, reterr);
	progress_clear();
	traffic_free(traffic);
	return r;
}

void files_remove(struct plan *plan)
{
	const struct options *o = plan->options;

	if (!plan->files)
		return;
	for (size_t i = 0; i < o->nformats; i++) {
		char path[PATH_SIZE];

		path_of(path, plan, o->formats[i]);
		unlink(path);
	}
	rmdir(plan->files);
	free(plan->files);
	plan->files = NULL;
}
