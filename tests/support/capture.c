/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/capture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "support/expect.h"

#define NS_PER_S UINT64_C(1000000000)

/* ---- Bytes -------------------------------------------------------------- */

/* `array` with room for at least `need` elements of `size` bytes. */
static void *grow(void *array, size_t *room, size_t need, size_t size)
{
	if (need > *room) {
		*room = need * 2;
		array = realloc(array, *room * size);
		REQUIRE(array, "out of memory");
	}
	return array;
}

void bytes_add(struct bytes *b, const void *data, size_t size)
{
	b->data = grow(b->data, &b->room, b->size + size + 1, 1);
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

void bytes_u16(struct bytes *b, bool big_endian, uint16_t value)
{
	uint8_t two[] = { (uint8_t)value, (uint8_t)(value >> 8) };
	uint8_t swapped[] = { two[1], two[0] };

	bytes_add(b, big_endian ? swapped : two, sizeof(two));
}

void bytes_u32(struct bytes *b, bool big_endian, uint32_t value)
{
	uint16_t low = (uint16_t)value;
	uint16_t high = (uint16_t)(value >> 16);

	bytes_u16(b, big_endian, big_endian ? high : low);
	bytes_u16(b, big_endian, big_endian ? low : high);
}

void bytes_header(struct bytes *b, struct layout layout, uint32_t snaplen,
		  uint32_t linktype)
{
	bool big = layout.big_endian;

	bytes_u32(b, big, layout.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	bytes_u16(b, big, 2);
	bytes_u16(b, big, 4);
	bytes_u32(b, big, 0);
	bytes_u32(b, big, 0);
	bytes_u32(b, big, snaplen);
	bytes_u32(b, big, linktype);
}

void bytes_record(struct bytes *b, struct layout layout, uint32_t seconds,
		  uint32_t fraction, uint32_t caplen, uint32_t wirelen,
		  uint8_t fill)
{
	bool big = layout.big_endian;
	uint8_t *data = malloc(caplen + 1);

	REQUIRE(data, "out of memory");
	memset(data, fill, caplen);
	bytes_u32(b, big, seconds);
	bytes_u32(b, big, fraction);
	bytes_u32(b, big, caplen);
	bytes_u32(b, big, wirelen);
	bytes_add(b, data, caplen);
	free(data);
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

/* ---- Files -------------------------------------------------------------- */

static char directory[64];

const char *scratch(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "/tmp/pktio-XXXXXX");
		REQUIRE(mkdtemp(directory), "mkdtemp: %s", strerror(errno));
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

void scratch_remove(void)
{
	DIR *dir = directory[0] ? opendir(directory) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(directory);
}

void skip(const char *format, ...)
{
	char why[128];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	scratch_remove();
	cr_skip("%s", why);
}

const char *scratch_file(const char *name, const void *data, size_t size)
{
	const char *path = scratch(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t done = 0;

	REQUIRE(fd >= 0, "%s: %s", path, strerror(errno));
	while (done < size) {
		ssize_t n =
			write(fd, (const uint8_t *)data + done, size - done);

		REQUIRE(n > 0, "%s: %s", path, strerror(errno));
		done += (size_t)n;
	}
	close(fd);
	return path;
}

void slurp(const char *path, char *ret, size_t size)
{
	FILE *file = fopen(path, "re");

	REQUIRE(file, "%s: %s", path, strerror(errno));
	ret[fread(ret, 1, size - 1, file)] = '\0';
	fclose(file);
}

/* ---- Captures ----------------------------------------------------------- */

static void keep(struct capture *c, const struct kept *frame,
		 const uint8_t *data)
{
	struct kept *more;

	c->frames = grow(c->frames, &c->room, c->n + 1, sizeof(c->frames[0]));
	more = &c->frames[c->n++];
	*more = *frame;
	more->data = malloc(frame->caplen + 1);
	REQUIRE(more->data, "out of memory");
	memcpy(more->data, data, frame->caplen);
}

struct pktio_ring *open_file(const char *path, const char *options,
			     unsigned mode)
{
	struct pktio_open_args args = { .size = sizeof(args), .mode = mode };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	char uri[512];
	int r;

	snprintf(uri, sizeof(uri), "pcap_file:%s%s", path, options);
	r = pktio_open(&ring, uri, &args, &error);
	REQUIRE(r == 0, "%s: %d %s", uri, r, error.text);
	return ring;
}

struct capture capture_read(const char *path, const char *options,
			    unsigned burst)
{
	struct pktio_ring *ring = open_file(path, options, PKTIO_RECV);
	struct pktio_frame frames[64];
	struct capture c = { 0 };
	int n;

	while ((n = pktio_recv(ring, frames, burst)) > 0) {
		for (int i = 0; i < n; i++)
			keep(&c,
			     &(struct kept){ .ts = frames[i].ts,
					     .caplen = frames[i].caplen,
					     .wirelen = frames[i].wirelen,
					     .linktype = frames[i].linktype },
			     frames[i].data);
		pktio_release(ring, frames, (unsigned)n);
	}
	c.end = n;
	snprintf(c.text, sizeof(c.text), "%s", pktio_last_error(ring));
	EXPECT_EQ(pktio_recv(ring, frames, burst), n);
	EXPECT_STR(c.text, pktio_last_error(ring), "'%s' became '%s'", c.text,
		   pktio_last_error(ring));
	pktio_close(ring);
	return c;
}

struct capture capture_libpcap(const char *path)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct capture c = { 0 };
	struct pcap_pkthdr *header;
	const u_char *data;
	int r;

	REQUIRE(pcap, "libpcap: %s", error);
	while ((r = pcap_next_ex(pcap, &header, &data)) == 1)
		keep(&c,
		     &(struct kept){
			     .ts = (uint64_t)header->ts.tv_sec * NS_PER_S +
				   (uint64_t)header->ts.tv_usec,
			     .caplen = header->caplen,
			     .wirelen = header->len,
			     .linktype = (uint16_t)pcap_datalink(pcap) },
		     data);
	c.end = r == PCAP_ERROR_BREAK ? PKTIO_EOF : -EBADMSG;
	snprintf(c.text, sizeof(c.text), "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return c;
}

/* Those of the tests' link types that libpcap has another number for. */
static int as_libpcap(uint16_t linktype)
{
	enum { LINKTYPE_RAW = 101 };

	return linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
}

static void expect_same_frame(const struct kept *ours,
			      const struct kept *theirs, const char *what,
			      size_t i)
{
	EXPECT(ours->ts == theirs->ts, "%s: frame %zu: time %llu, not %llu",
	       what, i, (unsigned long long)ours->ts,
	       (unsigned long long)theirs->ts);
	EXPECT(ours->wirelen == theirs->wirelen,
	       "%s: frame %zu: wirelen %u, not %u", what, i, ours->wirelen,
	       theirs->wirelen);
	EXPECT(as_libpcap(ours->linktype) == theirs->linktype,
	       "%s: frame %zu: link type %u, not %u", what, i, ours->linktype,
	       theirs->linktype);
	EXPECT(ours->caplen == theirs->caplen &&
		       memcmp(ours->data, theirs->data, ours->caplen) == 0,
	       "%s: frame %zu: other bytes (%u, not %u)", what, i, ours->caplen,
	       theirs->caplen);
}

void capture_expect_same(const struct capture *ours,
			 const struct capture *theirs, const char *what)
{
	REQUIRE(ours->n == theirs->n, "%s: %zu frames, not %zu: %s", what,
		ours->n, theirs->n, ours->text);
	EXPECT(ours->end == theirs->end, "%s: ends with %d '%s', not %d '%s'",
	       what, ours->end, ours->text, theirs->end, theirs->text);
	for (size_t i = 0; i < ours->n; i++)
		expect_same_frame(&ours->frames[i], &theirs->frames[i], what,
				  i);
}

void capture_compare(const char *path, const char *what)
{
	struct capture ours = capture_read(path, "", 64);
	struct capture theirs = capture_libpcap(path);

	capture_expect_same(&ours, &theirs, what);
	capture_free(&ours);
	capture_free(&theirs);
}

void capture_free(struct capture *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->frames[i].data);
	free(c->frames);
	*c = (struct capture){ 0 };
}

/* ---- Tools -------------------------------------------------------------- */

int run_tool(const char *out, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t pid;
	int r;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
					 out ? out : "/dev/null",
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	r = posix_spawnp(&pid, argv[0], &actions, NULL,
			 (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == ENOENT)
		skip("there is no %s here", argv[0]);
	REQUIRE(r == 0, "%s: %s", argv[0], strerror(r));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
