/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files. A ring reads or writes one file: format/ parses and writes
 * file headers and blocks, read/reader.c makes frames of the bytes in
 * read/chunks.c, and write/writer.c makes records of frames. merge.c reads
 * several files as one ring, and replay.c reads at a given speed; each wraps a
 * ring of this file. read/file.c opens a file to read. This file has the
 * options and the table of the backend.
 */
#include <errno.h>

#include "handle.h"
#include "merge.h"
#include "read/file.h"
#include "read/pcapng.h"
#include "read/reader.h"
#include "read/sources.h"
#include "replay.h"
#include "write/writer.h"

#define CONF(member) offsetof(struct pcap_file_conf, member)

static const struct pktio_opt_value precisions[] = {
	{ "us", PCAP_FILE_US, "microseconds; every tool reads such files" },
	{ "ns", PCAP_FILE_NS, "nanoseconds" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value shifts[] = {
	{ "none", REPLAY_SHIFT_NONE, "keep the timestamps of the file" },
	{ "now", REPLAY_SHIFT_NOW,
	  "shift all timestamps so that the first is now" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value formats[] = {
	{ "auto", WRITER_AUTO,
	  "pcapng if the name ends in .pcapng or .ntar, otherwise pcap" },
	{ "pcap", WRITER_PCAP,
	  "one link type; stores the bytes of each frame only" },
	{ "pcapng", WRITER_PCAPNG,
	  "stores interfaces, directions and comments as well" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value codecs[] = {
	{ "auto", COMPRESS_AUTO,
	  "by the name: .gz, .zst or .lz4; otherwise none" },
	{ "none", COMPRESS_NONE, "no compression" },
	{ "gzip", COMPRESS_GZIP, "slow; every tool reads such files" },
	{ "zstd", COMPRESS_ZSTD, "smaller and faster than gzip" },
	{ "lz4", COMPRESS_LZ4, "fastest" },
	{ NULL, 0, NULL },
};
static const struct pktio_opt_value zones[] = {
	{ "utc", 0, "UTC: no hour occurs twice" },
	{ "local", 1, "the time zone of this machine" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_value orders[] = {
	{ "none", MERGE_NONE, "file after file, sorted by name" },
	{ "time", MERGE_TIME, "sorted by timestamp across all files" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt_decl options[] = {
	{ "buffer-size", "bytes of a read or write call", "256K",
	  PKTIO_OPT_SIZE, PKTIO_OPT_EXPERT, 4096, 1 << 30, NULL,
	  CONF(buffer_size) },
	{ "buffers",
	  "reading: maximum number of buffers in use while frames are held",
	  "64", PKTIO_OPT_UINT, PKTIO_OPT_EXPERT, 2, 65536, NULL,
	  CONF(buffers) },
	{ "format", "writing: file format", "auto", PKTIO_OPT_ENUM, 0, 0, 0,
	  formats, CONF(format) },
	{ "timestamp-precision", "writing: unit of the timestamps", "ns",
	  PKTIO_OPT_ENUM, 0, 0, 0, precisions, CONF(timestamp_precision) },
	{ "linktype",
	  "writing: link type of all frames, as a name or number of tcpdump.org",
	  "ETHERNET", PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(linktype) },
	{ "snaplen", "writing: truncate frames to this many bytes", "262144",
	  PKTIO_OPT_UINT, 0, 1, 128 << 20, NULL, CONF(snaplen) },
	{ "compress", "writing: compression", "auto", PKTIO_OPT_ENUM, 0, 0, 0,
	  codecs, CONF(compress) },
	{ "level",
	  "writing: compression level, up to 9 for gzip, 12 for lz4, 22 for zstd; 0: default of the codec",
	  "0", PKTIO_OPT_UINT, 0, 0, 22, NULL, CONF(level) },
	{ "rotate-size",
	  "writing: start a new file before a file exceeds this size in bytes; 0: never",
	  "0", PKTIO_OPT_SIZE, 0, 0, INT64_MAX, NULL, CONF(rotate_size) },
	{ "rotate-time",
	  "writing: start a new file at each multiple of this time, by the timestamps in UTC; 0: never",
	  "0", PKTIO_OPT_TIME, 0, 0, INT64_MAX, NULL, CONF(rotate_time) },
	{ "rotate-count",
	  "writing: start a new file after this many frames; 0: never", "0",
	  PKTIO_OPT_UINT, 0, 0, INT64_MAX, NULL, CONF(rotate_count) },
	{ "rotate-keep",
	  "writing: keep this many files and delete the oldest; 0: keep all",
	  "0", PKTIO_OPT_UINT, 0, 0, 1 << 20, NULL, CONF(rotate_keep) },
	{ "rotate-zone", "writing: time zone of the times in file names", "utc",
	  PKTIO_OPT_ENUM, 0, 0, 0, zones, CONF(rotate_zone) },
	{ "sync", "writing: a flush waits until the data is on disk", "no",
	  PKTIO_OPT_BOOL, 0, 0, 0, NULL, CONF(sync) },
	{ "comment", "writing pcapng: comment on the file", "",
	  PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(comment) },
	{ "hardware", "writing pcapng: hardware of the capturing machine", "",
	  PKTIO_OPT_STRING, PKTIO_OPT_EXPERT, 0, 0, NULL, CONF(hardware) },
	{ "os", "writing pcapng: operating system of the capturing machine", "",
	  PKTIO_OPT_STRING, PKTIO_OPT_EXPERT, 0, 0, NULL, CONF(os) },
	{ "application",
	  "writing pcapng: name of the program that writes the file", "pktio",
	  PKTIO_OPT_STRING, PKTIO_OPT_EXPERT, 0, 0, NULL, CONF(application) },
	{ "if-names",
	  "writing pcapng: interface names of this machine, by interface index",
	  "no", PKTIO_OPT_BOOL, PKTIO_OPT_EXPERT, 0, 0, NULL, CONF(if_names) },
	{ "merge",
	  "reading a directory or pattern: order of the frames of all files",
	  "none", PKTIO_OPT_ENUM, 0, 0, 0, orders, CONF(merge) },
	{ "follow",
	  "reading: at the end of a regular file, wait for more frames", "no",
	  PKTIO_OPT_BOOL, 0, 0, 0, NULL, CONF(follow) },
	{ "window",
	  "reading: maximum window of a zstd frame in bytes; files of zstd --ultra and --long need more",
	  "8M", PKTIO_OPT_SIZE, PKTIO_OPT_EXPERT, 1024, UINT64_C(1) << 31, NULL,
	  CONF(window) },
	{ "decompress-thread",
	  "reading: decompress a regular file in a separate thread", "yes",
	  PKTIO_OPT_BOOL, PKTIO_OPT_EXPERT, 0, 0, NULL,
	  CONF(decompress_thread) },
	{ "speed",
	  "reading: speed relative to the recording, such as 1 or 2.5; max: without waiting",
	  "max", PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(replay.speed) },
	{ "rate",
	  "reading: constant rate in frames or bits per second, such as 100kpps or 1Gbps; empty: by speed",
	  "", PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(replay.rate) },
	{ "loop", "reading: number of passes over a regular file; 0: no limit",
	  "1", PKTIO_OPT_UINT, 0, 0, UINT64_MAX - 1, NULL, CONF(replay.loop) },
	{ "skip", "reading: number of frames to skip at the start of each pass",
	  "0", PKTIO_OPT_UINT, 0, 0, UINT64_MAX, NULL, CONF(replay.skip) },
	{ "count", "reading: maximum number of frames of each pass; 0: all",
	  "0", PKTIO_OPT_UINT, 0, 0, UINT64_MAX, NULL, CONF(replay.count) },
	{ "start-time",
	  "reading: skip frames before this time: 90s after the first frame, or 2026-01-31T12:00:00Z",
	  "", PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(replay.start_time) },
	{ "stop-time",
	  "reading: stop at this time, in the same format as start-time", "",
	  PKTIO_OPT_STRING, 0, 0, 0, NULL, CONF(replay.stop_time) },
	{ "shift", "reading: how to shift the timestamps", "none",
	  PKTIO_OPT_ENUM, 0, 0, 0, shifts, CONF(replay.shift) },
	{ "busy-wait",
	  "reading with speed or rate: busy-wait at most this long before a frame is due; 0: never",
	  "100us", PKTIO_OPT_TIME, PKTIO_OPT_EXPERT, 0, 1000000, NULL,
	  CONF(replay.busy_wait) },
	{ NULL },
};

static const struct pktio_renamed_opt renamed_options[] = {
	{ "spin", "busy-wait" },
	{ "precision", "timestamp-precision" },
	{ NULL },
};

static int check(struct pktio_ring *r, const struct pktio_open_ctx *ctx)
{
	if (ctx->mode == (PKTIO_RECV | PKTIO_SEND))
		return pktio_fail(
			r, -EINVAL,
			"a file is either read or written; open one ring for each");
	if (ctx->count > 1)
		return pktio_fail(
			r, -EINVAL,
			"a file cannot be shared by %u rings; open one ring",
			ctx->count);
	if (!ctx->target[0])
		return pktio_fail(
			r, -EINVAL,
			"no file; write pcap_file:NAME, or pcap_file:- for standard input or output");
	return 0;
}

/* Selects nothing for invalid options: pcap_file_open() refuses them. */
static const struct pktio_backend *
pcap_file_select(const void *conf, const struct pktio_open_ctx *ctx)
{
	const struct pcap_file_conf *c = conf;

	if (ctx->mode != PKTIO_RECV || ctx->count > 1 || !ctx->target[0] ||
	    pktio_linktype_value(c->linktype) < 0)
		return NULL;
	if (replay_wanted(&c->replay))
		return &replay_backend;
	return sources_several(ctx->target) ? &merge_backend : NULL;
}

static int pcap_file_open(struct pktio_ring *r, const void *conf,
			  const struct pktio_open_ctx *ctx)
{
	struct pcap_file *p = pcap_file_of(r);
	bool writing = ctx->mode & PKTIO_SEND;
	int ret = check(r, ctx);

	if (ret < 0)
		return ret;
	p->conf = conf;
	if (pktio_linktype_value(p->conf->linktype) < 0)
		return pktio_fail(
			r, -EINVAL,
			"unknown linktype '%s'; write a name or number of tcpdump.org/linktypes.html",
			p->conf->linktype);
	pcap_file_set_name(p, ctx->target, writing);
	return writing ? pcap_file_writer_open(p, ctx->target) :
			 pcap_file_source_open(p, ctx->target);
}

static void pcap_file_close(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);

	if (r->info.mode & PKTIO_SEND) {
		pcap_file_writer_close(p);
		return;
	}
	pcap_file_source_close(p);
}

PKTIO_BACKEND(pcap_file) = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_file",
	.doc = "reads and writes pcap and pcapng files",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct pcap_file),
	.conf_size = sizeof(struct pcap_file_conf),
	.opts = options,
	.renamed = renamed_options,
	.select = pcap_file_select,
	.open = pcap_file_open,
	.close = pcap_file_close,
	.recv = pcap_file_recv,
	.release = pcap_file_release,
	.ready = pcap_file_ready,
	.alloc = pcap_file_alloc,
	.send = pcap_file_send,
	.flush = pcap_file_flush,
	.finish = pcap_file_finish,
	.inject = pcap_file_inject,
	.meta_get = pcap_file_meta_get,
	.meta_set = pcap_file_meta_set,
};
