/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet files, read and written. A ring is one file: format.c understands its
 * header, chunks.c holds the bytes that were read and reader.c makes frames of
 * them, writer.c makes records of frames. Here are the options, and how the
 * file is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcap_file.h"

#define CONF(member) offsetof(struct pcap_file_conf, member)

static const struct pktio_opt_value precisions[] = {
	{ "us", PCAP_FILE_US, "microseconds, which every tool reads" },
	{ "ns", PCAP_FILE_NS, "nanoseconds" },
	{ NULL, 0, NULL },
};

static const struct pktio_opt options[] = {
	{ "buffer-size", "bytes read or written at a time; fits in a cache",
	  "256K", PKTIO_OPT_SIZE, PKTIO_OPT_EXPERT, 4096, 1 << 30, NULL,
	  CONF(buffer_size) },
	{ "buffers", "reading: most buffers in use while frames are held", "64",
	  PKTIO_OPT_UINT, PKTIO_OPT_EXPERT, 2, 65536, NULL, CONF(buffers) },
	{ "precision", "writing: unit of the time stamps", "ns", PKTIO_OPT_ENUM,
	  0, 0, 0, precisions, CONF(precision) },
	{ "linktype", "writing: LINKTYPE_ value of all frames; 1 is Ethernet",
	  "1", PKTIO_OPT_UINT, 0, 0, UINT16_MAX, NULL, CONF(linktype) },
	{ "snaplen", "writing: longer frames are cut to so many bytes",
	  "262144", PKTIO_OPT_UINT, 0, 1, 262144, NULL, CONF(snaplen) },
	{ NULL },
};

/* A long name keeps its end, which tells more than its start. */
static void set_name(struct pcap_file *p, const char *target, bool writing)
{
	size_t most = sizeof(p->name) - sizeof("'...'");
	size_t size = strlen(target);

	if (strcmp(target, "-") == 0)
		snprintf(p->name, sizeof(p->name), "standard %s",
			 writing ? "output" : "input");
	else if (size <= most)
		snprintf(p->name, sizeof(p->name), "'%s'", target);
	else
		snprintf(p->name, sizeof(p->name), "'...%s'",
			 target + size - most);
}

/*
 * A descriptor of our own, to be closed. *created: there was no such file. It
 * is not emptied yet: that waits until nothing else can fail.
 */
static int open_target(const char *target, bool writing, bool *created)
{
	int fd;

	*created = false;
	if (strcmp(target, "-") == 0)
		fd = fcntl(writing ? STDOUT_FILENO : STDIN_FILENO,
			   F_DUPFD_CLOEXEC, 0);
	else if (!writing)
		fd = open(target, O_RDONLY | O_CLOEXEC);
	else {
		fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0666);
		*created = fd >= 0;
		if (fd < 0 && errno == EEXIST)
			fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	}
	return fd < 0 ? -errno : fd;
}

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

static int pcap_file_open(struct pktio_ring *r, const void *conf,
			  const struct pktio_open_ctx *ctx)
{
	struct pcap_file *p = pcap_file_of(r);
	bool writing = ctx->mode & PKTIO_SEND;
	struct stat stat;
	bool created;
	int ret = check(r, ctx);

	if (ret < 0)
		return ret;
	p->conf = conf;
	set_name(p, ctx->target, writing);
	p->fd = open_target(ctx->target, writing, &created);
	if (p->fd < 0)
		return pktio_fail(r, p->fd, "cannot open %s to %s: %s", p->name,
				  writing ? "write" : "read", strerror(-p->fd));
	if (fstat(p->fd, &stat) < 0) {
		ret = pktio_fail(r, -errno, "%s: %s", p->name, strerror(errno));
		goto fail;
	}
	if (S_ISDIR(stat.st_mode)) {
		ret = pktio_fail(r, -EISDIR, "%s is a directory, not a file",
				 p->name);
		goto fail;
	}
	p->regular = S_ISREG(stat.st_mode);
	ret = writing ? pcap_file_writer_open(p) : pcap_file_reader_open(p);
	if (ret < 0)
		goto fail;
	/* Now what was in the file before may go. */
	if (writing && p->regular && !created &&
	    strcmp(ctx->target, "-") != 0 &&
	    ftruncate(p->fd, p->writer.offset) < 0) {
		ret = pktio_fail(r, -errno, "%s: cannot truncate: %s", p->name,
				 strerror(errno));
		pcap_file_writer_close(p);
		goto fail;
	}
	return 0;
fail:
	if (created)
		unlink(ctx->target);
	close(p->fd);
	return ret;
}

static void pcap_file_close(struct pktio_ring *r)
{
	struct pcap_file *p = pcap_file_of(r);

	if (r->info.mode & PKTIO_SEND)
		pcap_file_writer_close(p);
	else
		pcap_file_reader_close(p);
	close(p->fd);
}

static void pcap_file_release(struct pktio_ring *r,
			      const struct pktio_frame *frames, unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	unsigned run;

	for (unsigned i = 0; i < n; i += run) {
		uint64_t chunk = frames[i].cookie;

		run = 1;
		if (r->info.mode & PKTIO_SEND) {
			pktio_slab_put(p->writer.slab, chunk);
			continue;
		}
		while (i + run < n && frames[i + run].cookie == chunk)
			run++;
		chunks_release(&p->reader.chunks, (uint32_t)chunk, run);
	}
}

PKTIO_BACKEND(pcap_file) = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_file",
	.doc = "pcap files, read and written",
	.modes = PKTIO_RECV | PKTIO_SEND,
	.handle_size = sizeof(struct pcap_file),
	.conf_size = sizeof(struct pcap_file_conf),
	.opts = options,
	.open = pcap_file_open,
	.close = pcap_file_close,
	.recv = pcap_file_recv,
	.release = pcap_file_release,
	.ready = pcap_file_ready,
	.alloc = pcap_file_alloc,
	.send = pcap_file_send,
	.flush = pcap_file_flush,
};
