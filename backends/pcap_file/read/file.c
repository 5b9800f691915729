/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens one file to read. */
#include "read/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read/pcapng.h"
#include "read/reader.h"

/* Returns a new descriptor that the caller must close. For standard input, this
 * is a duplicate. */
static int open_target(const char *target)
{
	int fd = strcmp(target, "-") == 0 ?
			 fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
			 open(target, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_stream(struct pcap_file *p)
{
	const struct stream_conf conf = {
		.regular = p->regular,
		.follow = p->conf->follow,
		.threaded = p->conf->decompress_thread,
		.window = p->conf->window,
	};
	struct stream *s = &p->reader.stream;
	int ret = stream_open(s, p->fd, &conf);
	size_t size = strlen(p->name);

	if (ret < 0)
		return pktio_fail(&p->ring, ret, "%s: %s", p->name, s->reason);
	/* Messages give positions in the decompressed data. */
	if (stream_is_compressed(s))
		snprintf(p->name + size, sizeof(p->name) - size,
			 ", decompressed");
	return 0;
}

int pcap_file_source_open(struct pcap_file *p, const char *target)
{
	struct stat stat;
	int ret;

	pcap_file_set_name(p, target, false);
	p->fd = open_target(target);
	if (p->fd < 0)
		return pktio_fail(&p->ring, p->fd, "cannot open %s to read: %s",
				  p->name, strerror(-p->fd));
	p->reader.stream.notify = -1;
	if (fstat(p->fd, &stat) < 0)
		ret = pktio_fail(&p->ring, -errno, "%s: %s", p->name,
				 strerror(errno));
	else if (S_ISDIR(stat.st_mode))
		ret = pktio_fail(&p->ring, -EISDIR,
				 "%s is a directory, not a file", p->name);
	else
		ret = 0;
	p->regular = S_ISREG(stat.st_mode);
	if (ret == 0)
		ret = open_stream(p);
	if (ret == 0)
		ret = pcap_file_reader_open(p);
	if (ret < 0)
		pcap_file_source_stop(p);
	return ret;
}

void pcap_file_source_stop(struct pcap_file *p)
{
	if (p->fd < 0)
		return;
	stream_close(&p->reader.stream);
	close(p->fd);
	p->fd = -1;
}

void pcap_file_source_close(struct pcap_file *p)
{
	pcap_file_source_stop(p);
	pcap_file_reader_close(p);
}

static int open_ring(struct pktio_ring *r, const void *conf,
		     const struct pktio_open_ctx *ctx)
{
	struct pcap_file *p = pcap_file_of(r);

	p->conf = conf;
	return pcap_file_source_open(p, ctx->target);
}

static void close_ring(struct pktio_ring *r)
{
	pcap_file_source_close(pcap_file_of(r));
}

const struct pktio_backend read_file_backend = {
	PKTIO_BACKEND_SIZES,
	.name = "pcap_file",
	.doc = "reads one capture file",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct pcap_file),
	.conf_size = sizeof(struct pcap_file_conf),
	.open = open_ring,
	.close = close_ring,
	.recv = pcap_file_recv,
	.release = pcap_file_release,
	.ready = pcap_file_ready,
	.meta_get = pcap_file_meta_get,
};
